package query

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// index is the names of the parameters of a request, in order. What is below a name is
// found without a look at the other names, so that a request of many lists takes no
// more time than one long list.
type index []string

func newIndex(values map[string]string) index { return slices.Sorted(maps.Keys(values)) }

// below returns the names that begin with a name and a dot.
func (i index) below(name string) index {
	first, _ := slices.BinarySearch(i, name+".")
	i = i[first:]
	end, _ := slices.BinarySearch(i, name+"/") // the character after the dot
	return i[:end]
}

// members returns the numbers of the members of a list, in order.
func (i index) members(name string) []int {
	var numbers []int
	for _, key := range i.below(name) {
		digits, _, _ := strings.Cut(key[len(name)+1:], ".")
		n, ok := memberNumber(digits)
		if ok && (len(numbers) == 0 || numbers[len(numbers)-1] != n) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// maxDigits is how many digits the number of a member can have: more than a request has
// members.
const maxDigits = 9

// memberNumber reads the number of a member: from 1 on, without leading zeros (A0015).
func memberNumber(digits string) (int, bool) {
	if digits == "" || digits[0] == '0' || len(digits) > maxDigits {
		return 0, false
	}
	if strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}
