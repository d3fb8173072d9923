package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What a rule can be, and how EC2 writes it.
func TestAuthorizeSecurityGroup(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withOtherVPC)
	foreign := makeGroup(t, e, otherGroupVPC, "foreign")
	traffic := func(protocol, ports string) string {
		return "&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8&IpPermissions.1.IpProtocol=" + protocol + ports
	}
	ports := func(from, to int) string {
		return fmt.Sprintf("&IpPermissions.1.FromPort=%d&IpPermissions.1.ToPort=%d", from, to)
	}
	for _, test := range []struct{ permission, want string }{
		{traffic("tcp", ports(22, 22)), "tcp 22-22 10.0.0.0/8"},
		{traffic("TCP", ports(22, 22)), "tcp 22-22 10.0.0.0/8"},
		{traffic("6", ports(0, 65535)), "tcp 0-65535 10.0.0.0/8"},
		{traffic("17", ports(4789, 4789)), "udp 4789-4789 10.0.0.0/8"},
		{traffic("1", ports(8, -1)), "icmp 8--1 10.0.0.0/8"},
		{traffic("icmp", ports(-1, -1)), "icmp -1--1 10.0.0.0/8"},
		{traffic("58", ""), "icmpv6 -1--1 10.0.0.0/8"},
		{traffic("icmpv6", ports(128, 0)), "icmpv6 128-0 10.0.0.0/8"},
		{traffic("-1", ports(0, 0)), "-1 - 10.0.0.0/8"},
		{traffic("-1", ports(5, 1)), "-1 - 10.0.0.0/8"},
		{traffic("50", ""), "50 - 10.0.0.0/8"},
		{traffic("255", ports(1, 2)), "255 - 10.0.0.0/8"},
		{ipRange("tcp", 1, 1, "100.68.0.18/18"), "tcp 1-1 100.68.0.0/18"},
		{ipRange("tcp", 1, 1, "2001:DB8::1/32"), "tcp 1-1 2001:db8::/32"},
		{ipRange("tcp", 1, 1, "::/0"), "tcp 1-1 ::/0"},
		{"&CidrIp=10.0.0.0/8&IpProtocol=tcp&FromPort=1&ToPort=2", "tcp 1-2 10.0.0.0/8"},
		{traffic("tcp", ports(1, 2)) + "&IpPermissions.1.IpRanges.2.CidrIp=9.0.0.0/8&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=::/0", "tcp 1-2 9.0.0.0/8,10.0.0.0/8,::/0"},

		{traffic("tcp", ""), "InvalidParameterValue"},
		{traffic("tcp", "&IpPermissions.1.FromPort=1"), "InvalidParameterValue"},
		{traffic("icmp", ""), "InvalidParameterValue"},
		{traffic("icmpv6", "&IpPermissions.1.ToPort=1"), "InvalidParameterValue"},
		{traffic("udp", ports(2, 1)), "InvalidParameterValue"},
		{traffic("udp", ports(-1, -1)), "InvalidParameterValue"},
		{traffic("udp", ports(0, 65536)), "InvalidParameterValue"},
		{traffic("icmp", ports(256, 0)), "InvalidParameterValue"},
		{traffic("icmp", ports(-1, 0)), "InvalidParameterValue"},
		{traffic("icmp", ports(-2, -1)), "InvalidParameterValue"},
		{traffic("256", ""), "InvalidParameterValue"},
		{traffic("-2", ""), "InvalidParameterValue"},
		{traffic("all", ""), "InvalidParameterValue"},
		{traffic("", ports(1, 1)), "MissingParameter"},
		{ipRange("tcp", 1, 1, "10.0.0.0/33"), "InvalidParameterValue"},
		{"&IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=::/0", "InvalidParameterValue"},
		{"&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=0.0.0.0/0", "InvalidParameterValue"},
		{"&IpPermissions.1.IpProtocol=-1", "MissingParameter"},
		{"", "MissingParameter"},
		{traffic("-1", "") + "&IpPermissions.1.IpRanges.1.Description=" + strings.Repeat("a", 256), "InvalidParameterValue"},
		{traffic("-1", "") + "&IpPermissions.1.IpRanges.1.Description=<", "InvalidParameterValue"},
		{traffic("-1", "") + "&IpPermissions.1.IpRanges.2.CidrIp=10.1.2.3/8", "InvalidParameterValue"}, // twice in the request
		{traffic("-1", "") + "&CidrIp=10.0.0.0/8&IpProtocol=-1", "InvalidParameterCombination"},
		{"&CidrIp=10.0.0.0/8&SourceSecurityGroupName=foreign", "InvalidParameterCombination"},
		{"&SourceSecurityGroupName=foreign", "InvalidGroup.NotFound"},
		{fromGroup(goneGroup), "InvalidGroup.NotFound"},
		{fromGroup("sg-1"), "InvalidGroupId.Malformed"},
		{fromGroup(foreign), assumed("A0160", "InvalidGroup.NotFound")},
		{"&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupName=foreign", "InvalidGroup.NotFound"},
		{"&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.UserId=1", "MissingParameter"},
		{"&IpPermissions.1.IpProtocol=-1&IpPermissions.1.PrefixListIds.1.PrefixListId=pl-0123456789abcdef0", "InvalidPrefixListId.NotFound"},
		{traffic("-1", "") + "&IpPermissions.1.Colour=red", "UnknownParameter"},
		{traffic("-1", "") + "&TagSpecification.1.ResourceType=security-group&TagSpecification.1.Tag.1.Key=k", "InvalidParameterValue"},
	} {
		id := makeGroup(t, e, worldVPC, "g")
		code, _, _ := strings.Cut(test.want, " by ")
		got := call(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+id+test.permission).code()
		if strings.Contains(test.want, "/") {
			code = ""
			wantPermissions(t, describeGroup(t, e, id), "ipPermissions", test.want)
		}
		if got != code {
			t.Errorf("%s: got %q, want %q", test.permission, got, test.want)
		}
		must(t, e, "DeleteSecurityGroup", "GroupId="+id)
	}
	refused(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+goneGroup+traffic("-1", ""), "InvalidGroup.NotFound")
	refused(t, e, "AuthorizeSecurityGroupIngress", traffic("-1", ""), "MissingParameter")
	// The older parameters are those of ingress rules alone.
	refused(t, e, "AuthorizeSecurityGroupEgress", "GroupId="+makeGroup(t, e, worldVPC, "g")+"&CidrIp=10.0.0.0/8&IpProtocol=-1", "MissingParameter")
}

