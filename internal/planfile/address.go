package planfile

import "strings"

// place is where an object is: the parts of its address.
type place struct {
	module    []moduleStep
	isData    bool
	kind      string // the type of the resource
	name      string
	key       string // of an instance, as it is written: ["a"] or [0]; "": none
	remaining []step // of a reference, after the resource
}

// moduleStep is one module of a path, with the key of its instance.
type moduleStep struct{ name, key string }

// step is a part of a traversal: a name, or a key in brackets.
type step struct {
	text  string
	isKey bool
}

// parseSteps splits a traversal such as module.a["x"].aws_vpc.b. It returns nil for a text
// that is none.
func parseSteps(text string) []step {
	var steps []step
	for text != "" {
		if text[0] == '[' {
			end := keyEnd(text)
			if end < 0 {
				return nil
			}
			steps = append(steps, step{text[:end], true})
			text = text[end:]
			continue
		}
		if len(steps) > 0 {
			if text[0] != '.' {
				return nil
			}
			text = text[1:]
		}
		end := strings.IndexAny(text, ".[")
		if end < 0 {
			end = len(text)
		}
		if end == 0 {
			return nil
		}
		steps = append(steps, step{text[:end], false})
		text = text[end:]
	}
	return steps
}

// keyEnd returns the index after the bracket that closes the key at the start of text, or
// -1. A key in quotes may have brackets.
func keyEnd(text string) int {
	isQuoted := false
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && isQuoted:
			i++
		case c == '"':
			isQuoted = !isQuoted
		case c == ']' && !isQuoted:
			return i + 1
		}
	}
	return -1
}

// parsePlace reads the address of a resource or of one of its instances.
func parsePlace(address string) (place, bool) {
	steps := parseSteps(address)
	var p place
	for len(steps) >= 2 && steps[0].text == "module" && !steps[1].isKey {
		m := moduleStep{name: steps[1].text}
		steps = steps[2:]
		if len(steps) > 0 && steps[0].isKey {
			m.key = steps[0].text
			steps = steps[1:]
		}
		p.module = append(p.module, m)
	}
	ok := p.read(steps)
	return p, ok
}

// read reads the steps after the modules.
func (p *place) read(steps []step) bool {
	if len(steps) > 0 && steps[0] == (step{text: "data"}) {
		p.isData = true
		steps = steps[1:]
	}
	if len(steps) < 2 || steps[0].isKey || steps[1].isKey {
		return false
	}
	p.kind, p.name = steps[0].text, steps[1].text
	steps = steps[2:]
	if len(steps) > 0 && steps[0].isKey {
		p.key = steps[0].text
		steps = steps[1:]
	}
	if len(steps) > 0 {
		p.remaining = steps
	}
	return true
}

// resource is the address of the resource in its module, without a key.
func (p place) resource() string {
	if p.isData {
		return "data." + p.kind + "." + p.name
	}
	return p.kind + "." + p.name
}

// resourceInstance is the address of the resource in its module instance, without a key.
func (p place) resourceInstance() string { return modulePath(p.module) + " " + p.resource() }

// modulePath is the address of the module instance.
func modulePath(module []moduleStep) string {
	var b strings.Builder
	for i, m := range module {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString("module." + m.name + m.key)
	}
	return b.String()
}

// hasPrefix reports whether a traversal begins with another one and is longer.
func hasPrefix(text, prefix string) bool {
	return len(text) > len(prefix) && strings.HasPrefix(text, prefix) && (text[len(prefix)] == '.' || text[len(prefix)] == '[')
}
