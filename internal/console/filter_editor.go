package console

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// editorID is the id of the form.
const editorID = "editor"

// draftColumns are the fields of a rule that the editor shows.
var draftColumns = []struct{ field, label string }{
	{"rule_number", "Number"}, {"rule_action", "Action"}, {"protocol", "Protocol"}, {"source_cidr_block", "Source"}, {"source_port_range", "Source ports"},
	{"destination_cidr_block", "Destination"}, {"destination_port_range", "Destination ports"}, {"description", "Description"},
}

// filterTags is the field of the tags, which is after the rules.
var filterTags = field{name: "tags", label: "Tags", kind: tagsField}

// draftLabel returns the label of a field of a rule by its name in the form, or "".
func draftLabel(name string) string {
	if name == filterTags.name {
		return filterTags.label
	}
	parts := strings.SplitN(name, "-", 3)
	if len(parts) != 3 || parts[0] != "rule" {
		return ""
	}
	i, err := strconv.Atoi(parts[1])
	for _, c := range draftColumns {
		if c.field == parts[2] && err == nil {
			return fmt.Sprintf("%s of line %d", c.label, i+1)
		}
	}
	return ""
}

// page shows the editor.
func (e *filterEditor) page(r *request, p *page) *page {
	e.prepare()
	if e.isSeen && errorsIn(e.form.wrong) == nil && e.areRulesValid() {
		e.form.hidden[seenField] = e.digest()
		e.form.first = append(e.form.first, h.Div(h.ID("preview"), g.Attr("aria-live", "polite"), g.Group(e.effect())))
	}
	return formPage(r, p, e.form)
}

// areRulesValid reports whether it can be said what the rules do.
func (e *filterEditor) areRulesValid() bool {
	_, problems := rulesOf(e.drafts)
	return errorsIn(problems) == nil
}

// prepare writes the rules into the form.
func (e *filterEditor) prepare() {
	e.form.id = editorID
	e.form.first = []g.Node{h.P(h.Class("actions"), e.button(checkButton, "Check the change", "Check the change: what it gains and loses", false), h.Button(h.Type("submit"), g.Text(e.form.submit)))}
	e.form.hidden["rules"] = strconv.Itoa(len(e.drafts))
	e.form.extra = []g.Node{h.Div(h.Class("field"),
		h.Input(h.Type("checkbox"), h.ID(fieldID(serviceField)), h.Name(serviceField), h.Value("1"), g.If(e.service, h.Checked())),
		h.Label(h.For(fieldID(serviceField)), g.Text(" Mirror Amazon DNS (network service amazon-dns)")))}
	found := ruleFindings{}
	if e.areRulesValid() {
		found = findingsOf(e.snapshot, e.wanted, e.users)
	}
	for _, d := range mirror.Directions {
		e.form.extra = append(e.form.extra, e.direction(d, found))
	}
	e.form.extra = append(e.form.extra, e.form.field(filterTags))
}

// direction shows the rules of one direction.
func (e *filterEditor) direction(d mirror.Direction, found ruleFindings) g.Node {
	var heads, rows []g.Node
	for _, c := range draftColumns {
		heads = append(heads, h.Th(h.Scope("col"), g.Text(c.label)))
	}
	heads = append(heads, h.Th(h.Scope("col"), g.Text("Change")), h.Th(h.Scope("col"), g.Text("In words")))
	for i, draft := range e.drafts {
		if draft["traffic_direction"] == string(d) {
			rows = append(rows, e.row(i, draft, found))
		}
	}
	caption := directionWord(d) + " rules, in the order in which they are tried"
	content := para("There are none.")
	if rows != nil {
		content = h.Div(h.Class("scroll"), h.Role("region"), g.Attr("aria-label", caption), h.TabIndex("0"),
			h.Table(h.Class("rules"), h.Caption(g.Text(caption)), h.THead(h.Tr(heads...)), h.TBody(rows...)))
	}
	return part(string(d), directionWord(d)+" rules", content, h.P(h.Class("actions"), e.button("add-"+string(d), "Add an "+string(d)+" rule", "Add an "+string(d)+" rule", false)))
}

// row shows a rule: its fields, the buttons that move and remove it, and what it does in words.
func (e *filterEditor) row(i int, d draft, found ruleFindings) g.Node {
	var cells []g.Node
	for _, c := range draftColumns {
		cells = append(cells, h.Td(e.cell(i, c.field, c.label, d)))
	}
	line := fmt.Sprintf(" line %d", i+1)
	cells = append(cells,
		h.Td(h.Class("actions"),
			h.Input(h.Type("hidden"), h.Name(draftName(i, "id")), h.Value(d["id"])),
			h.Input(h.Type("hidden"), h.Name(draftName(i, "traffic_direction")), h.Value(d["traffic_direction"])),
			e.button("up-"+strconv.Itoa(i), "Up", "Move up"+line, true), e.button("down-"+strconv.Itoa(i), "Down", "Move down"+line, true),
			e.button("remove-"+strconv.Itoa(i), "Remove", "Remove"+line, true)),
		h.Td(e.rowWords(d, found)))
	return h.Tr(cells...)
}

func (e *filterEditor) rowWords(d draft, found ruleFindings) g.Node {
	rule, problems := d.rule()
	if problems != nil {
		return g.Text("not known yet")
	}
	words := []g.Node{g.Text(rule.Describe())}
	if text := found.byRule[analysis.RuleKey{TrafficDirection: rule.Direction, RuleNumber: rule.Number}]; text != "" {
		words = append(words, g.Text(" "), badge("warning", "no effect"), g.Text(" "+text))
	}
	return g.Group(words)
}

// cell is a field of a rule.
func (e *filterEditor) cell(i int, name, label string, d draft) g.Node {
	full := draftName(i, name)
	id := fieldID(full)
	problems := problemsAt(e.form.wrong, full)
	attributes := append([]g.Node{h.ID(id), h.Name(full), g.Attr("aria-label", fmt.Sprintf("%s of line %d", label, i+1))}, describedBy(id, false, problems)...)
	if name == "rule_action" {
		var choices []choice
		for _, a := range mirror.Actions {
			choices = append(choices, choice{string(a), string(a)})
		}
		return g.Group{h.Select(append(attributes, options(choices, d[name])...)...), wrongAt(id, problems)}
	}
	return g.Group{h.Input(append(attributes, h.Type("text"), h.Value(d[name]), g.If(draftHints[name] != "", h.Placeholder(draftHints[name])))...), wrongAt(id, problems)}
}

// draftHints are what an empty field of a rule means.
var draftHints = map[string]string{"protocol": "every", "source_port_range": "every", "destination_port_range": "every"}

// button sends the form without saving it. With JavaScript, only the content of
// the page is replaced.
func (e *filterEditor) button(value, words, title string, isSmall bool) g.Node {
	class := "second"
	if isSmall {
		class += " small"
	}
	return h.Button(h.Type("submit"), h.ID("button-"+value), h.Class(class), h.Name(editButton), h.Value(value), h.Title(title), g.If(title != words, g.Attr("aria-label", title)),
		g.Attr("data-hx-post", e.form.action), g.Attr("data-hx-target", "#main"), g.Attr("data-hx-select", "#main"), g.Attr("data-hx-swap", "outerHTML"), g.Text(words))
}
