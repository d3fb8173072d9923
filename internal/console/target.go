package console

import (
	"fmt"
	gopath "path"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
)

func targetRoutes() []route {
	return []route{
		{pattern: "GET /targets", serve: serveTargets},
		{pattern: "GET /targets/{id}", serve: serveTarget},
		{pattern: "GET /targets/new", serve: newTarget},
		{pattern: "POST /targets/new", serve: createTarget, changes: true},
		{pattern: "GET /targets/{id}/edit", serve: editTarget},
		{pattern: "POST /targets/{id}/edit", serve: changeTarget, changes: true},
		{pattern: "GET /targets/{id}/delete", serve: askDeleteTarget},
		{pattern: "POST /targets/{id}/delete", serve: deleteTarget, changes: true},
	}
}

// serveTargets lists the targets.
func serveTargets(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	var kept []account.Tagged[mirror.Target]
	for _, t := range s.Targets {
		if r.bar.keepsUsed(s, t.Tags, s.index().ofTarget[t.Noun.ID]) {
			kept = append(kept, t)
		}
	}
	p := &page{title: "Targets", section: "/targets", hasBar: true, notes: r.savedNotes()}
	shown, pages := paged(r, kept)
	var rows [][]g.Node
	for _, t := range shown {
		use := s.index().uses[t.Noun.ID]
		rows = append(rows, []g.Node{
			titled("/targets/", t.Noun.ID, t.Noun.Description, t.Tags), g.Text(typeWord(t.Noun.Type())), backingOf(s, t.Noun),
			g.Text(strconv.Itoa(use.Sources) + quotaText(use.Quota)), sessionsLink("target", t.Noun.ID, use.Sessions), receiverState(s, t.Noun.ID, use),
		})
	}
	p.body = []g.Node{
		r.newLink("/targets/new", "Create a target"),
		para(s.countLine(len(kept), len(s.Targets), "target")),
		table("Targets", []column{{"Target", ""}, {"Type", ""}, {"Backed by", ""}, {"Sources", "number"}, {"Sessions", "number"}, {"State", ""}}, rows),
		pages, r.readAt(s),
	}
	return s.addOthers(p), nil
}

func quotaText(quota *int) string {
	if quota == nil {
		return ""
	}
	return fmt.Sprintf(" of %d", *quota)
}

func sessionsLink(parameter, id string, n int) g.Node {
	if n == 0 {
		return g.Text("0")
	}
	return anchor("/sessions?"+parameter+"="+id, strconv.Itoa(n))
}

// typeWord is what the pages call a type of target.
func typeWord(t mirror.TargetType) string {
	switch t {
	case mirror.NetworkInterface:
		return "network interface"
	case mirror.NetworkLoadBalancer:
		return "Network Load Balancer"
	case mirror.GatewayLoadBalancerEndpoint:
		return "Gateway Load Balancer endpoint"
	}
	return "not shown"
}

func backingOf(s *snapshot, t mirror.Target) g.Node {
	if t.Type() == mirror.NetworkInterface {
		return s.interfaceLink(t.InterfaceID)
	}
	return code(orUnknown(t.Backing()))
}

// receiverState says whether something receives the copies of a target.
func receiverState(s *snapshot, id string, use inventory.TargetUse) g.Node {
	if s.endpoints[id].Gone {
		return badge("not", "backing deleted")
	}
	switch {
	case use.Sessions == 0:
		return badge("unknown", "no session uses it")
	case use.Idle == use.Sessions:
		return badge("not", "all its sessions are idle")
	case use.Idle > 0:
		return badge("partly", wording.Count(use.Idle, "idle session"))
	}
	if unknown := unknownOf(s, s.index().ofTarget[id]); unknown == use.Sessions {
		return badge("unknown", "not known")
	}
	if found := warnedOf(s, s.index().ofTarget[id]); found != nil {
		return badge("partly", string(found[0].status))
	}
	return badge("mirrored", "in use")
}

// serveTarget shows a target.
func serveTarget(r *request) (*page, error) {
	id := r.PathValue("id")
	t, err := r.console.account().Target(r.Context(), id)
	if err != nil {
		return nil, err
	}
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	p := r.objectPage("/targets", inventory.Title(id, t.Noun.Description, t.Tags))
	users := s.index().ofTarget[id]
	use := s.index().uses[id]
	endpoint := s.endpoints[id]
	p.body = append(p.body,
		facts(
			fact{"ID", code(id)}, fact{"Description", text(t.Noun.Description)}, fact{"Type", g.Text(typeWord(t.Noun.Type()))},
			fact{"Backed by", backingOf(s, t.Noun)}, fact{"Owner", text(t.Noun.OwnerID)},
			fact{"ARN", arnNode(r.console.account(), mirror.KindTarget, t.Noun.OwnerID, id)},
			fact{"MTU", text(endpointMTU(endpoint))},
			fact{"Sources", g.Text(strconv.Itoa(use.Sources) + quotaText(use.Quota))},
			fact{"State", receiverState(s, id, use)},
			fact{"Cost of its sessions", g.Text(costText(s.price, len(users)))},
		),
		r.objectActions("/targets/"+id),
		part("obstacles", "What keeps its sessions from mirroring", receiverObstacles(s, t.Noun, users, endpoint.Gone)),
		part("users", "Sessions that use it", s.sessionTable(r, users)),
		part("tags", "Tags", tagFacts(t.Tags)), r.readAt(s))
	return p, nil
}

