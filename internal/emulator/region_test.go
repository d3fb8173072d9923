package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func regionFilter(name string, values ...string) ec2.DescribeRegionsInput {
	return ec2.DescribeRegionsInput{AllRegions: aws.Bool(true), Filters: []types.Filter{{Name: &name, Values: values}}}
}

const (
	usual = "ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 " +
		"sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2"
	optIn = "af-south-1 ap-east-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-west-1 eu-central-2 eu-south-1 eu-south-2 " +
		"il-central-1 me-central-1 me-south-1 mx-central-1"
)

// An account sees the Regions of its partition: those that it uses, or all.
func TestRegions(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, test := range []struct {
		name, region string
		input        ec2.DescribeRegionsInput
		want, code   string
	}{
		{"those in use", "us-east-1", ec2.DescribeRegionsInput{}, usual, ""},
		{"A0182: the own one is in use", "af-south-1", ec2.DescribeRegionsInput{}, "af-south-1 " + usual, ""},
		{"A0182: one that AWS does not have", "xx-test-1", ec2.DescribeRegionsInput{}, usual + " xx-test-1", ""},
		{"those that need a choice", "us-east-1", regionFilter("opt-in-status", "not-opted-in"), optIn, ""},
		{"those that do not", "us-east-1", regionFilter("opt-in-status", "opt-in-not-required"), usual, ""},
		{"by name, not in use", "us-east-1", ec2.DescribeRegionsInput{RegionNames: []string{"me-south-1", "eu-west-1"}}, "eu-west-1 me-south-1", ""},
		{"by pattern", "us-east-1", regionFilter("region-name", "us-*"), "us-east-1 us-east-2 us-west-1 us-west-2", ""},
		{"by endpoint", "us-east-1", regionFilter("endpoint", "ec2.eu-west-3.amazonaws.com"), "eu-west-3", ""},
		{"China", "cn-north-1", ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)}, "cn-north-1 cn-northwest-1", ""},
		{"China by endpoint", "cn-north-1", regionFilter("endpoint", "ec2.cn-northwest-1.amazonaws.com.cn"), "cn-northwest-1", ""},
		{"GovCloud", "us-gov-west-1", ec2.DescribeRegionsInput{}, "us-gov-east-1 us-gov-west-1", ""},
		{"GovCloud by endpoint", "us-gov-west-1", regionFilter("endpoint", "ec2.us-gov-east-1.amazonaws.com"), "us-gov-east-1", ""},
		{"A0183: unknown", "us-east-1", ec2.DescribeRegionsInput{RegionNames: []string{"us-east-1", "us-east-9"}}, "", "InvalidParameterValue"},
		{"of another partition", "us-east-1", ec2.DescribeRegionsInput{RegionNames: []string{"cn-north-1"}}, "", "InvalidParameterValue"},
		{"an unknown filter", "us-east-1", regionFilter("name", "us-east-1"), "", "InvalidParameterValue"},
		{"a dry run", "us-east-1", ec2.DescribeRegionsInput{DryRun: aws.Bool(true)}, "", "DryRunOperation"},
	} {
		c := newClient(e, func(o *ec2.Options) { o.Region = test.region })
		out, err := c.DescribeRegions(t.Context(), &test.input)
		var got []string
		if err == nil {
			for _, r := range out.Regions {
				got = append(got, *r.RegionName)
			}
		}
		if code := codeOf(t, err); code != test.code || strings.Join(got, " ") != test.want {
			t.Errorf("%s:\n got %q %q\nwant %q %q", test.name, got, code, test.want, test.code)
		}
	}
	refused(t, e, "DescribeRegions", "MaxResults=5", "UnknownParameter")
}

// The status of a Region is whether this account uses it.
func TestRegionFields(t *testing.T) {
	t.Parallel()
	c := newClient(newEmulator(t), func(o *ec2.Options) { o.Region = "ap-east-1" })
	for name, want := range map[string]string{
		"ap-east-1":  "ec2.ap-east-1.amazonaws.com opted-in",
		"ap-east-2":  "ec2.ap-east-2.amazonaws.com not-opted-in",
		"ap-south-1": "ec2.ap-south-1.amazonaws.com opt-in-not-required",
	} {
		out, err := c.DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{RegionNames: []string{name}})
		fatal(t, err)
		if got := *out.Regions[0].Endpoint + " " + *out.Regions[0].OptInStatus; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
