package adopt

import (
	"sort"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// longestName is how many characters of a title are in a name.
const longestName = 48

// name gives each object the name of its resource, which no other object of its kind has. The
// name does not depend on the order of the objects.
func name(objects []Object, prefix string) {
	titles := map[string]string{} // of filters, by ID
	for i, o := range objects {
		objects[i].Name = identifier(o.Kind, o.Title)
		if o.Kind == Filter {
			titles[o.ID] = o.Title
		}
	}
	for i, o := range objects {
		if filter := titles[o.text("traffic_mirror_filter_id")]; o.Kind == FilterRule && filter != "" && o.isUntitled {
			objects[i].Name = identifier(Filter, filter) + "_" + o.text("traffic_direction") + "_" + o.number("rule_number")
		}
	}
	count := map[string]int{}
	for _, o := range objects {
		count[o.Address()]++
	}
	taken := map[string]bool{}
	for i, o := range objects {
		if count[o.Address()] > 1 {
			objects[i].Name = o.Name + "_" + identifier(o.Kind, o.ID)
		}
		objects[i].Name = prefix + objects[i].Name
		for free := objects[i].Name; taken[objects[i].Address()]; {
			free += "_"
			objects[i].Name = free
		}
		taken[objects[i].Address()] = true
	}
}

// identifier makes a name of a title: its ASCII letters and digits in lower case, and a low
// line for what is between them.
func identifier(kind, title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	name := strings.Join(words, "_")
	if len(name) > longestName {
		name = strings.TrimRight(name[:longestName], "_")
	}
	if name == "" || name[0] <= '9' {
		name = strings.TrimRight(kind+"_"+name, "_")
	}
	return name
}

// sortedByNumber returns the keys of rules in the order in which EC2 tries them.
func sortedByNumber(rules map[string]tftypes.Value) []string {
	keys := make([]string, 0, len(rules))
	for key := range rules {
		keys = append(keys, key)
	}
	sort.Slice(keys, func(i, j int) bool {
		a, errA := strconv.Atoi(keys[i])
		b, errB := strconv.Atoi(keys[j])
		if errA != nil || errB != nil || a == b {
			return keys[i] < keys[j]
		}
		return a < b
	})
	return keys
}
