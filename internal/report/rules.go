package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// rulesOf returns the rules of a filter by direction and number.
func rulesOf(f mirror.Filter) map[analysis.RuleKey]mirror.Rule {
	rules := map[analysis.RuleKey]mirror.Rule{}
	for _, r := range f.Rules {
		rules[analysis.RuleKey{TrafficDirection: r.Direction, RuleNumber: r.Number}] = r
	}
	return rules
}

// ruleSection is the section about rules.
type ruleSection struct{ *page }

// rules lists the rules of each session and direction in the order in which they are tried.
func (p ruleSection) rules() g.Node {
	rejected := "A packet that a rule rejects can still be taken by a later session."
	if p.facts.Options.RejectStops {
		rejected = "A packet that a rule rejects goes to no later session."
	}
	all := g.Group{h.P(g.Text("A packet hits the first rule of a session that matches it. Of the packets that hit a rule, the rule decides those in the column Decided. " +
		rejected + " The findings are about the filter of a session alone, and about all packets that can exist: neither other sessions nor the packets of this run matter for them."))}
	for i, s := range p.facts.Sessions {
		all = append(all, p.rulesOfSession(s, p.facts.Options.RejectStops && i+1 < len(p.facts.Sessions)))
	}
	return all
}

// rulesOfSession lists the rules of a session. rejectHides says that later sessions do not get what
// a rule of this one rejects.
func (p ruleSection) rulesOfSession(s dataplane.SessionFacts, rejectHides bool) g.Node {
	found := findingsOf(s.Filter, rejectHides)
	all := g.Group{h.H3(h.ID(fmt.Sprintf("rules-%d", s.Number)), g.Text(sessionTitle(s)))}
	if len(found.ofFilter) > 0 {
		all = append(all, h.Ul(h.Class("findings"), g.Map(found.ofFilter, func(text string) g.Node { return h.Li(g.Text(text)) })))
	}
	rules := rulesOf(s.Filter)
	for _, d := range mirror.Directions {
		t := table{caption: fmt.Sprintf("Session %d, %s rules", s.Number, d), heads: []string{">Rule", "What it does", ">Hits", ">Decided", ">Bytes copied", "Findings"}}
		for _, r := range p.Summary.Rules {
			if r.SessionNumber == s.Number && r.Direction == d {
				p.addRule(&t, rules, found, r)
			}
		}
		if len(t.rows) == 0 {
			all = append(all, h.P(g.Textf("The filter has no %s rule, so that the session mirrors no %s packet.", d, d)))
			continue
		}
		all = append(all, t.node())
	}
	return all
}

func sessionTitle(s dataplane.SessionFacts) string {
	title := fmt.Sprintf("Session %d", s.Number)
	if s.ID != "" {
		title += ", " + s.ID
	}
	if s.Description != "" {
		title += ": " + s.Description
	}
	return title
}

func (p ruleSection) addRule(t *table, rules map[analysis.RuleKey]mirror.Rule, found findings, r dataplane.RuleSummary) {
	name, does, texts := "amazon-dns", "accept Amazon DNS (network service)", []string(nil)
	if r.RuleNumber != nil {
		key := analysis.RuleKey{TrafficDirection: r.Direction, RuleNumber: *r.RuleNumber}
		name, does, texts = strconv.Itoa(*r.RuleNumber), rules[key].Describe(), found.ofRule[key]
		if d := rules[key].Description; d != "" {
			does += " (" + d + ")"
		}
	}
	var cells []g.Node
	switch {
	case r.Hits > 0:
	case p.Summary.Directions[r.Direction] == 0:
		cells = append(cells, h.Li(h.Class("never"), g.Textf("never hit: the run has no %s packet", r.Direction)))
	default:
		cells = append(cells, h.Li(h.Class("never"), g.Text("never hit")))
	}
	for _, text := range texts {
		cells = append(cells, h.Li(g.Text(text)))
	}
	list := g.If(len(cells) > 0, h.Ul(cells...))
	t.add(g.Text(name), g.Text(does), number(r.Hits), number(r.Packets), number(r.Bytes), list)
}

