package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The objects that mirroredWorld adds to world.
const (
	fileTarget  = "tmt-00000000000000001"
	fileFilter  = "tmf-00000000000000001"
	fileSession = "tms-00000000000000001"
)

func fileRule(n int) string { return fmt.Sprintf("tmfr-%017x", n) }

// mirroredWorld is world with a target on an interface, a filter with two rules, and two sessions.
func mirroredWorld() *topology.File {
	f := world()
	anywhere := netip.MustParsePrefix("0.0.0.0/0")
	rule := func(n int) mirror.Rule {
		return mirror.Rule{ID: fileRule(n), Direction: mirror.Ingress, Number: 100 * n, Action: mirror.Accept, SourceCIDR: anywhere, DestinationCIDR: anywhere}
	}
	f.Targets = []topology.TaggedTarget{
		{Target: mirror.Target{ID: fileTarget, InterfaceID: eniLargeTarget, Description: "sensors"}, Tags: map[string]string{"Name": "sensor"}},
		{Target: mirror.Target{ID: "tmt-00000000000000002", LoadBalancerARN: farLoadBalancer}},
	}
	f.Filters = []topology.TaggedFilter{{
		Filter:   mirror.Filter{ID: fileFilter, Description: "web", NetworkServices: []mirror.NetworkService{mirror.AmazonDNS}, Rules: []mirror.Rule{rule(1), rule(2)}},
		Tags:     map[string]string{"Name": "web"},
		RuleTags: map[string]map[string]string{fileRule(2): {"team": "net"}},
	}}
	session := func(n, number int, target string) topology.TaggedSession {
		return topology.TaggedSession{
			Session: mirror.Session{ID: fmt.Sprintf("tms-%017x", n), InterfaceID: eni(1), TargetID: target, FilterID: fileFilter, Number: number, VirtualNetworkID: new(n)},
			Tags:    map[string]string{"Name": fmt.Sprint(n)},
		}
	}
	f.Sessions = []topology.TaggedSession{session(1, 1, fileTarget), session(2, 2, fileTarget), session(3, 3, "tmt-00000000000000002")}
	f.ForeignSessions = []mirror.Session{{
		ID: "tms-00000000000000009", OwnerID: otherAccount, InterfaceID: eniGone, TargetID: fileTarget, FilterID: goneFilter, Number: 1, VirtualNetworkID: new(9),
	}}
	return f
}

func TestTopologyMirror_load(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) {
		o.Topology, o.Quotas = mirroredWorld(), mirror.DefaultQuotas()
		o.Quotas.TargetsPerAccount, o.Quotas.FiltersPerAccount, o.Quotas.SessionsPerAccount = 1, 1, 2
	})
	target := must(t, e, "DescribeTrafficMirrorTargets", "TrafficMirrorTargetId.1="+fileTarget).all("trafficMirrorTargetSet/item")[0]
	if target.text("networkInterfaceId") != eniLargeTarget || target.text("ownerId") != topology.DefaultAccountID || target.text("tagSet/item/value") != "sensor" {
		t.Errorf("the target is %+v", target)
	}
	filter := must(t, e, "DescribeTrafficMirrorFilters", "").all("trafficMirrorFilterSet/item")[0]
	if got := filter.texts("ingressFilterRuleSet/item/ruleNumber"); !slices.Equal(got, []string{"100", "200"}) || filter.text("description") != "web" || filter.text("networkServiceSet/item") != "amazon-dns" {
		t.Errorf("the filter has the rules %v: %+v", got, filter)
	}
	if got := must(t, e, "DescribeTags", "Filter.1.Name=resource-id&Filter.1.Value.1="+fileRule(2)).text("tagSet/item/value"); got != "net" {
		t.Errorf("the tag of the rule is %q", got)
	}
	sessions := must(t, e, "DescribeTrafficMirrorSessions", "").texts("trafficMirrorSessionSet/item/trafficMirrorSessionId")
	if want := []string{"tms-00000000000000001", "tms-00000000000000002", "tms-00000000000000009"}; !slices.Equal(sessions, want) {
		t.Errorf("the sessions are %v, not %v: one is on a target in another Region", sessions, want)
	}

	// The counts and the indexes know them.
	refused(t, e, "CreateTrafficMirrorTarget", "NetworkInterfaceId="+eniMetal, "TrafficMirrorTargetLimitExceeded")
	refused(t, e, "CreateTrafficMirrorFilter", "", "TrafficMirrorFilterLimitExceeded")
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(2), fileTarget, fileFilter, 1), "TrafficMirrorSessionLimitExceeded")
	refused(t, e, "CreateTrafficMirrorTarget", "NetworkInterfaceId="+eniLargeTarget, "InterfaceInUseByTrafficMirrorTarget")
	refused(t, e, "DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+fileTarget, "TrafficMirrorTargetInUseException")
	refused(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+fileSession+"&SessionNumber=2", "InvalidParameterValue")
	refused(t, e, "ModifyTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId="+fileRule(1)+"&RuleNumber=200", "TrafficMirrorFilterRuleAlreadyExists")
}

