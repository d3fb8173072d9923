package emulator_test

import (
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
)

// hashicorp/aws makes network ACLs, route tables, internet gateways and peering connections
// in each of its ways. It sees no difference to what it asked for, imports what it has
// made, changes everything, there and back, and takes it down.
func TestHashicorpAWS_network(t *testing.T) {
	t.Parallel()
	if os.Getenv("TRAFFICMIRROR_LONG") == "" {
		t.Skip("takes minutes: make test-long runs it")
	}
	e := newEmulator(t)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	before := everything(t, e)
	terraform := awsProviderIn(t, "hashicorp-aws-network", "TF_VAR_endpoint="+server.URL)
	runSteps(t, terraform, []commandStep{
		{"apply -auto-approve", "32 added, 0 changed, 0 destroyed"},
		{"plan", "No changes."},
		{"output -raw read", "true true true true true"},
	})
	imports, err := terraform("output", "-raw", "imports")
	fatal(t, err)
	runSteps(t, terraform, []commandStep{
		{"state rm aws_network_acl.inline aws_network_acl_rule.ping aws_network_acl_association.apart aws_internet_gateway.net " +
			"aws_vpc_peering_connection.other aws_route_table.inline aws_route.peer aws_route_table_association.subnet", "8 resource instance(s)"},
		{"apply -auto-approve -var=imports=" + imports, "8 imported, 0 added, 0 changed, 0 destroyed"},
		{"plan", "No changes."},
		{"apply -auto-approve -var second=true", "2 added, 12 changed, 2 destroyed"},
		{"plan -var second=true", "No changes."},
		{"apply -auto-approve", "2 added, 12 changed, 2 destroyed"},
		{"plan", "No changes."},
		{"destroy -auto-approve", "32 destroyed"},
	})
	if after := everything(t, e); !slices.Equal(after, before) {
		t.Errorf("after all was destroyed there is\n%s\nwant what there was before\n%s", strings.Join(after, " "), strings.Join(before, " "))
	}
}
