package planfile

import "encoding/json"

// configuration is the configuration in a plan. It has no values but constants: of any other
// expression it has the references.
type configuration struct {
	RootModule configModule `json:"root_module"`
}

type configModule struct {
	Resources   []configResource        `json:"resources"`
	ModuleCalls map[string]moduleCall   `json:"module_calls"`
	Outputs     map[string]configOutput `json:"outputs"`
}

type configResource struct {
	Address           string                     `json:"address"`
	Expressions       map[string]json.RawMessage `json:"expressions"`
	ForEachExpression expression                 `json:"for_each_expression"`
}

type moduleCall struct {
	Expressions       map[string]json.RawMessage `json:"expressions"`
	ForEachExpression expression                 `json:"for_each_expression"`
	Module            configModule               `json:"module"`
}

type configOutput struct {
	Expression expression `json:"expression"`
}

// expression is the expression of an argument.
type expression struct {
	References    []string        `json:"references"`
	ConstantValue json.RawMessage `json:"constant_value"`
}

// at returns the module at a path; nil if the configuration does not have it.
func (m *configModule) at(path []moduleStep) *configModule {
	for _, s := range path {
		if m == nil {
			return nil
		}
		call, found := m.ModuleCalls[s.name]
		if !found {
			return nil
		}
		m = &call.Module
	}
	return m
}

// resource returns a resource of the module; nil if it does not have it.
func (m *configModule) resource(p place) *configResource {
	if m == nil {
		return nil
	}
	for i := range m.Resources {
		if m.Resources[i].Address == p.resource() {
			return &m.Resources[i]
		}
	}
	return nil
}

// argument returns the expression of an argument, and whether the configuration sets it.
func (r *configResource) argument(name string) (expression, bool) {
	if r == nil {
		return expression{}, false
	}
	return argument(r.Expressions, name)
}

// block returns the expressions of the first block with a name.
func (r *configResource) block(name string) map[string]json.RawMessage {
	var blocks []map[string]json.RawMessage
	if r == nil || json.Unmarshal(r.Expressions[name], &blocks) != nil || len(blocks) == 0 {
		return nil
	}
	return blocks[0]
}

// argument reads one of many expressions. Those of blocks have another form, and no argument
// that this package asks for is one.
func argument(expressions map[string]json.RawMessage, name string) (expression, bool) {
	text, found := expressions[name]
	var e expression
	if !found || json.Unmarshal(text, &e) != nil {
		return expression{}, false
	}
	return e, true
}

// traversals returns the references of the expression, each once: the file has after each
// reference also what it begins with.
func (e expression) traversals() []string {
	var all []string
	last := ""
	for _, text := range e.References {
		if last == "" || !hasPrefix(last, text) {
			all = append(all, text)
		}
		last = text
	}
	return all
}
