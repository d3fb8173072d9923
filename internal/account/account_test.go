package account_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const (
	eni      = "eni-00000000000000001" // in the subnet, on the instance
	eniAlone = "eni-00000000000000002" // in nothing
	eniIPv6  = "eni-00000000000000003"
	subnet   = "subnet-00000000000000001"
	subnet6  = "subnet-00000000000000002"
	instance = "i-00000000000000001"
	sensors  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
	others   = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/others/0123456789abcdef"
	gateway  = "vpce-00000000000000001"
)

const world = `{
  "vpcs": [
    { "id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16" }
  ],
  "subnets": [
    { "id": "` + subnet + `", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.1.0/24" },
    { "id": "` + subnet6 + `", "vpc_id": "vpc-00000000000000001", "ipv6_cidr_block": "2001:db8::/64", "ipv6_native": true }
  ],
  "instances": [{ "id": "` + instance + `", "instance_type": "m5.large" }],
  "network_interfaces": [
    { "id": "` + eni + `", "subnet_id": "` + subnet + `", "instance_id": "` + instance + `", "mac_address": "02:00:00:00:00:01", "private_ip_address": "10.0.1.11", "tags": { "a": "b" } },
    { "id": "` + eniAlone + `", "private_ip_address": "192.0.2.1" },
    { "id": "` + eniIPv6 + `", "subnet_id": "` + subnet6 + `", "ipv6_addresses": ["2001:db8::3"] }
  ],
  "network_load_balancers": [{ "arn": "` + sensors + `", "subnet_id": "` + subnet + `", "ip_address": "10.0.1.201", "udp_listeners": [4789] }],
  "gateway_load_balancer_endpoints": [{ "id": "` + gateway + `", "vpc_id": "vpc-00000000000000001", "subnet_id": "` + subnet + `", "ip_address": "10.0.1.202" }]
}`

// A failure is what a server answers to an action instead of the truth.
type failure struct {
	action string // "" for none
	status int
	body   string
}

func refusal(action string, status int, code string) failure {
	return failure{action, status, fmt.Sprintf(`<Response><Errors><Error><Code>%s</Code><Message>m</Message></Error></Errors><RequestID>r</RequestID></Response>`, code)}
}

// empty is an answer without an object in it.
func empty(action string) failure {
	return failure{action, http.StatusOK, fmt.Sprintf(`<%sResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId></%[1]sResponse>`, action)}
}

