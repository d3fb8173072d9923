package emulator_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// balancing sends an action of Elastic Load Balancing, as call does to EC2.
func balancing(t testing.TB, h http.Handler, action, parameters string) reply {
	t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2015-12-01"}}
	for part := range strings.SplitSeq(parameters, "&") {
		if name, value, ok := strings.Cut(part, "="); ok {
			form.Add(name, value)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t, h, r)
}

// mustBalance sends an action of Elastic Load Balancing that has to succeed, and returns its
// result.
func mustBalance(t testing.TB, h http.Handler, action, parameters string) node {
	t.Helper()
	got := balancing(t, h, action, parameters)
	if got.status != http.StatusOK {
		t.Fatalf("%s %s: %s: %s", action, parameters, got.root.text("Error/Code"), got.root.text("Error/Message"))
	}
	return got.root.all(action + "Result")[0]
}

// unbalanced sends an action of Elastic Load Balancing that has to fail with the code, or to
// succeed if it is "".
func unbalanced(t testing.TB, h http.Handler, action, parameters, code string) {
	t.Helper()
	if got := balancing(t, h, action, parameters); got.root.text("Error/Code") != code {
		t.Errorf("%s %s\n got %d %q: %s\nwant %q", action, parameters, got.status, got.root.text("Error/Code"), got.root.text("Error/Message"), code)
	}
}

// makeTargetGroup makes a target group in the VPC of world, and returns its ARN.
func makeTargetGroup(t testing.TB, h http.Handler, name, parameters string) string {
	t.Helper()
	return mustBalance(t, h, "CreateTargetGroup", "Name="+name+"&VpcId="+worldVPC+"&"+parameters).text("TargetGroups/member/TargetGroupArn")
}

const (
	udpGroup    = "Protocol=UDP&Port=4789&TargetType=ip"
	geneveGroup = "Protocol=GENEVE&Port=6081&TargetType=instance"
)

// The SDK makes target groups, reads them by ARN and by name, changes the health check, and
// deletes them. The same request again gets the same group.
func TestTargetGroup(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	c := newBalancing(e)
	create := &elb.CreateTargetGroupInput{
		Name: new("fleet"), Protocol: elbtypes.ProtocolEnumUdp, Port: new(int32(4789)), VpcId: new(worldVPC), TargetType: elbtypes.TargetTypeEnumIp,
		Tags: []elbtypes.Tag{{Key: new("k"), Value: new("v")}},
	}
	made, err := c.CreateTargetGroup(t.Context(), create)
	fatal(t, err)
	g := made.TargetGroups[0]
	if *g.TargetGroupName != "fleet" || g.Protocol != "UDP" || *g.Port != 4789 || *g.VpcId != worldVPC || g.TargetType != "ip" || g.IpAddressType != "ipv4" {
		t.Errorf("the target group is %+v", g)
	}
	if g.HealthCheckProtocol != "TCP" || *g.HealthCheckPort != "traffic-port" || *g.HealthCheckIntervalSeconds != 30 || *g.HealthCheckTimeoutSeconds != 10 ||
		*g.HealthyThresholdCount != 5 || *g.UnhealthyThresholdCount != 2 || g.HealthCheckPath != nil || g.Matcher != nil || !*g.HealthCheckEnabled {
		t.Errorf("the health check of a UDP group is %+v, want the default", g)
	}
	again, err := c.CreateTargetGroup(t.Context(), create)
	fatal(t, err)
	if *again.TargetGroups[0].TargetGroupArn != *g.TargetGroupArn {
		t.Errorf("the same request made %s and %s", *g.TargetGroupArn, *again.TargetGroups[0].TargetGroupArn)
	}
	changed, err := c.ModifyTargetGroup(t.Context(), &elb.ModifyTargetGroupInput{TargetGroupArn: g.TargetGroupArn, HealthCheckProtocol: elbtypes.ProtocolEnumHttp, HealthCheckPort: new("80"), HealthyThresholdCount: new(int32(3))})
	fatal(t, err)
	if g := changed.TargetGroups[0]; *g.HealthCheckPath != "/" || *g.Matcher.HttpCode != "200-399" || *g.HealthCheckTimeoutSeconds != 6 || *g.HealthCheckPort != "80" || *g.HealthyThresholdCount != 3 {
		t.Errorf("the health check with HTTP is %+v", g)
	}
	byName, err := c.DescribeTargetGroups(t.Context(), &elb.DescribeTargetGroupsInput{Names: []string{"fleet"}})
	fatal(t, err)
	if len(byName.TargetGroups) != 1 || byName.TargetGroups[0].HealthCheckProtocol != "HTTP" {
		t.Errorf("the group by its name is %+v", byName.TargetGroups)
	}
	_, err = c.DeleteTargetGroup(t.Context(), &elb.DeleteTargetGroupInput{TargetGroupArn: g.TargetGroupArn})
	fatal(t, err)
	_, err = c.DescribeTargetGroups(t.Context(), &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{*g.TargetGroupArn}})
	if got := codeOf(t, err); got != "TargetGroupNotFound" {
		t.Errorf("a deleted group: %s, want TargetGroupNotFound", got)
	}
	_, err = c.DeleteTargetGroup(t.Context(), &elb.DeleteTargetGroupInput{TargetGroupArn: g.TargetGroupArn})
	fatal(t, err)
}

