package provider_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	ec2account "github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Objects of the topology of handmade beside those of testTopology. The second source is in
// another VPC, and its instance is stopped.
const (
	firstVPC, secondVPC = "vpc-00000000000000001", "vpc-00000000000000002"
	handmadeTopology    = `{
  "vpcs": [{ "id": "` + secondVPC + `", "cidr_block": "10.2.0.0/16" }, `
	handmadeInterface = `"network_interfaces": [
    { "id": "` + stoppedSource + `", "subnet_id": "subnet-00000000000000002", "instance_id": "i-00000000000000003", "private_ip_address": "10.2.1.11" },`
	stoppedSource = "eni-00000000000000031"
	sharedTarget  = "tmt-0000000000000000f"
)

// handmade is an account with objects that were made outside of Terraform.
type handmade struct {
	*account
	ec2 *ec2account.Account

	target, loadBalanced, unusedTarget string
	filter, services, unusedFilter     string
	rule, reject, udp                  string
	session, shared, stopped           string
}

// newHandmade returns an account with sessions on two interfaces in two VPCs:
//
//	session  source         target        filter    tags team=netsec and managed
//	shared   source         sharedTarget  services  the tag Name
//	stopped  stoppedSource  loadBalanced  filter    without tags
func newHandmade(t testing.TB) *handmade {
	t.Helper()
	h := &handmade{account: newAccount(t)}
	text := strings.NewReplacer(
		"{\n  \"vpcs\": [", `{ "shared_targets": [{ "id": "`+sharedTarget+`", "owner_id": "210987654321", "network_interface_id": "eni-000000000000000ff" }], "vpcs": [{ "id": "`+secondVPC+`", "cidr_block": "10.2.0.0/16" }, `,
		`"subnets": [`, `"subnets": [{ "id": "subnet-00000000000000002", "vpc_id": "`+secondVPC+`", "cidr_block": "10.2.1.0/24", "availability_zone": "us-east-1a" }, `,
		`"instances": [`, `"instances": [{ "id": "i-00000000000000003", "instance_type": "m5.large", "state": "stopped" }, `,
		`"network_interfaces": [`, handmadeInterface,
	).Replace(testTopology)
	h.setTopology(t, text)
	h.connect(t)
	h.make(t)
	return h
}

func (h *handmade) connect(t testing.TB) {
	t.Helper()
	file, err := topology.Load(t.Context(), h.path("topology.json"))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := emulator.New(emulator.Options{Path: h.path("ec2.db"), Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	h.ec2 = ec2account.New(aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient: &http.Client{Transport: emulator.Transport(handler)},
	}, ec2account.Options{AccountID: topology.DefaultAccountID, Partition: "aws"})
}

func (h *handmade) make(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	target := func(n mirror.Target, tags map[string]string) string {
		made, err := h.ec2.CreateTarget(ctx, n, tags, ec2account.NewToken())
		if err != nil {
			t.Fatal(err)
		}
		return made.Noun.ID
	}
	filter := func(description string, tags map[string]string) string {
		made, err := h.ec2.CreateFilter(ctx, description, tags, ec2account.NewToken())
		if err != nil {
			t.Fatal(err)
		}
		return made.Noun.ID
	}
	rule := func(n mirror.Rule, tags map[string]string) string {
		n.SourceCIDR, n.DestinationCIDR = netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("0.0.0.0/0")
		made, err := h.ec2.CreateRule(ctx, n, tags, ec2account.NewToken())
		if err != nil {
			t.Fatal(err)
		}
		return made.Noun.ID
	}
	session := func(n mirror.Session, tags map[string]string) string {
		made, err := h.ec2.CreateSession(ctx, n, tags, ec2account.NewToken())
		if err != nil {
			t.Fatal(err)
		}
		return made.Noun.ID
	}
	netsec := map[string]string{"team": "netsec", "managed": "terraform"}
	h.target = target(mirror.Target{InterfaceID: sensor, Description: "the sensor"}, netsec)
	h.loadBalanced = target(mirror.Target{LoadBalancerARN: sensors}, nil)
	h.unusedTarget = target(mirror.Target{GatewayLoadBalancerEndpointID: gateway}, nil)
	h.filter = filter("HTTPS only", netsec)
	h.services = filter("", map[string]string{"Name": "DNS"})
	h.unusedFilter = filter("", nil)
	h.rule = rule(mirror.Rule{FilterID: h.filter, Direction: mirror.Ingress, Number: 100, Action: mirror.Accept, Protocol: new(mirror.TCP), DestinationPorts: &mirror.PortRange{From: 443, To: 443}}, netsec)
	h.reject = rule(mirror.Rule{FilterID: h.filter, Direction: mirror.Egress, Number: 7, Action: mirror.Reject, Protocol: new(mirror.HOPOPT), Description: "no ${hop}"}, nil)
	h.udp = rule(mirror.Rule{FilterID: h.services, Direction: mirror.Ingress, Number: 1, Action: mirror.Accept}, nil)
	h.session = session(mirror.Session{InterfaceID: source, TargetID: h.target, FilterID: h.filter, Number: 1, VirtualNetworkID: new(7), PacketLength: new(128), Description: "web \"tier\""}, netsec)
	h.shared = session(mirror.Session{InterfaceID: source, TargetID: sharedTarget, FilterID: h.services, Number: 20}, map[string]string{"Name": "DNS copies"})
	h.stopped = session(mirror.Session{InterfaceID: stoppedSource, TargetID: h.loadBalanced, FilterID: h.filter, Number: 1}, nil)
}
