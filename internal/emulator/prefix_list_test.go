package emulator_test

import (
	"net/netip"
	"path/filepath"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The prefix lists of a topology file are described with their entries. Rules and routes can refer to
// them, and to no others.
func TestPrefixList(t *testing.T) {
	t.Parallel()
	file := world()
	list := mirror.PrefixList{ID: "pl-00000000000000001", Name: "sources", Tags: map[string]string{"k": "v"}, Entries: []mirror.PrefixListEntry{
		{CIDR: netip.MustParsePrefix("10.0.1.0/24"), Description: "web"}, {CIDR: netip.MustParsePrefix("10.0.2.0/24")},
	}}
	file.PrefixLists = []mirror.PrefixList{list}
	e := mustNew(t, emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file})
	entries := must(t, e, "GetManagedPrefixListEntries", "PrefixListId="+list.ID)
	if got := entries.texts("entrySet/item/cidr"); !slices.Equal(got, []string{"10.0.1.0/24", "10.0.2.0/24"}) {
		t.Errorf("%v", got)
	}
	for _, by := range []string{"PrefixListId.1=" + list.ID, filterBy("prefix-list-name", "sources"), filterBy("owner-id", file.AccountID), filterBy("tag:k", "v")} {
		found := must(t, e, "DescribeManagedPrefixLists", by).all("prefixListSet/item")
		if len(found) != 1 || found[0].text("prefixListId") != list.ID || found[0].text("state") != "create-complete" || found[0].text("addressFamily") != "IPv4" {
			t.Errorf("%s: %v", by, found)
		}
	}
	const gone = "pl-0000000000000000f"
	refused(t, e, "GetManagedPrefixListEntries", "PrefixListId="+gone, "InvalidPrefixListId.NotFound")
	group := must(t, e, "CreateSecurityGroup", "GroupName=sensor&GroupDescription=d&VpcId="+worldVPC).text("groupId")
	rule := "GroupId=" + group + "&IpPermissions.1.IpProtocol=udp&IpPermissions.1.FromPort=4789&IpPermissions.1.ToPort=4789&IpPermissions.1.PrefixListIds.1.PrefixListId="
	must(t, e, "AuthorizeSecurityGroupIngress", rule+list.ID)
	refused(t, e, "AuthorizeSecurityGroupIngress", rule+gone, "InvalidPrefixListId.NotFound")
	table := must(t, e, "CreateRouteTable", "VpcId="+worldVPC).text("routeTable/routeTableId")
	route := "RouteTableId=" + table + "&TransitGatewayId=tgw-00000000000000001&DestinationPrefixListId="
	must(t, e, "CreateRoute", route+list.ID)
	refused(t, e, "CreateRoute", route+gone, "InvalidPrefixListId.NotFound")
}
