package emulator

import (
	"maps"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// Load balancers, listeners and target groups have attributes, which clients describe and modify in the
// same way.

// describeAttributes describes the attributes of an object.
func describeAttributes[T any](arn string, need func(*tx, string) (T, error), write func(*query.Writer, T)) operation {
	return func(t *tx, x *query.Writer) error {
		v, err := need(t, arn)
		if err == nil {
			write(x, v)
		}
		return err
	}
}

// modifyAttributes changes attributes of an object, all or none.
func modifyAttributes[T any](of *collection[T], q *query.Query, arn string, need func(*tx, string) (T, error),
	change func(T, map[string]string) (T, error), write func(*query.Writer, T),
) operation {
	given := readAttributes(q)
	return func(t *tx, x *query.Writer) error {
		v, err := need(t, arn)
		if err != nil {
			return err
		}
		if v, err = change(v, given); err != nil {
			return err
		}
		of.put(t, arn, v)
		write(x, v)
		return t.err
	}
}

// attributeRule says which values an attribute can have.
type attributeRule struct {
	key     string
	accepts func(text string) bool
	values  string // in words
}

// refuse returns the error for a value. The noun is that of the object in lower case.
func (a attributeRule) refuse(noun, text string) error {
	if a.accepts(text) {
		return nil
	}
	return query.Refuse("ValidationError", "The value '%s' of the %s attribute '%s' is not valid. Write %s.", text, noun, a.key, a.values)
}

// unknownAttribute is the error for a key. Clients look for "attribute key '...' is not recognized" in the message. The
// noun begins a sentence.
func unknownAttribute(noun, key string) error {
	return query.Refuse("ValidationError", "%s attribute key '%s' is not recognized", noun, key)
}

// withEach returns attributes after changes, which set makes one at a time in the order of the keys.
func withEach(before, given map[string]string, set func(into map[string]string, key, text string) error) (map[string]string, error) {
	after := maps.Clone(before)
	if after == nil {
		after = map[string]string{}
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if err := set(after, key, given[key]); err != nil {
			return before, err
		}
	}
	return after, nil
}
