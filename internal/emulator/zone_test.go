package emulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func zoneFilter(name string, values ...string) ec2.DescribeAvailabilityZonesInput {
	return ec2.DescribeAvailabilityZonesInput{Filters: []types.Filter{{Name: &name, Values: values}}}
}

// The zones of a Region are those that AWS has there and those of its subnets (A0097). One that
// does not exist is refused (A0098).
func TestAvailabilityZones(t *testing.T) {
	t.Parallel()
	c := newClient(newEmulator(t))
	_, err := c.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: aws.String("vpc-00000000000000001"), CidrBlock: aws.String("10.0.9.0/24"), AvailabilityZone: aws.String("us-east-1h")})
	fatal(t, err)
	const all = "us-east-1a us-east-1b us-east-1c us-east-1d us-east-1e us-east-1f us-east-1h"
	for _, test := range []struct {
		name  string
		input ec2.DescribeAvailabilityZonesInput
		want  string
		code  string
	}{
		{"A0097: all", ec2.DescribeAvailabilityZonesInput{}, all, ""},
		{"all, whether opted in or not", ec2.DescribeAvailabilityZonesInput{AllAvailabilityZones: aws.Bool(true)}, all, ""},
		{"by name", ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{"us-east-1c", "us-east-1a"}}, "us-east-1a us-east-1c", ""},
		{"by ID", ec2.DescribeAvailabilityZonesInput{ZoneIds: []string{"use1-az5", "use1-az8"}}, "us-east-1e us-east-1h", ""},
		{"by name and ID", ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{"us-east-1c"}, ZoneIds: []string{"use1-az1"}}, "", ""},
		{"filter zone-name", zoneFilter("zone-name", "*b", "*c"), "us-east-1b us-east-1c", ""},
		{"filter zone-id", zoneFilter("zone-id", "use1-az2"), "us-east-1b", ""},
		{"filter region-name", zoneFilter("region-name", "us-east-1"), all, ""},
		{"filter of another Region", zoneFilter("region-name", "eu-west-1"), "", ""},
		{"filter group-name", zoneFilter("group-name", "us-east-1-zg-1"), all, ""},
		{"filter group-long-name", zoneFilter("group-long-name", "US East (N. Virginia) 1"), all, ""},
		{"filter state", zoneFilter("state", "available"), all, ""},
		{"filter opt-in-status", zoneFilter("opt-in-status", "opt-in-not-required"), all, ""},
		{"filter zone-type", zoneFilter("zone-type", "local-zone"), "", ""},
		{"filter message", zoneFilter("message", "*"), "", ""},
		{"A0098: an unknown name", ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{"us-east-1a", "us-east-1z"}}, "", "InvalidParameterValue"},
		{"a name of another Region", ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{"eu-west-1a"}}, "", "InvalidParameterValue"},
		{"A0098: an unknown ID", ec2.DescribeAvailabilityZonesInput{ZoneIds: []string{"use1-az9"}}, "", "InvalidParameterValue"},
		{"an unknown filter", zoneFilter("availability-zone", "us-east-1a"), "", "InvalidParameterValue"},
		{"a dry run", ec2.DescribeAvailabilityZonesInput{DryRun: aws.Bool(true)}, "", "DryRunOperation"},
	} {
		out, err := c.DescribeAvailabilityZones(t.Context(), &test.input)
		var got []string
		if err == nil {
			for _, z := range out.AvailabilityZones {
				got = append(got, *z.ZoneName)
			}
		}
		if code := codeOf(t, err); code != test.code || strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %q %q, want %q %q", test.name, got, code, test.want, test.code)
		}
	}
	refused(t, newEmulator(t), "DescribeAvailabilityZones", "MaxResults=5", "UnknownParameter")
}

