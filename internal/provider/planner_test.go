package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// planTopology is the testTopology with what cannot be mirrored, and a session of
// another account on a target of this one.
var planTopology = strings.NewReplacer(
	`"vpcs": [`, `"foreign_sessions": [{
    "id": "tms-0000000000000000f", "owner_id": "111122223333", "network_interface_id": "eni-00000000000000f00", "session_number": 1, "virtual_network_id": 7,
    "traffic_mirror_target_id": "tmt-00000000000000003", "traffic_mirror_filter_id": "tmf-00000000000000f00"
  }],
  "vpcs": [`,
	`"subnets": [`, `"subnets": [
    { "id": "subnet-00000000000000007", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.7.0/24", "ipv6_cidr_block": "2001:db8:7::/64" },
    { "id": "subnet-00000000000000006", "vpc_id": "vpc-00000000000000001", "ipv6_cidr_block": "2001:db8::/64", "ipv6_native": true },`,
	`"instances": [`, `"instances": [
    { "id": "i-00000000000000003", "instance_type": "m5.large", "state": "stopped" },
    { "id": "i-00000000000000002", "instance_type": "t2.micro" },`,
	`{ "id": "i-00000000000000002", "instance_type": "m5.large", "state": "running" },`, ``,
	`"network_interfaces": [`, `"network_interfaces": [
    { "id": "eni-0000000000000000c", "interface_type": "nat_gateway", "subnet_id": "subnet-00000000000000001" },
    { "id": "eni-0000000000000000d", "owner_id": "111122223333" },
    { "id": "eni-0000000000000000e", "subnet_id": "subnet-00000000000000006", "ipv6_addresses": ["2001:db8::e"] },
    { "id": "eni-0000000000000000f", "requester_managed": true, "requester_id": "amazon-aws", "subnet_id": "subnet-00000000000000001" },
    { "id": "eni-00000000000000011", "subnet_id": "subnet-00000000000000007", "private_ip_address": "10.0.7.17" },
    { "id": "eni-00000000000000012", "subnet_id": "subnet-00000000000000001", "instance_id": "i-00000000000000003", "private_ip_address": "10.0.1.18" },
    { "id": "eni-00000000000000010", "subnet_id": "subnet-00000000000000001", "private_ip_address": "10.0.1.16" },`,
).Replace(testTopology)

// A planner plans objects as Terraform does, against EC2 over HTTP, and words the
// diagnostics.
type planner struct {
	account *account
	url     string

	// A configuration calls what exists by IDs that are the same in each run.
	ids, standIns *strings.Replacer // to those that EC2 has drawn, and back

	mu            sync.Mutex
	denied        []string // actions that are not permitted
	refusal       string   // the code that says so
	asked         []string // actions that were asked with DryRun
	ignoresDryRun bool     // DryRun is ignored
}

