package account_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// answered returns an account in which EC2 answers each action with some XML, without the
// element around it. Other actions are refused.
func answered(t *testing.T, bodies map[string]string) *account.Account {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		action := r.FormValue("Action")
		body, known := bodies[action]
		if !known {
			w.WriteHeader(http.StatusForbidden)
			body = refusal(action, 0, "UnauthorizedOperation").body
		} else {
			body = "<" + action + "Response>" + body + "</" + action + "Response>"
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return account.New(configOf(server.URL), account.Options{})
}

func blocks(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, t := range texts {
		all = append(all, netip.MustParsePrefix(t))
	}
	return all
}

func number(n int) *int { return &n }

const networkACLs = `<networkAclSet><item>
  <networkAclId>acl-2</networkAclId><vpcId>vpc-1</vpcId><default>true</default>
  <entrySet>
    <item><ruleNumber>100</ruleNumber><protocol>-1</protocol><ruleAction>allow</ruleAction><egress>true</egress><cidrBlock>0.0.0.0/0</cidrBlock></item>
    <item><ruleNumber>32767</ruleNumber><protocol>-1</protocol><ruleAction>deny</ruleAction><egress>false</egress><cidrBlock>0.0.0.0/0</cidrBlock></item>
    <item><ruleNumber>90</ruleNumber><protocol>17</protocol><ruleAction>allow</ruleAction><egress>false</egress><cidrBlock>10.0.0.0/8</cidrBlock><portRange><from>4789</from><to>4790</to></portRange></item>
    <item><ruleNumber>95</ruleNumber><protocol>58</protocol><ruleAction>deny</ruleAction><egress>false</egress><ipv6CidrBlock>::/0</ipv6CidrBlock><icmpTypeCode><type>128</type><code>-1</code></icmpTypeCode></item>
  </entrySet>
  <associationSet><item><networkAclAssociationId>aclassoc-2</networkAclAssociationId><networkAclId>acl-2</networkAclId><subnetId>subnet-2</subnetId></item><item><networkAclId>acl-2</networkAclId><subnetId>subnet-1</subnetId></item></associationSet>
  <tagSet><item><key>a</key><value>b</value></item></tagSet>
</item><item><networkAclId>acl-1</networkAclId></item></networkAclSet>`

func TestNetworkACLs(t *testing.T) {
	t.Parallel()
	got := must(answered(t, map[string]string{"DescribeNetworkAcls": networkACLs}).NetworkACLs(t.Context()))(t)
	want := []mirror.NetworkACL{{ID: "acl-1", Tags: map[string]string{}}, {
		ID: "acl-2", VPCID: "vpc-1", Default: true, Subnets: []string{"subnet-1", "subnet-2"}, Tags: map[string]string{"a": "b"},
		Associations: map[string]string{"subnet-2": "aclassoc-2"},
		Entries: []mirror.NetworkACLEntry{
			{Number: 90, Allow: true, Protocol: 17, CIDR: netip.MustParsePrefix("10.0.0.0/8"), FromPort: 4789, ToPort: 4790},
			{Number: 95, Protocol: 58, CIDR: netip.MustParsePrefix("::/0"), FromPort: -1, ToPort: -1, ICMPType: number(128), ICMPCode: number(-1)},
			{Number: 32767, Protocol: -1, CIDR: netip.MustParsePrefix("0.0.0.0/0"), FromPort: -1, ToPort: -1},
			{Number: 100, Egress: true, Allow: true, Protocol: -1, CIDR: netip.MustParsePrefix("0.0.0.0/0"), FromPort: -1, ToPort: -1},
		},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("network ACLs\n%+v\nwant\n%+v", got, want)
	}
}

const routeTables = `<routeTableSet><item>
  <routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId>
  <routeSet>
    <item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId><state>active</state><origin>CreateRouteTable</origin></item>
    <item><destinationCidrBlock>10.1.0.0/16</destinationCidrBlock><instanceId>i-1</instanceId><networkInterfaceId>eni-1</networkInterfaceId><state>blackhole</state><origin>CreateRoute</origin></item>
    <item><destinationCidrBlock>10.2.0.0/16</destinationCidrBlock><vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId><state>active</state><origin>CreateRoute</origin></item>
    <item><destinationIpv6CidrBlock>::/0</destinationIpv6CidrBlock><egressOnlyInternetGatewayId>eigw-1</egressOnlyInternetGatewayId><state>active</state><origin>CreateRoute</origin></item>
    <item><destinationPrefixListId>pl-1</destinationPrefixListId><gatewayId>vpce-1</gatewayId><state>active</state><origin>CreateRoute</origin></item>
    <item><destinationCidrBlock>10.3.0.0/16</destinationCidrBlock><transitGatewayId>tgw-1</transitGatewayId><state>active</state><origin>CreateRoute</origin></item>
    <item><destinationCidrBlock>10.4.0.0/16</destinationCidrBlock><natGatewayId>nat-1</natGatewayId><state>active</state><origin>CreateRoute</origin></item>
  </routeSet>
  <associationSet>
    <item><routeTableAssociationId>rtbassoc-1</routeTableAssociationId><main>true</main></item>
    <item><routeTableAssociationId>rtbassoc-2</routeTableAssociationId><main>false</main><subnetId>subnet-1</subnetId><associationState><state>associated</state></associationState></item>
    <item><routeTableAssociationId>rtbassoc-3</routeTableAssociationId><main>false</main><gatewayId>igw-1</gatewayId></item>
    <item><routeTableAssociationId>rtbassoc-4</routeTableAssociationId><main>false</main><subnetId>subnet-4</subnetId><associationState><state>disassociated</state></associationState></item>
  </associationSet>
</item></routeTableSet>`

func TestRouteTables(t *testing.T) {
	t.Parallel()
	got := must(answered(t, map[string]string{"DescribeRouteTables": routeTables}).RouteTables(t.Context()))(t)
	route := func(to, target, state string) mirror.Route {
		return mirror.Route{Destination: netip.MustParsePrefix(to), Target: target, State: state, Origin: "CreateRoute"}
	}
	local := route("10.0.0.0/16", mirror.LocalRoute, mirror.ActiveRoute)
	local.Origin = "CreateRouteTable"
	want := []mirror.RouteTable{{ID: "rtb-1", VPCID: "vpc-1", Main: true, Subnets: []string{"subnet-1"}, Gateways: []string{"igw-1"}, Tags: map[string]string{}, Routes: []mirror.Route{
		local, route("10.1.0.0/16", "eni-1", mirror.BlackholeRoute), route("10.2.0.0/16", "pcx-1", mirror.ActiveRoute), route("::/0", "eigw-1", mirror.ActiveRoute),
		{PrefixListID: "pl-1", Target: "vpce-1", State: "active", Origin: "CreateRoute"},
		route("10.3.0.0/16", "tgw-1", mirror.ActiveRoute), route("10.4.0.0/16", "nat-1", mirror.ActiveRoute),
	}, Associations: map[string]string{"vpc-1": "rtbassoc-1", "subnet-1": "rtbassoc-2", "igw-1": "rtbassoc-3"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("route tables\n%+v\nwant\n%+v", got, want)
	}
}

const peerings = `<vpcPeeringConnectionSet><item>
  <vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId>
  <requesterVpcInfo><ownerId>111122223333</ownerId><vpcId>vpc-1</vpcId><region>eu-west-1</region><cidrBlock>10.0.0.0/16</cidrBlock>
    <cidrBlockSet><item><cidrBlock>10.0.0.0/16</cidrBlock></item><item><cidrBlock>10.9.0.0/16</cidrBlock></item></cidrBlockSet>
    <ipv6CidrBlockSet><item><ipv6CidrBlock>2001:db8::/56</ipv6CidrBlock></item></ipv6CidrBlockSet></requesterVpcInfo>
  <accepterVpcInfo><ownerId>444455556666</ownerId><vpcId>vpc-2</vpcId></accepterVpcInfo>
  <status><code>pending-acceptance</code><message>m</message></status>
</item></vpcPeeringConnectionSet>`

func TestPeeringConnections(t *testing.T) {
	t.Parallel()
	got := must(answered(t, map[string]string{"DescribeVpcPeeringConnections": peerings}).PeeringConnections(t.Context()))(t)
	want := []mirror.PeeringConnection{{
		ID: "pcx-1", State: "pending-acceptance", Tags: map[string]string{},
		Requester: mirror.PeeredVPC{VPCID: "vpc-1", OwnerID: "111122223333", Region: "eu-west-1", CIDRs: blocks("10.0.0.0/16", "10.9.0.0/16", "2001:db8::/56")},
		Accepter:  mirror.PeeredVPC{VPCID: "vpc-2", OwnerID: "444455556666"},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("peering connections\n%+v\nwant\n%+v", got, want)
	}
}

const services = `<serviceConfigurationSet><item>
  <serviceId>vpce-svc-1</serviceId><serviceName>com.amazonaws.vpce.eu-west-1.vpce-svc-1</serviceName><serviceState>Available</serviceState><acceptanceRequired>true</acceptanceRequired>
  <gatewayLoadBalancerArnSet><item>arn:g</item></gatewayLoadBalancerArnSet><tagSet><item><key>a</key><value>b</value></item></tagSet>
</item></serviceConfigurationSet>`

func TestEndpointServices(t *testing.T) {
	t.Parallel()
	want := []mirror.EndpointService{{
		ID: "vpce-svc-1", Name: "com.amazonaws.vpce.eu-west-1.vpce-svc-1", State: "Available", AcceptanceRequired: true,
		GatewayBalancers: []string{"arn:g"}, Tags: map[string]string{"a": "b"},
	}}
	bodies := map[string]string{"DescribeVpcEndpointServiceConfigurations": services}
	for _, principals := range [][]string{nil, {"arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"}} {
		if want[0].AllowedPrincipals = principals; principals != nil {
			bodies["DescribeVpcEndpointServicePermissions"] = `<allowedPrincipals><item><principal>arn:aws:iam::444455556666:root</principal></item>` +
				`<item><principal>arn:aws:iam::111122223333:root</principal></item></allowedPrincipals>`
		}
		if got := must(answered(t, bodies).EndpointServices(t.Context()))(t); !reflect.DeepEqual(got, want) {
			t.Errorf("endpoint services\n%+v\nwant\n%+v", got, want)
		}
	}
}

func TestVPCs(t *testing.T) {
	t.Parallel()
	got := must(answered(t, map[string]string{"DescribeVpcs": `<vpcSet><item><vpcId>vpc-1</vpcId><ownerId>111122223333</ownerId><isDefault>true</isDefault><cidrBlock>10.0.0.0/16</cidrBlock>
		<cidrBlockAssociationSet><item><cidrBlock>10.0.0.0/16</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState></item>
			<item><cidrBlock>10.1.0.0/16</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState></item>
			<item><cidrBlock>10.2.0.0/16</cidrBlock><cidrBlockState><state>disassociated</state></cidrBlockState></item></cidrBlockAssociationSet>
		<ipv6CidrBlockAssociationSet><item><ipv6CidrBlock>2001:db8::/56</ipv6CidrBlock></item></ipv6CidrBlockAssociationSet></item></vpcSet>`}).VPCs(t.Context()))(t)
	if len(got) != 1 || !reflect.DeepEqual(got[0].CIDRs, blocks("10.0.0.0/16", "10.1.0.0/16", "2001:db8::/56")) || !got[0].IsDefault || got[0].OwnerID != "111122223333" {
		t.Errorf("VPCs %+v", got)
	}
}

// What cannot be read fails the listing, and says which object it is.
func TestNetwork_unreadable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		bodies map[string]string
		read   func(context.Context, *account.Account) error
	}{
		"acl-1": {
			map[string]string{"DescribeNetworkAcls": `<networkAclSet><item><networkAclId>acl-1</networkAclId><entrySet><item><ruleNumber>1</ruleNumber><protocol>6</protocol></item></entrySet></item></networkAclSet>`},
			func(ctx context.Context, a *account.Account) error { _, err := a.NetworkACLs(ctx); return err },
		},
		"rtb-1": {
			map[string]string{"DescribeRouteTables": `<routeTableSet><item><routeTableId>rtb-1</routeTableId><routeSet><item><destinationCidrBlock>x</destinationCidrBlock></item></routeSet></item></routeTableSet>`},
			func(ctx context.Context, a *account.Account) error { _, err := a.RouteTables(ctx); return err },
		},
		"pcx-1": {
			map[string]string{"DescribeVpcPeeringConnections": `<vpcPeeringConnectionSet><item><vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId><accepterVpcInfo><cidrBlock>x</cidrBlock></accepterVpcInfo></item></vpcPeeringConnectionSet>`},
			func(ctx context.Context, a *account.Account) error { _, err := a.PeeringConnections(ctx); return err },
		},
		"sg-1": {
			map[string]string{"DescribeSecurityGroups": `<securityGroupInfo><item><groupId>sg-1</groupId><ipPermissions><item><ipProtocol>udp</ipProtocol><ipRanges><item><cidrIp>x</cidrIp></item></ipRanges></item></ipPermissions></item></securityGroupInfo>`},
			func(ctx context.Context, a *account.Account) error { _, err := a.SecurityGroups(ctx); return err },
		},
		"sgr-1": {
			map[string]string{
				"DescribeSecurityGroups":     `<securityGroupInfo><item><groupId>sg-1</groupId></item></securityGroupInfo>`,
				"DescribeSecurityGroupRules": `<securityGroupRuleSet><item><securityGroupRuleId>sgr-1</securityGroupRuleId><groupId>sg-1</groupId><ipProtocol>udp</ipProtocol><cidrIpv4>x</cidrIpv4></item></securityGroupRuleSet>`,
			},
			func(ctx context.Context, a *account.Account) error { _, err := a.SecurityGroups(ctx); return err },
		},
	} {
		if err := test.read(t.Context(), answered(t, test.bodies)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if err := test.read(t.Context(), answered(t, nil)); !account.IsDenied(err) {
			t.Errorf("%s, without permission: %v", name, err)
		}
	}
}

// The embedded EC2 has the rules with their IDs. Without the permission for the rules, the
// groups have the same rules without IDs.
func TestSecurityGroups(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	config := configOf("http://ec2.emulator.invalid")
	config.HTTPClient = &http.Client{Transport: emulator.Transport(l)}
	byHand := ec2.NewFromConfig(config)
	made := must(byHand.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: aws.String("sensors"), Description: aws.String("of sensors"), VpcId: aws.String("vpc-00000000000000001")}))(t)
	protocol, from := aws.String("udp"), int32(4789)
	allow := []types.IpPermission{{
		IpProtocol: protocol, FromPort: &from, ToPort: &from,
		IpRanges:         []types.IpRange{{CidrIp: aws.String("10.0.0.0/8"), Description: aws.String("sources")}},
		Ipv6Ranges:       []types.Ipv6Range{{CidrIpv6: aws.String("2001:db8::/32")}},
		UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: made.GroupId}},
	}}
	must(byHand.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: made.GroupId, IpPermissions: allow}))(t)
	everything := must(l.open().SecurityGroups(ctx))(t)
	own := must(l.open().SecurityGroups(ctx, *made.GroupId))(t)
	if len(own) != 1 || len(everything) < 2 || !slices.ContainsFunc(everything, func(g mirror.SecurityGroup) bool { return reflect.DeepEqual(g, own[0]) }) {
		t.Fatalf("of all groups %+v, %s is %+v", everything, *made.GroupId, own)
	}
	g := own[0]
	if g.Name != "sensors" || g.Description != "of sensors" || g.VPCID != "vpc-00000000000000001" || len(g.Rules) != 4 {
		t.Fatalf("the group is %+v", g)
	}
	l.denies("DescribeSecurityGroupRules")
	bare := must(l.open().SecurityGroups(ctx, *made.GroupId))(t)[0]
	for _, want := range []mirror.SecurityGroupRule{
		{Direction: mirror.Ingress, Protocol: 17, FromPort: 4789, ToPort: 4789, CIDR: netip.MustParsePrefix("10.0.0.0/8"), Description: "sources"},
		{Direction: mirror.Ingress, Protocol: 17, FromPort: 4789, ToPort: 4789, CIDR: netip.MustParsePrefix("2001:db8::/32")},
		{Direction: mirror.Ingress, Protocol: 17, FromPort: 4789, ToPort: 4789, GroupID: *made.GroupId},
		{Direction: mirror.Egress, Protocol: -1, FromPort: -1, ToPort: -1, CIDR: netip.MustParsePrefix("0.0.0.0/0")},
	} {
		isThat := func(withID bool) func(mirror.SecurityGroupRule) bool {
			return func(r mirror.SecurityGroupRule) bool {
				hasID := mirror.KindGroupRule.Is(r.ID)
				r.ID, r.Tags = "", nil
				return reflect.DeepEqual(r, want) && hasID == withID
			}
		}
		if !slices.ContainsFunc(g.Rules, isThat(true)) {
			t.Errorf("%+v is not among %+v", want, g.Rules)
		}
		if !slices.ContainsFunc(bare.Rules, isThat(false)) {
			t.Errorf("without permission for the rules, %+v is not among %+v", want, bare.Rules)
		}
	}
	if len(bare.Rules) != 4 {
		t.Errorf("%d rules, not 4: %+v", len(bare.Rules), bare.Rules)
	}
}

