package diagram

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/planfile"
)

const ofBalancer = mirror.UseBalancerCrossZone

// groupOf returns a target group with targets that are written "ID ZONE HEALTH".
func groupOf(name, crossZone string, targets ...string) mirror.TargetGroup {
	g := mirror.TargetGroup{ARN: "arn:" + name, Name: name, CrossZone: crossZone, Targets: []mirror.RegisteredTarget{}}
	for _, t := range targets {
		words := strings.Split(t, " ")
		g.Targets = append(g.Targets, mirror.RegisteredTarget{ID: words[0], Zone: words[1], Health: words[2]})
	}
	return g
}

// receiversText writes the boxes behind a target.
func receiversText(kind mirror.TargetType, lb mirror.LoadBalancer, groups ...mirror.TargetGroup) string {
	e := mirror.Endpoint{Type: kind}
	e.SetLoadBalancer(lb, groups)
	w := &World{Targets: map[string]*Target{"tmt": {Object: Object{ID: "tmt"}, Type: kind, Endpoint: &e}}}
	var got []string
	for _, n := range w.Draw(nil, true).Nodes[1:] {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s [%s] %s", n.Title, strings.Join(n.Notes, "; "), n.Tone)))
	}
	return strings.Join(got, " / ")
}

// What a load balancer does and how its appliances are is said in words, and what is not known is
// drawn as that.
func TestReceivers(t *testing.T) {
	t.Parallel()
	to := func(groups ...string) []mirror.Listener {
		return []mirror.Listener{{Protocol: "UDP", Port: mirror.CopyPort, TargetGroups: groups}}
	}
	const off = "lb [listens on UDP 4789; to target group sensors; cross-zone load balancing is off]"
	group := groupOf("sensors", ofBalancer, "i-1 a healthy", "i-2 a unhealthy", "i-3 a ")
	for _, c := range []struct {
		listeners []mirror.Listener
		groups    []mirror.TargetGroup
		want      string
	}{
		{to("arn:sensors"), []mirror.TargetGroup{group}, off + " / i-1 [healthy] good / i-2 [unhealthy, gets no copies] bad / i-3 [health not known] warn / none [nothing in b is registered in sensors] bad"},
		{to("arn:sensors"), []mirror.TargetGroup{groupOf("sensors", ofBalancer, "i-1 a unhealthy")}, off + " / i-1 [unhealthy, gets copies all the same] bad / none [nothing in b is registered in sensors] bad"},
		{to("arn:sensors"), []mirror.TargetGroup{groupOf("sensors", ofBalancer)}, off + " / none [nothing is registered in sensors] bad"},
		{[]mirror.Listener{}, []mirror.TargetGroup{group}, "lb [no listener on UDP 4789; cross-zone load balancing is off] bad"},
		{[]mirror.Listener{{Protocol: "TCP", Port: mirror.CopyPort}}, []mirror.TargetGroup{group}, "lb [no listener on UDP 4789; cross-zone load balancing is off] bad"},
		{nil, []mirror.TargetGroup{group}, "lb [listener on UDP 4789 not known; cross-zone load balancing is off] warn / not known [what is behind it is not known] warn"},
		// One of several groups is empty, or not known.
		{to("arn:sensors", "arn:empty"), []mirror.TargetGroup{groupOf("sensors", ofBalancer, "i-1 a healthy"), groupOf("empty", ofBalancer)},
			"lb [listens on UDP 4789; to target group sensors; to target group empty; cross-zone load balancing is off] / i-1 [in sensors; healthy] good / none [nothing in b is registered in sensors] bad / none [nothing is registered in empty] bad"},
		{to("arn:a", "arn:b"), []mirror.TargetGroup{{ARN: "arn:a", Name: "a"}, {ARN: "arn:b", Name: "b"}},
			"lb [listens on UDP 4789; to target group a; to target group b; cross-zone load balancing is off] / not known [the targets of a are not known] warn / not known [the targets of b are not known] warn"},
		// An appliance is healthy in one group, and not in another one.
		{to("arn:sensors", "arn:more"), []mirror.TargetGroup{groupOf("sensors", ofBalancer, "i-1 a healthy"), groupOf("more", ofBalancer, "i-1 all unused")},
			"lb [listens on UDP 4789; to target group sensors; to target group more; cross-zone load balancing is off] / i-1 [in sensors; healthy] good / none [nothing in b is registered in sensors] bad / i-1 [in more; unused, gets no copies] bad"},
		// An empty group is none of many appliances.
		{to("arn:sensors", "arn:empty"), []mirror.TargetGroup{groupOf("sensors", ofBalancer, "i-1 a healthy", "i-2 a healthy", "i-3 a healthy", "i-4 a healthy", "i-5 a healthy"), groupOf("empty", ofBalancer)},
			"lb [listens on UDP 4789; to target group sensors; to target group empty; cross-zone load balancing is off] / 5 appliances [5 healthy] good / none [nothing in b is registered in sensors] bad / none [nothing is registered in empty] bad"},
		// With cross-zone load balancing off, a node sends only to the targets in its zone, and each zone fails open by itself. A target group can turn it on or off for itself.
		{to("arn:sensors"), []mirror.TargetGroup{groupOf("sensors", ofBalancer, "i-1 a healthy", "i-2 b unhealthy")}, off + " / i-1 [healthy] good / i-2 [unhealthy, gets copies all the same] bad"},
		{to("arn:sensors"), []mirror.TargetGroup{groupOf("sensors", "true", "i-1 a healthy", "i-2 b unhealthy")},
			"lb [listens on UDP 4789; to target group sensors, with cross-zone load balancing on] / i-1 [healthy] good / i-2 [unhealthy, gets no copies] bad"},
		{to("arn:sensors"), []mirror.TargetGroup{groupOf("sensors", "", "i-1 a healthy", "i-2 b unhealthy")}, off + " / i-1 [healthy] good / i-2 [unhealthy] bad"},
		{to("arn:sensors"), []mirror.TargetGroup{groupOf("sensors", ofBalancer, "i-1 a healthy", "i-2  unhealthy")}, off + " / i-1 [healthy] good / i-2 [unhealthy] bad"},
	} {
		zones := []mirror.LoadBalancerZone{{Zone: "a"}, {Zone: "b"}}
		lb := mirror.LoadBalancer{ARN: "arn:lb", Name: "lb", Type: mirror.NetworkBalancer, State: "active", CrossZone: new(false), Zones: zones, Listeners: c.listeners}
		if got := receiversText(mirror.NetworkLoadBalancer, lb, c.groups...); got != c.want {
			t.Errorf("%v are\n%s, not\n%s", c.listeners, got, c.want)
		}
	}
}

