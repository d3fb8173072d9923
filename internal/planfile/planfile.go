// Package planfile reads what "terraform show -json" writes of a plan or of a state, and
// finds a mirror in it: a network interface with its sessions, their targets and filters.
// The objects may be those of this provider and those of hashicorp/aws.
//
// A plan does not have the IDs of new objects. The references between new objects are read
// from the configuration in the plan. A reference that does not lead to one object is an
// error. There is one guess, which a warning names: an index by each.key or count.index is
// taken to be the key itself. See File.Exact.
//
// https://developer.hashicorp.com/terraform/internals/json-format
package planfile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Kind is what a file is said to be.
type Kind string

// The kinds of file.
const (
	Plan  Kind = "plan"
	State Kind = "state"
)

// File is a plan or a state.
type File struct {
	kind    Kind
	objects []*object // managed, as they are after the apply, in the order of the file
	data    []*object // of data sources
	config  *configModule

	instances map[string][]*object // by resource: see resourceInstance
	byPlace   map[string]*object   // by resource and key
	was       *File                // before the apply; nil: nobody has asked

	// Exact makes the guess an error, for an answer that a pipeline relies on without a
	// person who reads the warnings.
	Exact bool

	// Warnings are facts about the whole file that an answer from it depends on.
	Warnings mirror.Problems
}

// document is the JSON of a plan or of a state.
type document struct {
	FormatVersion string          `json:"format_version"`
	PlannedValues *values         `json:"planned_values"`
	PriorState    *stateDocument  `json:"prior_state"`
	Values        *values         `json:"values"`
	Changes       []change        `json:"resource_changes"`
	Configuration *configuration  `json:"configuration"`
	Complete      *bool           `json:"complete"`
	Errored       bool            `json:"errored"`
	Lineage       json.RawMessage `json:"lineage"` // only in a state as Terraform saves it
	Level         json.RawMessage `json:"@level"`  // only in a log
}

type stateDocument struct {
	Values *values `json:"values"`
}

type values struct {
	RootModule valuesModule `json:"root_module"`
}

type valuesModule struct {
	Address      string         `json:"address"`
	Resources    []resource     `json:"resources"`
	ChildModules []valuesModule `json:"child_modules"`
}

type resource struct {
	Address         string         `json:"address"`
	Mode            string         `json:"mode"`
	Type            string         `json:"type"`
	Name            string         `json:"name"`
	DeposedKey      string         `json:"deposed_key"`
	Values          map[string]any `json:"values"`
	SensitiveValues any            `json:"sensitive_values"`
}

