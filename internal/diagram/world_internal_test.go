package diagram

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/planfile"
)

// text writes each node with its notes, its tone and what the plan does, and each edge.
func text(d *Drawing) string {
	var lines []string
	for _, n := range d.Nodes {
		lines = append(lines, fmt.Sprintf("%s: %s%s [%s] %s %s", n.Column, bold(n.Marks), n.Title, strings.Join(n.Notes, "; "), n.Tone, n.Change))
	}
	for _, e := range d.Edges {
		lines = append(lines, fmt.Sprintf("%d > %d", e.From, e.To))
	}
	return strings.Join(append(lines, d.Notes...), "\n")
}

func bold(marks []string) string {
	if len(marks) == 0 {
		return ""
	}
	return "*" + strings.Join(marks, ", ") + "* "
}

func planOf(t *testing.T, name string) *World {
	t.Helper()
	content, err := os.ReadFile("../planfile/testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	kind := planfile.Plan
	if strings.HasSuffix(name, "state") {
		kind = planfile.State
	}
	f, err := planfile.Parse(kind, content)
	if err != nil {
		t.Fatal(err)
	}
	return OfPlan(f.Overview())
}

// A plan is drawn with what it creates, changes and deletes, and with what it does not show.
func TestOfPlan(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"change-plan": `
Interface: eni-0a3f6c9e1b7d25840 []  
Session: session 1 [trafficmirror_session.rules; tms-0db2cc2a0ef1da80c; VNI 5264027]  
Filter: *will change* trafficmirror_filter.rules [tmf-022784683810d498c; ingress: 1 accept; egress: no rule; ingress rules 2 -> 1; - 10 accept tcp any > any:443; - 11 accept tcp any > any:443; + 20 accept tcp any > any:22-443]  update
Target: trafficmirror_target.sensor [tmt-00e858c5801a61431; network interface]  
Appliance: eni-0c5d9b1e8f3a74260 []  
Session: *will be deleted* session 2 [trafficmirror_session.gone[0]; tms-0ccda47ce2757c2ad; VNI 6108212]  delete
Filter: trafficmirror_filter.inline [tmf-082e9d684dc74c000; ingress: no rule; egress: 1 accept]  
0 > 1
1 > 2
2 > 3
3 > 4
0 > 5
5 > 6
6 > 3`,
		"aws-plan": `
Interface: *will be created* aws_network_interface.web [aws_instance.db; aws_subnet.net]  create
Session: *will be created* session 1 [aws_ec2_traffic_mirror_session.web; packet length 128]  create
Filter: *will be created* aws_ec2_traffic_mirror_filter.web [ingress: 1 accept, 1 reject; egress: 1 accept; Amazon DNS; the same filter as in 2 other boxes]  create
Target: *will be created* aws_ec2_traffic_mirror_target.sensor[0] [network interface]  create
Appliance: *will be created* aws_network_interface.sensor[0] [10.0.1.20]  create
Interface: eni-0c5d9b1e8f3a74260 []  
Session: *will be created* session 1 [aws_ec2_traffic_mirror_session.existing]  create
Filter: *will be created* aws_ec2_traffic_mirror_filter.web [ingress: 1 accept, 1 reject; egress: 1 accept; Amazon DNS; the same filter as in 2 other boxes]  create
Target: *will be created* aws_ec2_traffic_mirror_target.sensor[1] [network interface]  create
Appliance: *will be created* aws_network_interface.sensor[1] [10.0.1.21]  create
Interface: *will be created* aws_instance.app [aws_subnet.net]  create
Session: *will be created* session 1 [aws_ec2_traffic_mirror_session.app]  create
Filter: *will be created* aws_ec2_traffic_mirror_filter.web [ingress: 1 accept, 1 reject; egress: 1 accept; Amazon DNS; the same filter as in 2 other boxes]  create
Target: *will be created* aws_ec2_traffic_mirror_target.sensors [Network Load Balancer]  create
Load balancer: *will be created* aws_lb.sensors [listens on UDP 4789]  create
Appliance: not known [what is behind it is not known] warn 
0 > 1
1 > 2
2 > 3
3 > 4
5 > 6
6 > 7
7 > 8
8 > 9
10 > 11
11 > 12
12 > 13
13 > 14
14 > 15
Of load balancers, the diagram has the listeners and the registered targets that are in the same file. It does not have their health.`,
	} {
		if got := text(planOf(t, name).DrawGrouped(Automatic, SVG.Fits)); got != strings.TrimSpace(want) {
			t.Errorf("%s is\n%s", name, got)
		}
	}
}

