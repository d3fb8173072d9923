package simulation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// RunSummary is the summary of a run with what is needed to merge it with that of other runs.
type RunSummary struct {
	dataplane.Summary
	Files         int64                   `json:"files"`               // captures of the run
	IsComplete    bool                    `json:"complete"`            // the run has read all of them to their ends
	Unwraps       bool                    `json:"unwrap"`              // the packets are those in tunnels of the captures
	Unwrapped     *Unwrapped              `json:"unwrapped,omitempty"` // nil: Unwraps is false
	Configuration dataplane.Configuration `json:"configuration"`
}

// Merge adds the summary of another run of the same configuration. Otherwise it changes nothing,
// and the error says what differs: "it" is the other.
func (s *RunSummary) Merge(other RunSummary) error {
	if difference := s.Configuration.Difference(other.Configuration); difference != "" {
		return errors.New(difference)
	}
	if s.Unwraps != other.Unwraps {
		return fmt.Errorf("its --unwrap is %t in place of %t", other.Unwraps, s.Unwraps)
	}
	if s.Files > math.MaxInt64-other.Files {
		return errors.New("the runs have too many files")
	}
	unwrapped, err := s.mergeUnwrapped(other)
	if err != nil {
		return err
	}
	if err := s.Summary.Merge(other.Summary); err != nil {
		return err
	}
	s.Unwrapped = unwrapped
	s.Files += other.Files
	s.IsComplete = s.IsComplete && other.IsComplete
	return nil
}

// mergeUnwrapped returns what both runs have unwrapped.
func (s *RunSummary) mergeUnwrapped(other RunSummary) (*Unwrapped, error) {
	if s.Unwrapped == nil || other.Unwrapped == nil {
		return nil, nil
	}
	sum := *s.Unwrapped
	sum.Add(*other.Unwrapped)
	if err := sum.check(0, false); err != nil {
		return nil, errors.New("the runs have left out too many packets")
	}
	return &sum, nil
}

// Table returns the summary for a person, as the function Table does. The second line says what was
// unwrapped and what was left out. It has no example, so that merged summaries have the same text.
func (s RunSummary) Table() string {
	text := Table(s.Summary)
	if s.Unwrapped == nil {
		return text
	}
	unwrapped := *s.Unwrapped
	unwrapped.first = ""
	totals, rest, _ := strings.Cut(text, "\n")
	return fmt.Sprintf("%s\n%s\n%s", totals, unwrapped.Sentences(), rest)
}

// WriteJSON writes the summary, so that ParseRunSummary can read it.
func (s RunSummary) WriteJSON(to io.Writer) error {
	enc := json.NewEncoder(to)
	enc.SetIndent("", "  ")
	return enc.Encode(s)
}

// ParseRunSummary reads what WriteJSON has written. It refuses keys that are unknown or missing,
// and counts that cannot be those of one run. The error names the key.
func ParseRunSummary(text []byte) (RunSummary, error) {
	var s RunSummary
	if err := decodeAll(text, &s); err != nil {
		return RunSummary{}, err
	}
	if s.Files < 0 {
		return RunSummary{}, fmt.Errorf("files is %d: write a number from 0", s.Files)
	}
	if (s.Unwrapped != nil) != s.Unwraps {
		return RunSummary{}, fmt.Errorf("unwrap is %t: unwrapped has to be there only if it is true", s.Unwraps)
	}
	if s.Unwrapped != nil {
		if err := s.Unwrapped.check(s.Packets, s.IsComplete); err != nil {
			return RunSummary{}, err
		}
	}
	return s, s.Check()
}

// decodeAll reads JSON into the value to which into points. It refuses a text that
// encoding/json does not write for the value: one that has more keys or fewer keys. The order of
// keys and white space do not matter.
func decodeAll(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("there is more than one JSON value")
	}
	written, err := json.Marshal(into)
	if err != nil {
		return err
	}
	var is, wanted any
	if err := errors.Join(json.Unmarshal(text, &is), json.Unmarshal(written, &wanted)); err != nil {
		return err
	}
	return compareKeys("", is, wanted)
}

// compareKeys returns an error that names the first place where a JSON value is not as wanted.
func compareKeys(path string, is, wanted any) error {
	switch wanted := wanted.(type) {
	case map[string]any:
		is, _ := is.(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(wanted)) {
			at := joinPath(path, key)
			value, has := is[key]
			if !has {
				return fmt.Errorf("%s is missing", at)
			}
			if err := compareKeys(at, value, wanted[key]); err != nil {
				return err
			}
		}
	case []any:
		is, _ := is.([]any)
		for i := range min(len(is), len(wanted)) {
			if err := compareKeys(fmt.Sprintf("%s[%d]", path, i), is[i], wanted[i]); err != nil {
				return err
			}
		}
	}
	if !reflect.DeepEqual(is, wanted) {
		return fmt.Errorf("%s is not written as a summary writes it", path)
	}
	return nil
}

func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
