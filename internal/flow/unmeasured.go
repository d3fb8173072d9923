package flow

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// CutByCapture says in sentences what the capture lacks of packets, and which numbers that changes.
func (f *Flows) CutByCapture() []string {
	t := f.Total
	var all []string
	if t.Bytes > t.CapturedBytes {
		all = append(all, fmt.Sprintf("The capture has cut packets: it has %s of %s. Bytes copied are those of the capture. Cut copies and rates count packets as they were on the wire.",
			wording.Count(t.CapturedBytes, "byte"), wording.Count(t.Bytes, "byte")))
	}
	if t.UnknownLength > 0 {
		all = append(all, fmt.Sprintf("%s cut, and the capture does not say how long %s on the wire. Each counts as long as the capture says.",
			wording.CountIs(t.UnknownLength, "packet"), pronoun(t.UnknownLength)))
	}
	return all
}

// AtLeastSentence says that the load is higher because of copies whose length is not known; "": it
// is known of all.
func (t *Load) AtLeastSentence() string {
	if t.AtLeast == 0 {
		return ""
	}
	return fmt.Sprintf("The rate can be higher than that: the length of %s on the wire is not known.", wording.Count(t.AtLeast, "copy"))
}

func pronoun(n int64) string {
	if n == 1 {
		return "it was"
	}
	return "they were"
}
