package console

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A list of obstacles that is cut says how much it leaves out, and what is not known is said.
func TestObstacles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		idle, unknown, live, near int
		obstacles, state          string
	}{
		"nothing":     {0, 0, 2, 0, "Nothing that EC2 shows.", "in use"},
		"all unknown": {0, 3, 0, 0, "Of 3 sessions of 3, EC2 does not show whether it mirrors.", "not known"},
		"one unknown": {0, 1, 2, 0, "Of 1 session of 3, EC2 does not show whether it mirrors.", "in use"},
		"many":        {23, 0, 1, 0, "And 3 more idle sessions.", "23 idle sessions"},
		"one more":    {21, 2, 1, 0, "And 1 more idle session.", "21 idle sessions"},
		"a zone":      {0, 0, 2, 1, "1 session of 3 is zone_without_appliance: cross-zone load balancing is off", "zone_without_appliance"},
		"zones":       {0, 1, 0, 2, "2 sessions of 3 are zone_without_appliance: cross-zone load balancing is off", "zone_without_appliance"},
	} {
		x := &index{sessions: map[string]inventory.SessionCoverage{}, idle: map[string]inventory.Idle{}, ofTarget: map[string][]account.Tagged[mirror.Session]{}}
		s := &snapshot{index: func() *index { return x }}
		add := func(n int, status inventory.Status, isIdle bool) {
			for range n {
				id := fmt.Sprintf("tms-%d", len(x.sessions))
				session := account.Tagged[mirror.Session]{Noun: mirror.Session{ID: id}}
				x.sessions[id] = inventory.SessionCoverage{Status: status}
				x.ofTarget["tmt-1"] = append(x.ofTarget["tmt-1"], session)
				if isIdle {
					x.idle[id] = inventory.Idle{Detail: "Its instance does not run."}
				}
			}
		}
		add(c.idle, inventory.SourceStopped, true)
		add(c.unknown, inventory.StatusUnknown, false)
		add(c.live, inventory.Active, false)
		add(c.near, inventory.NoZone, false)
		var html, state strings.Builder
		users := x.ofTarget["tmt-1"]
		if err := obstacles(s, users, false).Render(&html); err != nil || !strings.Contains(html.String(), c.obstacles) || strings.Count(html.String(), "does not run") != min(c.idle, 20) {
			t.Errorf("%s: %s, %v", name, &html, err)
		}
		if err := receiverState(s, "tmt-1", inventory.TargetUse{Sessions: len(users), Idle: c.idle}).Render(&state); err != nil || !strings.Contains(state.String(), c.state) {
			t.Errorf("%s: %s, %v", name, &state, err)
		}
	}
}

// The state of a session is drawn as good only if the session is active.
func TestStateBadge(t *testing.T) {
	t.Parallel()
	for _, c := range inventory.Statuses {
		x := &index{sessions: map[string]inventory.SessionCoverage{"tms": {Status: c.Status}}}
		s := &snapshot{index: func() *index { return x }}
		class, word := "partly", string(c.Status)
		switch {
		case c.Status == inventory.Active:
			class = "mirrored"
		case c.Status == inventory.StatusUnknown:
			class, word = "unknown", "not known"
		case !c.Status.IsLive():
			class, word = "not", "idle"
			x.idle = map[string]inventory.Idle{"tms": {Reason: inventory.IdleReason(c.Status)}}
		}
		var html strings.Builder
		if err := s.stateBadge("tms").Render(&html); err != nil || !strings.Contains(html.String(), `class="badge `+class+`">`+word+"<") {
			t.Errorf("%s is %s, %v", c.Status, &html, err)
		}
	}
}
