package account_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The load balancers of fleetWorld and what belongs to them.
const (
	fleetARN   = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/fleet/00000000000000f1"
	gatewayARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/gwy/gate/00000000000000f2"
	missingARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/gone/00000000000000f3"
	foreignARN = "arn:aws:elasticloadbalancing:us-east-1:999999999999:loadbalancer/net/theirs/00000000000000f4"

	instancesARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/instances/00000000000000e1"
	addressesARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/addresses/00000000000000e2"
	geneveARN    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/geneve/00000000000000e3"

	gatewayEndpoint = "vpce-00000000000000001"
)

const fleetWorld = `{
  "vpcs": [{ "id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16" }],
  "subnets": [
    { "id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.1.0/24", "availability_zone": "us-east-1a" },
    { "id": "subnet-00000000000000002", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.2.0/24", "availability_zone": "us-east-1b" }
  ],
  "instances": [
    { "id": "i-00000000000000001", "instance_type": "m5.large", "state": "running" },
    { "id": "i-00000000000000002", "instance_type": "m5.large", "state": "running" }
  ],
  "network_interfaces": [
    { "id": "eni-00000000000000001", "subnet_id": "subnet-00000000000000001", "instance_id": "i-00000000000000001", "device_index": 0, "private_ip_address": "10.0.1.11" },
    { "id": "eni-00000000000000002", "subnet_id": "subnet-00000000000000002", "instance_id": "i-00000000000000002", "device_index": 0, "private_ip_address": "10.0.2.12" },
    { "id": "eni-00000000000000003", "subnet_id": "subnet-00000000000000001", "private_ip_address": "10.0.1.13" }
  ],
  "load_balancers": [
    {
      "arn": "` + gatewayARN + `", "name": "gate", "type": "gateway", "state": "active", "vpc_id": "vpc-00000000000000001", "ip_address_type": "ipv4", "cross_zone": false,
      "zones": [{ "availability_zone": "us-east-1a", "subnet_id": "subnet-00000000000000001", "network_interface_id": "eni-000000000000000a1", "ip_address": "10.0.1.201" }],
      "listeners": [{ "arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/gwy/gate/00000000000000f2/00000000000000d3", "target_groups": ["` + geneveARN + `"] }]
    },
    {
      "arn": "` + fleetARN + `", "name": "fleet", "type": "network", "scheme": "internal", "state": "active", "vpc_id": "vpc-00000000000000001", "ip_address_type": "ipv4", "cross_zone": true,
      "zones": [
        { "availability_zone": "us-east-1a", "subnet_id": "subnet-00000000000000001", "network_interface_id": "eni-000000000000000a2", "ip_address": "10.0.1.202" },
        { "availability_zone": "us-east-1b", "subnet_id": "subnet-00000000000000002", "network_interface_id": "eni-000000000000000a3", "ip_address": "10.0.2.202", "private_ipv4_address": "10.0.2.202", "ipv6_address": "2001:db8::202" }
      ],
      "listeners": [
        { "arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/net/fleet/00000000000000f1/00000000000000d1", "protocol": "UDP", "port": 4789, "target_groups": ["` + instancesARN + `"], "tags": { "for": "copies" } },
        { "arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/net/fleet/00000000000000f1/00000000000000d2", "protocol": "TCP", "port": 443, "target_groups": ["` + addressesARN + `"] }
      ],
      "attributes": { "deletion_protection.enabled": "true" }, "tags": { "team": "netsec" }
    }
  ],
  "target_groups": [
    {
      "arn": "` + instancesARN + `", "name": "instances", "protocol": "UDP", "port": 4789, "target_type": "instance", "vpc_id": "vpc-00000000000000001", "ip_address_type": "ipv4",
      "cross_zone": "use_load_balancer_configuration",
      "health_check": { "protocol": "TCP", "port": "80", "interval_seconds": 30, "timeout_seconds": 10, "healthy_threshold": 5, "unhealthy_threshold": 2 },
      "targets": [
        { "id": "i-00000000000000001", "ip_address": "10.0.1.11", "network_interface_id": "eni-00000000000000001", "availability_zone": "us-east-1a", "port": 4789, "health": "healthy" },
        { "id": "i-00000000000000002", "ip_address": "10.0.2.12", "network_interface_id": "eni-00000000000000002", "availability_zone": "us-east-1b", "port": 4789, "health": "unhealthy", "reason": "Target.FailedHealthChecks", "description": "Health checks failed" }
      ],
      "attributes": { "stickiness.enabled": "true" }, "tags": { "team": "netsec" }
    },
    {
      "arn": "` + addressesARN + `", "name": "addresses", "protocol": "TCP", "port": 443, "target_type": "ip", "vpc_id": "vpc-00000000000000001", "ip_address_type": "ipv4",
      "cross_zone": "use_load_balancer_configuration",
      "health_check": { "protocol": "TCP", "port": "traffic-port", "interval_seconds": 30, "timeout_seconds": 10, "healthy_threshold": 5, "unhealthy_threshold": 2 },
      "targets": [{ "id": "10.0.1.13", "ip_address": "10.0.1.13", "network_interface_id": "eni-00000000000000003", "availability_zone": "us-east-1a", "port": 443, "health": "healthy" }]
    },
    {
      "arn": "` + geneveARN + `", "name": "geneve", "protocol": "GENEVE", "port": 6081, "target_type": "instance", "vpc_id": "vpc-00000000000000001", "ip_address_type": "ipv4", "cross_zone": "use_load_balancer_configuration",
      "health_check": { "protocol": "TCP", "port": "80", "interval_seconds": 10, "timeout_seconds": 5, "healthy_threshold": 5, "unhealthy_threshold": 2 },
      "targets": [{ "id": "i-00000000000000001", "ip_address": "10.0.1.11", "network_interface_id": "eni-00000000000000001", "availability_zone": "us-east-1a", "port": 6081, "health": "healthy" }]
    }
  ],
  "vpc_endpoint_services": [{ "id": "vpce-svc-00000000000000001", "name": "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000001", "gateway_load_balancer_arns": ["` + gatewayARN + `"] }],
  "gateway_load_balancer_endpoints": [{
    "id": "` + gatewayEndpoint + `", "vpc_id": "vpc-00000000000000001", "subnet_id": "subnet-00000000000000001", "ip_address": "10.0.1.203",
    "service_name": "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000001"
  }]
}`