// A rule has an ID, an ARN, tags and a description, and is found by them. No rule allows
// what another one of the group and the direction allows.
func TestSecurityGroupRules(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id, peer := makeGroup(t, e, worldVPC, "sensors"), makeGroup(t, e, worldVPC, "sources")
	vxlan := "GroupId=" + id + ipRange("udp", 4789, 4789, "10.0.0.0/8")
	made := must(t, e, "AuthorizeSecurityGroupIngress", vxlan+"&IpPermissions.1.IpRanges.1.Description=mirrored&IpPermissions.1.Groups.1.GroupId="+peer+
		"&TagSpecification.1.ResourceType=security-group-rule&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v").all("securityGroupRuleSet/item")
	if len(made) != 2 {
		t.Fatalf("%d rules were made, want one for each peer", len(made))
	}
	ruleID, groupRuleID := made[0].text("securityGroupRuleId"), made[1].text("securityGroupRuleId")
	for _, read := range []node{made[0], must(t, e, "DescribeSecurityGroupRules", "SecurityGroupRuleId.1="+ruleID).all("securityGroupRuleSet/item")[0]} {
		for path, want := range map[string]string{
			"securityGroupRuleId": ruleID, "groupId": id, "groupOwnerId": "123456789012", "isEgress": "false", "ipProtocol": "udp", "fromPort": "4789",
			"toPort": "4789", "cidrIpv4": "10.0.0.0/8", "cidrIpv6": "", "description": "mirrored", "tagSet/item/key": "k",
			"securityGroupRuleArn": "arn:aws:ec2:us-east-1:123456789012:security-group-rule/" + ruleID,
		} {
			if got := read.text(path); got != want {
				t.Errorf("%s is %q, want %q", path, got, want)
			}
		}
	}
	if got := made[1]; got.text("referencedGroupInfo/groupId") != peer || len(got.all("referencedGroupInfo/userId")) > 0 || got.text("tagSet/item/value") != "v" {
		t.Errorf("the rule that refers to a group is %v, want it without an account (%s)", got, "A0166")
	}
	everything := must(t, e, "DescribeSecurityGroupRules", filterBy("group-id", peer)).all("securityGroupRuleSet/item")
	if len(everything) != 1 || everything[0].text("isEgress") != "true" || everything[0].text("fromPort") != "-1" || everything[0].text("toPort") != "-1" {
		t.Errorf("the rules of a new group are %v, want one with the ports -1 (%s)", everything, "A0161")
	}
	for _, filter := range []string{filterBy("group-id", id, "tag:k", "v"), filterBy("security-group-rule-id", ruleID+"*", "group-id", "sg-*"), "SecurityGroupRuleId.1=" + ruleID} {
		if found := must(t, e, "DescribeSecurityGroupRules", filter).texts("securityGroupRuleSet/item/securityGroupRuleId"); !slices.Contains(found, ruleID) {
			t.Errorf("%s finds %q, want %s", filter, found, ruleID)
		}
	}
	for _, step := range []struct{ action, parameters, code string }{
		{"AuthorizeSecurityGroupIngress", vxlan, "InvalidPermission.Duplicate"},
		{"AuthorizeSecurityGroupIngress", strings.Replace(vxlan, "10.0.0.0", "10.1.2.3", 1) + "&IpPermissions.1.IpRanges.1.Description=other", "InvalidPermission.Duplicate"},
		{"AuthorizeSecurityGroupEgress", vxlan, ""},
		{"DescribeSecurityGroupRules", "SecurityGroupRuleId.1=" + goneGroupRule, "InvalidSecurityGroupRuleId.NotFound"},
		{"DescribeSecurityGroupRules", "SecurityGroupRuleId.1=sgr-1", "InvalidSecurityGroupRuleId.Malformed"},
		{"RevokeSecurityGroupIngress", "GroupId=" + id, "MissingParameter"},
		{"RevokeSecurityGroupIngress", vxlan + "&SecurityGroupRuleId.1=" + ruleID, assumed("A0162", "InvalidParameterCombination")},
		{"RevokeSecurityGroupIngress", strings.Replace(vxlan, "FromPort=4789", "FromPort=4788", 1), "InvalidPermission.NotFound"},
		{"RevokeSecurityGroupIngress", "GroupId=" + id + "&SecurityGroupRuleId.1=" + goneGroupRule, "InvalidSecurityGroupRuleId.NotFound"},
		{"RevokeSecurityGroupIngress", "GroupId=" + peer + "&SecurityGroupRuleId.1=" + ruleID, assumed("A0163", "InvalidSecurityGroupRuleId.NotFound")},
		{"RevokeSecurityGroupEgress", "GroupId=" + id + "&SecurityGroupRuleId.1=" + ruleID, assumed("A0163", "InvalidSecurityGroupRuleId.NotFound")},
		{"RevokeSecurityGroupIngress", vxlan, ""},
		{"RevokeSecurityGroupIngress", vxlan, "InvalidPermission.NotFound"},
		{"RevokeSecurityGroupIngress", "GroupId=" + id + "&SecurityGroupRuleId.1=" + groupRuleID, ""},
	} {
		refused(t, e, step.action, step.parameters, step.code)
	}
	wantPermissions(t, describeGroup(t, e, id), "ipPermissions")
	wantPermissions(t, describeGroup(t, e, id), "ipPermissionsEgress", "-1 - 0.0.0.0/0", "udp 4789-4789 10.0.0.0/8")
	if left := tagsOn(t, e, ruleID); left != "" {
		t.Errorf("the tags of a revoked rule are still there: %s", left)
	}
	revoked := must(t, e, "RevokeSecurityGroupEgress", vxlan).all("revokedSecurityGroupRuleSet/item")
	if len(revoked) != 1 || revoked[0].text("cidrIpv4") != "10.0.0.0/8" || revoked[0].text("isEgress") != "true" || revoked[0].text("fromPort") != "4789" {
		t.Errorf("the answer names as revoked %v", revoked)
	}
}