// Many reads of a plan share one answer, and each has lists of its own.
func TestNetwork_shared(t *testing.T) {
	t.Parallel()
	l, ctx := newLab(t), t.Context()
	l.answers = func(form url.Values) (int, string) {
		switch action := form.Get("Action"); action {
		case "DescribeNetworkAcls":
			return http.StatusOK, "<" + action + "Response>" + networkACLs + "</" + action + "Response>"
		case "DescribeRouteTables":
			if form.Get("MaxResults") != "100" {
				t.Errorf("a page of %s route tables; EC2 gives at most 100", form.Get("MaxResults"))
			}
			return http.StatusOK, "<" + action + "Response>" + routeTables + "</" + action + "Response>"
		}
		return 0, ""
	}
	a := l.open().Fresh()
	for range 3 {
		acls, tables := must(a.NetworkACLs(ctx))(t), must(a.RouteTables(ctx))(t)
		if acls[1].Entries[0].Number != 90 || tables[0].Routes[0].Target != mirror.LocalRoute {
			t.Fatal("a caller changed the answer of another one")
		}
		acls[1].Entries[0].Number, tables[0].Routes[0].Target = 1, "eni-9"
	}
	if n := l.total(); n != 2 {
		t.Errorf("%d requests, not 2", n)
	}
}
