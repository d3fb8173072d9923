package console

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// The fields of the tags in a form: the keys and their values, in the same order.
const (
	tagKeys   = "tag_key"
	tagValues = "tag_value"
)

// emptyTags is how many rows for new tags a form has.
const emptyTags = 3

// setTags writes tags into the values of a form. Tags of AWS cannot be changed.
func setTags(values url.Values, tags map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if !mirror.IsReservedTag(key) {
			values.Add(tagKeys, key)
			values.Add(tagValues, tags[key])
		}
	}
}

// tagsIn reads the tags of a form. present are those that the object has: tags of AWS stay.
func tagsIn(values url.Values, present map[string]string) (map[string]string, mirror.Problems) {
	tags := map[string]string{}
	var problems mirror.Problems
	for i, key := range values[tagKeys] {
		value := ""
		if i < len(values[tagValues]) {
			value = values[tagValues][i]
		}
		if key == "" && value == "" {
			continue
		}
		if _, isTwice := tags[key]; isTwice {
			problems = append(problems, mirror.Problem{Kind: mirror.Conflict, Field: "tags", Wrong: fmt.Sprintf("has the key %q twice", key), Fix: "Write each key once."})
		}
		tags[key] = value
	}
	problems = append(problems, mirror.ValidateTags(tags)...)
	for key, value := range present {
		if mirror.IsReservedTag(key) {
			tags[key] = value
		}
	}
	return tags, problems
}

// tags shows the rows of the tags. A tag without a key is removed.
func (f *form) tags(of field) g.Node {
	id := fieldID(of.name)
	problems := problemsAt(f.wrong, of.name)
	var rows [][]g.Node
	keys, values := f.values[tagKeys], f.values[tagValues]
	filled := 0
	for i := 0; i < len(keys) || i < filled+emptyTags; i++ {
		key, value := at(keys, i), at(values, i)
		if key != "" || value != "" {
			filled = i + 1
		} else if i >= filled+emptyTags {
			continue
		}
		n := strconv.Itoa(i + 1)
		rows = append(rows, []g.Node{
			h.Input(h.Type("text"), h.Name(tagKeys), h.Value(key), g.Attr("aria-label", "Key of tag "+n)),
			h.Input(h.Type("text"), h.Name(tagValues), h.Value(value), g.Attr("aria-label", "Value of tag "+n)),
		})
	}
	attributes := append([]g.Node{h.ID(id), h.Class("field")}, describedBy(id, true, problems)...)
	return h.FieldSet(append(attributes, h.Legend(g.Text(of.label)),
		hintOf(id, strings.TrimSpace(of.hint+" Empty both fields of a tag to remove it.")),
		rowsTable(rows), wrongAt(id, problems))...)
}

// rowsTable is the table of the tags: its cells are fields.
func rowsTable(rows [][]g.Node) g.Node {
	var body []g.Node
	for _, row := range rows {
		body = append(body, h.Tr(h.Td(row[0]), h.Td(row[1])))
	}
	return h.Table(h.Caption(h.Class("hidden"), g.Text("Tags")), h.THead(h.Tr(h.Th(h.Scope("col"), g.Text("Key")), h.Th(h.Scope("col"), g.Text("Value")))), h.TBody(body...))
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// tagFacts shows the tags of an object.
func tagFacts(tags map[string]string) g.Node {
	var all []fact
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, fact{key, g.Text(tags[key])})
	}
	if all == nil {
		return para("It has no tags.")
	}
	return facts(all...)
}