// A group has at most 60 rules for IPv4 and 60 for IPv6 in a direction.
func TestSecurityGroupRuleLimit(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id := "GroupId=" + makeGroup(t, e, worldVPC, "g")
	v4, v6 := "&IpPermissions.1.IpProtocol=-1", "&IpPermissions.1.IpProtocol=-1"
	for n := range 60 {
		v4 += fmt.Sprintf("&IpPermissions.1.IpRanges.%d.CidrIp=10.0.%d.0/24", n+1, n)
		v6 += fmt.Sprintf("&IpPermissions.1.Ipv6Ranges.%d.CidrIpv6=2001:db8:%d::/48", n+1, n)
	}
	for _, step := range []struct{ action, permission, code string }{
		{"AuthorizeSecurityGroupIngress", v4, ""},
		{"AuthorizeSecurityGroupIngress", ipRange("-1", 0, 0, "10.1.0.0/24"), "RulesPerSecurityGroupLimitExceeded"},
		{"AuthorizeSecurityGroupIngress", fromGroup(strings.TrimPrefix(id, "GroupId=")), "RulesPerSecurityGroupLimitExceeded"},
		{"AuthorizeSecurityGroupIngress", v6, ""},
		{"AuthorizeSecurityGroupIngress", ipRange("-1", 0, 0, "::/0"), "RulesPerSecurityGroupLimitExceeded"},
		{"AuthorizeSecurityGroupEgress", ipRange("-1", 0, 0, "10.1.0.0/24"), ""},
		{"RevokeSecurityGroupIngress", ipRange("-1", 0, 0, "10.0.7.0/24"), ""},
		{"AuthorizeSecurityGroupIngress", ipRange("-1", 0, 0, "10.1.0.0/24"), ""},
	} {
		refused(t, e, step.action, id+step.permission, step.code)
	}
}

