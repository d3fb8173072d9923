package topology

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// regionName is the form of the name of a Region.
var regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

// validateMirror checks the targets, filters and sessions of this account. A session names a
// target and a filter of the file: loading the file never fails because of what a store lacks.
func (f *File) validateMirror() error {
	return cmp.Or(checkNotRead(f), checkOwnTargets(f), checkFilters(f), checkSessions(f))
}

// Lists are the keys of the lists of a topology file.
func Lists() []string {
	var keys []string
	for field := range reflect.TypeFor[File]().Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Type.Kind() == reflect.Slice && key != "not_read" && key != "partly_read" {
			keys = append(keys, key)
		}
	}
	return keys
}

// Filled are the keys of the lists of a file that have something.
func Filled(f *File) []string {
	return slices.DeleteFunc(Lists(), func(key string) bool { return lengthOf(f, key) == 0 })
}

func lengthOf(f *File, list string) int {
	for field, value := range reflect.ValueOf(f).Elem().Fields() {
		if key, _, _ := strings.Cut(field.Tag.Get("json"), ","); key == list {
			return value.Len()
		}
	}
	return 0
}

func checkNotRead(f *File) error {
	for _, of := range []struct {
		key   string
		lists []string
	}{{"not_read", f.NotRead}, {"partly_read", f.PartlyRead}} {
		for i, key := range of.lists {
			if !slices.Contains(Lists(), key) {
				return fmt.Errorf("%s[%d] is %q: write the key of a list of this file, such as load_balancers", of.key, i, key)
			}
		}
	}
	return nil
}

// checkOwn checks that an object belongs to the account of the file.
func checkOwn(f *File, at, owner, other string) error {
	if owner != "" && owner != f.AccountID {
		return fmt.Errorf("%s.owner_id is %q: write objects of other accounts in %s", at, owner, other)
	}
	return nil
}

func checkOwnTargets(f *File) error {
	first := map[string]string{}
	for i, t := range f.Targets {
		at := fmt.Sprintf("traffic_mirror_targets[%d]", i)
		if err := checkOwn(f, at, t.OwnerID, "shared_targets"); err != nil {
			return err
		}
		if err := t.Validate().Below(at).Err(); err != nil {
			return err
		}
		if before, twice := first[t.Backing()]; twice {
			return fmt.Errorf("%s is on %s, as is %s: nothing backs two targets", at, t.Backing(), before)
		}
		first[t.Backing()] = at
	}
	return nil
}

func checkFilters(f *File) error {
	seen := map[string]string{}
	for i, v := range f.Filters {
		at := fmt.Sprintf("traffic_mirror_filters[%d]", i)
		if err := v.Validate().Below(at).Err(); err != nil {
			return err
		}
		if err := v.validateRules(at, seen); err != nil {
			return err
		}
	}
	return nil
}

// validateRules checks what the rules of a filter have besides their content. seen has the paths
// of rules by ID.
func (v TaggedFilter) validateRules(at string, seen map[string]string) error {
	own := map[string]bool{}
	for i, r := range v.Rules {
		at := fmt.Sprintf("%s.rules[%d]", at, i)
		if err := mirror.KindFilterRule.Check(at+".id", r.ID).Err(); err != nil {
			return err
		}
		if first, twice := seen[r.ID]; twice {
			return fmt.Errorf("%s.id is %q, as is %s: give each an ID of its own", at, r.ID, first)
		}
		if r.FilterID != "" && r.FilterID != v.ID {
			return fmt.Errorf("%s.traffic_mirror_filter_id is %s, and the rule is in %s: leave it out", at, r.FilterID, v.ID)
		}
		seen[r.ID], own[r.ID] = at+".id", true
	}
	for id := range v.RuleTags {
		if !own[id] {
			return fmt.Errorf("%s.rule_tags[%q] is of no rule of the filter: write the ID of one of its rules", at, id)
		}
	}
	return nil
}

// sessionPlace is a session number of an interface.
type sessionPlace struct {
	interfaceID string
	number      int
}

func checkSessions(f *File) error {
	known := map[string]bool{}
	for _, t := range f.Targets {
		known[t.ID] = true
	}
	for _, t := range f.SharedTargets {
		known[t.ID] = true
	}
	for _, v := range f.Filters {
		known[v.ID] = true
	}
	taken := map[sessionPlace]string{}
	for i, s := range f.Sessions {
		at := fmt.Sprintf("traffic_mirror_sessions[%d]", i)
		if err := cmp.Or(checkOwn(f, at, s.OwnerID, "foreign_sessions"), s.Validate().Below(at).Err()); err != nil {
			return err
		}
		place := sessionPlace{s.InterfaceID, s.Number}
		switch {
		case s.VirtualNetworkID == nil:
			return fmt.Errorf("%s.virtual_network_id is missing: write a whole number from %s", at, mirror.VirtualNetworkIDs)
		case !known[s.TargetID]:
			return fmt.Errorf("%s.traffic_mirror_target_id is %s, which is not in this file: write the target in traffic_mirror_targets or shared_targets", at, s.TargetID)
		case !known[s.FilterID]:
			return fmt.Errorf("%s.traffic_mirror_filter_id is %s, which is not in this file: write the filter in traffic_mirror_filters", at, s.FilterID)
		case taken[place] != "":
			return fmt.Errorf("%s.session_number is %d, as is that of %s on the same interface: give each a number of its own", at, s.Number, taken[place])
		}
		taken[place] = at
	}
	return nil
}
