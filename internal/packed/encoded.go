package packed

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// encoded is a value in MessagePack, as Terraform and a provider send it to each other. An
// object is a map, null is nil, and an extension is a value that is known only after apply.
type encoded []byte

// unknown is a value that is known only after apply, and of which nothing else is known.
var unknown = encoded{msgpcode.FixExt1, 0, 0}

// isKnown reports whether the value is neither null nor known only after apply.
func (e encoded) isKnown() bool {
	return len(e) > 0 && e[0] != msgpcode.Nil && !msgpcode.IsExt(e[0])
}

// isMap reports whether the value is an object or a map.
func (e encoded) isMap() bool {
	return msgpcode.IsFixedMap(e[0]) || e[0] == msgpcode.Map16 || e[0] == msgpcode.Map32
}

// pack returns a text with the encoded value in it. A map is sorted, so that the same map is the
// same text whoever has encoded it. What Terraform knows about an unknown list,
// such as its length, does not fit a text.
func pack(e encoded) (encoded, error) {
	switch {
	case e.isKnown() && e.isMap():
		sorted, err := e.sorted()
		if err != nil {
			return nil, err
		}
		return msgpack.Marshal(string(sorted))
	case e.isKnown():
		return msgpack.Marshal(string(e))
	case e[0] == msgpcode.Nil:
		return e, nil
	}
	return unknown, nil
}

// unpack returns the value in a text.
func unpack(e encoded) (encoded, error) {
	if !e.isKnown() {
		return e, nil
	}
	var value string
	err := msgpack.Unmarshal(e, &value)
	return encoded(value), err
}

// An entry is an attribute of an object, or an element of a map.
type entry struct {
	name  string
	value encoded
}

// entries returns the entries of an object or a map.
func (e encoded) entries() ([]entry, error) {
	from := msgpack.NewDecoder(bytes.NewReader(e))
	n, err := from.DecodeMapLen()
	if err != nil {
		return nil, err
	}
	var entries []entry
	for range n {
		name, err := from.DecodeString()
		if err != nil {
			return nil, err
		}
		value, err := from.DecodeRaw()
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{name, encoded(value)})
	}
	return entries, nil
}

// encode returns an object or a map.
func encode(entries []entry) (encoded, error) {
	var e bytes.Buffer
	to := msgpack.NewEncoder(&e)
	err := to.EncodeMapLen(len(entries))
	for _, entry := range entries {
		err = errors.Join(err, to.EncodeString(entry.name))
		e.Write(entry.value)
	}
	return e.Bytes(), err
}

// sorted returns a map in the order of its keys, as Terraform encodes it.
func (e encoded) sorted() (encoded, error) {
	entries, err := e.entries()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return encode(entries)
}