// What a plan does not show is a box that says so, and no session is left out.
func TestOfPlan_unknown(t *testing.T) {
	t.Parallel()
	d := planOf(t, "modules-plan").DrawGrouped(Automatic, SVG.Fits)
	sessions, unknown := 0, 0
	for _, n := range d.Nodes {
		switch {
		case n.Column == ColumnSession:
			sessions++
		case n.Column == ColumnFilter && n.Title == "not known" && n.Tone == Warn && slices.Contains(n.Notes, vague):
			unknown++
		}
	}
	if sessions != 9 || unknown != 3 {
		t.Errorf("%d sessions and %d unknown filters are drawn:\n%s", sessions, unknown, text(d))
	}
}

// What changes is written with its old and its new value.
func TestOfPlan_old(t *testing.T) {
	t.Parallel()
	const before, after = `"traffic_mirror_target_id": "tmt-00e858c5801a61431"`, `"traffic_mirror_target_id": "tmt-0ffffffffffffffff"`
	content, err := os.ReadFile("../planfile/testdata/change-plan.json")
	if err != nil {
		t.Fatal(err)
	}
	planned := strings.Replace(strings.ReplaceAll(string(content), `"no-op"`, `"update"`), before, after, 1)
	planned = strings.Replace(planned, `"session_number": 1`, `"session_number": 9`, 1)
	f, err := planfile.Parse(planfile.Plan, []byte(planned))
	if err != nil {
		t.Fatal(err)
	}
	d := OfPlan(f.Overview()).DrawGrouped(Automatic, SVG.Fits)
	for _, want := range []string{"session_number 1 -> 9", "traffic_mirror_target_id trafficmirror_target.sensor -> tmt-0ffffffffffffffff"} {
		if !strings.Contains(text(d), want) {
			t.Errorf("%q is not in\n%s", want, text(d))
		}
	}
}

// Each line can be followed: from the box of sessions of one target, only this target is reached.
// A filter has a box for each target, and says so.
func TestDraw_follow(t *testing.T) {
	t.Parallel()
	for _, by := range []GroupBy{Ungrouped, BySubnet, byChain, ByTag + "team"} {
		d := fleet(12, plain).DrawGrouped(by, SVG.Fits)
		sessions, repeated := 0, 0
		for at, n := range d.Nodes {
			if n.Column == ColumnFilter && slices.Contains(n.Notes, "the same filter as in another box") {
				repeated++
			}
			if n.Column != ColumnSession {
				continue
			}
			sessions++
			if targets := reached(d, at, ColumnTarget); len(targets) != 1 {
				t.Errorf("%s: %s, %q, reaches %v", by, n.Title, n.Notes, targets)
			}
		}
		if sessions == 0 || repeated != 4 {
			t.Errorf("%s: %d boxes of sessions, %d boxes of filters with several:\n%s", by, sessions, repeated, text(d))
		}
	}
}

// reached returns the titles of the boxes of a column that lines lead to.
func reached(d *Drawing, from int, column Column) (titles []string) {
	for _, e := range d.Edges {
		switch {
		case e.From != from:
		case d.Nodes[e.To].Column == column:
			titles = append(titles, d.Nodes[e.To].Title)
		default:
			titles = append(titles, reached(d, e.To, column)...)
		}
	}
	return titles
}