func TestTargetGroup_geneve(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	made := mustBalance(t, e, "CreateTargetGroup", "Name=g&VpcId="+worldVPC+"&"+geneveGroup).all("TargetGroups/member")[0]
	for path, want := range map[string]string{
		"Protocol": "GENEVE", "Port": "6081", "TargetType": "instance", "HealthCheckProtocol": "TCP", "HealthCheckPort": "80",
		"HealthCheckIntervalSeconds": "10", "HealthCheckTimeoutSeconds": "5", "HealthyThresholdCount": "5", "UnhealthyThresholdCount": "2",
	} {
		if got := made.text(path); got != want {
			t.Errorf("%s of a GENEVE group is %q, want %q", path, got, want)
		}
	}
}

func TestTargetGroup_pages(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	var arns, got []string
	for i := range 5 {
		arns = append(arns, makeTargetGroup(t, e, "g"+strconv.Itoa(i), udpGroup))
	}
	pages := elb.NewDescribeTargetGroupsPaginator(newBalancing(e), &elb.DescribeTargetGroupsInput{PageSize: new(int32(2))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		fatal(t, err)
		for _, g := range page.TargetGroups {
			if len(page.TargetGroups) <= 2 && slices.Contains(arns, *g.TargetGroupArn) {
				got = append(got, *g.TargetGroupArn)
			}
		}
	}
	slices.Sort(arns)
	if !slices.Equal(got, arns) {
		t.Errorf("the pages have %q, want %q", got, arns)
	}
}

func TestTargetGroup_refusals(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	group := makeTargetGroup(t, e, "fleet", udpGroup)
	const in = "&VpcId=" + worldVPC
	for _, test := range []struct{ parameters, code string }{
		{udpGroup + in, "ValidationError"},
		{"Name=-a&" + udpGroup + in, "ValidationError"},
		{"Name=a_b&" + udpGroup + in, "ValidationError"},
		{"Name=" + strings.Repeat("a", 33) + "&" + udpGroup + in, "ValidationError"},
		{"Name=fleet&" + udpGroup + in, ""},
		{"Name=fleet&" + udpGroup + in + "&HealthCheckPort=80", "DuplicateTargetGroupName"},
		{"Name=a&Port=4789" + in, "ValidationError"},
		{"Name=a&Protocol=UDP" + in, "ValidationError"},
		{"Name=a&Protocol=UDP&Port=0" + in, "ValidationError"},
		{"Name=a&Protocol=UDP&Port=x" + in, "ValidationError"},
		{"Name=a&Protocol=SCTP&Port=1" + in, "ValidationError"},
		{"Name=a&Protocol=GENEVE&Port=4789" + in, "ValidationError"},
		{"Name=a&Protocol=GENEVE&Port=6081&IpAddressType=ipv6" + in, "ValidationError"},
		{"Name=a&Protocol=HTTP&Port=80" + in, "OperationNotPermitted"},
		{"Name=a&Protocol=TCP&Port=80&TargetType=alb" + in, "OperationNotPermitted"},
		{"Name=a&Protocol=TCP&Port=80&TargetType=pod" + in, "ValidationError"},
		{"Name=a&" + udpGroup, "ValidationError"},
		{"Name=a&" + udpGroup + "&VpcId=vpc-0123456789abcdef0", "ValidationError"},
		{"Name=a&IpAddressType=dualstack&" + udpGroup + in, "ValidationError"},
		{"Name=a&HealthCheckProtocol=UDP&" + udpGroup + in, "ValidationError"},
		{"Name=a&HealthCheckPort=0&" + udpGroup + in, "ValidationError"},
		{"Name=a&HealthCheckPath=/&" + udpGroup + in, "ValidationError"},
		{"Name=a&HealthCheckProtocol=HTTP&HealthCheckPath=x&" + udpGroup + in, "ValidationError"},
		{"Name=a&HealthCheckIntervalSeconds=4&" + udpGroup + in, "ValidationError"},
		{"Name=a&HealthCheckIntervalSeconds=10&" + udpGroup + in, "ValidationError"}, // the timeout is 10
		{"Name=a&HealthyThresholdCount=1&" + udpGroup + in, "ValidationError"},
		{"Name=a&HealthCheckEnabled=false&" + udpGroup + in, "ValidationError"},
		{"Name=a&Tags.member.1.Key=aws:k&" + udpGroup + in, "ValidationError"},
		{"Name=a&Shape=round&" + udpGroup + in, "ValidationError"},
	} {
		unbalanced(t, e, "CreateTargetGroup", test.parameters, test.code)
	}
	gone := strings.TrimSuffix(group, group[len(group)-4:]) + "ffff"
	for _, action := range []string{"ModifyTargetGroup", "DescribeTargetGroupAttributes", "DescribeTargetHealth"} {
		unbalanced(t, e, action, "", "ValidationError")
		unbalanced(t, e, action, "TargetGroupArn=fleet", "ValidationError")
		unbalanced(t, e, action, "TargetGroupArn="+gone, "TargetGroupNotFound")
	}
	unbalanced(t, e, "ModifyTargetGroup", "TargetGroupArn="+group+"&HealthCheckTimeoutSeconds=121", "ValidationError")
	unbalanced(t, e, "DescribeTargetGroups", "Names.member.1=other", "TargetGroupNotFound")
	unbalanced(t, e, "DescribeTargetGroups", "Names.member.1=fleet&TargetGroupArns.member.1="+group, "ValidationError")
	unbalanced(t, e, "DescribeTargetGroups", "LoadBalancerArn="+strings.Replace(loadBalancer, "sensors", "other", 1), "LoadBalancerNotFound")
}

// attributesOf returns the attributes of a target group.
func attributesOf(t testing.TB, h http.Handler, group string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, a := range mustBalance(t, h, "DescribeTargetGroupAttributes", "TargetGroupArn="+group).all("Attributes/member") {
		all[a.text("Key")] = a.text("Value")
	}
	return all
}

func TestTargetGroup_attributes(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	datagrams := map[string]string{
		"deregistration_delay.timeout_seconds": "300", "stickiness.enabled": "false", "stickiness.type": "source_ip",
		"load_balancing.cross_zone.enabled":                   "use_load_balancer_configuration",
		"deregistration_delay.connection_termination.enabled": "true", "preserve_client_ip.enabled": "true", "proxy_protocol_v2.enabled": "false",
		"target_group_health.dns_failover.minimum_healthy_targets.count": "1", "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1", "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
		"target_health_state.unhealthy.connection_termination.enabled": "false", "target_health_state.unhealthy.draining_interval_seconds": "0",
	}
	streams := maps.Clone(datagrams)
	streams["deregistration_delay.connection_termination.enabled"], streams["preserve_client_ip.enabled"] = "false", "false"
	streams["target_health_state.unhealthy.connection_termination.enabled"] = "true"
	gateway := map[string]string{
		"deregistration_delay.timeout_seconds": "300", "stickiness.enabled": "false", "stickiness.type": "source_ip_dest_ip_proto",
		"target_failover.on_deregistration": "no_rebalance", "target_failover.on_unhealthy": "no_rebalance",
		"send_tcp_reset.on_unhealthy.enabled": "false", "send_tcp_reset.on_deregistration.enabled": "false",
	}
	groups := map[string]string{
		"udp": makeTargetGroup(t, e, "udp", udpGroup), "tcp": makeTargetGroup(t, e, "tcp", "Protocol=TCP&Port=80&TargetType=ip"), "gwy": makeTargetGroup(t, e, "gwy", geneveGroup),
	}
	for name, want := range map[string]map[string]string{"udp": datagrams, "tcp": streams, "gwy": gateway} {
		if got := attributesOf(t, e, groups[name]); !maps.Equal(got, want) {
			t.Errorf("the attributes of the group %s are\n%v\nwant\n%v", name, got, want)
		}
	}
	for _, test := range []struct{ group, attributes, code string }{
		{"udp", "load_balancing.cross_zone.enabled=true", ""},
		{"udp", "load_balancing.cross_zone.enabled=maybe", "ValidationError"},
		{"udp", "deregistration_delay.timeout_seconds=3601", "ValidationError"},
		{"udp", "deregistration_delay.timeout_seconds=-1", "ValidationError"},
		{"udp", "target_failover.on_unhealthy=rebalance", "ValidationError"},
		{"udp", "slow_start.duration_seconds=30", "ValidationError"},
		{"udp", "preserve_client_ip.enabled=false", "InvalidConfigurationRequest"},
		{"udp", "target_health_state.unhealthy.connection_termination.enabled=true", "InvalidConfigurationRequest"},
		{"tcp", "preserve_client_ip.enabled=true", ""},
		{"gwy", "load_balancing.cross_zone.enabled=true", "ValidationError"},
		{"gwy", "target_failover.on_unhealthy=rebalance", "InvalidConfigurationRequest"},
		{"gwy", "target_failover.on_unhealthy=rebalance,target_failover.on_deregistration=rebalance", ""},
		{"gwy", "stickiness.enabled=true,stickiness.type=source_ip_dest_ip", ""},
	} {
		parameters := "TargetGroupArn=" + groups[test.group]
		for i, pair := range strings.Split(test.attributes, ",") {
			key, value, _ := strings.Cut(pair, "=")
			n := strconv.Itoa(i + 1)
			parameters += "&Attributes.member." + n + ".Key=" + key + "&Attributes.member." + n + ".Value=" + value
		}
		unbalanced(t, e, "ModifyTargetGroupAttributes", parameters, test.code)
	}
	unbalanced(t, e, "ModifyTargetGroupAttributes", "TargetGroupArn="+groups["udp"], "ValidationError")
	datagrams["load_balancing.cross_zone.enabled"] = "true"
	if got := attributesOf(t, e, groups["udp"]); !maps.Equal(got, datagrams) {
		t.Errorf("after the changes the attributes are\n%v\nwant\n%v", got, datagrams)
	}
}
