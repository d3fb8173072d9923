package emulator

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// What typeFields has of a property of the table: its text, a list, a flag, a number.

func typeValue(property string) func(typeSpec) []string {
	return func(s typeSpec) []string { return oneValue(s.value(property)) }
}

func typeList(property string) func(typeSpec) []string {
	return func(s typeSpec) []string { return s.list(property) }
}

// typeChoice returns one of two texts for a property that is 0 or 1.
func typeChoice(property, no, yes string) func(typeSpec) []string {
	return func(s typeSpec) []string {
		switch s.value(property) {
		case "0":
			return oneValue(no)
		case "1":
			return oneValue(yes)
		}
		return nil
	}
}

func typeFlag(property string) func(typeSpec) []string { return typeChoice(property, "false", "true") }

func typeSupport(property string) func(typeSpec) []string {
	return typeChoice(property, "unsupported", "supported")
}

// typeWhere returns values that every type has that has a property.
func typeWhere(property string, values ...string) func(typeSpec) []string {
	return func(s typeSpec) []string {
		if v := s.value(property); v == "" || v == "0" {
			return nil
		}
		return values
	}
}

// typePart returns one of the parts between the commas of a property.
func typePart(property string, part int) func(typeSpec) []string {
	return func(s typeSpec) []string {
		parts := strings.Split(s.value(property), ",")
		if part >= len(parts) {
			return nil
		}
		return oneValue(strings.TrimPrefix(parts[part], "-"))
	}
}

func typeLow(property string) func(typeSpec) []string {
	return func(s typeSpec) []string { low, _ := s.pair(property); return oneValue(low) }
}

func typeHigh(property string) func(typeSpec) []string {
	return func(s typeSpec) []string { _, high := s.pair(property); return oneValue(high) }
}

// typePositive returns a number that is not 0.
func typePositive(property string) func(typeSpec) []string {
	return func(s typeSpec) []string { return typeNumber(s.number(property)) }
}

func typeNumber(n int) []string {
	if n == 0 {
		return nil
	}
	return []string{strconv.Itoa(n)}
}

// double returns a number as EC2 writes one that need not be whole.
func double(n float64) string {
	text := strconv.FormatFloat(n, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// validCores returns the numbers of cores that one can ask for. The table has them as
// numbers and as ranges with their step: 1,2,3 or 4-48/4, and 2/2 is from 2 up to all cores
// in steps of 2.
func validCores(s typeSpec) []string {
	var all []string
	for _, part := range s.list("cores") {
		numbers, step, _ := strings.Cut(part, "/")
		from, to, ranged := strings.Cut(numbers, "-")
		first, _ := strconv.Atoi(from)
		last, by := first, 1
		if step != "" {
			last = s.Cores
			by, _ = strconv.Atoi(step)
		}
		if ranged {
			last, _ = strconv.Atoi(to)
		}
		for n := first; n <= last; n += max(1, by) {
			all = append(all, strconv.Itoa(n))
		}
	}
	return all
}

// memoryOf returns the memory, which the table has in GiB.
func memoryOf(s typeSpec) []string {
	gib, _ := strconv.ParseFloat(s.value("memory"), 64)
	return typeNumber(int(math.Round(gib * 1024)))
}

// disks returns the number of disks and the size of each.
func (s typeSpec) disks() (count, size int) {
	n, gb, _ := strings.Cut(s.value("disks"), "x")
	count, _ = strconv.Atoi(n)
	size, _ = strconv.Atoi(gb)
	return count, size
}

func storageSupported(s typeSpec) []string {
	if s.value("disks") == "" {
		return nil
	}
	count, _ := s.disks()
	return flagText(count > 0)
}

func typeDisks(of func(count, size int) int) func(typeSpec) []string {
	return func(s typeSpec) []string { return typeNumber(of(s.disks())) }
}

// throughput returns the MB/s of Mbit/s.
func throughput(mbps string) []string {
	n, err := strconv.ParseFloat(mbps, 64)
	if err != nil {
		return nil
	}
	return []string{double(n / 8)}
}

// baselineThroughput returns what the table has for the few types whose bandwidth is a
// rounded number.
func baselineThroughput(s typeSpec) []string {
	if exact := s.value("throughput"); exact != "" {
		return []string{exact}
	}
	low, _ := s.pair("ebs")
	return throughput(low)
}

func maximumThroughput(s typeSpec) []string {
	_, high := s.pair("ebs")
	return throughput(high)
}

func ipv6Addresses(s typeSpec) []string {
	if v := s.value("ipv6"); v != "=" {
		return oneValue(v)
	}
	return oneValue(s.value("ipv4"))
}

func efaSupported(s typeSpec) []string {
	if s.value("efa") == "" {
		return nil
	}
	return flagText(s.number("efa") > 0)
}

func placementOf(s typeSpec) []string {
	strategies := []string{"cluster", "partition", "spread"}
	switch s.value("cluster") {
	case "":
		return nil
	case "0":
		return slices.Clone(strategies[1:])
	}
	return strategies
}
