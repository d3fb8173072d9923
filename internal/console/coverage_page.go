package console

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// coverageLines is how many lines the tables of the page have. The rest is said.
const coverageLines = 50

func coverageRoutes() []route {
	return []route{{pattern: "GET /coverage", serve: serveCoverage}}
}

// serveCoverage shows what is mirrored, what is idle, and what it costs. With a class, it lists
// the interfaces of the class.
func serveCoverage(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	if class := inventory.Class(r.URL.Query().Get("class")); classMeaning(class) != "" {
		return classPage(r, s, class), nil
	}
	m := coverageOf(s, r.bar)
	p := &page{title: "Coverage", section: "/coverage", hasBar: true}
	p.body = []g.Node{
		para(wording.Count(m.total.interfaces, "interface"), " and ", wording.Count(m.total.sessions, "session"), s.in(), "."),
		classesPart(r, m), vpcsPart(r, s, m), idlePart(r, s, m), foreignPart(s, m), twicePart(r, s, m), costPart(r, s, m), r.readAt(s),
	}
	return s.addOthers(p), nil
}

// classMeaning returns what a class means, or "" for what is no class.
func classMeaning(class inventory.Class) string {
	for _, c := range inventory.Classes {
		if c.Class == class {
			return plainMeaning(c.Meaning)
		}
	}
	return ""
}

// classLink is a link to the interfaces of a class.
func classLink(r *request, class inventory.Class, words string) g.Node {
	return anchor(r.bar.link("/coverage?class="+url.QueryEscape(string(class))), words)
}

func classesPart(r *request, m coverageModel) g.Node {
	var rows [][]g.Node
	for _, c := range inventory.Classes {
		n := m.total.classes[c.Class]
		count := g.Text("0")
		if n > 0 {
			count = classLink(r, c.Class, wording.Grouped(n))
		}
		rows = append(rows, []g.Node{badge(string(c.Class), c.Class.Word()), count, g.Text(plainMeaning(c.Meaning))})
	}
	return part("classes", "Interfaces", table("How much of the traffic of each interface is copied", []column{{"Mirrored", ""}, {"Interfaces", "number"}, {"Meaning", ""}}, rows))
}

func vpcsPart(r *request, s *snapshot, m coverageModel) g.Node {
	columns := []column{{"VPC", ""}, {"Interfaces", "number"}}
	for _, c := range inventory.Classes {
		columns = append(columns, column{c.Class.Word(), "number"})
	}
	columns = append(columns, column{"Sessions", "number"}, column{"idle", "number"}, column{"of unknown status", "number"}, column{"USD a month", "number"})
	var rows [][]g.Node
	for _, v := range m.vpcs[:min(len(m.vpcs), coverageLines)] {
		name := g.Text("not known")
		if v.vpcID != "" {
			narrowed := r.bar
			narrowed.VPC = v.vpcID
			name = anchor(narrowed.link("/map"), code(v.vpcID))
		}
		rows = append(rows, v.row(name, s.price))
	}
	if len(m.vpcs) > 1 {
		rows = append(rows, m.total.row(h.Strong(g.Text("all")), s.price))
	}
	return part("vpcs", "VPCs", table("Interfaces and sessions by VPC", columns, rows), restPara(len(m.vpcs), "VPC"))
}

func (v vpcCoverage) row(name g.Node, price inventory.Money) []g.Node {
	row := []g.Node{name, g.Text(wording.Grouped(v.interfaces))}
	for _, c := range inventory.Classes {
		row = append(row, g.Text(wording.Grouped(v.classes[c.Class])))
	}
	return append(row, g.Text(wording.Grouped(v.sessions)), g.Text(wording.Grouped(v.idle)), g.Text(wording.Grouped(v.unknown)), g.Text(monthly(price, v.paid)))
}

// restPara says how many lines a table leaves out.
func restPara(n int, thing string) g.Node {
	if n <= coverageLines {
		return nil
	}
	return para(fmt.Sprintf("The table has the first %d of %s. Narrow the page to see others.", coverageLines, wording.Count(n, thing)))
}

func idlePart(r *request, s *snapshot, m coverageModel) g.Node {
	heading := "Idle sessions"
	if len(m.idle) == 0 {
		return part("idle", heading, para("No session is known to be idle", s.in(), ".", unknownWords(m)))
	}
	var rows [][]g.Node
	for _, i := range m.idle[:min(len(m.idle), coverageLines)] {
		session := i.Session
		rows = append(rows, []g.Node{
			titled("/sessions/", session.Noun.ID, session.Noun.Description, session.Tags), s.interfaceLink(session.Noun.InterfaceID), g.Text(idleWord(i.Reason)), g.Text(i.Detail),
		})
	}
	only := r.bar
	only.Idle = true
	return part("idle", heading,
		para(anchor(only.link("/sessions"), wording.Count(len(m.idle), "session")), " of ", wording.Grouped(m.total.sessions), " "+map[bool]string{true: "does nothing. AWS charges for it", false: "do nothing. AWS charges for them"}[len(m.idle) == 1]+" all the same.", unknownWords(m)),
		table("Sessions that do nothing, and why", []column{{"Session", ""}, {"Interface", ""}, {"Reason", ""}, {"What is wrong", ""}}, rows), restPara(len(m.idle), "session"))
}