// A plan says how many objects change, what each change looks like, and which rules come, go and
// change.
func TestOfPlan_marks(t *testing.T) {
	t.Parallel()
	w := planOf(t, "change-plan")
	w.IsPlan = true
	d := w.DrawGrouped(Automatic, SVG.Fits)
	const summary = "2 of 7 objects change: 1 will be deleted, 1 will change."
	for _, f := range Formats {
		drawn, err := f.Write(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{summary, "will change, be replaced or leave the state", "will be deleted"} {
			if !strings.Contains(drawn, want) {
				t.Errorf("%s: %q is not in\n%s", f, want, drawn)
			}
		}
		if strings.Contains(drawn, "will be created") {
			t.Errorf("%s: a legend says what there is not", f)
		}
	}
	if mermaid, _ := d.Mermaid(); !strings.Contains(mermaid, `["<b>will change</b><br/>Filter: trafficmirror`) && !strings.Contains(mermaid, `["<b>will change</b><br/>trafficmirror_filter.rules<br/>`) {
		t.Errorf("the change is not first in\n%s", mermaid)
	}
	if svg := d.SVG(); strings.Count(svg, `class="mark"`) != 2 || strings.Count(svg, `class="band"`) != 4 {
		t.Errorf("the marks are not in\n%s", svg)
	}
}

// Many interfaces are drawn in groups with their counts; all of them if that is asked for. The
// text is the same each time.
func TestDrawGrouped(t *testing.T) {
	t.Parallel()
	w := fleet(200, plain)
	d := w.DrawGrouped(Automatic, Mermaid.Fits)
	if n := d.widest(); n > MostNodes {
		t.Errorf("a column has %d nodes", n)
	}
	interfaces, sessions := 0, 0
	for _, n := range d.Nodes {
		count := 0
		switch fmt.Sscanf(n.Title, "%d", &count); n.Column {
		case ColumnInterface:
			interfaces += max(count, 1)
		case ColumnSession:
			sessions += max(count, 1)
		}
	}
	if interfaces != 200 || sessions != 400 {
		t.Errorf("%d interfaces and %d sessions are drawn", interfaces, sessions)
	}
	for _, f := range Formats {
		first, err := f.Write(d)
		if again, _ := f.Write(fleet(200, plain).DrawGrouped(Automatic, Mermaid.Fits)); err != nil || first != again {
			t.Errorf("%s: two texts of one drawing differ, or %v", f, err)
		}
	}
	all := w.DrawGrouped(Ungrouped, Mermaid.Fits)
	if n := all.widest(); n != 400 {
		t.Errorf("all have %d nodes in a column", n)
	}
	if _, err := all.Mermaid(); err == nil || !strings.Contains(err.Error(), "Mermaid draws at most 500") {
		t.Errorf("the error is %v", err)
	}
	for by, want := range map[GroupBy]int{BySubnet: 4, ByVPC: 2, ByFilter: 2, ByTarget: 1, ByTag + "team": 6} {
		if d := w.DrawGrouped(by, Mermaid.Fits); len(w.Rows(by)) != want || by.Check() != nil || !strings.Contains(strings.Join(d.Notes, " "), "200 interfaces are drawn as") {
			t.Errorf("%s has %d groups, not %d: %q", by, len(w.Rows(by)), want, d.Notes)
		}
	}
	for _, by := range []GroupBy{"", "tag:", "colour", "everything"} {
		if by.Check() == nil {
			t.Errorf("%q is a group", by)
		}
	}
}

// Only a part is drawn: what leads through the objects that are named.
func TestOnly(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"eni-001": 2, "tmt-lb": 6, "tmf-1": 6, "tms-002-1": 1, "arn:tg": 6, "i-1": 6, "10.0.0.9": 6, "name 11": 2} {
		w, err := fleet(6, plain).Only([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		sessions := 0
		for _, i := range w.Interfaces {
			sessions += len(i.Sessions)
		}
		if sessions != want {
			t.Errorf("%s: %d sessions, not %d", name, sessions, want)
		}
	}
	if _, err := fleet(6, plain).Only([]string{"tmt-lb", "tmt-other"}); err == nil || !strings.Contains(err.Error(), `"tmt-other"`) {
		t.Errorf("the error is %v", err)
	}
}
