// Package adopt writes import blocks and a configuration for objects that exist in EC2, so that
// a plan of them changes nothing. It asks the list resources of the provider, as
// `terraform query` does, and so needs no Terraform. It changes nothing in EC2.
package adopt

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// The kinds of object, in the order in which they are written: each one refers to those before
// it only.
const (
	Target     = "target"
	Filter     = "filter"
	FilterRule = "filter_rule"
	Session    = "session"
)

// Kinds has all kinds.
var Kinds = []string{Target, Filter, FilterRule, Session}

// Settings are the arguments of the provider block. What is empty comes from the environment
// and the shared files of AWS, as in the provider.
type Settings struct {
	Profile     string
	EndpointURL string            // of EC2 and STS
	WithoutSTS  bool              // the endpoint has none
	DefaultTags map[string]string // of the provider block of the configuration: they are left out

	Emulator, Topology string // the embedded EC2 instead of AWS, if not empty
}

// A Selection says which objects are adopted.
type Selection struct {
	Regions []string // one that is repeated counts once; empty: the Region of the settings
	Kinds   []string // with FilterRule, filters have no rules of their own
	Query   inventory.Query
}

func (s Selection) has(kind string) bool { return slices.Contains(s.Kinds, kind) }

// An Object is an object that exists in EC2.
type Object struct {
	Kind   string
	ID     string
	Region string
	Title  string // what people call it
	Name   string // of its resource

	isUntitled bool // Title only says where a rule is

	attributes map[string]tftypes.Value
}

// Address returns the address of its resource.
func (o Object) Address() string { return "trafficmirror_" + o.Kind + "." + o.Name }

// FilterID returns the ID of the filter of a rule, and "" for any other object.
func (o Object) FilterID() string {
	if o.Kind != FilterRule {
		return ""
	}
	return o.text("traffic_mirror_filter_id")
}

// text returns a text among the attributes of the object.
func (o Object) text(attribute string) string {
	var text string
	_ = o.attributes[attribute].As(&text)
	return text
}

// number returns a number among the attributes of the object.
func (o Object) number(attribute string) string { return numberText(o.attributes[attribute]) }

// importID returns the ID by which Terraform imports the object.
func (o Object) importID() string { return o.ID + "@" + o.Region }

// A Found is what a selection has.
type Found struct {
	Regions  []string // that were read, in the order of the selection
	Objects  []Object // by Region, in the order of Kinds, by name
	Warnings []string // a sentence or more each
}

// Counted says how many objects of each kind there are.
func (f *Found) Counted() string {
	count := map[string]int64{}
	for _, o := range f.Objects {
		count[o.Kind]++
	}
	var parts []string
	for _, kind := range Kinds {
		if count[kind] == 0 {
			continue
		}
		noun := strings.ReplaceAll(kind, "_", " ")
		if count[kind] > 1 {
			noun += "s"
		}
		parts = append(parts, wording.Grouped(count[kind])+" "+noun)
	}
	return strings.Join(parts, ", ")
}

// Read reads the objects of a selection. prefix begins the names of their resources.
func Read(ctx context.Context, version string, settings Settings, selection Selection, prefix string) (*Found, error) {
	regions := atLeastOne(selection.Regions)
	p, warnings, err := connect(ctx, version, regions[0], settings)
	if err != nil {
		return nil, err
	}
	found := &Found{Regions: regions, Warnings: warnings}
	for _, region := range regions {
		for _, kind := range Kinds {
			if !selection.has(kind) {
				continue
			}
			objects, err := p.list(ctx, kind, region, selection.Query)
			if err != nil {
				return nil, err
			}
			found.Objects = append(found.Objects, objects...)
		}
	}
	if found.Regions[0] == "" {
		if found.Regions[0], err = p.home(ctx, selection.Kinds[0]); err != nil {
			return nil, err
		}
	}
	if selection.has(FilterRule) {
		found.Warnings = append(found.Warnings, separate(found.Objects)...)
	}
	name(found.Objects, prefix)
	sort.SliceStable(found.Objects, func(i, j int) bool {
		a, b := found.Objects[i], found.Objects[j]
		return a.Region == b.Region && a.Kind == b.Kind && cmp.Less(a.Name, b.Name)
	})
	return found, nil
}

// atLeastOne returns the Regions, each once, or "": that of the settings.
func atLeastOne(regions []string) []string {
	var once []string
	for _, region := range regions {
		if !slices.Contains(once, region) {
			once = append(once, region)
		}
	}
	if once == nil {
		return []string{""}
	}
	return once
}

// separate leaves the rules out of filters, because they are adopted as separate resources. It
// returns which rules are not: nothing in the configuration would manage them.
func separate(objects []Object) []string {
	adopted := map[string]bool{}
	for _, o := range objects {
		if o.Kind == FilterRule {
			adopted[place(o.text("traffic_mirror_filter_id"), o.text("traffic_direction"), o.number("rule_number"))] = true
		}
	}
	var warnings []string
	for _, o := range objects {
		if o.Kind != Filter {
			continue
		}
		var missing []string
		for _, direction := range []string{"ingress", "egress"} {
			var rules map[string]tftypes.Value
			_ = o.attributes[direction+"_rules"].As(&rules)
			for _, number := range sortedByNumber(rules) {
				if !adopted[place(o.ID, direction, number)] {
					missing = append(missing, direction+" "+number)
				}
			}
			delete(o.attributes, direction+"_rules")
		}
		if missing != nil {
			warnings = append(warnings, fmt.Sprintf("The selection has %s, but not all of its rules: %s. This configuration does not manage these rules.", o.ID, strings.Join(missing, ", ")))
		}
	}
	return warnings
}

func place(filterID, direction, number string) string {
	return filterID + " " + direction + " " + number
}