// A change replaces what rules allow, and keeps their IDs and tags.
func TestModifySecurityGroupRules(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id, peer := makeGroup(t, e, worldVPC, "sensors"), makeGroup(t, e, worldVPC, "sources")
	add := func(permission string) string {
		return must(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+id+permission).text("securityGroupRuleSet/item/securityGroupRuleId")
	}
	a, b, byGroup := add(ipRange("tcp", 1, 1, "10.0.0.0/8")), add(ipRange("tcp", 2, 2, "10.0.0.0/8")), add(fromGroup(id))
	update := func(n int, rule, content string) string {
		return fmt.Sprintf("&SecurityGroupRule.%d.SecurityGroupRuleId=%s", n, rule) + strings.ReplaceAll("&"+content, "&", fmt.Sprintf("&SecurityGroupRule.%d.SecurityGroupRule.", n))
	}
	const toTwo, toOne = "IpProtocol=tcp&FromPort=2&ToPort=2&CidrIpv4=10.0.0.0/8", "IpProtocol=tcp&FromPort=1&ToPort=1&CidrIpv4=10.0.0.0/8"
	for _, step := range []struct{ parameters, code string }{
		{"", "MissingParameter"},
		{update(1, a, toTwo), "InvalidPermission.Duplicate"},
		{update(1, a, toTwo) + update(2, b, toTwo), "InvalidPermission.Duplicate"},
		{update(1, a, toTwo) + update(2, a, toTwo), "InvalidParameterValue"},
		{update(1, goneGroupRule, toTwo), "InvalidSecurityGroupRuleId.NotFound"},
		{update(1, a, "IpProtocol=tcp&FromPort=2&ToPort=2"), "InvalidParameterCombination"},
		{update(1, a, toOne+"&CidrIpv6=::/0"), "InvalidParameterCombination"},
		{update(1, a, "IpProtocol=-1&CidrIpv6=::/0"), assumed("A0164", "InvalidParameterValue")},
		{update(1, a, "IpProtocol=-1&ReferencedGroupId="+peer), assumed("A0164", "InvalidParameterValue")},
		{update(1, a, "IpProtocol=-1&PrefixListId=pl-0123456789abcdef0"), "InvalidPrefixListId.NotFound"},
		{update(1, byGroup, "IpProtocol=-1&ReferencedGroupId="+goneGroup), "InvalidGroup.NotFound"},
		{update(1, byGroup, "IpProtocol=udp&FromPort=1&ToPort=1&ReferencedGroupId="+peer+"&Description=d"), ""},
		{update(1, a, toTwo+"&Description=second") + update(2, b, toOne), ""}, // each takes the place of the other
		{update(1, a, toTwo), ""}, // without a description
	} {
		refused(t, e, "ModifySecurityGroupRules", "GroupId="+id+step.parameters, step.code)
	}
	refused(t, e, "ModifySecurityGroupRules", "GroupId="+peer+update(1, a, toOne), assumed("A0163", "InvalidSecurityGroupRuleId.NotFound"))
	read := must(t, e, "DescribeSecurityGroupRules", "SecurityGroupRuleId.1="+a).all("securityGroupRuleSet/item")[0]
	if read.text("fromPort") != "2" || read.text("description") != "" {
		t.Errorf("the changed rule is %v", read)
	}
	wantPermissions(t, describeGroup(t, e, id), "ipPermissions", "tcp 1-1 10.0.0.0/8", "tcp 2-2 10.0.0.0/8", "udp 1-1 "+peer)
	must(t, e, "RevokeSecurityGroupIngress", "GroupId="+id+ipRange("tcp", 1, 1, "10.0.0.0/8"))
	refused(t, e, "DescribeSecurityGroupRules", "SecurityGroupRuleId.1="+b, "InvalidSecurityGroupRuleId.NotFound")
	must(t, e, "DeleteSecurityGroup", "GroupId="+id)
	must(t, e, "DeleteSecurityGroup", "GroupId="+peer) // nothing refers to it any more
}