func endpointMTU(e mirror.Endpoint) string {
	if e.MTU == 0 {
		return "not shown by EC2"
	}
	return fmt.Sprintf("%d bytes", e.MTU)
}

// obstacles lists why sessions of an object are idle.
func obstacles(s *snapshot, users []account.Tagged[mirror.Session], isGone bool) g.Node {
	var lines [][]g.Node
	if isGone {
		lines = append(lines, words("What backs it was deleted. Nothing receives the copies. Move it to another backing resource, or delete it."))
	}
	idle := 0
	for _, u := range users {
		if of, isIdle := s.index().idle[u.Noun.ID]; isIdle {
			if idle++; idle <= maxObstacles {
				lines = append(lines, words(anchor("/sessions/"+u.Noun.ID, code(u.Noun.ID)), ": "+of.Detail))
			}
		}
	}
	lines = append(lines, moreLines(idle, "idle session", "idle sessions")...)
	for _, d := range warnedOf(s, users) {
		lines = append(lines, words(fmt.Sprintf("%s of %d %s %s: %s.", wording.Count(d.sessions, "session"), len(users), wording.Is(d.sessions), d.status, plainMeaning(d.meaning))))
	}
	if unknown := unknownOf(s, users); unknown > 0 {
		lines = append(lines, words(fmt.Sprintf("Of %s of %d, EC2 does not show whether it mirrors.", wording.Count(unknown, "session"), len(users))))
	}
	if lines == nil {
		return para("Nothing that EC2 shows.")
	}
	return list(lines...)
}

// receiverObstacles is obstacles of a target. Without sessions, it says what would keep them from
// mirroring.
func receiverObstacles(s *snapshot, t mirror.Target, users []account.Tagged[mirror.Session], isGone bool) g.Node {
	if i, found := s.Interface(t.InterfaceID); found && len(users) == 0 && i.InstanceID == "" {
		return para("Nothing receives the copies: ", s.interfaceLink(i.ID), " is attached to no instance.")
	}
	return obstacles(s, users, isGone)
}

// maxObstacles is how many obstacles of a kind a page lists.
const maxObstacles = 20

// moreLines is a last line that says how many of n things a list leaves out, if it leaves out any.
func moreLines(n int, one, several string) [][]g.Node {
	switch n -= maxObstacles; {
	case n <= 0:
		return nil
	case n == 1:
		return [][]g.Node{words("And 1 more " + one + ".")}
	}
	return [][]g.Node{words("And " + wording.Grouped(n) + " more " + several + ".")}
}

// unknownOf counts the sessions of which it is not known whether they mirror.
func unknownOf(s *snapshot, users []account.Tagged[mirror.Session]) (n int) {
	for _, u := range users {
		if status := s.index().sessions[u.Noun.ID].Status; status == inventory.StatusUnknown || status == "" {
			n++
		}
	}
	return n
}

// A warned status is one with which the copies of some sessions may not arrive.
type warned struct {
	status   inventory.Status
	meaning  string
	sessions int
}

// mayLose reports whether a session with the status mirrors, and its copies may not arrive.
func mayLose(s inventory.Status) bool {
	return s.IsLive() && s != inventory.Active && s != inventory.StatusUnknown
}

// warnedOf returns the statuses of sessions whose copies may not arrive.
func warnedOf(s *snapshot, users []account.Tagged[mirror.Session]) (found []warned) {
	for _, of := range inventory.Statuses {
		d := warned{of.Status, of.Meaning, 0}
		for _, u := range users {
			if mayLose(of.Status) && s.index().sessions[u.Noun.ID].Status == of.Status {
				d.sessions++
			}
		}
		if d.sessions > 0 {
			found = append(found, d)
		}
	}
	return found
}

// sessionTable lists sessions that use an object, the first hundred of them.
func (s *snapshot) sessionTable(r *request, users []account.Tagged[mirror.Session]) g.Node {
	if len(users) == 0 {
		return para("No session uses it.")
	}
	shown, pages := paged(r, users)
	var rows [][]g.Node
	for _, u := range shown {
		rows = append(rows, sessionRow(s, u))
	}
	return g.Group{table(wording.Count(len(users), "session"), sessionColumns, rows), pages}
}

// objectPage begins the page of an object.
func (r *request) objectPage(section, title string) *page {
	return &page{title: title, section: section, notes: r.savedNotes()}
}

// objectActions links to the forms of an object.
func (r *request) objectActions(path string) g.Node {
	asCode := codeLink(gopath.Base(path))
	if r.console.options.ReadOnly != "" {
		return actions(asCode)
	}
	return actions(buttonLink(path+"/edit", "Edit", ""), buttonLink(path+"/delete", "Delete", "danger"), asCode)
}