// numbersOf returns the numbers of the sessions of eni(1) and of the rules of the filter, by ID.
func numbersOf(t *testing.T, e *emulator.Emulator) map[string]string {
	t.Helper()
	numbers := map[string]string{}
	for _, s := range must(t, e, "DescribeTrafficMirrorSessions", "Filter.1.Name=network-interface-id&Filter.1.Value.1="+eni(1)).all("trafficMirrorSessionSet/item") {
		numbers[s.text("trafficMirrorSessionId")] = s.text("sessionNumber")
	}
	for _, r := range must(t, e, "DescribeTrafficMirrorFilters", "").all("trafficMirrorFilterSet/item/ingressFilterRuleSet/item") {
		numbers[r.text("trafficMirrorFilterRuleId")] = r.text("ruleNumber")
	}
	return numbers
}

// What a client changed stays, until the file changes. Then what the file names is as the file
// says, also where objects exchange their numbers, and everything else stays.
func TestTopologyMirror_loadAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	e := mustNew(t, emulator.Options{Path: path, Topology: mirroredWorld()})
	swap := func(action, parameter string, numbers ...string) {
		for _, n := range numbers {
			id, number, _ := strings.Cut(n, " ")
			must(t, e, action, parameter+"="+id+"&"+number)
		}
	}
	swap("ModifyTrafficMirrorSession", "TrafficMirrorSessionId", fileSession+" SessionNumber=9", "tms-00000000000000002 SessionNumber=1", fileSession+" SessionNumber=2")
	swap("ModifyTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId", fileRule(1)+" RuleNumber=9", fileRule(2)+" RuleNumber=100", fileRule(1)+" RuleNumber=200")
	added := makeRule(t, e, fileFilter, 300, "")
	changed := numbersOf(t, e)

	e = mustNew(t, emulator.Options{Path: path, Topology: mirroredWorld()})
	if got := numbersOf(t, e); fmt.Sprint(got) != fmt.Sprint(changed) {
		t.Errorf("after the same file the numbers are %v, not %v", got, changed)
	}

	other := mirroredWorld()
	other.Filters[0].Description = "changed"
	e = mustNew(t, emulator.Options{Path: path, Topology: other})
	want := map[string]string{fileSession: "1", "tms-00000000000000002": "2", fileRule(1): "100", fileRule(2): "200", added: "300"}
	if got := numbersOf(t, e); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("after another file the numbers are %v, not %v", got, want)
	}
	refused(t, e, "ModifyTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId="+added+"&RuleNumber=200", "TrafficMirrorFilterRuleAlreadyExists")
	must(t, e, "DeleteTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId="+fileRule(2))
	must(t, e, "ModifyTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId="+added+"&RuleNumber=200")
}

// A file does not take the place of what a client made, and says what is in its way.
func TestTopologyMirror_taken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(t *testing.T, e *emulator.Emulator)
		want string
	}{
		"backing": {func(t *testing.T, e *emulator.Emulator) {
			makeTarget(t, e, "NetworkInterfaceId="+eniLargeTarget)
		}, "traffic_mirror_targets[0] of the topology is on " + eniLargeTarget},
		"session number": {func(t *testing.T, e *emulator.Emulator) {
			makeSession(t, e, sessionOn(eni(1), makeTarget(t, e, "NetworkInterfaceId="+eniMetal), makeFilter(t, e, ""), 2))
		}, "traffic_mirror_sessions[1] of the topology has the number 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "ec2.db")
			c.make(t, mustNew(t, emulator.Options{Path: path, Topology: world()}))
			got := call(t, mustNew(t, emulator.Options{Path: path, Topology: mirroredWorld()}), "DescribeVpcs", "")
			if got.status != http.StatusBadRequest || !strings.Contains(got.message(), c.want) {
				t.Errorf("the answer is %d %s", got.status, got.message())
			}
		})
	}
}

func ownTargets(t *testing.T, e *emulator.Emulator) []string {
	t.Helper()
	return must(t, e, "DescribeTrafficMirrorTargets", "Filter.1.Name=owner-id&Filter.1.Value.1="+topology.DefaultAccountID).texts("trafficMirrorTargetSet/item/trafficMirrorTargetId")
}