// Zone IDs have the short name of the Region, as those of AWS do. The zones of most Regions
// have the same ones in all accounts (A0097).
func TestAvailabilityZoneIDs(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for region, want := range map[string]string{
		"us-east-1":      "a=use1-az1 b=use1-az2 c=use1-az3 d=use1-az4 e=use1-az5 f=use1-az6",
		"us-east-2":      "a=use2-az1 b=use2-az2 c=use2-az3",
		"us-west-1":      "a=usw1-az1 b=usw1-az3",
		"us-west-2":      "a=usw2-az1 b=usw2-az2 c=usw2-az3 d=usw2-az4",
		"eu-central-1":   "a=euc1-az2 b=euc1-az3 c=euc1-az1",
		"eu-west-2":      "a=euw2-az2 b=euw2-az3 c=euw2-az1",
		"ap-south-1":     "a=aps1-az1 b=aps1-az3 c=aps1-az2",
		"ap-southeast-2": "a=apse2-az1 b=apse2-az2 c=apse2-az3",
		"ap-northeast-1": "a=apne1-az4 c=apne1-az1 d=apne1-az2",
		"ap-northeast-2": "a=apne2-az1 b=apne2-az2 c=apne2-az3 d=apne2-az4",
		"ca-central-1":   "a=cac1-az1 b=cac1-az2 d=cac1-az4",
		"cn-north-1":     "a=cnn1-az1 b=cnn1-az2 d=cnn1-az4",
		"cn-northwest-1": "a=cnnw1-az1 b=cnnw1-az2 c=cnnw1-az3",
		"us-gov-west-1":  "a=usgw1-az1 b=usgw1-az2 c=usgw1-az3",
	} {
		c := newClient(e, func(o *ec2.Options) { o.Region = region })
		out, err := c.DescribeAvailabilityZones(t.Context(), &ec2.DescribeAvailabilityZonesInput{})
		fatal(t, err)
		var got []string
		for _, z := range out.AvailabilityZones {
			got = append(got, strings.TrimPrefix(*z.ZoneName, region)+"="+*z.ZoneId)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("A0097: %s: got %q, want %q", region, got, want)
		}
	}
}

// A zone of a subnet that the Region does not have takes the next number that is left.
func TestOtherAvailabilityZoneID(t *testing.T) {
	t.Parallel()
	c := newClient(newEmulator(t), func(o *ec2.Options) { o.Region = "us-west-1" })
	for i, zone := range []string{"us-west-1c", "us-west-1d"} {
		_, err := c.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{
			VpcId: aws.String("vpc-00000000000000001"), CidrBlock: aws.String([]string{"10.0.9.0/24", "10.0.10.0/24"}[i]), AvailabilityZone: &zone,
		})
		fatal(t, err)
		out, err := c.DescribeAvailabilityZones(t.Context(), &ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{zone}})
		fatal(t, err)
		if got, want := *out.AvailabilityZones[0].ZoneId, []string{"usw1-az2", "usw1-az4"}[i]; got != want {
			t.Errorf("%s is %s, want %s", zone, got, want)
		}
	}
}

func TestAvailabilityZoneFields(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for region, long := range map[string]string{
		"us-east-1": "US East (N. Virginia) 1", "eu-central-1": "Europe (Frankfurt) 1", "cn-north-1": "China (Beijing) 1", "us-gov-west-1": "AWS GovCloud (US-West) 1", "xx-test-1": "",
	} {
		c := newClient(e, func(o *ec2.Options) { o.Region = region })
		out, err := c.DescribeAvailabilityZones(t.Context(), &ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{region + "a"}})
		fatal(t, err)
		z := out.AvailabilityZones[0]
		got := []string{*z.RegionName, *z.GroupName, aws.ToString(z.GroupLongName), *z.NetworkBorderGroup, *z.ZoneType, string(z.State), string(z.OptInStatus)}
		want := []string{region, region + "-zg-1", long, region, "availability-zone", "available", "opt-in-not-required"}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", region, got, want)
		}
	}
}
