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

// Objects of the topology of handmade in addition to those of testTopology. The second source is in
// another VPC, and its instance is stopped.
const (
	firstVPC, secondVPC = "vpc-00000000000000001", "vpc-00000000000000002"
	stoppedSource       = "eni-00000000000000031"
	sharedTarget        = "tmt-0000000000000000f"
)

// handmade is an account with objects that were made outside of Terraform.
type handmade struct {
	*account
	ec2 *ec2account.Account

	target, loadBalanced, unusedTarget string
	filter, services, unusedFilter     string
	rule, reject, accept               string
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
		"{\n  \"vpcs\": [", `{ "shared_targets": [{ "id": "`+sharedTarget+`", "owner_id": "210987654321", "network_interface_id": "eni-000000000000000ff" }],
  "vpcs": [{ "id": "`+secondVPC+`", "cidr_block": "10.2.0.0/16" }, `,
		`"subnets": [`, `"subnets": [{ "id": "subnet-00000000000000002", "vpc_id": "`+secondVPC+`", "cidr_block": "10.2.1.0/24", "availability_zone": "us-east-1a" }, `,
		`"instances": [`, `"instances": [{ "id": "i-00000000000000003", "instance_type": "m5.large", "state": "stopped" }, `,
		`"network_interfaces": [`, `"network_interfaces": [{
      "id": "`+stoppedSource+`", "subnet_id": "subnet-00000000000000002", "instance_id": "i-00000000000000003", "private_ip_address": "10.2.1.11"
    },`,
	).Replace(testTopology)
	h.setTopology(t, text)
	h.connect(t)
	h.make(t)
	// Another account has a session on the target.
	h.setTopology(t, strings.Replace(text, "{", `{ "foreign_sessions": [{
    "id": "tms-0000000000000000f", "owner_id": "210987654321", "network_interface_id": "eni-00000000000000f00", "session_number": 1, "virtual_network_id": 7,
    "traffic_mirror_target_id": "`+h.target+`", "traffic_mirror_filter_id": "tmf-00000000000000f00"
  }],`, 1))
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
	netsec := map[string]string{"team": "netsec", "managed": "terraform"}
	h.target = h.makeTarget(t, mirror.Target{InterfaceID: sensor, Description: "the sensor"}, netsec)
	h.loadBalanced = h.makeTarget(t, mirror.Target{LoadBalancerARN: sensors}, nil)
	h.unusedTarget = h.makeTarget(t, mirror.Target{GatewayLoadBalancerEndpointID: gateway}, nil)
	h.filter = h.makeFilter(t, "HTTPS only", netsec)
	h.services = h.makeFilter(t, "", map[string]string{"Name": "DNS"})
	h.unusedFilter = h.makeFilter(t, "", nil)
	h.rule = h.makeRule(t, mirror.Rule{
		FilterID: h.filter, Direction: mirror.Ingress, Number: 100, Action: mirror.Accept, Protocol: new(mirror.TCP), DestinationPorts: &mirror.PortRange{From: 443, To: 443},
	}, netsec)
	h.reject = h.makeRule(t, mirror.Rule{FilterID: h.filter, Direction: mirror.Egress, Number: 7, Action: mirror.Reject, Protocol: new(mirror.HOPOPT), Description: "no ${hop}"}, nil)
	h.accept = h.makeRule(t, mirror.Rule{FilterID: h.services, Direction: mirror.Ingress, Number: 1, Action: mirror.Accept}, nil)
	h.session = h.makeSession(t, mirror.Session{
		InterfaceID: source, TargetID: h.target, FilterID: h.filter, Number: 1, VirtualNetworkID: new(7), PacketLength: new(128), Description: "web \"tier\"",
	}, netsec)
	h.shared = h.makeSession(t, mirror.Session{InterfaceID: source, TargetID: sharedTarget, FilterID: h.services, Number: 20}, map[string]string{"Name": "DNS copies"})
	h.stopped = h.makeSession(t, mirror.Session{InterfaceID: stoppedSource, TargetID: h.loadBalanced, FilterID: h.filter, Number: 1}, nil)
}

func (h *handmade) makeTarget(t testing.TB, n mirror.Target, tags map[string]string) string {
	t.Helper()
	made, err := h.ec2.CreateTarget(t.Context(), n, tags, ec2account.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	return made.Noun.ID
}

func (h *handmade) makeFilter(t testing.TB, description string, tags map[string]string) string {
	t.Helper()
	made, err := h.ec2.CreateFilter(t.Context(), description, tags, ec2account.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	return made.Noun.ID
}

// makeRule makes a rule for all packets from 10.0.0.0/8.
func (h *handmade) makeRule(t testing.TB, n mirror.Rule, tags map[string]string) string {
	t.Helper()
	n.SourceCIDR, n.DestinationCIDR = netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("0.0.0.0/0")
	made, err := h.ec2.CreateRule(t.Context(), n, tags, ec2account.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	return made.Noun.ID
}

func (h *handmade) makeSession(t testing.TB, n mirror.Session, tags map[string]string) string {
	t.Helper()
	made, err := h.ec2.CreateSession(t.Context(), n, tags, ec2account.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	return made.Noun.ID
}
