package provider_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tfsdklogtest"
)

// A sizedSimulation is a simulation of many packets in words, each with an expectation, and the
// requests that Terraform makes for it.
type sizedSimulation struct {
	server              tfprotov6.ProviderServer
	none, config, state *tfprotov6.DynamicValue
	private             []byte
}

const simulationKind = "trafficmirror_simulation"

func newSizedSimulation(tb testing.TB, packets int) *sizedSimulation {
	tb.Helper()
	a := newAccount(tb)
	a.mirror(tb)
	server, schemas := a.server(tb)
	schema := schemas.ResourceSchemas[simulationKind].ValueType()
	words, expect := make([]any, packets), make([]any, packets)
	for i := range packets {
		name := fmt.Sprint("packet ", i)
		words[i] = map[string]any{
			"name": name, "direction": "ingress", "protocol": "tcp", "length": 100,
			"source": fmt.Sprintf("192.0.2.%d", i%250), "source_port": 1024 + i,
			"destination": sourceAddress, "destination_port": 443,
		}
		expect[i] = map[string]any{"packet": name, "mirrored": false, "reason": "no_rule"}
	}
	none, err := tfprotov6.NewDynamicValue(schema, tftypes.NewValue(schema, nil))
	if err != nil {
		tb.Fatal(err)
	}
	s := &sizedSimulation{server: server, none: &none}
	s.config = dynamicValue(tb, schema, map[string]any{"network_interface_id": source, "packets": words, "expect": expect})
	s.state, s.private = s.apply(tb.Context(), tb)
	return s
}

func (s *sizedSimulation) validate(ctx context.Context, tb testing.TB) {
	tb.Helper()
	resp, err := s.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: simulationKind, Config: s.config})
	if err != nil || resp.Diagnostics != nil {
		tb.Fatal(err, worded(resp.Diagnostics))
	}
}

// plan plans to create the simulation, or, from its state, no change.
func (s *sizedSimulation) plan(ctx context.Context, tb testing.TB, state, proposed *tfprotov6.DynamicValue) *tfprotov6.PlanResourceChangeResponse {
	tb.Helper()
	resp, err := s.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: simulationKind, PriorState: state, ProposedNewState: proposed, Config: s.config, PriorPrivate: s.private,
	})
	if err != nil || resp.Diagnostics != nil {
		tb.Fatal(err, worded(resp.Diagnostics))
	}
	return resp
}

func (s *sizedSimulation) apply(ctx context.Context, tb testing.TB) (state *tfprotov6.DynamicValue, private []byte) {
	tb.Helper()
	planned := s.plan(ctx, tb, s.none, s.config)
	resp, err := s.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: simulationKind, PriorState: s.none, PlannedState: planned.PlannedState, PlannedPrivate: planned.PlannedPrivate, Config: s.config,
	})
	if err != nil || resp.Diagnostics != nil {
		tb.Fatal(err, worded(resp.Diagnostics))
	}
	return resp.NewState, resp.Private
}

func (s *sizedSimulation) read(ctx context.Context, tb testing.TB) {
	tb.Helper()
	resp, err := s.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: simulationKind, CurrentState: s.state, Private: s.private})
	if err != nil || resp.Diagnostics != nil {
		tb.Fatal(err, worded(resp.Diagnostics))
	}
}

// simulationRequests are the requests that Terraform makes for a simulation.
var simulationRequests = map[string]func(*sizedSimulation, context.Context, testing.TB){
	"validate": (*sizedSimulation).validate,
	"create":   func(s *sizedSimulation, ctx context.Context, tb testing.TB) { s.plan(ctx, tb, s.none, s.config) },
	"apply":    func(s *sizedSimulation, ctx context.Context, tb testing.TB) { s.apply(ctx, tb) },
	"read":     (*sizedSimulation).read,
	"plan":     func(s *sizedSimulation, ctx context.Context, tb testing.TB) { s.plan(ctx, tb, s.state, s.state) },
}

// The framework writes log messages for each value that it visits. It visits as many for
// 100 packets as for one. Otherwise a plan with 1,000 packets takes many seconds.
func TestSimulation_size(t *testing.T) {
	t.Parallel()
	few, many := newSizedSimulation(t, 1), newSizedSimulation(t, 100)
	for name, request := range simulationRequests {
		messages := func(s *sizedSimulation) int {
			var log bytes.Buffer
			request(s, tfsdklogtest.RootLogger(t.Context(), &log), t)
			return bytes.Count(log.Bytes(), []byte("\n"))
		}
		want := messages(few)
		if got := messages(many); got != want || want == 0 {
			t.Errorf("%s: %d log messages for 100 packets, and %d for one", name, got, want)
		}
	}
}

func BenchmarkSimulation(b *testing.B) {
	for _, packets := range []int{100, 1000} {
		s := newSizedSimulation(b, packets)
		for name, request := range simulationRequests {
			b.Run(fmt.Sprintf("%s/packets=%d", name, packets), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					request(s, b.Context(), b)
				}
			})
		}
	}
}