// serve returns an account in the world, and a client that changes it.
func serve(t *testing.T, f failure) (*account.Account, *ec2.Client) {
	t.Helper()
	file, err := topology.Parse([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		form, err := url.ParseQuery(string(body))
		switch {
		case err != nil:
			t.Error(err)
		case form.Get("Action") == f.action:
			w.WriteHeader(f.status)
			fmt.Fprint(w, f.body)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	config := configOf(server.URL)
	return account.New(config, account.Options{}), ec2.NewFromConfig(config)
}

// configOf returns what a client of an endpoint needs. It tries each call once.
func configOf(url string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(url), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// A reader reads one object by its ID.
type reader struct {
	kind   mirror.Kind
	action string
	code   string // with which EC2 says that it is not there
	id     string // of one that is not there
	read   func(context.Context, *account.Account, string) (any, error)
}

func reading[T any](read func(*account.Account, context.Context, string) (T, error)) func(context.Context, *account.Account, string) (any, error) {
	return func(ctx context.Context, a *account.Account, id string) (any, error) { return read(a, ctx, id) }
}

var readers = map[string]reader{
	"target":    {mirror.KindTarget, "DescribeTrafficMirrorTargets", "InvalidTrafficMirrorTargetId.NotFound", "tmt-00000000000000099", reading((*account.Account).Target)},
	"filter":    {mirror.KindFilter, "DescribeTrafficMirrorFilters", "InvalidTrafficMirrorFilterId.NotFound", "tmf-00000000000000099", reading((*account.Account).Filter)},
	"rule":      {mirror.KindFilterRule, "DescribeTrafficMirrorFilterRules", "InvalidTrafficMirrorFilterRuleId.NotFound", "tmfr-00000000000000099", reading((*account.Account).Rule)},
	"session":   {mirror.KindSession, "DescribeTrafficMirrorSessions", "InvalidTrafficMirrorSessionId.NotFound", "tms-00000000000000099", reading((*account.Account).Session)},
	"interface": {mirror.KindInterface, "DescribeNetworkInterfaces", "InvalidNetworkInterfaceID.NotFound", "eni-00000000000000099", reading((*account.Account).Interface)},
	"subnet":    {mirror.KindSubnet, "DescribeSubnets", "InvalidSubnetID.NotFound", "subnet-00000000000000099", reading((*account.Account).Subnet)},
	"instance":  {mirror.KindInstance, "DescribeInstances", "InvalidInstanceID.NotFound", "i-00000000000000099", reading((*account.Account).Instance)},
	"resolver":  {mirror.KindInterface, "DescribeNetworkInterfaces", "InvalidNetworkInterfaceID.NotFound", "eni-00000000000000099", reading((*account.Account).Resolver)},
}

// An object is absent when EC2 says so, in either way, and never because of an
// error.
func TestAbsence(t *testing.T) {
	t.Parallel()
	for name, r := range readers {
		for answer, c := range map[string]struct {
			failure
			absent bool
		}{
			"by code":       {failure{}, true}, // the emulator's answer
			"by that code":  {refusal(r.action, http.StatusBadRequest, r.code), true},
			"by leaving it": {empty(r.action), true},
			"denied":        {refusal(r.action, http.StatusForbidden, "UnauthorizedOperation"), false},
			"throttled":     {refusal(r.action, http.StatusServiceUnavailable, "RequestLimitExceeded"), false},
			"broken":        {refusal(r.action, http.StatusInternalServerError, "InternalError"), false},
			"not XML":       {failure{r.action, http.StatusOK, "<html>"}, false},
			"a 404 page":    {failure{r.action, http.StatusNotFound, "not found"}, false},
			"malformed ID":  {refusal(r.action, http.StatusBadRequest, "InvalidNetworkInterfaceId.Malformed"), false},
		} {
			t.Run(name+" "+answer, func(t *testing.T) {
				t.Parallel()
				a, _ := serve(t, c.failure)
				_, err := r.read(t.Context(), a, r.id)
				kind, absent := account.NotFound(err)
				if err == nil || absent != c.absent || absent && kind != r.kind {
					t.Errorf("got %v, absent: %v %v; want an error, absent: %v %v", err, absent, kind, c.absent, r.kind)
				}
			})
		}
	}
}

// A listing that fails, also on a later page, is an error and no part of it.
func TestListing_fails(t *testing.T) {
	t.Parallel()
	for action, list := range map[string]func(context.Context, *account.Account) (int, error){
		"DescribeTrafficMirrorTargets": func(ctx context.Context, a *account.Account) (int, error) {
			all, err := a.Targets(ctx)
			return len(all), err
		},
		"DescribeTrafficMirrorFilters": func(ctx context.Context, a *account.Account) (int, error) {
			all, err := a.Filters(ctx)
			return len(all), err
		},
		"DescribeTrafficMirrorSessions": func(ctx context.Context, a *account.Account) (int, error) {
			all, err := a.Sessions(ctx)
			return len(all), err
		},
		"DescribeNetworkInterfaces": func(ctx context.Context, a *account.Account) (int, error) {
			all, err := a.Interfaces(ctx)
			return len(all), err
		},
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			// The first page is empty and says that there is another, which fails.
			pages := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if pages++; pages > 1 {
					w.WriteHeader(http.StatusForbidden)
					fmt.Fprint(w, refusal("", 0, "UnauthorizedOperation").body)
					return
				}
				fmt.Fprintf(w, `<%sResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><nextToken>x</nextToken></%[1]sResponse>`, action)
			}))
			t.Cleanup(server.Close)
			a := account.New(configOf(server.URL), account.Options{})
			if n, err := list(t.Context(), a); err == nil || account.IsNotFound(err) || n != 0 {
				t.Errorf("got %d objects and %v, want an error", n, err)
			}
		})
	}
}