// Descriptions of rules are set and removed by what the rules allow and by their IDs.
func TestSecurityGroupRuleDescriptions(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id := "GroupId=" + makeGroup(t, e, worldVPC, "g")
	permission := ipRange("tcp", 1, 1, "10.0.0.0/8")
	rules := map[string]string{}
	for _, direction := range []string{"Ingress", "Egress"} {
		rules[direction] = must(t, e, "AuthorizeSecurityGroup"+direction, id+permission).text("securityGroupRuleSet/item/securityGroupRuleId")
	}
	const described, byID = "&IpPermissions.1.IpRanges.1.Description=", "&SecurityGroupRuleDescription.1.SecurityGroupRuleId="
	for direction, rule := range rules {
		update := "UpdateSecurityGroupRuleDescriptions" + direction
		for _, step := range []struct{ parameters, code, want string }{
			{permission + described + "first", "", "first"},
			{byID + rule + "&SecurityGroupRuleDescription.1.Description=second", "", "second"},
			{permission, "", ""},
			{byID + rule + "&SecurityGroupRuleDescription.1.Description=third", "", "third"},
			{byID + rule, "", ""},
			{ipRange("tcp", 2, 2, "10.0.0.0/8") + described + "none", "InvalidPermission.NotFound", ""},
			{byID + goneGroupRule, "InvalidSecurityGroupRuleId.NotFound", ""},
			{byID + rule + "&SecurityGroupRuleDescription.1.Description=<", "InvalidParameterValue", ""},
			{byID + rule + permission, assumed("A0162", "InvalidParameterCombination"), ""},
			{"", "MissingParameter", ""},
		} {
			refused(t, e, update, id+step.parameters, step.code)
			if got := must(t, e, "DescribeSecurityGroupRules", "SecurityGroupRuleId.1="+rule).text("securityGroupRuleSet/item/description"); got != step.want {
				t.Errorf("%s %s: the description is %q, want %q", update, step.parameters, got, step.want)
			}
		}
	}
}