// newFleet returns a lab with fleetWorld, and the world.
func newFleet(t *testing.T) (*lab, *topology.File) {
	t.Helper()
	file := must(topology.Parse([]byte(fleetWorld)))(t)
	handler := must(emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file}))(t)
	return &lab{t: t, handler: handler, calls: map[string]int{}, options: account.Options{Clock: patientClock{}}}, file
}

// A patientClock is a machine's clock, by which the patience with Elastic Load Balancing has no end.
type patientClock struct{ account.SystemClock }

// AfterFunc implements account.Clock.
func (c patientClock) AfterFunc(d time.Duration, f func()) {
	if d != account.BalancingPatience {
		c.SystemClock.AfterFunc(d, f)
	}
}

// text returns a value as JSON, in which no tags and an empty map of tags are the same.
func text(t *testing.T, value any) string {
	t.Helper()
	return string(must(json.MarshalIndent(value, "", " "))(t))
}

// What a topology file has is read again by Elastic Load Balancing and EC2.
func TestBalancing_readsTopology(t *testing.T) {
	t.Parallel()
	l, file := newFleet(t)
	ctx := t.Context()
	a := l.open()
	balancers, groups := must(a.LoadBalancers(ctx))(t), must(a.TargetGroups(ctx))(t)
	sameLines(t, "load balancers", text(t, balancers), text(t, file.LoadBalancers))
	slices.SortFunc(file.TargetGroups, func(x, y mirror.TargetGroup) int { return cmpText(x.ARN, y.ARN) })
	sameLines(t, "target groups", text(t, groups), text(t, file.TargetGroups))
	one, none := must(a.LoadBalancers(ctx, fleetARN, missingARN))(t), must(a.LoadBalancers(ctx, missingARN))(t)
	if len(one) != 1 || one[0].ARN != fleetARN || len(none) != 0 {
		t.Errorf("of one that exists and one that does not: %+v; of the latter: %+v", one, none)
	}
	if some := must(a.TargetGroups(ctx, geneveARN))(t); len(some) != 1 || some[0].ARN != geneveARN {
		t.Errorf("of one target group: %+v", some)
	}
}