func TestObjects(t *testing.T) {
	t.Parallel()
	a, client := serve(t, failure{})
	ctx := t.Context()
	filter, err := client.CreateTrafficMirrorFilter(ctx, &ec2.CreateTrafficMirrorFilterInput{Description: aws.String("d")})
	if err != nil {
		t.Fatal(err)
	}
	filterID := *filter.TrafficMirrorFilter.TrafficMirrorFilterId
	for _, direction := range []types.TrafficDirection{types.TrafficDirectionEgress, types.TrafficDirectionIngress} {
		_, err := client.CreateTrafficMirrorFilterRule(ctx, &ec2.CreateTrafficMirrorFilterRuleInput{
			TrafficMirrorFilterId: &filterID, TrafficDirection: direction, RuleNumber: aws.Int32(1), RuleAction: "accept", Protocol: aws.Int32(6),
			SourceCidrBlock: aws.String("0.0.0.0/0"), DestinationCidrBlock: aws.String("0.0.0.0/0"),
			DestinationPortRange: &types.TrafficMirrorPortRangeRequest{FromPort: aws.Int32(22), ToPort: aws.Int32(23)},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	target, err := client.CreateTrafficMirrorTarget(ctx, &ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: aws.String(eniAlone)})
	if err != nil {
		t.Fatal(err)
	}
	targetID := *target.TrafficMirrorTarget.TrafficMirrorTargetId
	for _, n := range []int32{3, 1, 2} {
		_, err := client.CreateTrafficMirrorSession(ctx, &ec2.CreateTrafficMirrorSessionInput{
			NetworkInterfaceId: aws.String(eni), TrafficMirrorTargetId: &targetID, TrafficMirrorFilterId: &filterID, SessionNumber: aws.Int32(n),
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	found, err := a.Filter(ctx, filterID)
	if err != nil || found.Noun.Description != "d" || len(found.Noun.InDirection(mirror.Ingress)) != 1 || len(found.Noun.InDirection(mirror.Egress)) != 1 {
		t.Errorf("Filter: %+v, %v", found, err)
	}
	rule, err := a.Rule(ctx, found.Noun.Rules[0].ID)
	if err != nil || rule.Noun.FilterID != filterID || rule.Noun.Protocol == nil || *rule.Noun.Protocol != 6 || *rule.Noun.DestinationPorts != (mirror.PortRange{From: 22, To: 23}) {
		t.Errorf("Rule: %+v, %v", rule, err)
	}
	sessions, err := a.Sessions(ctx, account.OnInterface(eni))
	numbers := []int{}
	for _, s := range sessions {
		numbers = append(numbers, s.Number)
	}
	if err != nil || !slices.Equal(numbers, []int{1, 2, 3}) {
		t.Errorf("Sessions: %v, %v; want them in the order in which they are tried", numbers, err)
	}
	none, err := a.Sessions(ctx, account.OnInterface(eniIPv6))
	if err != nil || none != nil {
		t.Errorf("Sessions of another interface: %v, %v", none, err)
	}
}

func TestSurroundings(t *testing.T) {
	t.Parallel()
	a, _ := serve(t, failure{})
	ctx := t.Context()
	i, err := a.Interface(ctx, eni)
	if err != nil || i.SubnetID != subnet || i.InstanceID != instance || i.Type != mirror.OrdinaryInterface || i.OwnerID != topology.DefaultAccountID ||
		i.MACAddress.String() != "02:00:00:00:00:01" || i.PrivateIPAddress.String() != "10.0.1.11" || i.Tags["a"] != "b" {
		t.Errorf("Interface: %+v, %v", i, err)
	}
	if got, err := a.Instance(ctx, instance); got.Type != "m5.large" || got.State != "running" || err != nil {
		t.Errorf("Instance: %+v, %v", got, err)
	}
	if got, err := a.VPCEndpoint(ctx, gateway); got.Type != account.GatewayEndpointType || got.State != "available" || err != nil {
		t.Errorf("VPCEndpoint: %+v, %v", got, err)
	}
	for id, want := range map[string]account.Subnet{subnet: {OwnerID: topology.DefaultAccountID}, subnet6: {OwnerID: topology.DefaultAccountID, IPv6Only: true, HasIPv6: true}} {
		if got, err := a.Subnet(ctx, id); got.ID != id || got.OwnerID != want.OwnerID || got.IPv6Only != want.IPv6Only || got.HasIPv6 != want.HasIPv6 || err != nil {
			t.Errorf("Subnet(%s): %+v, %v", id, got, err)
		}
	}
}

// The resolver is the second address of the VPC, and unknown outside of one.
func TestResolver(t *testing.T) {
	t.Parallel()
	a, _ := serve(t, failure{})
	for id, want := range map[string]string{eni: "10.0.0.2", eniIPv6: "10.0.0.2", eniAlone: "invalid IP"} {
		if got, err := a.Resolver(t.Context(), id); got.String() != want || err != nil {
			t.Errorf("Resolver(%s): %s, %v; want %s", id, got, err, want)
		}
	}
}

func TestResolver_fails(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]failure{
		"the VPC cannot be read":  refusal("DescribeVpcs", http.StatusForbidden, "UnauthorizedOperation"),
		"the VPC is gone":         refusal("DescribeVpcs", http.StatusBadRequest, "InvalidVpcID.NotFound"),
		"the VPC is left out":     empty("DescribeVpcs"),
		"its block is unreadable": {"DescribeVpcs", http.StatusOK, `<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpcSet><item><vpcId>vpc-00000000000000001</vpcId><cidrBlock>ten</cidrBlock></item></vpcSet></DescribeVpcsResponse>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := serve(t, f)
			if got, err := a.Resolver(t.Context(), eni); err == nil || got.IsValid() {
				t.Errorf("got %s, %v; want an error", got, err)
			}
		})
	}
}

// A target whose backing is gone is Gone; one whose backing cannot be read is an
// error.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	onInterface, onBalancer, onGateway := mirror.Target{InterfaceID: eni}, mirror.Target{LoadBalancerARN: sensors}, mirror.Target{GatewayLoadBalancerEndpointID: gateway}
	for name, c := range map[string]struct {
		failure
		target mirror.Target
		want   mirror.Endpoint
		fails  bool
	}{
		"interface":            {failure{}, onInterface, endpoint(mirror.NetworkInterface, "10.0.1.11"), false},
		"IPv6 interface":       {failure{}, mirror.Target{InterfaceID: eniIPv6}, endpoint(mirror.NetworkInterface, "2001:db8::3"), false},
		"load balancer":        {failure{}, onBalancer, endpoint(mirror.NetworkLoadBalancer, "10.0.1.201"), false},
		"endpoint":             {failure{}, onGateway, endpoint(mirror.GatewayLoadBalancerEndpoint, "10.0.1.202"), false},
		"interface gone":       {failure{}, mirror.Target{InterfaceID: "eni-00000000000000099"}, mirror.Endpoint{Type: mirror.NetworkInterface, Gone: true}, false},
		"load balancer gone":   {failure{}, mirror.Target{LoadBalancerARN: others}, mirror.Endpoint{Type: mirror.NetworkLoadBalancer, Gone: true}, false},
		"endpoint gone":        {failure{}, mirror.Target{GatewayLoadBalancerEndpointID: "vpce-00000000000000099"}, mirror.Endpoint{Type: mirror.GatewayLoadBalancerEndpoint, Gone: true}, false},
		"interface denied":     {refusal("DescribeNetworkInterfaces", http.StatusForbidden, "UnauthorizedOperation"), onInterface, mirror.Endpoint{}, true},
		"load balancer denied": {refusal("DescribeNetworkInterfaces", http.StatusForbidden, "UnauthorizedOperation"), onBalancer, mirror.Endpoint{}, true},
		"endpoint denied":      {refusal("DescribeVpcEndpoints", http.StatusForbidden, "UnauthorizedOperation"), onGateway, mirror.Endpoint{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := serve(t, c.failure)
			got, err := a.Endpoint(t.Context(), c.target)
			switch {
			case c.fails && (err == nil || got.Gone):
				t.Errorf("got %+v, %v; want an error", got, err)
			case !c.fails && (err != nil || got.Type != c.want.Type || got.Address != c.want.Address || got.Gone != c.want.Gone):
				t.Errorf("got %+v, %v; want %+v", got, err, c.want)
			}
		})
	}
}

func endpoint(kind mirror.TargetType, address string) mirror.Endpoint {
	return mirror.Endpoint{Type: kind, Address: netip.MustParseAddr(address)}
}
