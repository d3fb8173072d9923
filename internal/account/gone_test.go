package account_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

const listenerOfFleet = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/net/fleet/00000000000000f1/00000000000000d1"

// loses makes the lab answer an action about an object as if it had been deleted after it was listed.
func (l *lab) loses(action, code, id string) {
	l.set(func() {
		l.answers = func(form url.Values) (int, string) {
			isAbout := slices.ContainsFunc(slices.Collect(maps.Values(form)), func(values []string) bool { return slices.Contains(values, id) })
			if form.Get("Action") != action || !isAbout {
				return 0, ""
			}
			return http.StatusBadRequest, "<Response><Errors><Error><Code>" + code + "</Code><Message>gone</Message></Error></Errors>" +
				"<Error><Type>Sender</Type><Code>" + code + "</Code><Message>One or more are not found</Message></Error></Response>"
		}
	})
}

// An object that is deleted while it is read is not there, and all others are known as before.
func TestBalancing_goneWhileRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ action, code, arn string }{
		{"DescribeListeners", "LoadBalancerNotFound", gatewayARN},
		{"DescribeLoadBalancerAttributes", "LoadBalancerNotFound", fleetARN},
		{"DescribeLoadBalancerAttributes", "LoadBalancerNotFound", gatewayARN},
		{"DescribeTags", "LoadBalancerNotFound", gatewayARN},
		{"DescribeTags", "ListenerNotFound", listenerOfFleet},
		{"DescribeListenerAttributes", "ListenerNotFound", listenerOfFleet},
		{"DescribeTargetHealth", "TargetGroupNotFound", addressesARN},
		{"DescribeTargetHealth", "TargetGroupNotFound", instancesARN},
		{"DescribeTargetGroupAttributes", "TargetGroupNotFound", addressesARN},
		{"DescribeTags", "TargetGroupNotFound", geneveARN},
	} {
		l, file := newFleet(t)
		l.loses(test.action, test.code, test.arn)
		a := l.open()
		balancers, groups := must(a.LoadBalancers(t.Context()))(t), must(a.TargetGroups(t.Context()))(t)
		wanted := slices.DeleteFunc(file.LoadBalancers, func(lb mirror.LoadBalancer) bool { return lb.ARN == test.arn })
		for i, lb := range wanted {
			wanted[i].Listeners = slices.DeleteFunc(lb.Listeners, func(l mirror.Listener) bool { return l.ARN == test.arn })
		}
		slices.SortFunc(file.TargetGroups, func(x, y mirror.TargetGroup) int { return cmpText(x.ARN, y.ARN) })
		wantedGroups := slices.DeleteFunc(file.TargetGroups, func(g mirror.TargetGroup) bool { return g.ARN == test.arn })
		sameLines(t, test.action+" without "+test.arn+": load balancers", text(t, balancers), text(t, wanted))
		sameLines(t, test.action+" without "+test.arn+": target groups", text(t, groups), text(t, wantedGroups))
		for _, g := range groups {
			if g.Tags == nil || g.Targets == nil {
				t.Errorf("%s without %s: the tags or targets of %s are unknown", test.action, test.arn, g.ARN)
			}
		}
		for _, lb := range balancers {
			if lb.Tags == nil || lb.Listeners == nil || lb.CrossZone == nil {
				t.Errorf("%s without %s: a part of %s is unknown", test.action, test.arn, lb.ARN)
			}
		}
	}
}

// A load balancer that Elastic Load Balancing lists and does not find may be there soon: what receives
// copies behind a target is unknown, and not gone. The others are known.
func TestEndpoints_notFoundYet(t *testing.T) {
	t.Parallel()
	l, _ := newFleet(t)
	l.loses("DescribeListeners", "LoadBalancerNotFound", gatewayARN)
	all := must(l.open().Endpoints(t.Context(), "123456789012", fleetTargets()[:2]...))(t)
	if len(all[0].Appliances) != 1 || all[1].Gone || all[1].Appliances != nil {
		t.Errorf("got %+v", all)
	}
}

