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

// The zones of a Region are a, b and c and those of its subnets (A0097). One that does
// not exist is refused (A0098).
func TestAvailabilityZones(t *testing.T) {
	t.Parallel()
	c := newClient(newEmulator(t))
	_, err := c.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: aws.String("vpc-00000000000000001"), CidrBlock: aws.String("10.0.9.0/24"), AvailabilityZone: aws.String("us-east-1e")})
	fatal(t, err)
	const all = "us-east-1a us-east-1b us-east-1c us-east-1e"
	for _, test := range []struct {
		name  string
		input ec2.DescribeAvailabilityZonesInput
		want  string
		code  string
	}{
		{"A0097: all", ec2.DescribeAvailabilityZonesInput{}, all, ""},
		{"all, whether opted in or not", ec2.DescribeAvailabilityZonesInput{AllAvailabilityZones: aws.Bool(true)}, all, ""},
		{"by name", ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{"us-east-1c", "us-east-1a"}}, "us-east-1a us-east-1c", ""},
		{"by ID", ec2.DescribeAvailabilityZonesInput{ZoneIds: []string{"use1-az5"}}, "us-east-1e", ""},
		{"by name and ID", ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{"us-east-1c"}, ZoneIds: []string{"use1-az1"}}, "", ""},
		{"filter zone-name", zoneFilter("zone-name", "*b", "*c"), "us-east-1b us-east-1c", ""},
		{"filter zone-id", zoneFilter("zone-id", "use1-az2"), "us-east-1b", ""},
		{"filter region-name", zoneFilter("region-name", "us-east-1"), all, ""},
		{"filter of another Region", zoneFilter("region-name", "eu-west-1"), "", ""},
		{"filter group-name", zoneFilter("group-name", "us-east-1-zg-1"), all, ""},
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

// Zone IDs have the short name of the Region, as those of AWS do (A0097).
func TestAvailabilityZoneFields(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for region, short := range map[string]string{
		"us-east-1": "use1", "eu-central-1": "euc1", "ap-southeast-2": "apse2", "cn-northwest-1": "cnnw1", "us-gov-west-1": "usgw1",
	} {
		c := newClient(e, func(o *ec2.Options) { o.Region = region })
		out, err := c.DescribeAvailabilityZones(t.Context(), &ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{region + "a"}})
		fatal(t, err)
		z := out.AvailabilityZones[0]
		got := []string{*z.ZoneId, *z.RegionName, *z.GroupName, *z.NetworkBorderGroup, *z.ZoneType, string(z.State), string(z.OptInStatus)}
		want := []string{short + "-az1", region, region + "-zg-1", region, "availability-zone", "available", "opt-in-not-required"}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", region, got, want)
		}
	}
}
