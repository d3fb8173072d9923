package console

import (
	"context"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
)

func filterRoutes() []route {
	return []route{
		{pattern: "GET /filters", serve: serveFilters},
		{pattern: "GET /filters/{id}", serve: serveFilter},
		{pattern: "GET /filters/new", serve: newFilter},
		{pattern: "POST /filters/new", serve: createFilter, changes: true},
		{pattern: "GET /filters/{id}/edit", serve: editFilter},
		{pattern: "POST /filters/{id}/edit", serve: changeFilter, changes: true},
		{pattern: "GET /filters/{id}/delete", serve: func(r *request) (*page, error) { return askDelete(r, filterKind) }},
		{pattern: "POST /filters/{id}/delete", serve: func(r *request) (*page, error) { return deleteObject(r, filterKind) }, changes: true},
	}
}

// serveFilters lists the filters.
func serveFilters(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	var kept []account.Tagged[mirror.Filter]
	for _, f := range s.Filters {
		if r.bar.keepsUsed(s, f.Tags, s.index().ofFilter[f.Noun.ID]) {
			kept = append(kept, f)
		}
	}
	p := &page{title: "Filters", section: "/filters", hasBar: true, notes: r.savedNotes()}
	shown, pages := paged(r, kept)
	var rows [][]g.Node
	for _, f := range shown {
		users := s.index().ofFilter[f.Noun.ID]
		state := badge("mirrored", "in use")
		if len(users) == 0 {
			state = badge("unknown", "no session uses it")
		}
		rows = append(rows, []g.Node{
			titled("/filters/", f.Noun.ID, f.Noun.Description, f.Tags), g.Text(strconv.Itoa(len(f.Noun.InDirection(mirror.Ingress)))),
			g.Text(strconv.Itoa(len(f.Noun.InDirection(mirror.Egress)))), g.Text(yesOrNo(hasService(f.Noun))), g.Text(strconv.Itoa(len(users))), state,
		})
	}
	p.body = []g.Node{
		r.newLink("/filters/new", "Create a filter"),
		para(s.countLine(len(kept), len(s.Filters), "filter")),
		table("Filters", []column{{"Filter", ""}, {"Ingress rules", "number"}, {"Egress rules", "number"}, {"Amazon DNS", ""}, {"Sessions", "number"}, {"State", ""}}, rows),
		pages, r.readAt(s),
	}
	return s.addOthers(p), nil
}

