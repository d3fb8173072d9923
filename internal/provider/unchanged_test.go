package provider_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// What the provider answers about an object that does not change, without most of the
// framework, is what the framework answers. This holds whatever Terraform keeps of the object,
// with arguments of the provider block that change the plan, and for an object that was
// changed or deleted by hand.
func TestUnchanged(t *testing.T) {
	t.Parallel()
	for kind, create := range benched {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := create(t)
			nameless, noPrivate, displaced := *s, *s, *s
			nameless.identity, noPrivate.private = nil, nil
			displaced.private = []byte(`{"created":"IjIwMjQtMDEtMDJUMDM6MDQ6MDVaIg==","displaced":"Nw=="}`)
			imported := *s
			imported.private = []byte(`{".import_before_read":"dHJ1ZQ=="}`)
			for name, of := range map[string]*stored{
				"as it is": s, "without identity": &nameless, "without private state": &noPrivate, "displaced": &displaced, "imported": &imported,
			} {
				of.compare(t, name, nil)
			}
			s.compare(t, "new default tags", map[string]any{"default_tags": []any{map[string]any{"tags": map[string]any{"team": "netsec"}}}})
			s.compare(t, "another Region", map[string]any{"region": "eu-west-1"})
			if _, err := s.account.client.CreateTags(t.Context(), &ec2.CreateTagsInput{
				Resources: []string{s.id(t)}, Tags: []types.Tag{{Key: new("by"), Value: new("hand")}},
			}); err != nil {
				t.Fatal(err)
			}
			s.compare(t, "changed by hand", nil)
			s.remove(t)
			s.compare(t, "deleted by hand", nil)
		})
	}
}

// remove deletes the object by hand.
func (s *stored) remove(t *testing.T) {
	t.Helper()
	id, client := s.id(t), s.account.client
	var err error
	switch s.kind {
	case "trafficmirror_filter":
		_, err = client.DeleteTrafficMirrorFilter(t.Context(), &ec2.DeleteTrafficMirrorFilterInput{TrafficMirrorFilterId: &id})
	case "trafficmirror_filter_rule":
		_, err = client.DeleteTrafficMirrorFilterRule(t.Context(), &ec2.DeleteTrafficMirrorFilterRuleInput{TrafficMirrorFilterRuleId: &id})
	case "trafficmirror_session":
		_, err = client.DeleteTrafficMirrorSession(t.Context(), &ec2.DeleteTrafficMirrorSessionInput{TrafficMirrorSessionId: &id})
	case "trafficmirror_target":
		_, err = client.DeleteTrafficMirrorTarget(t.Context(), &ec2.DeleteTrafficMirrorTargetInput{TrafficMirrorTargetId: &id})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// compare reads and plans the object with the provider as it is, and with the framework's
// own server for it.
func (s *stored) compare(t *testing.T, name string, arguments map[string]any) {
	t.Helper()
	var read, plan, upgraded [2]string
	for i, server := range []tfprotov6.ProviderServer{provider.NewServer(newProvider)(), providerserver.NewProtocol6(newProvider())()} {
		of := *s
		of.server = server
		configure(t, server, s.account, arguments)
		upgraded[i] = of.value(t, of.upgrade(t)).String()
		r := of.read(t)
		read[i] = fmt.Sprintf("state %s\nidentity %s\nprivate state %s\n%s", of.value(t, r.NewState), identity(t, r.NewIdentity), r.Private, worded(r.Diagnostics))
		p := of.plan(t)
		plan[i] = fmt.Sprintf("state %s\nidentity %s\nprivate state %s\nreplaced for %s\n%s",
			of.value(t, p.PlannedState), identity(t, p.PlannedIdentity), p.PlannedPrivate, p.RequiresReplace, worded(p.Diagnostics))
	}
	if upgraded[0] != upgraded[1] {
		t.Errorf("%s: the stored state is\n%s\nand the framework's\n%s", name, upgraded[0], upgraded[1])
	}
	if read[0] != read[1] {
		t.Errorf("%s: Read answers\n%s\nand the framework\n%s", name, read[0], read[1])
	}
	if plan[0] != plan[1] {
		t.Errorf("%s: the plan is\n%s\nand the framework's\n%s", name, plan[0], plan[1])
	}
}

func identity(t *testing.T, data *tfprotov6.ResourceIdentityData) string {
	t.Helper()
	if data == nil {
		return "none"
	}
	value, err := data.IdentityData.Unmarshal(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "account_id": tftypes.String, "region": tftypes.String}})
	if err != nil {
		t.Fatal(err)
	}
	return value.String()
}

// A session that is disabled has no ID, and is answered as the framework answers it.
func TestUnchanged_disabled(t *testing.T) {
	t.Parallel()
	account := newAccount(t)
	s := store(t, account, "trafficmirror_session", map[string]any{
		"network_interface_id": source, "traffic_mirror_target_id": "tmt-0123456789abcdef0", "traffic_mirror_filter_id": "tmf-0123456789abcdef0",
		"session_number": 1, "enabled": false,
	})
	s.compare(t, "as it is", nil)
	s.compare(t, "new default tags", map[string]any{"default_tags": []any{map[string]any{"tags": map[string]any{"team": "netsec"}}}})
	s.compare(t, "another Region", map[string]any{"region": "eu-west-1"})
}
