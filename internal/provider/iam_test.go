package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const iamGuide = "../../templates/guides/iam.md"

// An iamPolicy is what the test reads of a policy document. It looks at no resources and at no
// conditions: see TestIAM_resources.
type iamPolicy struct {
	Version   string
	Statement []iamStatement
}

type iamStatement struct {
	Sid, Effect string
	Action      []string
	Resource    any
	Condition   map[string]map[string]any
}

// resources are the resources of a statement, which a document may write as one text.
func (s iamStatement) resources() []string {
	var all []string
	switch r := s.Resource.(type) {
	case string:
		all = []string{r}
	case []any:
		for _, one := range r {
			all = append(all, fmt.Sprint(one))
		}
	}
	return all
}

// actions are the actions that a policy allows: those of EC2 without a prefix, and those of Elastic
// Load Balancing with theirs.
func (p iamPolicy) actions() map[string]bool {
	allowed := map[string]bool{}
	for _, s := range p.Statement {
		for _, action := range s.Action {
			if name, isEC2 := strings.CutPrefix(action, "ec2:"); isEC2 || strings.HasPrefix(action, balancingPrefix) {
				allowed[name] = true
			}
		}
	}
	return allowed
}

// iamPolicies reads the policies of the guide by the file names before them.
func iamPolicies(t *testing.T) map[string]iamPolicy {
	t.Helper()
	text, err := os.ReadFile(iamGuide)
	if err != nil {
		t.Fatal(err)
	}
	policies := map[string]iamPolicy{}
	for _, block := range regexp.MustCompile("(?s)<!-- test: file ([a-z-]+)\\.json -->\n```json\n(.*?)\n```").FindAllSubmatch(text, -1) {
		var p iamPolicy
		decoder := json.NewDecoder(bytes.NewReader(block[2]))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&p); err != nil {
			t.Fatalf("%s: %v", block[1], err)
		}
		if p.Version != "2012-10-17" {
			t.Errorf("%s: Version is %q", block[1], p.Version)
		}
		for _, s := range p.Statement {
			if s.Effect != "Allow" {
				t.Errorf("%s: statement %s has the effect %q; the test counts what is allowed", block[1], s.Sid, s.Effect)
			}
		}
		policies[string(block[1])] = p
	}
	return policies
}

// iamGate is an EC2 whose caller has one policy. It records the actions that need a permission.
type iamGate struct {
	ec2 http.Handler

	mu      sync.Mutex
	allowed map[string]bool // nil: everything
	used    map[string]bool
	denied  map[string]bool
}

