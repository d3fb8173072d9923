package report

import (
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// mostRules is how many nodes a column of the picture has at most.
const mostRules = 40

func (p *page) paths() (g.Node, error) {
	if p.Summary.Packets == 0 {
		return h.P(g.Text("The run has no packet.")), nil
	}
	s, err := Paths(p.facts, p.Summary)
	if err != nil {
		return nil, err
	}
	svg, err := s.SVG()
	if err != nil {
		return nil, err
	}
	return g.Group{
		h.P(g.Text("A session gets the packets that no session with a lower number has taken. The height of a bar is a number of packets. " +
			"Hover over a bar, or reach it with the Tab key, to see its links.")),
		h.Figure(scroll("Picture: where the packets go", g.Raw(svg)), dataTable(s.Table())),
	}, nil
}

// asked are the reasons of packets that are drawn behind the last session. All other packets that
// are not mirrored are lost behind a session, or drawn beside the first one. No rule decides about the
// latter: they are decided before any session is asked, or the capture has cut them off. A summary
// does not say of those that are cut off whether sessions were asked. If so, no rule was hit.
var asked = map[dataplane.Reason]bool{dataplane.RuleRejects: true, dataplane.NoRule: true}

var lostReasons = map[dataplane.Reason]bool{dataplane.TargetGone: true, dataplane.NoReceiver: true, dataplane.NoUDPListener: true, dataplane.NoAppliance: true}

// pathPicture is the picture of a summary while it is made.
type pathPicture struct {
	picture.Sankey
	facts   dataplane.Facts
	summary dataplane.Summary
	left    int64 // packets that no session has taken yet
	refused int64 // of left: packets that end as rejected, if they were rejected before
}

// Paths returns a picture of how packets go from the interface through its sessions and their
// rules. At every node, as many packets come in as go out. An error says that the counts of the
// summary contradict each other.
func Paths(facts dataplane.Facts, summary dataplane.Summary) (picture.Sankey, error) {
	p := pathPicture{facts: facts, summary: summary, left: summary.Packets}
	p.ID, p.Title, p.Unit, p.MaxNodes = "picture-paths", "Where the packets go", "packets", mostRules
	p.Description = "Packets flow from the interface through the sessions in the order in which they are tried, through the rule of each session that they hit, to what happens to them."
	if summary.NotMirrored[dataplane.CutOff] > 0 {
		p.Description += " Packets that the capture has cut off and that no rule matches are beside the first session, also if their ports are cut off and all sessions were asked."
	}
	p.Columns = []picture.Column{{Title: "Interface", Nodes: []picture.Node{{Key: "interface", Label: interfaceLabel(facts.Interface), Kind: picture.Other}}}}
	p.decidedBefore()
	for i := range facts.Sessions {
		p.addSession(i)
	}
	if len(facts.Sessions) == 0 {
		p.left -= summary.NotMirrored[dataplane.RuleRejects] + summary.NotMirrored[dataplane.NoRule]
	}
	if p.left != 0 {
		return p.Sankey, fmt.Errorf("the counts of the summary contradict each other: %d packets have no place", p.left)
	}
	return p.Sankey, nil
}

func interfaceLabel(i mirror.Interface) string {
	switch {
	case i.ID != "":
		return i.ID
	case i.PrivateIPAddress.IsValid():
		return i.PrivateIPAddress.String()
	}
	return "interface"
}

// column adds nodes to a column.
func (p *pathPicture) column(at int, nodes ...picture.Node) {
	for len(p.Columns) <= at {
		p.Columns = append(p.Columns, picture.Column{})
	}
	p.Columns[at].Nodes = append(p.Columns[at].Nodes, nodes...)
}

func (p *pathPicture) link(from, to string, packets int64) {
	p.Links = append(p.Links, picture.Link{From: from, To: to, Weight: packets})
}

// decidedBefore draws the packets about which no session is asked.
func (p *pathPicture) decidedBefore() {
	if len(p.facts.Sessions) > 0 {
		p.column(1, picture.Node{Key: sessionKey(0), Label: p.sessionLabel(0), Detail: p.facts.Sessions[0].Description})
	}
	for _, r := range dataplane.Reasons {
		n := p.summary.NotMirrored[r]
		if n == 0 || asked[r] || lostReasons[r] {
			continue
		}
		key := "before " + r.String()
		p.column(1, picture.Node{Key: key, Label: labelOf(r), Detail: r.Sentence(), Kind: picture.Other})
		p.link("interface", key, n)
		p.left -= n
	}
	if len(p.facts.Sessions) > 0 {
		p.link("interface", sessionKey(0), p.left)
	}
	if len(p.Columns) > 1 {
		p.Columns[1].Title = p.firstTitle()
	}
}

// firstTitle is the title of the column behind the interface.
func (p *pathPicture) firstTitle() string {
	switch nodes := len(p.Columns[1].Nodes); {
	case len(p.facts.Sessions) == 0:
		return "Without a rule"
	case nodes == 1:
		return "Asked first"
	}
	return "Without a rule, or " + p.sessionLabel(0)
}

func sessionKey(i int) string { return fmt.Sprintf("session %d", i) }

func (p *pathPicture) sessionLabel(i int) string {
	return fmt.Sprintf("session %d", p.facts.Sessions[i].Number)
}

// labelOf is the name of a reason in a picture.
func labelOf(r dataplane.Reason) string {
	switch r {
	case dataplane.ARP, dataplane.DHCP, dataplane.InstanceMetadata, dataplane.AmazonTimeService, dataplane.WindowsActivation:
		return "never mirrored: " + r.String()
	case dataplane.DirectionUnknown, dataplane.ImpossibleDirection:
		return r.String()
	}
	if lostReasons[r] {
		return "lost: " + r.String()
	}
	return "no match: " + r.String()
}

// addSession draws the rules that packets of a session hit, and where they go from there.
func (p *pathPicture) addSession(i int) {
	s, offered := p.facts.Sessions[i], p.left
	at, next := 2+2*i, p.nextSession(i)
	p.column(at)
	p.Columns[at].Title, p.Columns[at].More = fmt.Sprintf("Rules of session %d", s.Number), "rules"
	taken := picture.Node{
		Key: fmt.Sprintf("taken %d", i), Label: "mirrored to " + shortTarget(s), Detail: fmt.Sprintf("session %d, VNI %d, %s", s.Number, s.Assigned, s.TargetText), Kind: picture.Good,
	}
	if s.Lost != 0 {
		taken.Label, taken.Detail, taken.Kind = labelOf(s.Lost), s.Lost.Sentence(), picture.Bad
	}
	p.column(at+1, taken)
	p.Columns[at+1].Title = fmt.Sprintf("Mirrored by %d", s.Number)
	if next == "" {
		p.Columns[at+1].Title = "What happens"
	} else {
		p.Columns[at+1].Title += fmt.Sprintf(", or session %d", p.facts.Sessions[i+1].Number)
		p.column(at+1, picture.Node{Key: next, Label: p.sessionLabel(i + 1), Detail: p.facts.Sessions[i+1].Description})
	}
	hits, rejectedHere, rules := int64(0), int64(0), rulesOf(s.Filter)
	for _, r := range p.summary.Rules {
		if r.SessionNumber != s.Number {
			continue
		}
		hits += r.Hits
		key, action := ruleKey(r), p.addRule(at, rules, r)
		p.link(sessionKey(i), key, r.Hits)
		switch {
		case action == mirror.Accept:
			p.link(key, taken.Key, r.Hits)
			p.left -= r.Hits
		case next == "" || p.facts.Options.RejectStops:
			p.reject(at+1, key, r.Hits)
			rejectedHere += r.Hits
		default:
			p.link(key, next, r.Hits)
		}
	}
	p.addNoMatch(i, at, offered-hits, rejectedHere)
}

// shortTarget is the address of a target, or what it is if the address is not known.
func shortTarget(s dataplane.SessionFacts) string {
	if a := s.Target.Address; a.IsValid() {
		return a.String()
	}
	return s.TargetText
}

func (p *pathPicture) nextSession(i int) string {
	if i+1 < len(p.facts.Sessions) {
		return sessionKey(i + 1)
	}
	return ""
}

func ruleKey(r dataplane.RuleSummary) string {
	if r.RuleNumber == nil {
		return fmt.Sprintf("rule %d %s amazon-dns", r.SessionNumber, r.Direction)
	}
	return fmt.Sprintf("rule %d %s %d", r.SessionNumber, r.Direction, *r.RuleNumber)
}

// addRule adds the node of a rule, and returns what the rule does.
func (p *pathPicture) addRule(at int, rules map[analysis.RuleKey]mirror.Rule, r dataplane.RuleSummary) mirror.Action {
	node := picture.Node{Key: ruleKey(r), Label: string(r.Direction) + " amazon-dns", Detail: "network service amazon-dns"}
	action := mirror.Accept
	if r.RuleNumber != nil {
		rule := rules[analysis.RuleKey{TrafficDirection: r.Direction, RuleNumber: *r.RuleNumber}]
		action = rule.Action
		node.Label, node.Detail = fmt.Sprintf("%s %d %s", r.Direction, *r.RuleNumber, action), rule.Describe()
	}
	p.column(at, node)
	return action
}

// reject draws packets that a rule is the last to reject.
func (p *pathPicture) reject(at int, from string, packets int64) {
	p.end(at, "rejected", dataplane.RuleRejects, from, packets)
	p.left -= packets
}

// end draws packets that no session takes.
func (p *pathPicture) end(at int, label string, r dataplane.Reason, from string, packets int64) {
	if packets == 0 {
		return
	}
	key := fmt.Sprintf("end %d %s", at, r)
	if !slices.ContainsFunc(p.Columns[at].Nodes, func(n picture.Node) bool { return n.Key == key }) {
		p.column(at, picture.Node{Key: key, Label: label, Detail: r.Sentence(), Kind: picture.Other})
	}
	p.link(from, key, packets)
}

// addNoMatch draws the packets of a session that no rule of it matches. Behind the last session,
// they are rejected if a session before it has rejected them.
func (p *pathPicture) addNoMatch(i, at int, packets, rejectedHere int64) {
	key := fmt.Sprintf("none %d", i)
	if packets != 0 {
		p.column(at, picture.Node{Key: key, Label: "no rule matches", Detail: "with Amazon DNS that a later session takes", Kind: picture.Other})
		p.link(sessionKey(i), key, packets)
	}
	p.refused += rejectedHere
	if next := p.nextSession(i); next != "" {
		if packets != 0 {
			p.link(key, next, packets)
		}
		return
	}
	before := p.summary.NotMirrored[dataplane.RuleRejects] - p.refused
	p.end(at+1, "rejected", dataplane.RuleRejects, key, before)
	p.end(at+1, labelOf(dataplane.NoRule), dataplane.NoRule, key, p.summary.NotMirrored[dataplane.NoRule])
	p.left -= before + p.summary.NotMirrored[dataplane.NoRule]
}