// sameLines reports the first lines in which two texts differ.
func sameLines(t *testing.T, of, got, want string) {
	t.Helper()
	lines, wanted := strings.Split(got, "\n"), strings.Split(want, "\n")
	for n := range min(len(lines), len(wanted)) {
		if lines[n] != wanted[n] {
			t.Errorf("%s, line %d: %s; want %s; all\n%s", of, n, lines[n], wanted[n], got)
			return
		}
	}
	if len(lines) != len(wanted) {
		t.Errorf("%s: %d lines, not %d", of, len(lines), len(wanted))
	}
}

func cmpText(x, y string) int {
	if x < y {
		return -1
	}
	return 1
}

// fleetTargets are targets of fleetWorld, one of which is shared.
func fleetTargets() []mirror.Target {
	return []mirror.Target{
		{LoadBalancerARN: fleetARN, OwnerID: topology.DefaultAccountID},
		{GatewayLoadBalancerEndpointID: gatewayEndpoint, OwnerID: topology.DefaultAccountID},
		{LoadBalancerARN: missingARN, OwnerID: topology.DefaultAccountID},
		{LoadBalancerARN: foreignARN, OwnerID: "999999999999"},
		{InterfaceID: "eni-00000000000000003", OwnerID: topology.DefaultAccountID},
		{InterfaceID: "eni-00000000000000001", OwnerID: topology.DefaultAccountID},
	}
}

func TestEndpoints_balancing(t *testing.T) {
	t.Parallel()
	l, _ := newFleet(t)
	all := must(l.open().Endpoints(t.Context(), topology.DefaultAccountID, fleetTargets()...))(t)
	fleet, gate, missing, foreign, alone, attached := all[0], all[1], all[2], all[3], all[4], all[5]
	if !reflect.DeepEqual(fleet.UDPListeners, []int{4789}) || fmt.Sprint(fleet.Appliances) != "[10.0.1.11]" || fleet.Gone || fleet.LoadBalancer == nil || len(fleet.TargetGroups) != 1 {
		t.Errorf("the Network Load Balancer: %+v", fleet)
	}
	if z := fleet.LoadBalancer.Zones; len(z) != 2 || z[1].InterfaceID != "eni-000000000000000a3" || z[1].Address.String() != "10.0.2.202" || !*fleet.LoadBalancer.CrossZone {
		t.Errorf("the zones of the Network Load Balancer: %+v", fleet.LoadBalancer)
	}
	if fmt.Sprint(gate.Appliances) != "[10.0.1.11]" || gate.UDPListeners != nil || gate.State != "available" || gate.LoadBalancer == nil || gate.LoadBalancer.ARN != gatewayARN {
		t.Errorf("the endpoint: %+v", gate)
	}
	if !missing.Gone || missing.LoadBalancer != nil || missing.UDPListeners != nil {
		t.Errorf("a load balancer that does not exist: %+v", missing)
	}
	if foreign.Gone || foreign.LoadBalancer != nil || foreign.UDPListeners != nil || foreign.Appliances != nil {
		t.Errorf("a load balancer of another account: %+v", foreign)
	}
	if alone.Down != "is attached to no instance now" || attached.Down != "" {
		t.Errorf("an interface without instance is down: %q; one with: %q", alone.Down, attached.Down)
	}
}

// refusesBalancing makes the lab refuse actions of Elastic Load Balancing.
func (l *lab) refusesBalancing(status int, code string, actions ...string) {
	l.set(func() {
		l.answers = func(form url.Values) (int, string) {
			if form.Get("Version") == "2015-12-01" && (len(actions) == 0 || slices.Contains(actions, form.Get("Action"))) {
				return status, "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>m</Message></Error></ErrorResponse>"
			}
			return 0, ""
		}
	})
}

