package topology

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// decode reads JSON into the value that into points to. It refuses more than
// encoding/json: keys that are unknown, have another case or are there twice,
// null, text after the end, bytes that are not UTF-8, and a missing field with the tag
// required:"true". Every error names a path such as network_interfaces[2].mtu.
func decode(text []byte, into any) error {
	text, err := oneValue(text)
	if err != nil {
		return err
	}
	return decodeValue(text, reflect.ValueOf(into).Elem(), "")
}

// byteOrderMark is what some editors write before UTF-8.
var byteOrderMark = []byte("\uFEFF")

// oneValue returns a text that is one JSON value without a byte order mark, or why it is
// not one. encoding/json would read bytes that are not UTF-8 as U+FFFD.
func oneValue(text []byte) ([]byte, error) {
	text = bytes.TrimPrefix(text, byteOrderMark)
	if !utf8.Valid(text) {
		return nil, notUTF8(text)
	}
	if !json.Valid(text) {
		return nil, syntaxError(text)
	}
	return text, nil
}

func notUTF8(text []byte) error {
	line := 1
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		rest = rest[size:]
	}
	return fmt.Errorf("line %d is not UTF-8: save the text in this encoding", line)
}

// OneValue checks a text that another package decodes: it is one JSON value in UTF-8, in
// which no object has a key twice. It returns the text without a byte order mark.
func OneValue(text []byte) ([]byte, error) {
	text, err := oneValue(text)
	if err != nil {
		return nil, err
	}
	return text, checkKeys(json.NewDecoder(bytes.NewReader(text)), "")
}

// checkKeys reads a value, and refuses a key that is there twice.
func checkKeys(d *json.Decoder, path string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	seen := map[string]bool{}
	for i := 0; d.More(); i++ {
		at := fmt.Sprintf("%s[%d]", path, i)
		if open == '{' {
			token, err := d.Token()
			if err != nil {
				return err
			}
			key, _ := token.(string)
			if at = below(path, key); seen[key] {
				return fmt.Errorf("%s is there twice", at)
			}
			seen[key] = true
		}
		if err := checkKeys(d, at); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

func syntaxError(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	var whole any
	err := dec.Decode(&whole)
	offset := dec.InputOffset()
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.Is(err, io.EOF):
		return errors.New("is empty: write at least {}")
	case errors.Is(err, io.ErrUnexpectedEOF):
		offset, err = int64(len(text)), errors.New("the text ends in the middle of a value")
	case err == nil:
		err = errors.New("there is more text after the end of the value")
	}
	line := 1 + bytes.Count(text[:min(int(offset), len(text))], []byte("\n"))
	return fmt.Errorf("line %d is not JSON: %w", line, err)
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

func decodeValue(raw json.RawMessage, into reflect.Value, path string) error {
	if string(bytes.TrimSpace(raw)) == "null" {
		return fmt.Errorf("%s is null: leave it out instead", orWhole(path))
	}
	if into.Addr().Type().Implements(textUnmarshaler) {
		return decodeLeaf(raw, into, path)
	}
	switch into.Kind() {
	case reflect.Struct:
		return decodeStruct(raw, into, path)
	case reflect.Slice:
		return decodeSlice(raw, into, path)
	case reflect.Map:
		return decodeMap(raw, into, path)
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		return decodeValue(raw, into.Elem(), path)
	}
	return decodeLeaf(raw, into, path)
}

func decodeLeaf(raw json.RawMessage, into reflect.Value, path string) error {
	// netip reads "" as the zero address, which means none.
	if string(raw) == `""` && into.Addr().Type().Implements(textUnmarshaler) {
		return fmt.Errorf("%s is empty: leave it out instead", orWhole(path))
	}
	err := json.Unmarshal(raw, into.Addr().Interface())
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		return fmt.Errorf("%s is %s: write %s", orWhole(path), raw, kindName(into))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", orWhole(path), err)
	}
	return nil
}

func kindName(v reflect.Value) string {
	switch {
	case v.Addr().Type().Implements(textUnmarshaler), v.Kind() == reflect.String:
		return "a string"
	case v.Kind() == reflect.Bool:
		return "true or false"
	}
	return "a whole number"
}

func decodeSlice(raw json.RawMessage, into reflect.Value, path string) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return fmt.Errorf("%s is not a list: write [ ... ]", orWhole(path))
	}
	into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
	for i, item := range items {
		if err := decodeValue(item, into.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	return nil
}

func decodeMap(raw json.RawMessage, into reflect.Value, path string) error {
	into.Set(reflect.MakeMap(into.Type()))
	return eachMember(raw, path, atKey, func(key string, value json.RawMessage) error {
		item := reflect.New(into.Type().Elem()).Elem()
		if err := decodeValue(value, item, atKey(path, key)); err != nil {
			return err
		}
		into.SetMapIndex(reflect.ValueOf(key), item)
		return nil
	})
}

func decodeStruct(raw json.RawMessage, into reflect.Value, path string) error {
	fields := map[string]reflect.Value{}
	var names, missing []string
	for field, value := range membersOf(into) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		fields[name] = value
		names = append(names, name)
		if field.Tag.Get("required") == "true" {
			missing = append(missing, name)
		}
	}
	err := eachMember(raw, path, below, func(key string, value json.RawMessage) error {
		field, known := fields[key]
		if !known {
			slices.Sort(names)
			return fmt.Errorf("%s is not a known key: write one of %s", below(path, key), strings.Join(names, ", "))
		}
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == key })
		return decodeValue(value, field, below(path, key))
	})
	if err == nil && len(missing) > 0 {
		return fmt.Errorf("%s is missing", below(path, missing[0]))
	}
	return err
}

// membersOf yields the fields of a struct, and those of a struct that it embeds, as
// encoding/json writes them.
func membersOf(into reflect.Value) iter.Seq2[reflect.StructField, reflect.Value] {
	return func(yield func(reflect.StructField, reflect.Value) bool) {
		for _, field := range reflect.VisibleFields(into.Type()) {
			if !field.Anonymous && !yield(field, into.FieldByIndex(field.Index)) {
				return
			}
		}
	}
}

// eachMember calls f for each member of a JSON object, in order. path is the path
// of the object. member returns the path of a member.
func eachMember(
	raw json.RawMessage, path string, member func(path, key string) string, f func(key string, value json.RawMessage) error,
) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if open, _ := dec.Token(); open != json.Delim('{') {
		return fmt.Errorf("%s is not an object: write { ... }", orWhole(path))
	}
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		key := token.(string)
		if seen[key] {
			return fmt.Errorf("%s is there twice", member(path, key))
		}
		seen[key] = true
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		if err := f(key, value); err != nil {
			return err
		}
	}
	return nil
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func atKey(path, key string) string { return fmt.Sprintf("%s[%q]", path, key) }

func orWhole(path string) string {
	if path == "" {
		return "the value"
	}
	return path
}
