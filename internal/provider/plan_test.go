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
	config := maps.Clone(valid[kind])
	if err := json.Unmarshal([]byte(changes), &config); err != nil {
		t.Fatalf("%s: %v", changes, err)
	}
	schema := schemas.ResourceSchemas[kind].ValueType()
	none, err := tfprotov6.NewDynamicValue(schema, tftypes.NewValue(schema, nil))
	if err != nil {
		t.Fatal(err)
	}
	value := dynamicValue(t, schema, config)
	resp, err := server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: kind, PriorState: &none, ProposedNewState: value, Config: value})
	if err != nil {
		t.Fatal(err)
	}
	return worded(resp.Diagnostics)
}

// What exists is in the way of a new session.
func TestPlan_live(t *testing.T) {
	a := newAccount(t)
	ctx := t.Context()
	target, err := a.client.CreateTrafficMirrorTarget(ctx, &ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: aws.String(sensor)})
	if err != nil {
		t.Fatal(err)
	}
	filter, err := a.client.CreateTrafficMirrorFilter(ctx, &ec2.CreateTrafficMirrorFilterInput{})
	if err != nil {
		t.Fatal(err)
	}
	targetID, filterID := *target.TrafficMirrorTarget.TrafficMirrorTargetId, *filter.TrafficMirrorFilter.TrafficMirrorFilterId
	for n := range int32(3) {
		_, err := a.client.CreateTrafficMirrorSession(ctx, &ec2.CreateTrafficMirrorSessionInput{
			NetworkInterfaceId: aws.String(source), TrafficMirrorTargetId: &targetID, TrafficMirrorFilterId: &filterID, SessionNumber: aws.Int32(n + 1),
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
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("got\n%s\nwant %q in it", got, want)
				}
			}
		})
	}
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