// What the credentials may not read is unknown, and never none. A plan is refused once for each
// action, and not for each object.
func TestBalancing_denied(t *testing.T) {
	t.Parallel()
	type known struct{ ports, appliances, groups, zones bool }
	for action, want := range map[string]known{
		"DescribeLoadBalancers":          {},
		"DescribeListeners":              {zones: true},
		"DescribeTargetGroups":           {ports: true, zones: true},
		"DescribeTargetHealth":           {ports: true, groups: true, zones: true},
		"DescribeLoadBalancerAttributes": {ports: true, appliances: true, groups: true},
		"DescribeTargetGroupAttributes":  {ports: true, appliances: true, groups: true, zones: true},
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			l, _ := newFleet(t)
			ctx := t.Context()
			l.refusesBalancing(http.StatusForbidden, "AccessDenied", action)
			a := l.open().Fresh()
			var e mirror.Endpoint
			for range 3 {
				all := must(a.Endpoints(ctx, topology.DefaultAccountID, fleetTargets()[:2]...))(t)
				e = all[0]
			}
			got := known{e.UDPListeners != nil, e.Appliances != nil, e.TargetGroups != nil, e.LoadBalancer != nil && e.LoadBalancer.CrossZone != nil}
			if got != want || e.Gone {
				t.Errorf("known is %+v (gone: %v), want %+v", got, e.Gone, want)
			}
			if n := l.count(action); n != 1 {
				t.Errorf("%d calls that were refused, not 1", n)
			}
			_, errBalancers := a.LoadBalancers(ctx)
			_, errGroups := a.TargetGroups(ctx)
			if account.IsDenied(errBalancers) != (action == "DescribeLoadBalancers") || account.IsDenied(errGroups) != (action == "DescribeTargetGroups") {
				t.Errorf("load balancers: %v; target groups: %v", errBalancers, errGroups)
			}
		})
	}
}

// Tags and what EC2 does not show are unknown too.
func TestBalancing_deniedDetails(t *testing.T) {
	t.Parallel()
	l, _ := newFleet(t)
	ctx := t.Context()
	l.refusesBalancing(http.StatusForbidden, "AccessDenied", "DescribeTags")
	l.denies("DescribeInstances", "DescribeNetworkInterfaces")
	a := l.open().Fresh()
	balancers, groups := must(a.LoadBalancers(ctx, fleetARN))(t), must(a.TargetGroups(ctx, instancesARN, addressesARN))(t)
	if lb := balancers[0]; lb.Tags != nil || lb.Listeners[0].Tags != nil || len(lb.Listeners) != 2 || lb.Zones[0].Address.IsValid() || lb.Zones[0].SubnetID == "" {
		t.Errorf("the load balancer is %+v", lb)
	}
	for _, g := range groups {
		isAddress := g.ARN == addressesARN
		if target := g.Targets[0]; target.Address.IsValid() != isAddress || target.InterfaceID != "" || target.Health != "healthy" || g.Tags != nil {
			t.Errorf("the target group is %+v", g)
		}
	}
}

// Many sessions on one load balancer cost one set of calls in a plan, also when their reads come
// at the same time.
func TestEndpoint_fewCalls(t *testing.T) {
	t.Parallel()
	l, _ := newFleet(t)
	ctx := t.Context()
	a := l.open().Fresh()
	var readers sync.WaitGroup
	for range 1000 {
		readers.Go(func() {
			all, err := a.Endpoints(ctx, topology.DefaultAccountID, fleetTargets()[0])
			if err != nil || len(all[0].Appliances) != 1 {
				t.Errorf("%+v: %v", all, err)
			}
		})
	}
	readers.Wait()
	calls := maps.Clone(l.calls)
	for _, action := range []string{
		"DescribeLoadBalancers", "DescribeListeners", "DescribeLoadBalancerAttributes", "DescribeTargetGroups", "DescribeTargetHealth", "DescribeTargetGroupAttributes",
	} {
		if calls[action] != 1 {
			t.Errorf("%d calls of %s, not 1", calls[action], action)
		}
	}
	if n := l.total(); n > 10 {
		t.Errorf("%d calls for 1000 reads: %v", n, calls)
	}
}

// Without a load balancer behind a target, Elastic Load Balancing is not asked. The state of the
// instances that receive is in EC2.
func TestEndpoint_asksWhenNeeded(t *testing.T) {
	t.Parallel()
	l, _ := newFleet(t)
	targets := fleetTargets()
	must(l.open().Endpoints(t.Context(), topology.DefaultAccountID, targets[3], targets[4], targets[5]))(t)
	if calls := slices.Sorted(maps.Keys(l.calls)); !reflect.DeepEqual(calls, []string{"DescribeInstances", "DescribeNetworkInterfaces"}) {
		t.Errorf("calls %v", calls)
	}
}

