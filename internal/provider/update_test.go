package provider_test

import (
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// update changes an object whose state is known, as an apply does. The plan is the state with
// other timeouts, and the configuration has the given arguments of it.
func (r *sourceReader) update(t *testing.T, kind string, state map[string]any, arguments ...string) {
	t.Helper()
	planned, config := maps.Clone(state), map[string]any{}
	for name := range state {
		config[name] = nil
	}
	planned["timeouts"] = map[string]any{"create": nil, "update": "7m", "delete": nil}
	for _, name := range append(arguments, "timeouts") {
		config[name] = planned[name]
	}
	of := r.schemas.ResourceSchemas[kind].ValueType()
	resp, err := r.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: kind, PriorState: dynamicValue(t, of, state), PlannedState: dynamicValue(t, of, planned), Config: dynamicValue(t, of, config),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Diagnostics) > 0 {
		t.Error(worded(resp.Diagnostics))
	}
}

// An update sees an object as it is in the apply. What an earlier update has read is old, also
// if that one has changed nothing: otherwise what somebody has changed since stays, and the state
// does not say so.
func TestUpdate_readsNow(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	sessions, filters := map[string]map[string]any{}, map[string]map[string]any{}
	for _, name := range []string{"tms-1", "tms-2"} {
		sessions[name] = r.resource(t, "trafficmirror_session", r.ids.Replace(name))
	}
	for _, name := range []string{"tmf-1", "tmf-2"} {
		filters[name] = r.resource(t, "trafficmirror_filter", r.ids.Replace(name))
		filters[name]["ingress_rules"], filters[name]["egress_rules"] = nil, nil
	}
	setVNI := func(vni int32) {
		t.Helper()
		if _, err := r.account.client.ModifyTrafficMirrorSession(t.Context(), &ec2.ModifyTrafficMirrorSessionInput{TrafficMirrorSessionId: aws.String(r.ids.Replace("tms-2")), VirtualNetworkId: &vni}); err != nil {
			t.Fatal(err)
		}
	}
	ofSession := []string{"network_interface_id", "traffic_mirror_target_id", "traffic_mirror_filter_id", "session_number", "virtual_network_id", "tags"}
	r.server, r.schemas = r.account.server(t)
	r.update(t, "trafficmirror_session", sessions["tms-1"], ofSession...)
	setVNI(99)
	r.update(t, "trafficmirror_session", sessions["tms-2"], ofSession...)
	all, err := r.account.client.DescribeTrafficMirrorSessions(t.Context(), &ec2.DescribeTrafficMirrorSessionsInput{TrafficMirrorSessionIds: []string{r.ids.Replace("tms-2")}})
	if err != nil || aws.ToInt32(all.TrafficMirrorSessions[0].VirtualNetworkId) != 8 {
		t.Errorf("the VNI of the session is not that of its state: %+v, %v", all, err)
	}

	r.server, r.schemas = r.account.server(t) // before the first change of a run
	r.update(t, "trafficmirror_filter", filters["tmf-1"], "network_services", "tags")
	id := r.ids.Replace("tmf-2")
	if _, err := r.account.client.ModifyTrafficMirrorFilterNetworkServices(t.Context(), &ec2.ModifyTrafficMirrorFilterNetworkServicesInput{
		TrafficMirrorFilterId: &id, RemoveNetworkServices: []types.TrafficMirrorNetworkService{"amazon-dns"},
	}); err != nil {
		t.Fatal(err)
	}
	r.update(t, "trafficmirror_filter", filters["tmf-2"], "network_services", "tags")
	now, err := r.account.client.DescribeTrafficMirrorFilters(t.Context(), &ec2.DescribeTrafficMirrorFiltersInput{TrafficMirrorFilterIds: []string{id}})
	if err != nil || len(now.TrafficMirrorFilters[0].NetworkServices) != 1 {
		t.Errorf("the services of the filter are not those of its state: %+v, %v", now, err)
	}
}