// newPlanner returns a planner for an account in which there is what planTopology
// says, and what makeStandIns makes.
func newPlanner(t *testing.T) *planner {
	t.Helper()
	p := &planner{account: newAccount(t), refusal: "UnauthorizedOperation"}
	p.makeStandIns(t)
	world := p.ids.Replace(planTopology)
	if err := os.WriteFile(p.account.path("topology.json"), []byte(world), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := topology.Parse([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := emulator.New(emulator.Options{Path: p.account.path("ec2.db"), Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		form, parseErr := url.ParseQuery(string(body))
		switch {
		case err != nil || parseErr != nil:
			t.Error(err, parseErr)
		case form.Get("Action") == "GetCallerIdentity":
			fmt.Fprint(w, strings.NewReplacer("aws-us-gov", "aws", "210987654321", topology.DefaultAccountID).Replace(callerIdentity))
		case p.denies(form):
			status, isFailure := map[string]int{"InternalError": http.StatusInternalServerError, "RequestLimitExceeded": http.StatusServiceUnavailable}[p.refusal]
			if !isFailure {
				status = http.StatusForbidden
			}
			w.WriteHeader(status)
			fmt.Fprintf(w, `<Response><Errors><Error><Code>%s</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors></Response>`, p.refusal)
		case p.ignoresDryRun:
			form.Del("DryRun")
			r.Body = io.NopCloser(strings.NewReader(form.Encode()))
			handler.ServeHTTP(w, r)
		default:
			handler.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// makeStandIns creates tmt-00000000000000001, a target on sensor, and
// tmt-00000000000000003, one on the gateway. It creates the filter tmf-00000000000000001 with
// its ingress rule 100, tmfr-00000000000000001, the filter tmf-00000000000000002 without rules,
// and tmf-00000000000000003 with only amazon-dns. It creates the sessions 1 and 2 of source.
func (p *planner) makeStandIns(t *testing.T) {
	t.Helper()
	client := p.account.client
	targetID, filterID, sessionID := p.account.mirror(t)
	shared, err := client.CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{GatewayLoadBalancerEndpointId: aws.String(gateway)})
	if err != nil {
		t.Fatal(err)
	}
	rule, err := client.CreateTrafficMirrorFilterRule(t.Context(), &ec2.CreateTrafficMirrorFilterRuleInput{
		TrafficMirrorFilterId: &filterID, TrafficDirection: "ingress", RuleNumber: aws.Int32(100), RuleAction: "accept",
		SourceCidrBlock: aws.String("0.0.0.0/0"), DestinationCidrBlock: aws.String("0.0.0.0/0"),
	})
	if err != nil {
		t.Fatal(err)
	}
	session, err := client.CreateTrafficMirrorSession(t.Context(), &ec2.CreateTrafficMirrorSessionInput{
		NetworkInterfaceId: aws.String(source), TrafficMirrorTargetId: &targetID, TrafficMirrorFilterId: &filterID, SessionNumber: aws.Int32(2),
	})
	if err != nil {
		t.Fatal(err)
	}
	empty, err := client.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{})
	if err != nil {
		t.Fatal(err)
	}
	onlyDNS, err := client.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ModifyTrafficMirrorFilterNetworkServices(t.Context(), &ec2.ModifyTrafficMirrorFilterNetworkServicesInput{
		TrafficMirrorFilterId: onlyDNS.TrafficMirrorFilter.TrafficMirrorFilterId, AddNetworkServices: []types.TrafficMirrorNetworkService{"amazon-dns"},
	}); err != nil {
		t.Fatal(err)
	}
	pairs := []string{
		"tmf-00000000000000002", *empty.TrafficMirrorFilter.TrafficMirrorFilterId,
		"tmf-00000000000000003", *onlyDNS.TrafficMirrorFilter.TrafficMirrorFilterId,
		"tmt-00000000000000001", targetID,
		"tmt-00000000000000003", *shared.TrafficMirrorTarget.TrafficMirrorTargetId,
		"tmf-00000000000000001", filterID,
		"tmfr-00000000000000001", *rule.TrafficMirrorFilterRule.TrafficMirrorFilterRuleId,
		"tms-00000000000000001", sessionID,
		"tms-00000000000000002", *session.TrafficMirrorSession.TrafficMirrorSessionId,
	}
	p.ids = strings.NewReplacer(pairs...)
	slices.Reverse(pairs)
	p.standIns = strings.NewReplacer(pairs...)
}

// mirror creates a session with number 1, outside of Terraform.
func (a *account) mirror(t testing.TB) (targetID, filterID, sessionID string) {
	t.Helper()
	target, err := a.client.CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: aws.String(sensor)})
	if err != nil {
		t.Fatal(err)
	}
	filter, err := a.client.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{})
	if err != nil {
		t.Fatal(err)
	}
	targetID, filterID = *target.TrafficMirrorTarget.TrafficMirrorTargetId, *filter.TrafficMirrorFilter.TrafficMirrorFilterId
	session, err := a.client.CreateTrafficMirrorSession(t.Context(), &ec2.CreateTrafficMirrorSessionInput{
		NetworkInterfaceId: aws.String(source), TrafficMirrorTargetId: &targetID, TrafficMirrorFilterId: &filterID, SessionNumber: aws.Int32(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	return targetID, filterID, *session.TrafficMirrorSession.TrafficMirrorSessionId
}

// denies reports whether IAM denies a request, and notes what DryRun asks for. To
// create an object with tags takes the permission for those too. What is denied
// concerns reading and DryRun: a plan does nothing else.
func (p *planner) denies(form url.Values) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	action := form.Get("Action")
	if form.Get("DryRun") == "true" {
		p.asked = append(p.asked, action)
	}
	tags := form.Has("TagSpecification.1.ResourceType") && slices.Contains(p.denied, "CreateTags")
	return tags || slices.Contains(p.denied, action)
}

// A step is one object of a plan.
type step struct {
	kind    string
	prior   string // what its state has beyond a valid configuration; empty for an object that is new
	changes string // to a valid configuration; empty for an object that is destroyed
}

// plan plans objects one after another, with arguments of the provider block.
func (p *planner) plan(t *testing.T, arguments string, steps ...step) string {
	t.Helper()
	server := provider.NewServer(newProvider)()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	p.configure(t, server, schemas, arguments)
	var diagnostics []*tfprotov6.Diagnostic
	for _, s := range steps {
		diagnostics = append(diagnostics, p.planStep(t, server, schemas.ResourceSchemas[s.kind].ValueType(), s)...)
	}
	return worded(diagnostics)
}

func (p *planner) configure(t *testing.T, server tfprotov6.ProviderServer, schemas *tfprotov6.GetProviderSchemaResponse, arguments string) {
	t.Helper()
	block := map[string]any{"region": "us-east-1", "access_key": "test", "secret_key": "test", "skip_metadata_api_check": "true", "max_retries": 3}
	if arguments != "" {
		if err := json.Unmarshal([]byte(p.ids.Replace(arguments)), &block); err != nil {
			t.Fatalf("%s: %v", arguments, err)
		}
	}
	for _, list := range []string{"assume_role", "assume_role_with_web_identity", "default_tags", "ignore_tags"} {
		block[list] = []any{}
	}
	block["endpoints"] = []any{map[string]any{"ec2": p.url, "sts": p.url}}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamicValue(t, schemas.Provider.ValueType(), block)})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range configured.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatal(d.Summary, d.Detail)
		}
	}
}

func (p *planner) planStep(t *testing.T, server tfprotov6.ProviderServer, schema tftypes.Type, s step) []*tfprotov6.Diagnostic {
	t.Helper()
	nothing, err := tfprotov6.NewDynamicValue(schema, tftypes.NewValue(schema, nil))
	if err != nil {
		t.Fatal(err)
	}
	state, config, proposed := &nothing, &nothing, &nothing
	if s.prior != "" {
		state = dynamicValue(t, schema, p.with(t, valid[s.kind], s.prior))
	}
	if s.changes != "" {
		config = dynamicValue(t, schema, p.with(t, valid[s.kind], s.changes))
		proposed = config
		if s.prior != "" {
			proposed = dynamicValue(t, schema, p.with(t, p.with(t, valid[s.kind], s.prior), s.changes))
		}
	}
	resp, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: s.kind, PriorState: state, ProposedNewState: proposed, Config: config,
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// with returns a configuration with changes, written as JSON.
func (p *planner) with(t *testing.T, config map[string]any, changes string) map[string]any {
	t.Helper()
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	changed := map[string]any{}
	for _, text := range []string{string(text), changes} {
		if err := json.Unmarshal([]byte(p.ids.Replace(text)), &changed); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return changed
}