// The endpoint of EC2 decides whether AWS is asked for load balancers.
func TestBalancing_endpoint(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ec2, balancing string
		want           string // the host that is asked; empty: nobody
	}{
		"AWS":                              {want: "elasticloadbalancing.us-east-1.amazonaws.com"},
		"another EC2":                      {ec2: "http://localhost:4566"},
		"another EC2, both endpoints":      {ec2: "http://localhost:4566", balancing: "http://localhost:4567", want: "localhost:4567"},
		"a VPC endpoint for EC2":           {ec2: "https://vpce-1.ec2.us-east-1.vpce.amazonaws.com", want: "elasticloadbalancing.us-east-1.amazonaws.com"},
		"an endpoint for load balancers":   {balancing: "http://localhost:4567", want: "localhost:4567"},
		"an EC2 whose URL is not readable": {ec2: "http://%zz"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := ""
			config := configOf("")
			config.BaseEndpoint = nil
			config.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				asked = r.URL.Host
				return nil, errors.New("no network")
			})}
			_, err := account.New(config, account.Options{Endpoint: test.ec2, BalancingEndpoint: test.balancing}).LoadBalancers(t.Context())
			if asked != test.want || account.IsDenied(err) != (test.want == "") || err == nil {
				t.Errorf("asked %q, want %q: %v", asked, test.want, err)
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// An outage of Elastic Load Balancing is an error for those who need it. For the endpoint of a
// target, it makes facts unknown, and is met once in a plan.
func TestBalancing_outage(t *testing.T) {
	t.Parallel()
	l, _ := newFleet(t)
	ctx := t.Context()
	l.refusesBalancing(http.StatusServiceUnavailable, "ServiceUnavailable")
	a := l.open().Fresh()
	for range 3 {
		e := must(a.Endpoints(ctx, topology.DefaultAccountID, fleetTargets()...))(t)
		if e[0].Gone || e[0].UDPListeners != nil || e[0].Appliances != nil || !e[2].Gone {
			t.Errorf("endpoints without Elastic Load Balancing: %+v", e)
		}
	}
	if n := l.count("DescribeLoadBalancers"); n != 1 {
		t.Errorf("%d calls, not 1", n)
	}
	for n := range 2 {
		if _, err := a.LoadBalancers(ctx); err == nil || account.IsDenied(err) {
			t.Errorf("load balancers, read %d: %v", n, err)
		}
	}
	if n := l.count("DescribeLoadBalancers"); n != 2 {
		t.Errorf("%d calls of those who need the answer, not 2", n)
	}
}

// A refusal makes facts unknown, and is met once in a plan. That an object is not there is asked
// for again.
func TestBalancing_refused(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{"ValidationError": 1, "InvalidAction": 1, "OptInRequired": 1, "SignatureDoesNotMatch": 1, "LoadBalancerNotFound": 5} {
		l, _ := newFleet(t)
		l.refusesBalancing(http.StatusBadRequest, code, "DescribeLoadBalancers")
		a := l.open().Fresh()
		for range 5 {
			if e := must(a.Endpoints(t.Context(), topology.DefaultAccountID, fleetTargets()[0]))(t)[0]; e.Gone || e.UDPListeners != nil {
				t.Errorf("%s: %+v", code, e)
			}
		}
		if n := l.count("DescribeLoadBalancers"); n != want {
			t.Errorf("%s: %d calls for 5 reads, not %d", code, n, want)
		}
	}
}

// applying returns an account that has changed something, and its lab.
func applying(t *testing.T) (*account.Account, *lab) {
	t.Helper()
	l, _ := newFleet(t)
	a := l.open()
	must(a.CreateFilter(t.Context(), "", nil, account.NewToken()))(t)
	return a, l
}

// An apply meets an outage and a refusal once, and not at each session. A read of Live does too.
func TestBalancing_applyGivesUpOnce(t *testing.T) {
	t.Parallel()
	for code, status := range map[string]int{"ServiceUnavailable": 503, "Throttling": 400, "AccessDenied": 403, "ValidationError": 400} {
		a, l := applying(t)
		l.refusesBalancing(status, code)
		for range 5 {
			must(a.Endpoints(t.Context(), topology.DefaultAccountID, fleetTargets()[0]))(t)
			must(a.Live().Endpoints(t.Context(), topology.DefaultAccountID, fleetTargets()[0]))(t)
		}
		if n := l.count("DescribeLoadBalancers"); n != 1 {
			t.Errorf("%s: %d calls for 10 reads, not 1", code, n)
		}
	}
}

// An onceClock is a machine's clock, by which the patience of a call ends as soon as it begins.
type onceClock struct {
	account.SystemClock
	patience atomic.Int32
}

// AfterFunc implements account.Clock.
func (c *onceClock) AfterFunc(d time.Duration, f func()) {
	if d == account.BalancingPatience {
		c.patience.Add(1)
		d = 0
	}
	c.SystemClock.AfterFunc(d, f)
}

// An Elastic Load Balancing that never answers costs an apply one patience, and not one for each
// session.
func TestBalancing_applyHangs(t *testing.T) {
	t.Parallel()
	l, _ := newFleet(t)
	clock := &onceClock{}
	config := configOf("http://ec2.emulator.invalid")
	transport := emulator.Transport(l)
	config.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		body := must(io.ReadAll(r.Body))(t)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if strings.Contains(string(body), "Version=2015-12-01") {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return transport.RoundTrip(r)
	})}
	a := account.New(config, account.Options{Clock: clock, AccountID: topology.DefaultAccountID, BalancingEndpoint: "http://ec2.emulator.invalid"})
	must(a.CreateFilter(t.Context(), "", nil, account.NewToken()))(t)
	var readers sync.WaitGroup
	for range 100 {
		readers.Go(func() {
			if all, err := a.Endpoints(t.Context(), topology.DefaultAccountID, fleetTargets()[0]); err != nil || all[0].UDPListeners != nil {
				t.Errorf("%+v: %v", all, err)
			}
		})
	}
	readers.Wait()
	if n := clock.patience.Load(); n != 1 {
		t.Errorf("100 reads waited for %d calls, not for 1", n)
	}
}