// unknownWords says of how many sessions it is not known whether they do anything.
func unknownWords(m coverageModel) string {
	if m.total.unknown == 0 {
		return ""
	}
	return fmt.Sprintf(" Of %s, EC2 does not show enough to know.", wording.Count(m.total.unknown, "session"))
}

func foreignPart(s *snapshot, m coverageModel) g.Node {
	heading := "Copies to other accounts"
	if len(m.foreign) == 0 {
		return part("foreign", heading, para("No session is known to send copies to a target of another account than its own", s.in(), "."))
	}
	var rows [][]g.Node
	for _, f := range m.foreign[:min(len(m.foreign), coverageLines)] {
		session := f.Session
		rows = append(rows, []g.Node{
			titled("/sessions/", session.Noun.ID, session.Noun.Description, session.Tags), code(session.Noun.OwnerID), s.interfaceLink(session.Noun.InterfaceID),
			s.targetLink(session.Noun.TargetID), code(f.TargetOwnerID),
		})
	}
	return part("foreign", heading,
		table("Sessions whose target belongs to another account", []column{{"Session", ""}, {"Its account", ""}, {"Interface", ""}, {"Target", ""}, {"Account of the target", ""}}, rows), restPara(len(m.foreign), "session"))
}

func twicePart(r *request, s *snapshot, m coverageModel) g.Node {
	words := fmt.Sprintf("A packet between two mirrored interfaces can be copied where it is sent and once more where it is received. Of %s, %s such packets.", wording.Count(m.twice.LookedAt, "pair"), hasOrHave(m.twice.Found))
	words += " Each pair is listed once, with a packet of one direction. Packets of the other direction may be copied twice too."
	if m.twice.NotLookedAt > 0 {
		words += fmt.Sprintf(" Of %s it is not known.", wording.Count(m.twice.NotLookedAt, "more pair"))
	}
	content := []g.Node{para(words, g.If(!r.bar.isEmpty(), g.Text(" These numbers are of the whole account.")))}
	var rows [][]g.Node
	for _, pair := range m.twice.Pairs[:min(len(m.twice.Pairs), coverageLines)] {
		rows = append(rows, []g.Node{s.interfaceLink(pair.Interfaces[0]), s.interfaceLink(pair.Interfaces[1]), code(pair.VPCID), code(pair.Packet.String())})
	}
	if rows != nil {
		content = append(content, table("Pairs of interfaces with packets that are copied twice", []column{{"Sender", ""}, {"Receiver", ""}, {"VPC", ""}, {"For example", ""}}, rows), restPara(len(m.twice.Pairs), "pair"))
	}
	return part("twice", "Copied twice", content...)
}

func hasOrHave(n int) string {
	if n == 1 {
		return "1 has"
	}
	return wording.Grouped(n) + " have"
}

func costPart(r *request, s *snapshot, m coverageModel) g.Node {
	count := map[string]inventory.SessionCount{}
	var order []string
	for _, i := range shownBy(s, r.bar) {
		for _, session := range i.sessions {
			id := session.Noun.TargetID
			if _, isKnown := count[id]; !isKnown {
				order = append(order, id)
			}
			c := count[id]
			c.All++
			if _, isIdle := s.index().idle[session.Noun.ID]; isIdle {
				c.Idle++
			}
			count[id] = c
		}
	}
	var rows [][]g.Node
	for _, id := range order[:min(len(order), coverageLines)] {
		rows = append(rows, []g.Node{s.targetLink(id), g.Text(wording.Grouped(count[id].All)), g.Text(wording.Grouped(count[id].Idle))})
	}
	content := []g.Node{para(sentence(costText(s.price, m.total.paid)), " ", payerWords(s), " The price is an assumption (A0195): AWS has one for each Region, and EC2 does not show it.")}
	if rows != nil {
		content = append(content, table("Sessions by target", []column{{"Target", ""}, {"Sessions", "number"}, {"Idle", "number"}}, rows), restPara(len(order), "target"))
	}
	return part("cost", "Cost", content...)
}

func payerWords(s *snapshot) string {
	if s.AccountID == "" {
		return "The account is not known, so all sessions are counted."
	}
	return "Only sessions of account " + s.AccountID + " are counted."
}

// classPage lists the interfaces of a class with the reasons.
func classPage(r *request, s *snapshot, class inventory.Class) *page {
	var of []shownInterface
	for _, i := range shownBy(s, r.bar) {
		if i.Class == class {
			of = append(of, i)
		}
	}
	shown, pages := paged(r, of)
	var rows [][]g.Node
	for _, i := range shown {
		rows = append(rows, []g.Node{
			s.interfaceLink(i.Source.Interface.ID), vpcNode(i.Source.Interface.VPCID), g.Text(cmp.Or(i.Source.Instance.Type, "none shown")), g.Text(wording.Grouped(len(i.sessions))), g.Text(i.Reason),
		})
	}
	title := class.Word()
	return &page{title: "Interfaces: " + title, section: "/coverage", body: []g.Node{
		para(badge(string(class), title), " ", wording.Count(len(of), "interface"), s.in(), ": ", strings.TrimSuffix(classMeaning(class), "."), "."),
		table("Interfaces: "+title, []column{{"Interface", ""}, {"VPC", ""}, {"Instance type", ""}, {"Sessions", "number"}, {"Why", ""}}, rows), pages, r.readAt(s),
	}}
}