// findings are what the analysis of a filter finds.
type findings struct {
	ofFilter []string
	ofRule   map[analysis.RuleKey][]string
}

// findingsOf analyses a filter as the command analyze does. rejectHides says that later sessions do
// not get what a rule rejects.
func findingsOf(f mirror.Filter, rejectHides bool) findings {
	found, report := findings{ofRule: map[analysis.RuleKey][]string{}}, analysis.NewReport(f, analysis.Questions{})
	for _, r := range report.UnreachableRules {
		key := analysis.RuleKey{TrafficDirection: r.TrafficDirection, RuleNumber: r.RuleNumber}
		text := fmt.Sprintf("Decides no packet, because others decide about every packet that it matches: %s.", r.DecidedBy())
		if r.DifferentAction {
			text += " At least one of them has the other action, so that the rule does not do what it says."
		}
		found.ofRule[key] = append(found.ofRule[key], text)
	}
	found.addRedundant(report.RedundantRules, f, rejectHides)
	found.addOneWay(report.OneWayFlows)
	for _, question := range []struct{ field, text string }{
		{"unreachable_rules", analysis.UnreachableQuestion}, {"redundant_rules", analysis.RedundantQuestion}, {"one_way_flows", analysis.OneWayQuestion},
	} {
		if report.IsTooComplex(question.field) {
			found.ofFilter = append(found.ofFilter, fmt.Sprintf("Not known: %s. The reason: %v.", question.text, analysis.ErrTooComplex))
		}
	}
	return found
}

// addRedundant adds rules that can be removed together. Without a rule that rejects, later sessions
// may get its packets: it matters for them only if rejectHides.
func (f *findings) addRedundant(redundant []analysis.RuleKey, filter mirror.Filter, rejectHides bool) {
	rules, text := rulesOf(filter), "Can be removed without a change of what is mirrored, together with all other rules of which this is said."
	if rejectHides && slices.ContainsFunc(redundant, func(key analysis.RuleKey) bool { return rules[key].Action == mirror.Reject }) {
		text = "Can be removed without a change of what this session mirrors, together with all other rules of which this is said. " +
			"But some of them reject, and a later session can mirror what they reject now: simulate before they are removed."
	}
	for _, key := range redundant {
		f.ofRule[key] = append(f.ofRule[key], text)
	}
}

// mostOneWay is how many flows of a rule are shown that are mirrored in one direction only.
const mostOneWay = 3

// addOneWay adds flows that are mirrored in one direction only to the rule that mirrors that
// direction.
func (f *findings) addOneWay(flows []analysis.OneWayFlow) {
	shown, left := map[analysis.RuleKey]int{}, map[analysis.RuleKey]int{}
	var order []analysis.RuleKey
	for _, flow := range flows {
		text := fmt.Sprintf("Mirrors one direction of a flow only: %s is mirrored; its reply is not: %s (%s).",
			flow.Mirrored.Packet.Describe(), flow.NotMirrored.Packet.Describe(), flow.NotMirrored.Decision.Describe())
		if flow.Mirrored.Decision.RuleNumber == nil {
			f.ofFilter = append(f.ofFilter, "Network service amazon-dns: "+text)
			continue
		}
		key := analysis.RuleKey{TrafficDirection: flow.Mirrored.Packet.TrafficDirection, RuleNumber: *flow.Mirrored.Decision.RuleNumber}
		if shown[key]++; shown[key] <= mostOneWay {
			f.ofRule[key] = append(f.ofRule[key], text)
			continue
		}
		if left[key]++; left[key] == 1 {
			order = append(order, key)
		}
	}
	for _, key := range order {
		f.ofRule[key] = append(f.ofRule[key], fmt.Sprintf("%s more of which one direction only is mirrored; the command analyze lists them.", wording.Count(left[key], "flow")))
	}
}
