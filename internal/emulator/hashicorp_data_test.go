package emulator_test

import (
	"encoding/json"
	"os"
	"testing"
)

// The data sources of hashicorp/aws read what configurations look up before they
// mirror something.
func TestHashicorpAWS_dataSources(t *testing.T) {
	t.Parallel()
	if os.Getenv(awsMirror) == "" && os.Getenv("TRAFFICMIRROR_LONG") == "" {
		t.Skipf("takes seconds where %s is set, else minutes: make test-long runs it", awsMirror)
	}
	e := newEmulator(t, fleet)
	defaultVPC := must(t, e, "CreateDefaultVpc", "").text("vpc/vpcId")
	terraform := awsProviderIn(t, "hashicorp-aws-data", "TF_VAR_endpoint="+serve(t, e), "TF_VAR_instance="+instance(1))
	if output, err := terraform("apply", "-auto-approve"); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	output, err := terraform("output", "-json", "found")
	fatal(t, err)
	var found map[string]any
	fatal(t, json.Unmarshal([]byte(output), &found))

	group := must(t, e, "DescribeSecurityGroups", "Filter.1.Name=vpc-id&Filter.1.Value.1="+vpcID(1)).text("securityGroupInfo/item/groupId")
	routes := must(t, e, "DescribeRouteTables", "Filter.1.Name=vpc-id&Filter.1.Value.1="+vpcID(1)).text("routeTableSet/item/routeTableId")
	for name, want := range map[string]any{
		"instance_interface": eni(1), "instance_by": instance(1), "instance_small": instance(10), "instance_type": "m5.large", "instance_state": "running",
		"instance_zone": "us-east-1a", "instance_address": "10.0.1.11", "instance_groups": group,
		"instances": instance(9) + " " + instance(10) + " " + instance(11) + " " + instance(12) + " " + instance(21),
		"vpc":       vpcID(1), "vpc_block": "10.0.0.0/16", "vpc_default": defaultVPC, "vpc_routes": routes, "vpcs": 3.0,
		"subnet": subnetID(1), "subnet_zone": "use1-az1", "subnets": subnetID(1) + " " + subnetID(2),
		"interface_mac": "02:00:00:00:00:01", "interface_groups": group, "interface_instance": instance(1),
		"interfaces": eni(9) + " " + eni(10) + " " + eni(11) + " " + eni(12) + " " + eni(21),
		"zone":       "use1-az1", "zones": "us-east-1a us-east-1b", "region": "us-east-1", "regions": true,
		"routes": routes, "routes_away": 0.0, "route_main": true, "tables": routes, "acls": 1.0,
		"group": group, "groups": group,
		"type_hypervisor": "nitro", "type_cpus": 2.0, "type_interfaces": 3.0, "types": "m5.large", "offering": "m5.large",
	} {
		if found[name] != want {
			t.Errorf("%s is %v, want %v", name, found[name], want)
		}
		delete(found, name)
	}
	if len(found) > 0 {
		t.Errorf("nobody has compared %v", found)
	}
}
