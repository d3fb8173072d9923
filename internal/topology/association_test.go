package topology_test

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Internet gateways, and the IDs of associations, are refused with their path where EC2 cannot have them.
func TestParseRefusesAssociations(t *testing.T) {
	t.Parallel()
	const (
		in      = `"vpc_id": "vpc-00000000000000001"`
		subnet  = `subnet-00000000000000001`
		gateway = `{"id": "igw-00000000000000001", ` + in + `}, {"id": "igw-00000000000000003"}`
	)
	gateways := func(text string) string { return network(`, "internet_gateways": [` + text + `]`) }
	table := func(text string) string {
		return network(`, "internet_gateways": [` + gateway + `], "route_tables": [{"id": "rtb-00000000000000001", ` + in + `, ` + text + `}]`)
	}
	acl := func(text string) string {
		return network(`, "network_acls": [{"id": "acl-00000000000000001", ` + in + `, ` + text + `}]`)
	}
	for text, want := range map[string]string{
		gateways(`{"id": "igw-1"}`):                                                                                        `internet_gateways[0].id is "igw-1"`,
		gateways(gateway + `, {"id": "igw-00000000000000002", ` + in + `}`):                                                `internet_gateways[2].vpc_id is vpc-00000000000000001, as is internet_gateways[0].vpc_id: a VPC has one`,
		gateways(`{"id": "igw-00000000000000001", "vpc_id": "vpc-00000000000000009"}`):                                     `internet_gateways[0].vpc_id is vpc-00000000000000009, which vpcs does not have`,
		table(`"gateway_ids": ["igw-00000000000000009"]`):                                                                  `route_tables[0].gateway_ids[0] is igw-00000000000000009, which internet_gateways does not have`,
		table(`"gateway_ids": ["vgw-00000000000000001"]`):                                                                  `route_tables[0].gateway_ids[0] is "vgw-00000000000000001"`,
		table(`"gateway_ids": ["igw-00000000000000001", "igw-00000000000000001"]`):                                         `route_tables[0].gateway_ids[1] is igw-00000000000000001, as is route_tables[0].gateway_ids[0]: a gateway has one`,
		table(`"gateway_ids": ["igw-00000000000000003"]`):                                                                  `route_tables[0].gateway_ids[0] is igw-00000000000000003, which is attached to no VPC, and not to vpc-00000000000000001`,
		table(`"association_ids": {"vpc-00000000000000001": "rtbassoc-00000001"}`):                                         `route_tables[0].association_ids["vpc-00000000000000001"]: there is no such association here`,
		table(`"main": true, "association_ids": {"vpc-00000000000000001": "aclassoc-00000001"}`):                           `route_tables[0].association_ids["vpc-00000000000000001"] is "aclassoc-00000001". Write the ID of an association of a route table: "rtbassoc-" and 17 hexadecimal digits`,
		acl(`"subnet_ids": ["` + subnet + `"], "association_ids": {"` + subnet + `": "r"}`):                                `network_acls[0].association_ids["` + subnet + `"] is "r". Write the ID of an association of a network ACL: "aclassoc-" and 17 hexadecimal digits`,
		acl(`"association_ids": {"` + subnet + `": "aclassoc-00000001"}`):                                                  `network_acls[0].association_ids["` + subnet + `"]: there is no such association here`,
		network(`, "partly_read": ["everything"]`):                                                                         `partly_read[0] is "everything": write the key of a list of this file`,
		network(`, "instances": [{"id": "i-00000000000000001", "metadata_options": {"http_tokens": "no"}}]`):               `instances[0].metadata_options.http_tokens is "no": write one of optional, required`,
		network(`, "instances": [{"id": "i-00000000000000001", "metadata_options": {"http_put_response_hop_limit": 65}}]`): `instances[0].metadata_options.http_put_response_hop_limit is 65: write a number from 1 to 64`,
		table(`"main": true, "gateway_ids": ["igw-00000000000000001"], "association_ids": {"igw-00000000000000001": "rtbassoc-00000001", "vpc-00000000000000001": "rtbassoc-00000001"}`): `route_tables[0].association_ids["vpc-00000000000000001"] is "rtbassoc-00000001", as is route_tables[0].association_ids["igw-00000000000000001"]: give each association an ID of its own`,
	} {
		if _, err := topology.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
	}
}
