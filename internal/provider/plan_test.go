package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// TestPlan compares what a plan says about new objects, word for word, with
// testdata/plan.txt.
func TestPlan(t *testing.T) {
	const path = "testdata/plan.txt"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a := newAccount(t)
	var rewritten strings.Builder
	for i, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		head, want, _ := strings.Cut(block, "\n")
		if strings.HasPrefix(head, "#") {
			rewritten.WriteString(block + "\n\n")
			continue
		}
		object, arguments, _ := strings.Cut(head, " with ")
		kind, changes, _ := strings.Cut(object, " ")
		got := a.plan(t, arguments, kind, changes)
		if got != want && !*update {
			t.Errorf("case %d, %s:\ngot\n%s\nwant\n%s", i, head, got, want)
		}
		rewritten.WriteString(strings.TrimSpace(head+"\n"+got) + "\n\n")
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.TrimSpace(rewritten.String())+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// plan plans a new object as Terraform does, with arguments of the provider block,
// and words the diagnostics.
func (a *account) plan(t *testing.T, arguments, kind, changes string) string {
	t.Helper()
	return a.planChange(t, arguments, kind, "", changes)
}

// planChange plans a change of an object. prior is what its state has beyond a
// valid configuration, or empty for an object that is new.
func (a *account) planChange(t *testing.T, arguments, kind, prior, changes string) string {
	t.Helper()
	ctx := t.Context()
	server := providerserver.NewProtocol6(provider.New("test")())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	block := map[string]any{"region": "us-east-1", "emulator": map[string]any{"path": a.path("ec2.db"), "topology": a.path("topology.json")}}
	if arguments != "" {
		if err := json.Unmarshal([]byte(arguments), &block); err != nil {
			t.Fatalf("%s: %v", arguments, err)
		}
	}
	for _, list := range []string{"assume_role", "assume_role_with_web_identity", "default_tags", "ignore_tags", "endpoints"} {
		block[list] = []any{}
	}
	configured, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: dynamicValue(t, schemas.Provider.ValueType(), block)})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range configured.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatal(d.Summary, d.Detail)
		}
	}
	schema := schemas.ResourceSchemas[kind].ValueType()
	state, err := tfprotov6.NewDynamicValue(schema, tftypes.NewValue(schema, nil))
	if err != nil {
		t.Fatal(err)
	}
	if prior != "" {
		state = *dynamicValue(t, schema, with(t, valid[kind], prior))
	}
	config := with(t, valid[kind], changes)
	proposed := config
	if prior != "" {
		proposed = with(t, with(t, valid[kind], prior), changes)
	}
	resp, err := server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: &state, ProposedNewState: dynamicValue(t, schema, proposed), Config: dynamicValue(t, schema, config),
	})
	if err != nil {
		t.Fatal(err)
	}
	return worded(resp.Diagnostics)
}

// with returns a configuration with changes, written as JSON.
func with(t *testing.T, config map[string]any, changes string) map[string]any {
	t.Helper()
	changed := maps.Clone(config)
	if err := json.Unmarshal([]byte(changes), &changed); err != nil {
		t.Fatalf("%s: %v", changes, err)
	}
	return changed
}

// What exists is in the way of a new session.
func TestPlan_live(t *testing.T) {
	a := newAccount(t)
	targetID, filterID, _ := a.mirror(t)
	for n := range int32(2) {
		_, err := a.client.CreateTrafficMirrorSession(t.Context(), &ec2.CreateTrafficMirrorSessionInput{
			NetworkInterfaceId: aws.String(source), TrafficMirrorTargetId: &targetID, TrafficMirrorFilterId: &filterID, SessionNumber: aws.Int32(n + 2),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	session := func(interfaceID string, number int) string {
		return fmt.Sprintf(`{"network_interface_id": %q, "traffic_mirror_target_id": %q, "traffic_mirror_filter_id": %q, "session_number": %d}`, interfaceID, targetID, filterID, number)
	}
	const refused = "error at traffic_mirror_target_id: The guard refuses the target"
	for name, c := range map[string]struct {
		arguments, session string
		want               []string
	}{
		"nothing in the way":  {"", session(source2, 2), nil},
		"a number and quota":  {"", session(source, 2), []string{"warning at network_interface_id: More sessions than", "4 sessions mirror " + source, "warning at session_number: Session number in use", "import {"}},
		"a higher quota":      {`{"quotas": {"sessions_per_interface": 4}}`, session(source, 9), nil},
		"an account allowed":  {`{"guard": {"target_owner_ids": ["123456789012"]}}`, session(source2, 1), nil},
		"an account refused":  {`{"guard": {"target_owner_ids": ["111122223333"]}}`, session(source2, 1), []string{refused, "belongs to account 123456789012"}},
		"no such target":      {"", `{"network_interface_id": "` + source2 + `"}`, []string{"error at traffic_mirror_target_id: The target does not exist"}},
		"a target to be made": {`{"guard": {"target_owner_ids": ["111122223333"]}}`, `{"network_interface_id": "` + source2 + `", "traffic_mirror_target_id": "(known after apply)"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := a.plan(t, c.arguments, "trafficmirror_session", c.session)
			if c.want == nil && got != "" {
				t.Errorf("got\n%s\nwant nothing", got)
			}
			wantIn(t, got, c.want)
		})
	}
}

func wantIn(t *testing.T, got string, want []string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("got\n%s\nwant %q in it", got, w)
		}
	}
}

// mirror creates a session with number 1, outside of Terraform.
func (a *account) mirror(t *testing.T) (targetID, filterID, sessionID string) {
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

// The guard is asked before a session moves to another target, and never when one
// is destroyed.
func TestAccSession_guard(t *testing.T) {
	a := newAccount(t)
	config := func(guard, target string) string {
		return strings.Replace(a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.`+target+`.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id`), `"us-east-1"`, `"us-east-1"
  guard = { target_owner_ids = ["`+guard+`"] }`, 1)
	}
	refused := regexp.MustCompile(`The guard refuses the target`)
	a.test(t,
		resource.TestStep{Config: config("111122223333", "x"), ExpectError: refused}, // after the target was made
		resource.TestStep{Config: config("123456789012", "x")},
		resource.TestStep{Config: config("111122223333", "nlb"), ExpectError: refused, PlanOnly: true},
		resource.TestStep{Config: config("111122223333", "x")},
	)
}