func serviceText(f mirror.Filter) string {
	if hasService(f) {
		return "mirrored, by the network service amazon-dns"
	}
	return "not mirrored"
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// serveFilter shows a filter with its rules and the findings about them.
func serveFilter(r *request) (*page, error) {
	id := r.PathValue("id")
	a := r.console.account()
	f, err := a.Filter(r.Context(), id)
	if err != nil {
		return nil, err
	}
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	users := s.index().ofFilter[id]
	p := r.objectPage("/filters", inventory.Title(id, f.Noun.Description, f.Tags))
	p.body = append(p.body,
		facts(
			fact{"ID", code(id)}, fact{"Description", text(f.Noun.Description)}, fact{"ARN", arnNode(a, mirror.KindFilter, "", id)},
			fact{"Amazon DNS", g.Text(serviceText(f.Noun))},
			fact{"Cost of its sessions", g.Text(costText(s.price, len(users)))},
		),
		r.objectActions("/filters/"+id))
	found := findingsOf(s, f.Noun, users)
	hits := hitsOf(r, s, id)
	for _, d := range mirror.Directions {
		p.body = append(p.body, part(string(d), directionWord(d)+" rules, in the order in which they are tried", rulesTable(f.Noun, d, found, hits)))
	}
	p.body = append(p.body, hits.part(s, id),
		part("findings", "What the rules do together", filterFindings(f.Noun, found, networksOf(s, users))),
		part("obstacles", "What keeps its sessions from mirroring", obstacles(s, users, false)),
		part("users", "Sessions that use it", s.sessionTable(r, users)),
		part("tags", "Tags", tagFacts(f.Tags)), r.readAt(s))
	return p, nil
}

// rulesTable shows the rules of one direction, each with what is found about it, and with its hits
// if they are known.
func rulesTable(f mirror.Filter, d mirror.Direction, found ruleFindings, hits *filterHits) g.Node {
	rules := f.InDirection(d)
	if len(rules) == 0 {
		return para("There are none: no " + string(d) + " packet is mirrored by a rule.")
	}
	var rows [][]g.Node
	for _, rule := range rules {
		finding := g.Node(nil)
		if text := found.byRule[analysis.RuleKey{TrafficDirection: d, RuleNumber: rule.Number}]; text != "" {
			finding = g.Group{badge("warning", "no effect"), g.Text(" " + text)}
		}
		row := []g.Node{g.Text(strconv.Itoa(rule.Number)), badge(string(rule.Action), string(rule.Action)), g.Text(rule.Describe()), g.Text(rule.Description), code(rule.ID), finding}
		if hits.areKnown() {
			row = slices.Insert(row, 2, hits.cell(rule))
		}
		rows = append(rows, row)
	}
	columns := []column{{"Number", "number"}, {"Action", ""}, {"In words", "wide"}, {"Description", ""}, {"ID", ""}, {"Finding", ""}}
	if hits.areKnown() {
		columns = slices.Insert(columns, 2, column{"Hits", "number"})
	}
	return table(directionWord(d)+" rules", columns, rows)
}

// filterFindings says what the rules of a filter do together.
func filterFindings(f mirror.Filter, found ruleFindings, networks []network) g.Node {
	var lines [][]g.Node
	if found.unknown != "" {
		lines = append(lines, words(found.unknown))
	}
	share, err := analysis.Mirrors(f, mirror.Space{})
	switch {
	case err != nil:
		lines = append(lines, words(sentence("It is not known whether the filter mirrors a packet: "+err.Error())))
	case share.Amount == analysis.None:
		lines = append(lines, words("The filter mirrors no packet."))
	}
	lines = append(lines, oneWayLines(f, networks)...)
	if lines == nil {
		return para("Each flow is mirrored both ways or not at all.")
	}
	return list(lines...)
}

// oneWayLines says which flows a filter mirrors one way only, in some networks.
func oneWayLines(f mirror.Filter, networks []network) (lines [][]g.Node) {
	in := map[mirror.Header][]network{} // by the packet
	var found []analysis.OneWay
	for _, n := range networks {
		flows, err := analysis.OneWayFlows(f, n.resolvers...)
		if err != nil {
			return [][]g.Node{words(sentence("It is not known whether a flow is mirrored one way only: " + err.Error()))}
		}
		for _, flow := range flows {
			if in[flow.Packet.Packet] == nil {
				found = append(found, flow)
			}
			in[flow.Packet.Packet] = append(in[flow.Packet.Packet], n)
		}
	}
	for _, flow := range found[:min(maxObstacles, len(found))] {
		lines = append(lines, words("One way only: ", string(flow.Packet.Packet.Direction)+" ", code(flow.Packet.Packet.String()), " is mirrored ("+decisionWords(flow.Packet.Decision)+
			"). The reply is not ("+decisionWords(flow.Reply.Decision)+")."+onlyIn(in[flow.Packet.Packet], networks)))
	}
	return append(lines, moreLines(len(found), "flow that is mirrored one way only", "flows that are mirrored one way only")...)
}

// filterKind is what a delete needs to know of filters.
var filterKind = kindOfObject{
	section: "/filters", noun: "filter",
	users: func(s *snapshot, id string) []account.Tagged[mirror.Session] { return s.index().ofFilter[id] },
	read: func(r *request, id string) (string, []g.Node, error) {
		f, err := r.console.account().Live().Filter(r.Context(), id)
		return inventory.Title(id, f.Noun.Description, f.Tags), words("It has " + wording.Count(len(f.Noun.Rules), "rule") + ", which are deleted with it"), err
	},
	delete: func(ctx context.Context, _ *account.Account, run *reconcile.Run, id string) error {
		return run.DeleteFilter(ctx, id, never)
	},
}
