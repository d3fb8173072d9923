package mirror

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of tags, in characters
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html).
const (
	MaxTags           = 50
	MaxTagKeyLength   = 128
	MaxTagValueLength = 256
	ReservedTagPrefix = "aws:"
)

// IsReservedTag reports whether a tag belongs to AWS. Nobody else can set or delete it, and
// it does not count for MaxTags.
func IsReservedTag(key string) bool {
	return strings.HasPrefix(strings.ToLower(key), ReservedTagPrefix)
}

// ValidateTags checks the tags of one object, in the order of their keys.
func ValidateTags(tags map[string]string) Problems {
	var ps Problems
	if len(tags) > MaxTags {
		ps = append(ps, Problem{
			Kind: Limit, Field: "tags", Wrong: fmt.Sprintf("has %d tags", len(tags)),
			Fix: fmt.Sprintf("Write at most %d.", MaxTags),
		})
	}
	keys := make([]string, 0, len(tags))
	for key := range tags {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		ps = append(ps, checkTag(key, tags[key])...)
	}
	return ps
}

func checkTag(key, value string) Problems {
	at := fmt.Sprintf("tags[%q]", key)
	invalid := func(wrong, fix string) Problem { return Problem{Kind: Invalid, Field: at, Wrong: wrong, Fix: fix} }
	var ps Problems
	if key == "" {
		ps = append(ps, invalid("is an empty key", fmt.Sprintf("Write a key of 1 to %d characters.", MaxTagKeyLength)))
	}
	if n := utf8.RuneCountInString(key); n > MaxTagKeyLength {
		ps = append(ps, invalid(fmt.Sprintf("has a key of %d characters", n), fmt.Sprintf("Write a key of 1 to %d characters.", MaxTagKeyLength)))
	}
	if IsReservedTag(key) {
		ps = append(ps, invalid(fmt.Sprintf("begins with %q, which AWS reserves", ReservedTagPrefix), "Write another key."))
	}
	ps = append(ps, checkText(at, key+value)...)
	if n := utf8.RuneCountInString(value); n > MaxTagValueLength {
		ps = append(ps, invalid(fmt.Sprintf("has a value of %d characters", n), fmt.Sprintf("Write a value of at most %d characters.", MaxTagValueLength)))
	}
	return ps
}

// HasTags reports whether tags has every wanted tag.
func HasTags(tags, wanted map[string]string) bool {
	for key, value := range wanted {
		if present, found := tags[key]; !found || present != value {
			return false
		}
	}
	return true
}
