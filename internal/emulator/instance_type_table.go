package emulator

import (
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// typeText is the table of instance types. It explains its format itself.
//
//go:embed instance_type.txt
var typeText string

// typeFamily is an instance family: its sizes in the order of the table, and the values
// of each property, which are one for each size, or one for all.
type typeFamily struct {
	sizes      []string
	properties map[string][]string
}

// typeTable is the table of instance types, by family. It is read when somebody first
// asks.
var typeTable = sync.OnceValue(func() map[string]typeFamily { return readTypes(typeText) })

// readTypes reads the table. It panics at a line that breaks the format: the table is a
// part of the program.
func readTypes(text string) map[string]typeFamily {
	table := map[string]typeFamily{}
	var name string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(line, "#"):
		case line[0] == ' ':
			f := table[name]
			values := repeated(words[1:])
			if len(values) != 1 && len(values) != len(f.sizes) {
				panic(fmt.Sprintf("%s has %d values of %s for its %d sizes", name, len(values), words[0], len(f.sizes)))
			}
			f.properties[words[0]] = values
		default:
			var like string
			name, like, _ = strings.Cut(words[0], "<")
			table[name] = resembling(table, like, words[1:])
		}
	}
	delete(table, noFamily)
	return table
}

// noFamily has the properties of a family that states none.
const noFamily = "none"

// resembling returns a family that has the properties of another one, size by size.
func resembling(table map[string]typeFamily, like string, sizes []string) typeFamily {
	other := table[cmp.Or(like, noFamily)]
	f := typeFamily{properties: map[string][]string{}}
	if len(sizes) == 0 {
		f.sizes = other.sizes
		maps.Copy(f.properties, other.properties)
		return f
	}
	for _, size := range sizes {
		if strings.HasSuffix(size, "x") {
			size += "large"
		}
		f.sizes = append(f.sizes, size)
	}
	for property, values := range other.properties {
		f.properties[property] = bySize(other.sizes, values, f.sizes)
	}
	return f
}

// bySize returns the values for other sizes. Without a value for each of them it returns
// nil, and the family states its own.
func bySize(sizes, values, wanted []string) []string {
	if constant := slices.Compact(slices.Clone(values)); len(constant) == 1 {
		return constant
	}
	var found []string
	for _, size := range wanted {
		i := slices.Index(sizes, size)
		if i < 0 {
			return nil
		}
		found = append(found, values[i])
	}
	return found
}

// repeated returns values in which v*3 is v three times.
func repeated(words []string) []string {
	var values []string
	for _, word := range words {
		value, times, many := strings.Cut(word, "*")
		n := 1
		if many {
			n, _ = strconv.Atoi(times)
		}
		values = append(values, slices.Repeat([]string{value}, n)...)
	}
	return values
}

// typeSpec is what is known of an instance type.
type typeSpec struct {
	Name                  string
	Architecture          string
	Cores, ThreadsPerCore int
	Burstable             bool
	family                typeFamily
	size                  int // its place in the family
}

// instanceType returns what is known of an instance type. It is false for a type that
// the table does not have.
func instanceType(name string) (typeSpec, bool) {
	family, size, _ := strings.Cut(name, ".")
	f := typeTable()[family]
	i := slices.Index(f.sizes, size)
	if i < 0 {
		return typeSpec{Name: name}, false
	}
	s := typeSpec{Name: name, family: f, size: i}
	// The last one is the one of 64 bits.
	architectures := s.list("arch")
	s.Architecture = architectures[len(architectures)-1]
	s.ThreadsPerCore = s.number("threads")
	s.Cores = s.number("vcpus") / s.ThreadsPerCore
	s.Burstable = s.value("burst") == "1"
	return s, true
}

// instanceTypes returns the names of the types in the table, in order.
var instanceTypes = sync.OnceValue(func() []string {
	var names []string
	for family, f := range typeTable() {
		for _, size := range f.sizes {
			names = append(names, family+"."+size)
		}
	}
	slices.Sort(names)
	return names
})

func (s typeSpec) bareMetal() bool { return strings.Contains(s.Name, ".metal") }

// value returns a property as the table states it, "" for one that does not apply or is
// not known.
func (s typeSpec) value(property string) string {
	values := s.family.properties[property]
	if len(values) == 0 {
		return ""
	}
	value := values[min(s.size, len(values)-1)]
	if s.bareMetal() {
		switch property {
		case "hypervisor", "cores", "vthreads":
			return ""
		case "hibernate", "enclaves", "tpm":
			return "0"
		case "boot":
			value, _, _ = strings.Cut(value, ",")
		}
	}
	return strings.TrimPrefix(value, "-")
}

// number returns a property that is a whole number, 0 for one that is not known.
func (s typeSpec) number(property string) int {
	n, _ := strconv.Atoi(s.value(property))
	return n
}

func (s typeSpec) list(property string) []string {
	return slices.DeleteFunc(strings.Split(s.value(property), ","), func(v string) bool { return v == "" })
}

// pair returns the two numbers of a property such as 650/4750. A single one is both.
func (s typeSpec) pair(property string) (low, high string) {
	low, high, two := strings.Cut(s.value(property), "/")
	if !two {
		high = low
	}
	return low, high
}