type change struct {
	Address string `json:"address"`
	Mode    string `json:"mode"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Deposed string `json:"deposed"`
	Change  struct {
		Actions         []string       `json:"actions"`
		Before          map[string]any `json:"before"`
		AfterUnknown    any            `json:"after_unknown"`
		BeforeSensitive any            `json:"before_sensitive"`
	} `json:"change"`
}

// Parse reads a file that is said to be a plan or a state.
func Parse(kind Kind, text []byte) (*File, error) {
	if bytes.HasPrefix(text, []byte("PK\x03\x04")) {
		return nil, errors.New("this is a plan file in binary form. Run \"terraform show -json FILE > plan.json\", and write plan.json here")
	}
	text, err := topology.OneValue(firstIfLog(text))
	if err != nil {
		return nil, err
	}
	var d document
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&d); err != nil {
		return nil, shapeError(err)
	}
	if err := d.check(kind); err != nil {
		return nil, err
	}
	return d.file(kind), nil
}

// firstIfLog returns the first line of a log in JSON, and any other text as it is.
func firstIfLog(text []byte) []byte {
	if line, _, found := bytes.Cut(text, []byte("\n")); found && bytes.HasPrefix(line, []byte(`{"@level"`)) {
		return line
	}
	return text
}

// shapeError says where a value has another type than the format has there.
func shapeError(err error) error {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		return fmt.Errorf("%s is a JSON %s, which the output of \"terraform show -json\" does not have there", cmp.Or(mismatch.Field, "the file"), mismatch.Value)
	}
	return err
}

func (d document) check(kind Kind) error {
	switch {
	case d.Level != nil:
		return errors.New("this is the log of \"terraform plan -json\". Run \"terraform plan -out FILE\" and \"terraform show -json FILE > plan.json\", and write plan.json here")
	case d.Lineage != nil:
		return errors.New("this is a state as Terraform saves it. Run \"terraform show -json > state.json\" in the folder of the configuration, and write state.json here")
	case kind == Plan && d.PlannedValues == nil && d.Values != nil:
		return errors.New("this is a state: write --state instead of --plan")
	case kind == State && d.PlannedValues != nil:
		return errors.New("this is a plan: write --plan instead of --state")
	case kind == Plan && d.PlannedValues == nil:
		return errors.New("this is not a plan: it has no planned_values. Run \"terraform show -json FILE > plan.json\" for the FILE of \"terraform plan -out FILE\"")
	case kind == State && d.Values == nil && d.FormatVersion != "":
		return errors.New("this state has no objects")
	case kind == State && d.Values == nil:
		return errors.New("this is not a state: it has no values. Run \"terraform show -json > state.json\"")
	case d.Errored:
		return errors.New("this plan ended with an error, so it does not have everything. Correct the configuration and plan again")
	case d.FormatVersion != "" && !slices.Contains([]string{"0", "1"}, strings.Split(d.FormatVersion, ".")[0]):
		return fmt.Errorf("format_version is %q: only version 1 is known", d.FormatVersion)
	}
	return nil
}

func (d document) file(kind Kind) *File {
	f := &File{kind: kind, config: &configModule{}, instances: map[string][]*object{}, byPlace: map[string]*object{}}
	if kind == State {
		f.addModule(d.Values.RootModule)
		for _, o := range f.objects { // nothing changes
			o.before = o.values
		}
		return f
	}
	if d.Configuration != nil {
		f.config = &d.Configuration.RootModule
	}
	f.addModule(d.PlannedValues.RootModule)
	if d.PriorState != nil && d.PriorState.Values != nil {
		prior := &File{}
		prior.addModule(d.PriorState.Values.RootModule)
		f.data = append(f.data, prior.data...)
	}
	f.addChanges(d.Changes)
	for _, o := range append(slices.Clone(f.objects), f.data...) {
		at := o.place.resourceInstance()
		if of := f.instances[at]; of != nil {
			o.config = of[0].config
		} else {
			o.config = f.config.at(o.place.module).resource(o.place)
		}
		if !o.isDeleted {
			f.instances[at] = append(f.instances[at], o)
			f.byPlace[at+o.place.key] = o
		}
	}
	if d.Complete != nil && !*d.Complete {
		f.Warnings = mirror.Problems{{
			Kind: mirror.Warning, Wrong: "the plan is not complete, because of -target or of a change that Terraform defers: an object that it leaves out is not in the answer",
			Fix: "Plan without -target.",
		}}
	}
	return f
}

func (f *File) addModule(m valuesModule) {
	for _, r := range m.Resources {
		if r.DeposedKey != "" {
			continue // the object that a replacement is about to delete
		}
		f.add(&object{address: r.Address, mode: r.Mode, values: r.Values, sensitive: r.SensitiveValues})
	}
	for _, child := range m.ChildModules {
		f.addModule(child)
	}
}

// add adds an object whose address can be read.
func (f *File) add(o *object) {
	place, isResource := parsePlace(o.address)
	if !isResource || place.remaining != nil {
		return
	}
	o.place = place
	if place.isData {
		f.data = append(f.data, o)
		return
	}
	f.objects = append(f.objects, o)
}

// addChanges adds what is unknown and what was there before, and the objects that Terraform
// forgets: they stay in the account.
func (f *File) addChanges(changes []change) {
	byAddress := map[string]*object{}
	for _, o := range append(slices.Clone(f.objects), f.data...) {
		byAddress[o.address] = o
	}
	for _, c := range changes {
		if c.Deposed != "" {
			continue
		}
		o := byAddress[c.Address]
		switch {
		case slices.Equal(c.Change.Actions, []string{"forget"}):
			if o == nil {
				o = &object{address: c.Address, mode: c.Mode}
				f.add(o)
			}
			// The planned values have it without values, or not at all.
			o.values, o.before, o.sensitive, o.isForgotten = c.Change.Before, c.Change.Before, c.Change.BeforeSensitive, true
		case o != nil:
			o.unknown, o.before = c.Change.AfterUnknown, c.Change.Before
		case slices.Contains(c.Change.Actions, "delete"):
			o = &object{address: c.Address, mode: c.Mode, before: c.Change.Before, isDeleted: true}
			f.add(o)
		}
		if o != nil {
			o.actions, o.beforeSensitive = c.Change.Actions, c.Change.BeforeSensitive
		}
	}
}
