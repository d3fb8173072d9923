package planfile

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// object is an instance of a resource or of a data source.
type object struct {
	address   string
	mode      string
	place     place
	values    map[string]any // after the apply; what is unknown is left out
	unknown   any            // a tree like values, in which true is what is known after apply
	sensitive any            // a tree like values, in which true is what is sensitive
	before    map[string]any // nil: there was nothing
	isDeleted bool           // only before counts
	config    *configResource

	isForgotten bool // stays in the account as it was before

	actions         []string // of a plan
	beforeSensitive any      // a tree like before, in which true is what is sensitive
}

// isUnknown reports whether an attribute is known only after apply. An attribute that is
// known in parts is not.
func (o *object) isUnknown(name string) bool {
	tree, _ := o.unknown.(map[string]any)
	return tree[name] == true
}

// isSet reports whether the configuration sets an argument.
func (o *object) isSet(name string) bool {
	_, found := o.config.argument(name)
	return found
}

// value returns an attribute that an answer needs; nil if it is null.
func (o *object) value(name string) (any, error) {
	unknown, _ := o.unknown.(map[string]any)
	if path, found := marked(unknown[name], name); found {
		return nil, fmt.Errorf("%s: %s is known only after apply, and the answer depends on it. Write a value that the plan knows, or apply and use --state", o.address, path)
	}
	sensitive, _ := o.sensitive.(map[string]any)
	if path, found := marked(sensitive[name], name); found {
		return nil, fmt.Errorf("%s: %s is sensitive, and the answer would show it. Use nonsensitive() in the configuration if it is no secret", o.address, path)
	}
	return o.values[name], nil
}

// marked returns the path of a mark in a tree of marks. A description decides nothing.
func marked(tree any, at string) (string, bool) {
	switch tree := tree.(type) {
	case bool:
		return at, tree
	case []any:
		for i, element := range tree {
			if path, found := marked(element, fmt.Sprintf("%s[%d]", at, i)); found {
				return path, true
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(tree)) {
			if key == "description" {
				continue
			}
			if path, found := marked(tree[key], below(at, key)); found {
				return path, true
			}
		}
	}
	return "", false
}

// below returns the path of a member: a rule number is the key of a map.
func below(at, key string) string {
	if _, err := strconv.Atoi(key); err == nil {
		return fmt.Sprintf("%s[%q]", at, key)
	}
	return at + "." + key
}

// text returns an attribute; "" if it is null.
func (o *object) text(name string) (string, error) {
	value, err := o.value(name)
	if err != nil || value == nil {
		return "", err
	}
	text, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("%s: %s is not a text", o.address, name)
	}
	return text, nil
}

// number returns an attribute; nil if it is null.
func (o *object) number(name string) (*int, error) {
	value, err := o.value(name)
	if err != nil || value == nil {
		return nil, err
	}
	number, ok := value.(json.Number)
	n, err := strconv.Atoi(string(number))
	if !ok || err != nil {
		return nil, fmt.Errorf("%s: %s is not a whole number", o.address, name)
	}
	return &n, nil
}

// computed is number for an attribute that EC2 chooses if the configuration does not set it:
// nil then.
func (o *object) computed(name string) (*int, error) {
	if o.isUnknown(name) && o.config != nil && !o.isSet(name) {
		return nil, nil
	}
	return o.number(name)
}

// knownText returns an attribute that is known and not sensitive, or "".
func (o *object) knownText(name string) string {
	text, err := o.text(name)
	if err != nil {
		return ""
	}
	return text
}

// id returns the ID of the object, or "" if it is known only after apply.
func (o *object) id() string { return o.knownText("id") }

// name returns the ID of the object, or its address before it has one.
func (o *object) name() string {
	if id := o.id(); id != "" {
		return id
	}
	return o.address
}

// withoutKey is the address of the resource.
func (o *object) withoutKey() string { return o.address[:len(o.address)-len(o.place.key)] }
