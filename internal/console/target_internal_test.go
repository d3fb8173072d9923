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
		idle, unknown, live int
		obstacles, state    string
	}{
		"nothing":     {0, 0, 2, "Nothing that EC2 shows.", "in use"},
		"all unknown": {0, 3, 0, "Of 3 sessions of 3, EC2 does not show whether it mirrors.", "not known"},
		"one unknown": {0, 1, 2, "Of 1 session of 3, EC2 does not show whether it mirrors.", "in use"},
		"many":        {23, 0, 1, "And 3 more idle sessions.", "23 idle sessions"},
		"one more":    {21, 2, 1, "And 1 more idle session.", "21 idle sessions"},
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
		add(c.live, "mirroring", false)
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