// In an apply, reads that wait at the same time share the next call. A read never gets an answer
// from before it: it sees a listener that was created earlier in this apply.
func TestBalancing_applyShares(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, l := applying(t)
		goOn := make(chan struct{})
		var isBegun atomic.Bool
		l.set(func() {
			l.answers = func(form url.Values) (int, string) {
				if form.Get("Action") == "DescribeLoadBalancers" && !isBegun.Swap(true) {
					<-goOn
				}
				return 0, ""
			}
		})
		read := func() {
			if all, err := a.Endpoints(t.Context(), topology.DefaultAccountID, fleetTargets()[0]); err != nil || len(all[0].Appliances) != 1 {
				t.Errorf("%+v: %v", all, err)
			}
		}
		var readers sync.WaitGroup
		readers.Go(read)
		synctest.Wait() // the first call has begun
		for range 100 {
			readers.Go(read)
		}
		synctest.Wait() // all others wait for the next one
		close(goOn)
		readers.Wait()
		if n := l.count("DescribeLoadBalancers"); n != 2 {
			t.Errorf("%d calls for a read and 100 that came later, not 2", n)
		}
		l.count("DescribeListeners")
		read()
		if n := l.count("DescribeListeners"); n != 1 {
			t.Errorf("%d calls for a later read, not 1", n)
		}
	})
}

// Unknown targets of the group that gets the copies stay unknown: neither the targets of another
// listener nor those of the embedded AWS take their place.
func TestEndpoint_unknownTargets(t *testing.T) {
	t.Parallel()
	file := must(topology.Parse([]byte(fleetWorld)))(t)
	file.TargetGroups[0].Targets = nil // of the listener for copies
	handler := must(emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file}))(t)
	l := &lab{t: t, handler: handler, calls: map[string]int{}, options: account.Options{TargetFacts: emulator.TargetFacts(handler), Clock: patientClock{}}}
	got := must(l.open().Endpoints(t.Context(), topology.DefaultAccountID, fleetTargets()[0]))(t)[0]
	if got.Appliances != nil || len(got.TargetGroups) != 1 || !slices.Equal(got.UDPListeners, []int{4789}) {
		t.Errorf("the endpoint: %+v", got)
	}
}