// An endpoint service that is deleted while its principals are read is not there.
func TestEndpointServices_goneWhileRead(t *testing.T) {
	t.Parallel()
	l, _ := newFleet(t)
	l.loses("DescribeVpcEndpointServicePermissions", "InvalidVpcEndpointServiceId.NotFound", "vpce-svc-00000000000000001")
	if all := must(l.open().EndpointServices(t.Context()))(t); len(all) != 0 {
		t.Errorf("got %+v", all)
	}
}

// EC2 writes the states of endpoints and of their services in several ways. They are read as one.
func TestEndpoints_states(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ written, endpoint, service string }{
		{"PendingAcceptance", "pendingAcceptance", "PendingAcceptance"}, // no state of a service
		{"pendingAcceptance", "pendingAcceptance", "pendingAcceptance"},
		{"pendingacceptance", "pendingAcceptance", "pendingacceptance"},
		{"Available", "available", "Available"},
		{"available", "available", "Available"},
		{"FAILED", "failed", "Failed"},
		{"Other", "Other", "Other"}, // one that is not known
	} {
		l, _ := newFleet(t)
		l.set(func() {
			l.answers = func(form url.Values) (int, string) {
				switch form.Get("Action") {
				case "DescribeVpcEndpoints":
					return http.StatusOK, "<DescribeVpcEndpointsResponse><vpcEndpointSet><item><vpcEndpointId>" + gatewayEndpoint + "</vpcEndpointId><state>" + test.written + "</state></item></vpcEndpointSet></DescribeVpcEndpointsResponse>"
				case "DescribeVpcEndpointServiceConfigurations":
					return http.StatusOK, "<DescribeVpcEndpointServiceConfigurationsResponse><serviceConfigurationSet><item><serviceId>vpce-svc-00000000000000001</serviceId><serviceState>" + test.written +
						"</serviceState></item></serviceConfigurationSet></DescribeVpcEndpointServiceConfigurationsResponse>"
				}
				return 0, ""
			}
		})
		a := l.open()
		endpoints, services := must(a.VPCEndpoints(t.Context()))(t), must(a.EndpointServices(t.Context()))(t)
		one := must(a.Endpoint(t.Context(), mirror.Target{GatewayLoadBalancerEndpointID: gatewayEndpoint}))(t)
		if endpoints[0].State != test.endpoint || one.State != test.endpoint || services[0].State != test.service {
			t.Errorf("%s is read as %s and %s, and of a service as %s", test.written, endpoints[0].State, one.State, services[0].State)
		}
	}
}

// A target group with the weight 0 gets nothing, also if it is the only one.
func TestLoadBalancers_weights(t *testing.T) {
	t.Parallel()
	const single = "<TargetGroupArn>" + instancesARN + "</TargetGroupArn>"
	weighted := func(weight string) string {
		return "<ForwardConfig><TargetGroups><member>" + single + "<Weight>" + weight + "</Weight></member></TargetGroups></ForwardConfig>"
	}
	for action, want := range map[string]int{
		single:                      1,
		single + weighted("1"):      1,
		single + weighted("0"):      0,
		weighted("0"):               0,
		single + "<ForwardConfig/>": 1,
	} {
		l, _ := newFleet(t)
		l.set(func() {
			l.answers = func(form url.Values) (int, string) {
				if form.Get("Action") != "DescribeListeners" {
					return 0, ""
				}
				return http.StatusOK, "<DescribeListenersResponse><DescribeListenersResult><Listeners><member><ListenerArn>" + listenerOfFleet + "</ListenerArn><Protocol>UDP</Protocol><Port>4789</Port><DefaultActions><member><Type>forward</Type>" +
					action + "</member></DefaultActions></member></Listeners></DescribeListenersResult></DescribeListenersResponse>"
			}
		})
		all := must(l.open().LoadBalancers(t.Context(), fleetARN))(t)
		if got := all[0].Listeners[0].TargetGroups; len(got) != want {
			t.Errorf("%s: the target groups are %v", action, got)
		}
	}
}
