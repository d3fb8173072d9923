package emulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// newNetwork makes a VPC with subnets.
func newNetwork(t *testing.T, e http.Handler, block int, count int) (vpc string, subnets []string) {
	t.Helper()
	vpc = must(t, e, "CreateVpc", fmt.Sprintf("CidrBlock=10.%d.0.0/16", block)).text("vpc/vpcId")
	for i := range count {
		subnets = append(subnets, must(t, e, "CreateSubnet", fmt.Sprintf("VpcId=%s&CidrBlock=10.%d.%d.0/24", vpc, block, i)).text("subnet/subnetId"))
	}
	return vpc, subnets
}

func makeACL(t *testing.T, e http.Handler, vpc string) string {
	t.Helper()
	return must(t, e, "CreateNetworkAcl", "VpcId="+vpc).text("networkAcl/networkAclId")
}

// aclByID returns a network ACL.
func aclByID(t *testing.T, e http.Handler, id string) node {
	t.Helper()
	return must(t, e, "DescribeNetworkAcls", "NetworkAclId.1="+id).all("networkAclSet/item")[0]
}

// wantEntries wants the entries of a network ACL, each as direction, number, action,
// protocol, block, and what it has of ports and of ICMP.
func wantEntries(t *testing.T, acl node, want ...string) {
	t.Helper()
	var got []string
	for _, e := range acl.all("entrySet/item") {
		direction := map[string]string{"true": "out", "false": "in"}[e.text("egress")]
		text := strings.Join([]string{direction, e.text("ruleNumber"), e.text("ruleAction"), e.text("protocol"), e.text("cidrBlock") + e.text("ipv6CidrBlock")}, " ")
		if e.text("portRange/from") != "" {
			text += " " + e.text("portRange/from") + "-" + e.text("portRange/to")
		}
		if e.text("icmpTypeCode/type") != "" {
			text += " type " + e.text("icmpTypeCode/type") + " code " + e.text("icmpTypeCode/code")
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the entries are\n%q, want\n%q", got, want)
	}
}

const (
	denyOut = "out 32767 deny -1 0.0.0.0/0"
	denyIn  = "in 32767 deny -1 0.0.0.0/0"
	tcp22   = "&Protocol=6&RuleAction=allow&CidrBlock=10.0.0.0/8&PortRange.From=22&PortRange.To=22"
)

func entry(acl string, number int, egress bool, rest string) string {
	return fmt.Sprintf("NetworkAclId=%s&RuleNumber=%d&Egress=%t%s", acl, number, egress, rest)
}

// A new network ACL denies everything until it has entries, which are kept in order.
func TestNetworkACL_entries(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, _ := newNetwork(t, e, 9, 0)
	id := makeACL(t, e, vpc)
	wantEntries(t, aclByID(t, e, id), denyOut, denyIn)
	must(t, e, "CreateNetworkAclEntry", entry(id, 200, false, tcp22))
	must(t, e, "CreateNetworkAclEntry", entry(id, 100, false, "&Protocol=17&RuleAction=deny&CidrBlock=10.1.2.3/8&PortRange.From=0&PortRange.To=65535"))
	must(t, e, "CreateNetworkAclEntry", entry(id, 100, true, "&Protocol=-1&RuleAction=allow&Ipv6CidrBlock=2001:db8::/32&PortRange.From=1&PortRange.To=2"))
	must(t, e, "CreateNetworkAclEntry", entry(id, 101, true, "&Protocol=1&RuleAction=allow&CidrBlock=0.0.0.0/0&Icmp.Type=8&Icmp.Code=-1"))
	must(t, e, "CreateNetworkAclEntry", entry(id, 102, true, "&Protocol=58&RuleAction=allow&Ipv6CidrBlock=::/0&Icmp.Type=128&Icmp.Code=0"))
	must(t, e, "CreateNetworkAclEntry", entry(id, 103, true, "&Protocol=58&RuleAction=allow&CidrBlock=0.0.0.0/0&Icmp.Type=128&Icmp.Code=0"))
	must(t, e, "CreateNetworkAclEntry", entry(id, 104, true, "&Protocol=47&RuleAction=allow&CidrBlock=0.0.0.0/0"))
	wantEntries(t, aclByID(t, e, id),
		"out 100 allow -1 2001:db8::/32", "out 101 allow 1 0.0.0.0/0 type 8 code -1", "out 102 allow 58 ::/0 type 128 code 0", "out 103 allow 58 0.0.0.0/0",
		"out 104 allow 47 0.0.0.0/0", denyOut, "in 100 deny 17 10.0.0.0/8 0-65535", "in 200 allow 6 10.0.0.0/8 22-22", denyIn)
	wantFilters(t, e, "DescribeNetworkAcls", "networkAclSet/item/networkAclId", id, map[string]string{
		"entry.port-range.from": "22", "entry.port-range.to": "65535", "entry.icmp.type": "8", "entry.icmp.code": "-1", "entry.protocol": "47", "entry.ipv6-cidr": "2001:db8::/32",
		"entry.rule-number": "104",
	})
	must(t, e, "ReplaceNetworkAclEntry", entry(id, 200, false, "&Protocol=udp&RuleAction=deny&CidrBlock=10.0.0.0/16&PortRange.From=53&PortRange.To=53"))
	for _, number := range []int{100, 101, 102, 103, 104} {
		must(t, e, "DeleteNetworkAclEntry", entry(id, number, true, ""))
	}
	wantEntries(t, aclByID(t, e, id), denyOut, "in 100 deny 17 10.0.0.0/8 0-65535", "in 200 deny 17 10.0.0.0/16 53-53", denyIn)
	must(t, e, "DeleteNetworkAcl", "NetworkAclId="+id)
	refused(t, e, "DescribeNetworkAcls", "NetworkAclId.1="+id, "InvalidNetworkAclID.NotFound")
}

// The entries of the default network ACL can be changed. It then has no entries for IPv6 of
// its own accord.
func TestNetworkACL_default(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, _ := newNetwork(t, e, 9, 0)
	id := describeACL(t, e, vpc).text("networkAclId")
	must(t, e, "DeleteNetworkAclEntry", entry(id, 100, true, ""))
	must(t, e, "AssociateVpcCidrBlock", "AmazonProvidedIpv6CidrBlock=true&VpcId="+vpc)
	wantEntries(t, aclByID(t, e, id), denyOut, "out 32768 deny -1 ::/0", "in 100 allow -1 0.0.0.0/0", denyIn, "in 32768 deny -1 ::/0")
	must(t, e, "DeleteNetworkAclEntry", entry(id, 100, false, ""))
	wantEntries(t, aclByID(t, e, id), denyOut, "out 32768 deny -1 ::/0", denyIn, "in 32768 deny -1 ::/0")
	refused(t, e, "DeleteNetworkAcl", "NetworkAclId="+id, assumed("A0214", "InvalidParameterValue"))
	must(t, e, "DeleteVpc", "VpcId="+vpc)
	refused(t, e, "DescribeNetworkAcls", "NetworkAclId.1="+id, "InvalidNetworkAclID.NotFound")
}

// A subnet has one network ACL, which is the default one at first, and each change gives
// the association another ID.
func TestNetworkACL_associations(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, subnets := newNetwork(t, e, 9, 2)
	other, _ := newNetwork(t, e, 8, 0)
	usual, own := describeACL(t, e, vpc).text("networkAclId"), makeACL(t, e, vpc)
	associationOf := func(subnet string) (acl, id string) {
		t.Helper()
		found := must(t, e, "DescribeNetworkAcls", filterBy("association.subnet-id", subnet)).all("networkAclSet/item")
		if len(found) != 1 {
			t.Fatalf("%s has %d network ACLs, want 1", subnet, len(found))
		}
		for _, a := range found[0].all("associationSet/item") {
			if a.text("subnetId") == subnet {
				return a.text("networkAclId"), a.text("networkAclAssociationId")
			}
		}
		return "", ""
	}
	replaceBy := func(association, acl string) string {
		return must(t, e, "ReplaceNetworkAclAssociation", "AssociationId="+association+"&NetworkAclId="+acl).text("newAssociationId")
	}
	acl, first := associationOf(subnets[0])
	if acl != usual {
		t.Errorf("a new subnet has %s, want the default one, %s", acl, usual)
	}
	second := replaceBy(first, own)
	if acl, id := associationOf(subnets[0]); acl != own || id != second || id == first {
		t.Errorf("after the change it has %s by %s, want %s by %s", acl, id, own, second)
	}
	wantFilters(t, e, "DescribeNetworkAcls", "networkAclSet/item/networkAclId", own, map[string]string{
		"association.association-id": second, "association.network-acl-id": own, "association.subnet-id": subnets[0], "default": "false",
	})
	if left := aclByID(t, e, usual).texts("associationSet/item/subnetId"); !slices.Equal(left, subnets[1:]) {
		t.Errorf("the default one has %q, want %q", left, subnets[1:])
	}
	refused(t, e, "ReplaceNetworkAclAssociation", "AssociationId="+first+"&NetworkAclId="+own, "InvalidAssociationID.NotFound")
	refused(t, e, "ReplaceNetworkAclAssociation", "AssociationId="+second+"&NetworkAclId="+makeACL(t, e, other), "InvalidParameterValue")
	refused(t, e, "ReplaceNetworkAclAssociation", "AssociationId="+second+"&NetworkAclId=acl-0123456789abcdef0", "InvalidNetworkAclID.NotFound")
	refused(t, e, "DeleteNetworkAcl", "NetworkAclId="+own, "DependencyViolation")
	replaceBy(second, usual)
	if all := aclByID(t, e, usual).texts("associationSet/item/subnetId"); len(all) != 2 || !slices.IsSorted(all) {
		t.Errorf("back again the default one has %q, want both in order", all)
	}
	refused(t, e, "DeleteVpc", "VpcId="+vpc, "DependencyViolation")
	for _, subnet := range subnets {
		must(t, e, "DeleteSubnet", "SubnetId="+subnet)
	}
	refused(t, e, "DeleteVpc", "VpcId="+vpc, "DependencyViolation")
	must(t, e, "DeleteNetworkAcl", "NetworkAclId="+own)
	must(t, e, "DeleteVpc", "VpcId="+vpc)
}

// What EC2 refuses of network ACLs is refused with its codes.
func TestNetworkACL_refused(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, _ := newNetwork(t, e, 9, 0)
	id := makeACL(t, e, vpc)
	must(t, e, "CreateNetworkAclEntry", entry(id, 100, false, tcp22))
	const gone = "acl-0123456789abcdef0"
	for _, test := range []struct{ action, parameters, code string }{
		{"CreateNetworkAcl", "VpcId=vpc-0123456789abcdef0", "InvalidVpcID.NotFound"},
		{"CreateNetworkAcl", "", "MissingParameter"},
		{"DeleteNetworkAcl", "NetworkAclId=" + gone, "InvalidNetworkAclID.NotFound"},
		{"DeleteNetworkAcl", "NetworkAclId=acl-1", "InvalidNetworkAclId.Malformed"},
		{"CreateNetworkAclEntry", entry(id, 100, false, tcp22), "NetworkAclEntryAlreadyExists"},
		{"CreateNetworkAclEntry", entry(gone, 100, false, tcp22), "InvalidNetworkAclID.NotFound"},
		{"CreateNetworkAclEntry", entry(id, 0, false, tcp22), "InvalidParameterValue"},
		{"CreateNetworkAclEntry", entry(id, 32767, false, tcp22), "InvalidParameterValue"},
		{"CreateNetworkAclEntry", "NetworkAclId=" + id + "&RuleNumber=1" + tcp22, "MissingParameter"},
		{"CreateNetworkAclEntry", entry(id, 1, false, "&Protocol=6&RuleAction=allow&CidrBlock=10.0.0.0/8"), "MissingParameter"},
		{"CreateNetworkAclEntry", entry(id, 1, false, "&Protocol=6&RuleAction=allow&CidrBlock=10.0.0.0/8&PortRange.From=2&PortRange.To=1"), "InvalidParameterValue"},
		{"CreateNetworkAclEntry", entry(id, 1, false, "&Protocol=6&RuleAction=allow&CidrBlock=10.0.0.0/8&PortRange.From=2&PortRange.To=65536"), "InvalidParameterValue"},
		{"CreateNetworkAclEntry", entry(id, 1, false, "&Protocol=1&RuleAction=allow&CidrBlock=10.0.0.0/8"), "MissingParameter"},
		{"CreateNetworkAclEntry", entry(id, 1, false, "&Protocol=1&RuleAction=allow&CidrBlock=10.0.0.0/8&Icmp.Type=256&Icmp.Code=0"), "InvalidParameterValue"},
		{"CreateNetworkAclEntry", entry(id, 1, false, "&Protocol=256&RuleAction=allow&CidrBlock=10.0.0.0/8"), "InvalidParameterValue"},
		{"CreateNetworkAclEntry", entry(id, 1, false, "&Protocol=-1&RuleAction=pass&CidrBlock=10.0.0.0/8"), "InvalidParameterValue"},
		{"CreateNetworkAclEntry", entry(id, 1, false, "&Protocol=-1&RuleAction=allow"), "MissingParameter"},
		{"CreateNetworkAclEntry", entry(id, 1, false, "&Protocol=-1&RuleAction=allow&CidrBlock=10.0.0.0/8&Ipv6CidrBlock=::/0"), "InvalidParameterCombination"},
		{"CreateNetworkAclEntry", entry(id, 1, false, "&Protocol=-1&RuleAction=allow&CidrBlock=::/0"), "InvalidParameterValue"},
		{"ReplaceNetworkAclEntry", entry(id, 100, true, tcp22), "InvalidNetworkAclEntry.NotFound"},
		{"DeleteNetworkAclEntry", entry(id, 101, false, ""), "InvalidNetworkAclEntry.NotFound"},
		{"ReplaceNetworkAclAssociation", "AssociationId=aclassoc-0123456789abcdef0&NetworkAclId=" + id, "InvalidAssociationID.NotFound"},
	} {
		refused(t, e, test.action, test.parameters, test.code)
	}
	for number := 1; number < 20; number++ {
		must(t, e, "CreateNetworkAclEntry", entry(id, number, false, tcp22))
	}
	refused(t, e, "CreateNetworkAclEntry", entry(id, 20, false, tcp22), "NetworkAclEntryLimitExceeded")
	must(t, e, "CreateNetworkAclEntry", entry(id, 20, true, tcp22))
}