// A Gateway Load Balancer has one listener for all ports, if it has one.
func TestReceivers_gateway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		listeners []mirror.Listener
		want      string
	}{
		{[]mirror.Listener{{TargetGroups: []string{"arn:sensors"}}}, "lb [listens on all ports; to target group sensors] / i-1 [healthy] good"},
		{[]mirror.Listener{}, "lb [no listener] bad"},
		{nil, "lb [listener not known] warn / not known [what is behind it is not known] warn"},
	} {
		lb := mirror.LoadBalancer{ARN: "arn:lb", Name: "lb", Type: mirror.GatewayBalancer, State: "active", CrossZone: new(true), Listeners: c.listeners}
		if got := receiversText(mirror.GatewayLoadBalancerEndpoint, lb, groupOf("sensors", ofBalancer, "i-1 a healthy")); got != c.want {
			t.Errorf("%v are\n%s, not\n%s", c.listeners, got, c.want)
		}
	}
}

// Each status but active is written into the box of its session, and none is drawn as if all were
// well. A state and an account are drawn alike.
func TestStatusWords(t *testing.T) {
	t.Parallel()
	for _, s := range inventory.Statuses {
		word, tone := "status: "+string(s.Status), Bad
		switch s.Status {
		case inventory.Active:
			word, tone = "", Neutral
		case inventory.StatusUnknown, inventory.NoHealthy, inventory.NoZone:
			tone = Warn
		}
		a := Account{Sessions: map[string]inventory.SessionCoverage{"tms": {Status: s.Status}}}
		ofAccount := a.session(account.Tagged[mirror.Session]{Noun: mirror.Session{ID: "tms"}})
		ofState := plannedSession(planfile.PlannedSession{Status: string(s.Status)})
		for from, got := range map[string]*Session{"account": ofAccount, "state": ofState} {
			if got.Word != word || got.Tone != tone {
				t.Errorf("%s: %s is drawn as %q, %q, not as %q, %q", from, s.Status, got.Word, got.Tone, word, tone)
			}
		}
	}
	a := Account{Sessions: map[string]inventory.SessionCoverage{"tms": {Status: inventory.NoZone, Idle: inventory.AcceptsNothing}}}
	if got := a.session(account.Tagged[mirror.Session]{Noun: mirror.Session{ID: "tms"}}); got.Word != "status: zone_without_appliance, idle: accepts_nothing" || got.Tone != Bad {
		t.Errorf("an idle session is drawn as %q, %q", got.Word, got.Tone)
	}
}