// A topology that contradicts what the store has is refused when it is sent. It then changes
// nothing, and the next one is loaded.
func TestTopologyMirror_refusedAtOnce(t *testing.T) {
	t.Parallel()
	put := func(e *emulator.Emulator, f *topology.File) *httptest.ResponseRecorder {
		text, err := json.Marshal(f)
		fatal(t, err)
		return control(e, "PUT", "/_emulator/topology", string(text), "127.0.0.1:1", "localhost:4566")
	}
	file := func(target string) *topology.File {
		return &topology.File{AccountID: topology.DefaultAccountID, Targets: []topology.TaggedTarget{{Target: mirror.Target{ID: target, InterfaceID: eniLargeTarget}}}}
	}
	check := func(e *emulator.Emulator, taken string) {
		t.Helper()
		got := put(e, file("tmt-00000000000000008"))
		if want := "traffic_mirror_targets[0] of the topology is on " + eniLargeTarget + ", on which the store has the target " + taken; got.Code != http.StatusBadRequest || !strings.Contains(got.Body.String(), want) {
			t.Errorf("the answer is %d %s", got.Code, got.Body)
		}
		if got := ownTargets(t, e); !slices.Equal(got, []string{taken}) {
			t.Errorf("the targets are %q", got)
		}
		good := file("tmt-00000000000000008")
		good.Targets[0].InterfaceID = eniMetal
		if got := put(e, good); got.Code != http.StatusOK {
			t.Errorf("another one: %d %s", got.Code, got.Body)
		}
		if got := ownTargets(t, e); len(got) != 2 {
			t.Errorf("the targets are then %q", got)
		}
	}
	e := newEmulator(t)
	check(e, makeTarget(t, e, "NetworkInterfaceId="+eniLargeTarget))
	unmade := newEmulator(t)
	if got := put(unmade, file(fileTarget)); got.Code != http.StatusOK {
		t.Fatal(got.Body)
	}
	check(unmade, fileTarget) // no request has written
}

// A file of one Region has nothing in another.
func TestTopology_region(t *testing.T) {
	t.Parallel()
	f := mirroredWorld()
	f.Region = "eu-west-1"
	e := newEmulator(t, func(o *emulator.Options) { o.Topology = f })
	if got := must(t, e, "DescribeVpcs", "").texts("vpcSet/item/vpcId"); got != nil {
		t.Errorf("us-east-1 has the VPCs %v", got)
	}
	here := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.ServeHTTP(w, r.WithContext(emulator.UnsignedIn(r.Context(), "eu-west-1")))
	})
	if got := must(t, here, "DescribeVpcs", "").texts("vpcSet/item/vpcId"); len(got) != 1 {
		t.Errorf("eu-west-1 has the VPCs %v", got)
	}
	if got := must(t, here, "DescribeTrafficMirrorTargets", "").texts("trafficMirrorTargetSet/item/trafficMirrorTargetId"); len(got) != 3 {
		t.Errorf("eu-west-1 has the targets %v, without the one on the load balancer in eu-west-1", got)
	}
}

// A file can say what DescribeVpcs, DescribeSubnets and DescribeVpcAttribute show.
func TestTopology_vpcs(t *testing.T) {
	t.Parallel()
	f := &topology.File{
		AccountID: topology.DefaultAccountID,
		VPCs: []topology.VPC{{
			ID: "vpc-00000000000000001", OwnerID: otherAccount, CIDRBlock: netip.MustParsePrefix("10.0.0.0/16"), AdditionalBlocks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")},
			DNSHostnames: new(true), DNSSupport: new(false), Tenancy: "dedicated",
		}},
		Subnets: []topology.Subnet{{
			ID: "subnet-00000000000000001", OwnerID: otherAccount, VPCID: "vpc-00000000000000001", CIDRBlock: netip.MustParsePrefix("10.1.1.0/24"), MapsPublicIP: new(true), HostnameType: "resource-name",
		}},
	}
	e := newEmulator(t, func(o *emulator.Options) { o.Topology = f })
	vpc := must(t, e, "DescribeVpcs", "Filter.1.Name=cidr-block-association.cidr-block&Filter.1.Value.1=10.1.0.0/16").all("vpcSet/item")[0]
	if got := vpc.texts("cidrBlockAssociationSet/item/cidrBlock"); !slices.Equal(got, []string{"10.0.0.0/16", "10.1.0.0/16"}) || vpc.text("ownerId") != otherAccount || vpc.text("instanceTenancy") != "dedicated" {
		t.Errorf("the VPC is %+v", vpc)
	}
	for attribute, want := range map[string]string{"enableDnsHostnames": "true", "enableDnsSupport": "false"} {
		if got := must(t, e, "DescribeVpcAttribute", "VpcId=vpc-00000000000000001&Attribute="+attribute).text(attribute + "/value"); got != want {
			t.Errorf("%s is %s", attribute, got)
		}
	}
	subnet := must(t, e, "DescribeSubnets", "").all("subnetSet/item")[0]
	if subnet.text("ownerId") != otherAccount || subnet.text("mapPublicIpOnLaunch") != "true" || subnet.text("privateDnsNameOptionsOnLaunch/hostnameType") != "resource-name" {
		t.Errorf("the subnet is %+v", subnet)
	}
	must(t, e, "CreateSubnet", "VpcId=vpc-00000000000000001&CidrBlock=10.1.2.0/24")
	refused(t, e, "CreateSubnet", "VpcId=vpc-00000000000000001&CidrBlock=10.2.2.0/24", "InvalidSubnet.Range")
	refused(t, e, "CreateTags", "ResourceId.1=vpc-00000000000000001&Tag.1.Key=a&Tag.1.Value=b", assumed("A0066", "UnauthorizedOperation"))
}