func newIAMGate(t *testing.T, a *account) (gate *iamGate, address string) {
	t.Helper()
	file, err := topology.Load(t.Context(), a.path("topology.json"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.New(emulator.Options{Path: a.path("ec2.db"), Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	gate = &iamGate{ec2: e, used: map[string]bool{}}
	server := httptest.NewServer(gate)
	t.Cleanup(server.Close)
	return gate, server.URL
}

// How Elastic Load Balancing is known in policies and in requests.
const (
	balancingPrefix  = "elasticloadbalancing:"
	balancingVersion = "2015-12-01"
)

// needs are the permissions for a request. A create with tags needs that for CreateTags too
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html).
func needs(form url.Values) []string {
	actions := []string{form.Get("Action")}
	if form.Get("Version") == balancingVersion {
		return []string{balancingPrefix + form.Get("Action")}
	}
	for name := range form {
		if strings.HasPrefix(name, "TagSpecification.") {
			return append(actions, "CreateTags")
		}
	}
	return actions
}

// ServeHTTP implements http.Handler. GetCallerIdentity of STS needs no permission
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
func (g *iamGate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // without a body there is no action, which is denied
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	if form.Get("Action") == "GetCallerIdentity" {
		fmt.Fprint(w, strings.NewReplacer("aws-us-gov", "aws", "210987654321", topology.DefaultAccountID).Replace(callerIdentity))
		return
	}
	if g.permits(needs(form)) {
		g.ec2.ServeHTTP(w, r)
		return
	}
	w.WriteHeader(http.StatusForbidden)
	if form.Get("Version") == balancingVersion {
		fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User is not authorized.</Message></Error></ErrorResponse>`)
		return
	}
	fmt.Fprint(w, `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors></Response>`)
}

func (g *iamGate) permits(actions []string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, action := range actions {
		g.used[action] = true
		if g.allowed != nil && !g.allowed[action] {
			g.denied[action] = true
		}
	}
	return g.allowed == nil || !slices.ContainsFunc(actions, func(a string) bool { return !g.allowed[a] })
}

// allow permits these actions from now on.
func (g *iamGate) allow(actions map[string]bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.allowed, g.denied = actions, map[string]bool{}
}

// as runs work with the policies, and fails if an action is missing.
func (g *iamGate) as(t *testing.T, who string, work func(), policies ...iamPolicy) {
	t.Helper()
	allowed := map[string]bool{}
	for _, p := range policies {
		maps.Copy(allowed, p.actions())
	}
	g.allow(allowed)
	work()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.denied) > 0 {
		t.Errorf("%s lacks %q", who, slices.Sorted(maps.Keys(g.denied)))
	}
}

// calls are the actions that needed a permission since the last call.
func (g *iamGate) calls() map[string]bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	used := g.used
	g.used = map[string]bool{}
	return used
}

// unused are the actions of a policy that no work has needed since the last call.
func (g *iamGate) unused(p iamPolicy) []string {
	all := p.actions()
	for action := range g.calls() {
		delete(all, action)
	}
	return slices.Sorted(maps.Keys(all))
}

// iamConfig has an object of each kind: with tags, and on each kind of backing.
const iamConfig = `
provider "trafficmirror" {
  region     = "us-east-1"
  access_key = "test"
  secret_key = "test"
  endpoints {
    ec2   = %[1]q
    elbv2 = %[1]q
    sts   = %[1]q
  }
  preflight = %[2]q
}
`

const iamResources = `
locals {
  backings = {
    interface = { network_interface_id = "` + sensor + `" }
    balancer  = { network_load_balancer_arn = "` + sensors + `" }
    endpoint  = { gateway_load_balancer_endpoint_id = "` + gateway + `" }
  }
}

resource "trafficmirror_target" "x" {
  for_each = local.backings

  network_interface_id              = try(each.value.network_interface_id, null)
  network_load_balancer_arn         = try(each.value.network_load_balancer_arn, null)
  gateway_load_balancer_endpoint_id = try(each.value.gateway_load_balancer_endpoint_id, null)
  tags                              = { team = "TEAM" }
}

resource "trafficmirror_filter" "inline" {
  network_services = SERVICES
  ingress_rules = {
    "1" = { rule_action = "accept", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0", destination_port_range = { from_port = PORT, to_port = PORT } }
  }
  tags = { team = "TEAM" }
}

resource "trafficmirror_filter" "separate" {
}

resource "trafficmirror_filter_rule" "x" {
  traffic_mirror_filter_id = trafficmirror_filter.separate.id
  traffic_direction        = "egress"
  rule_number              = PORT
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
  tags                     = RULE_TAGS
}

resource "trafficmirror_session" "x" {
  for_each = local.backings

  network_interface_id     = each.key == "endpoint" ? "` + source2 + `" : "` + source + `"
  traffic_mirror_target_id = trafficmirror_target.x[each.key].id
  traffic_mirror_filter_id = trafficmirror_filter.inline.id
  session_number           = PORT + index(keys(local.backings), each.key)
  tags                     = { team = "TEAM" }
}

resource "trafficmirror_simulation" "x" {
  network_interface_id = "` + source + `"
  packets              = [{ name = "web", direction = "ingress", source = "10.9.9.9", destination = "10.0.1.11", protocol = "tcp", source_port = 50000, destination_port = PORT }]
  depends_on           = [trafficmirror_session.x]
}
`

// iamData reads the whole account, and one interface.
const iamData = `
data "trafficmirror_coverage" "x" {}
data "trafficmirror_sources" "x" { all = true }
data "trafficmirror_targets" "x" {}
data "trafficmirror_filters" "x" {}
data "trafficmirror_filter_rules" "x" {}
data "trafficmirror_sessions" "x" {}
`

// iamTroubleshooting is what the guide of this name does with the provider.
const iamTroubleshooting = `
data "trafficmirror_coverage" "x" {}
resource "trafficmirror_simulation" "live" {
  network_interface_id = "` + source2 + `"
  packets              = [{ name = "web", direction = "ingress", source = "10.9.9.9", destination = "10.0.1.12", protocol = "tcp", source_port = 50000, destination_port = 443 }]
}
`

// troubleshooting splits the policy of this name: what the provider calls, and what the commands of the guide call.
func troubleshooting(t *testing.T, p iamPolicy) (provided, commands iamPolicy) {
	t.Helper()
	if len(p.Statement) != 2 || p.Statement[0].Sid != "Provider" || p.Statement[1].Sid != "Commands" {
		t.Fatalf("the statements are %+v", p.Statement)
	}
	return iamPolicy{Statement: p.Statement[:1]}, iamPolicy{Statement: p.Statement[1:]}
}

// Each policy of the guide allows what its job needs, and nothing that its job does not need.
func TestAccIAM(t *testing.T) {
	space := newWorkspace(t)
	stateless := *space // another folder, without a state
	stateless.folder = t.TempDir()
	policies := iamPolicies(t)
	read, write, whole := policies["plan"], policies["apply"], policies["account"]
	a := newAccount(t)
	gate, address := newIAMGate(t, a)
	provider := func(preflight string) string { return fmt.Sprintf(iamConfig, address, preflight) }
	first := strings.NewReplacer("TEAM", "netsec", "SERVICES", `["amazon-dns"]`, "RULE_TAGS", `{ team = "netsec" }`, "PORT", "443").Replace(iamResources)
	second := strings.NewReplacer(`team = "TEAM"`, `owner = "soc"`, "SERVICES", `[]`, "RULE_TAGS", `{}`, "PORT", "80").Replace(iamResources)
	unused := func(who string, p iamPolicy) {
		t.Helper()
		if names := gate.unused(p); len(names) > 0 {
			t.Errorf("nothing needs %q of the policy %s", names, who)
		}
	}
	gate.as(t, "apply", func() {
		space.write(t, provider("off")+first)
		space.run(t, "apply -auto-approve")
		space.write(t, provider("off")+second)
		space.run(t, "apply -auto-approve")
	}, read, write)
	gate.as(t, "preflight", func() {
		space.write(t, provider("error")+first)
		space.run(t, "plan")
	}, read, write)

	calls := gate.calls()
	gate.as(t, "account", func() {
		stateless.write(t, provider("off")+iamData)
		stateless.run(t, "plan")
	}, whole)
	gate.as(t, "terraform query", func() { // adopt reads the same lists
		l := newLister(t, a, map[string]any{
			"emulator": nil, "access_key": "test", "secret_key": "test",
			"endpoints": []any{map[string]any{"ec2": address, "elbv2": address, "sts": address, "iam": nil, "sso": nil}},
		})
		for _, kind := range []string{targetKind, filterKind, ruleKind, sessionKind} {
			if results, problems := l.list(t, kind, map[string]any{"idle": kind == sessionKind}, 0, true); problems != "" || len(results) == 0 && kind != sessionKind {
				t.Errorf("%s: %d results\n%s", kind, len(results), problems)
			}
		}
	}, whole)
	unused("account", whole)

	provided, commands := troubleshooting(t, policies["troubleshooting"])
	gate.as(t, "troubleshooting", func() {
		stateless.write(t, provider("off")+iamTroubleshooting)
		stateless.run(t, "plan")
	}, provided)
	used := gate.calls()
	gate.permits(slices.Collect(maps.Keys(used)))
	unused("troubleshooting", provided)
	for action := range commands.actions() {
		if used[action] {
			t.Errorf("the provider calls %s, which the policy has for the commands of the guide", action)
		}
	}

	adopted, messages, status := a.adopt(t, "--kind", "target", "--kind", "filter", "--kind", "filter_rule", "--kind", "session")
	if status != 0 {
		t.Fatal(messages)
	}
	gate.as(t, "plan", func() {
		space.write(t, provider("off")+first)
		space.run(t, "plan")
		stateless.write(t, provider("off")+adopted)
		stateless.run(t, "plan")
	}, read)
	unused("plan", read)

	// Without these, a plan checks less, and a simulation says why it is unknown.
	less := read.actions()
	for _, optional := range []string{"DescribeNetworkInterfaces", "DescribeVpcEndpoints", "DescribeVpcs", "DescribeSubnets", "DescribeInstances"} {
		delete(less, optional)
	}
	space.write(t, provider("off")+first)
	gate.allow(less)
	if output := words(space.run(t, "plan")); !strings.Contains(output, "Simulation not run in the plan") {
		t.Errorf("the plan does not say what it could not read:\n%s", output)
	}
	// Without Elastic Load Balancing, a plan says nothing of it.
	noBalancing := read.actions()
	maps.DeleteFunc(noBalancing, func(action string, _ bool) bool { return strings.HasPrefix(action, balancingPrefix) })
	gate.allow(noBalancing)
	if output := words(space.run(t, "plan")); strings.Contains(output, "Simulation not run in the plan") || strings.Contains(output, "elasticloadbalancing") {
		t.Errorf("the plan without permissions for Elastic Load Balancing:\n%s", output)
	}
	noVPC := read.actions()
	delete(noVPC, "DescribeVpcs")
	gate.allow(noVPC)
	if output := words(space.run(t, "plan")); !strings.Contains(output, "IAM does not permit ec2:DescribeVpcs. Allow it in IAM. Or set dns_resolver_addresses") {
		t.Errorf("the plan does not say which action is missing:\n%s", output)
	}
	required := read.actions()
	delete(required, "DescribeTrafficMirrorFilterRules")
	delete(required, "DescribeTrafficMirrorSessions")
	gate.allow(required)
	output, code := space.try(t, "plan")
	for _, action := range []string{"FilterRules", "Sessions"} {
		if code != 1 || !strings.Contains(words(output), "IAM does not permit ec2:DescribeTrafficMirror"+action+".") {
			t.Errorf("exit %d without DescribeTrafficMirror%s:\n%s", code, action, output)
		}
	}

	gate.as(t, "destroy", func() {
		space.write(t, provider("off")+second)
		space.run(t, "apply -destroy -auto-approve")
	}, read, write)
	gate.permits(slices.Collect(maps.Keys(calls))) // with those of the applies before
	unused("apply", write)
}

// iamTypes are the types of resource that a policy has to name for an action
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html).
// A target needs network-interface or vpc-endpoint, or neither if its backing is a load balancer.
// A modified session needs its filter and its target where they change.
var iamTypes = map[string][]string{
	"CreateTrafficMirrorTarget": {"traffic-mirror-target", "network-interface", "vpc-endpoint"},
	"DeleteTrafficMirrorTarget": {"traffic-mirror-target"},

	"CreateTrafficMirrorFilter":                {"traffic-mirror-filter"},
	"ModifyTrafficMirrorFilterNetworkServices": {"traffic-mirror-filter"},
	"DeleteTrafficMirrorFilter":                {"traffic-mirror-filter"},

	"CreateTrafficMirrorFilterRule": {"traffic-mirror-filter", "traffic-mirror-filter-rule"},
	"ModifyTrafficMirrorFilterRule": {"traffic-mirror-filter", "traffic-mirror-filter-rule"},
	"DeleteTrafficMirrorFilterRule": {"traffic-mirror-filter", "traffic-mirror-filter-rule"},

	"CreateTrafficMirrorSession": {"traffic-mirror-session", "traffic-mirror-filter", "traffic-mirror-target", "network-interface"},
	"ModifyTrafficMirrorSession": {"traffic-mirror-session", "traffic-mirror-filter", "traffic-mirror-target"},
	"DeleteTrafficMirrorSession": {"traffic-mirror-session"},

	"CreateTags": {"traffic-mirror-session", "traffic-mirror-filter", "traffic-mirror-filter-rule", "traffic-mirror-target"},
	"DeleteTags": {"traffic-mirror-session", "traffic-mirror-filter", "traffic-mirror-filter-rule", "traffic-mirror-target"},
}

// A policy names every type of resource that its actions need, and none that they do not need.
// There are no resource-level permissions for what only reads.
func TestIAM_resources(t *testing.T) {
	t.Parallel()
	for name, p := range iamPolicies(t) {
		named := map[string]map[string]bool{} // by action
		for _, s := range p.Statement {
			needed := map[string]bool{}
			for _, action := range s.Action {
				for _, kind := range typesOf(action) {
					needed[kind] = true
				}
			}
			for _, resource := range s.resources() {
				kind := resourceType(resource)
				if !needed[kind] {
					t.Errorf("%s, %s: no action needs %s", name, s.Sid, resource)
				}
				for _, action := range s.Action {
					if named[action] == nil {
						named[action] = map[string]bool{}
					}
					named[action][kind] = true
				}
			}
		}
		for action, kinds := range named {
			for _, kind := range typesOf(action) {
				if !kinds[kind] {
					t.Errorf("%s: %s needs the resource type %s", name, action, kind)
				}
			}
		}
	}
}

// typesOf are the types of resource of an action with its prefix.
func typesOf(action string) []string {
	_, name, _ := strings.Cut(action, ":")
	if strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "Get") {
		return []string{"*"}
	}
	return iamTypes[strings.TrimPrefix(action, "ec2:")]
}

// resourceType is the TYPE of arn:aws:ec2:REGION:ACCOUNT:TYPE/ID, or *.
func resourceType(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	kind, _, _ := strings.Cut(parts[len(parts)-1], "/")
	return kind
}
