package console

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"

	g "maragu.dev/gomponents"
)

// began is the hidden field of a form with the object as it was when the form was opened. A
// form that was opened before somebody else changed the object does not overwrite the change.
const began = "began"

// A line is a value of an object in words.
type line struct{ name, value string }

// stateText returns an object as a text that a form can hold.
func stateText[N any](object account.Tagged[N]) string {
	text, err := json.Marshal(object)
	if err != nil {
		return ""
	}
	return string(text)
}

// isStale reports whether the object is another one than when the form was opened. Then the page
// shows both. The form keeps the values that were sent, and begins from the object as it is now.
func isStale[N any](r *request, p *page, f *form, present account.Tagged[N], lines func(account.Tagged[N]) []line) bool {
	now := stateText(present)
	before := r.PostForm.Get(began)
	f.hidden[began] = now
	if before == now {
		return false
	}
	var old account.Tagged[N]
	if json.Unmarshal([]byte(before), &old) != nil {
		old = account.Tagged[N]{}
	}
	p.status = 409
	p.notes = append(p.notes, note{
		kind: noteError, text: "Somebody else has changed this object since the form was opened. Nothing was changed by this form. The fields have your values: compare them, and save again.",
		more: []g.Node{table("What has changed", []column{{"Value", ""}, {"When the form was opened", ""}, {"Now", ""}}, changedRows(lines(old), lines(present)))},
	})
	return true
}

// changedRows are the lines that differ.
func changedRows(before, now []line) (rows [][]g.Node) {
	values := map[string][2]string{}
	var names []string
	for i, lines := range [][]line{before, now} {
		for _, l := range lines {
			pair, known := values[l.name]
			if !known {
				names = append(names, l.name)
			}
			pair[i] = l.value
			values[l.name] = pair
		}
	}
	for _, name := range names {
		if pair := values[name]; pair[0] != pair[1] {
			rows = append(rows, []g.Node{g.Text(name), g.Text(orNone(pair[0])), g.Text(orNone(pair[1]))})
		}
	}
	return rows
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func tagLines(tags map[string]string) (lines []line) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		lines = append(lines, line{"Tag " + key, tags[key]})
	}
	return lines
}
