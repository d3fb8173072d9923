package planfile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A value that a plan does not know yet comes from an object that the plan creates. The
// configuration in the plan has the references of the expression, so that the object is
// found if exactly one of the right kind is behind them. Only an index by each.key or
// count.index is a guess: see resolver.warning.

// maxSteps limits how many references are followed for one value.
const maxSteps = 2000

// scope is where an expression is written: in a module instance, and in an instance of a
// resource or of a module call, whose each.key and count.index it can use.
type scope struct {
	module  []moduleStep
	forEach expression
	key     string
}

// resolver follows the references of one value to the objects behind it.
type resolver struct {
	file  *File
	kinds []string // the types of resource whose ID the value can be

	found  []*object
	vague  []string // references that do not lead to one object
	byKey  []string // for a warning: collections of which the instance of the same key was taken
	parent []string // the references on the way, to end a cycle
	steps  int
}

// resolve returns the object whose ID will be the value of an argument that is unknown.
// Warnings are about how it was found.
func (f *File) resolve(o *object, argument string, kinds []string) (*object, string, error) {
	e, isSet := o.config.argument(argument)
	if !isSet {
		return nil, "", fmt.Errorf("%s: %s is known only after apply, and the configuration in the plan does not set it. Apply, and use --state", o.address, argument)
	}
	return f.resolveExpression(o, argument, e, kinds)
}

func (f *File) resolveExpression(o *object, argument string, e expression, kinds []string) (*object, string, error) {
	r := &resolver{file: f, kinds: kinds}
	in := scope{module: o.place.module, key: o.place.key}
	if o.config != nil {
		in.forEach = o.config.ForEachExpression
	}
	r.expression(in, e)
	advice := fmt.Sprintf("Write %s there, or apply and use --state", exampleOf(kinds[0]))
	if len(r.vague) > 0 {
		return nil, "", fmt.Errorf("%s: %s is known only after apply, and the plan does not show which object it is of: %s. %s", o.address, argument, strings.Join(r.vague, "; "), advice)
	}
	switch len(r.found) {
	case 0:
		return nil, "", fmt.Errorf("%s: %s is known only after apply, and no object of this plan is behind it. %s", o.address, argument, advice)
	case 1:
		warning := r.warning(o, argument)
		if warning != "" && f.Exact {
			return nil, "", &guessError{r.found[0], fmt.Sprintf("%s: %s is known only after apply, and what must hold cannot depend on a guess: %s. %s", o.address, argument, warning, advice)}
		}
		return r.found[0], warning, nil
	}
	return nil, "", fmt.Errorf("%s: %s is known only after apply, and can be of %s. %s", o.address, argument, listOf(addresses(r.found), "or"), advice)
}

// exampleOf is a reference to an object of a kind.
func exampleOf(kind string) string { return kind + ".NAME.id" }

// warning says that a key was taken to be that of the instance. The plan has the references of
// an index, and not what the configuration makes of them: RESOURCE[each.key].id looks like an
// expression that takes the instance of another key.
func (r *resolver) warning(o *object, argument string) string {
	if len(r.byKey) == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %s is taken to be of %s, the instance with the same key: the plan shows that %s decides the key, and not how",
		argument, o.withoutKey(), r.found[0].withoutKey(), r.byKey[0])
}

// A guessError says that a reference leads to one object only by a guess.
type guessError struct {
	guessed *object
	text    string
}

// Error says which.
func (e *guessError) Error() string { return e.text }

// isOf reports whether the guess is between instances of the resource that an object is of.
func (e *guessError) isOf(o *object) bool {
	a, b := e.guessed.place, o.place
	return a.resource() == b.resource() && slices.CompareFunc(a.module, b.module, func(a, b moduleStep) int { return cmp.Compare(a.name, b.name) }) == 0
}

func (r *resolver) expression(in scope, e expression) {
	traversals := e.traversals()
	key := ""
	for _, t := range traversals {
		if t == "each.key" || t == "count.index" {
			key = t
		}
	}
	for _, t := range traversals {
		r.traversal(in, t, key)
	}
}

func (r *resolver) isVague(format string, arguments ...any) {
	if text := fmt.Sprintf(format, arguments...); !slices.Contains(r.vague, text) {
		r.vague = append(r.vague, text)
	}
}

// traversal follows one reference. key is the name of the instance's own key if the
// expression has it: an index in it may be that.
func (r *resolver) traversal(in scope, text, key string) {
	at := modulePath(in.module) + " " + in.key + " " + text
	if r.steps++; r.steps > maxSteps || slices.Contains(r.parent, at) {
		r.isVague("%s leads to too many references", text)
		return
	}
	r.parent = append(r.parent, at)
	defer func() { r.parent = r.parent[:len(r.parent)-1] }()
	steps := parseSteps(text)
	if len(steps) < 2 {
		r.isVague("%s cannot be read", text)
		return
	}
	switch steps[0].text {
	case "var":
		r.variable(in, steps[1].text)
	case "each":
		if steps[1].text == "value" {
			r.expressionOfEach(in)
		}
	case "module":
		r.output(in, text, steps[1:], key)
	case "local":
		r.isVague("a plan does not have the value of %s", text)
	case "count", "path", "terraform", "self":
	default:
		r.resource(in, text, key)
	}
}

// variable follows a variable of a module to the call of the module. The variables of the
// root module are known.
func (r *resolver) variable(in scope, name string) {
	if len(in.module) == 0 {
		return
	}
	last := in.module[len(in.module)-1]
	outer := in.module[:len(in.module)-1]
	parent := r.file.config.at(outer)
	if parent == nil {
		return
	}
	call := parent.ModuleCalls[last.name]
	e, isSet := argument(call.Expressions, name)
	if isSet { // else it has its default, which is known
		r.expression(scope{outer, call.ForEachExpression, last.key}, e)
	}
}

// expressionOfEach follows each.value: the element of for_each with the key of the instance.
func (r *resolver) expressionOfEach(in scope) {
	// An element that is not an object has no key: each.key stands for its own.
	for _, t := range in.forEach.traversals() {
		r.traversal(in, t, "each.key")
	}
}

// output follows a reference to a module: module.NAME, then perhaps a key, then perhaps an
// output.
func (r *resolver) output(in scope, text string, steps []step, key string) {
	m := moduleStep{name: steps[0].text}
	steps = steps[1:]
	if len(steps) > 0 && steps[0].isKey {
		m.key = steps[0].text
		steps = steps[1:]
	} else if chosen, ok := r.instanceOfModule(in, m, key); ok {
		m = chosen
	} else {
		r.isVague("%s has several instances", text)
		return
	}
	inner := scope{module: append(slices.Clone(in.module), m)}
	module := r.file.config.at(inner.module)
	if module == nil {
		r.isVague("the plan does not have the configuration of %s", text)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(module.Outputs)) {
		if len(steps) == 0 || steps[0].text == name {
			r.expression(inner, module.Outputs[name].Expression)
		}
	}
}

// instanceOfModule returns the instance of a module that a reference without a key is to.
func (r *resolver) instanceOfModule(in scope, m moduleStep, key string) (moduleStep, bool) {
	var keys []string
	for _, o := range r.file.objects {
		path := o.place.module
		if len(path) > len(in.module) && slices.Equal(path[:len(in.module)], in.module) && path[len(in.module)].name == m.name {
			keys = append(keys, path[len(in.module)].key)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	switch {
	case len(keys) == 0: // without objects, it passes on what others have
		return m, true
	case len(keys) == 1:
		m.key = keys[0]
		return m, true
	case key != "" && slices.Contains(keys, in.key):
		m.key = in.key
		r.byKey = append(r.byKey, key)
		return m, true
	}
	return m, false
}

// resource ends at the instances of a resource.
func (r *resolver) resource(in scope, text, key string) {
	p, ok := parsePlace(text)
	if !ok {
		r.isVague("%s cannot be read", text)
		return
	}
	p.module = in.module
	all := r.file.instances[p.resourceInstance()]
	var instances []*object
	switch own := r.file.byPlace[p.resourceInstance()+cmp.Or(p.key, in.key)]; {
	case own != nil && (p.key != "" || key != "" && len(all) > 1 && !isKnown(own, p)):
		instances = []*object{own}
	case p.key == "":
		instances = slices.Clone(all)
	}
	isOwn := p.key == "" && len(instances) == 1 && len(all) > 1
	if !slices.Contains(r.kinds, p.kind) || p.isData {
		r.other(p, text, instances)
		return
	}
	if p.kind == instanceKind && len(p.remaining) > 0 && p.remaining[0].text != r.instanceAttribute() {
		r.otherOfInstance(p, text)
		return
	}
	instances = slices.DeleteFunc(instances, func(o *object) bool { return isKnown(o, p) })
	switch {
	case len(instances) == 0: // known, so that the value would be known
	case len(instances) == 1:
		r.add(instances[0])
		if isOwn {
			r.byKey = append(r.byKey, key)
		}
	default:
		r.isVague("%s can be %s", text, listOf(addresses(instances), "or"))
	}
}

// instanceAttribute is the attribute of an instance that is looked for: that of its primary
// interface, or its own ID.
func (r *resolver) instanceAttribute() string {
	if slices.Equal(r.kinds, targetInstances) {
		return "id"
	}
	return primaryInterface
}

func (r *resolver) add(o *object) {
	if !slices.Contains(r.found, o) {
		r.found = append(r.found, o)
	}
}

// isKnown reports whether the plan knows what a reference reads of an object.
func isKnown(o *object, p place) bool {
	if len(p.remaining) == 0 || p.remaining[0].isKey {
		return o.id() != ""
	}
	tree, _ := o.unknown.(map[string]any)
	_, hasUnknown := marked(tree[p.remaining[0].text], "")
	return !hasUnknown
}

// other ends at a resource of another type. Its ID is not what is looked for if it is of a
// type that is known to be another one.
func (r *resolver) other(p place, text string, instances []*object) {
	if !p.isData && slices.Contains(otherKinds, p.kind) {
		return
	}
	for _, o := range instances {
		if !isKnown(o, p) {
			r.isVague("%s is known only after apply", text)
			return
		}
	}
}

// otherOfInstance ends at an attribute of an instance that is not the ID of its primary
// interface.
func (r *resolver) otherOfInstance(p place, text string) {
	if p.remaining[0].text == "network_interface" || p.remaining[0].text == "primary_network_interface" {
		r.isVague("%s is known only after apply", text)
	}
}

// otherKinds are types of resource whose attributes are no ID of a mirror's object.
var otherKinds = slices.Concat(targetKinds, filterKinds, sessionKinds, ruleKinds, interfaceKinds, subnetKinds, vpcKinds, balancerKinds,
	[]string{"aws_security_group", "aws_vpc_endpoint"})

func addresses(objects []*object) []string {
	all := make([]string, len(objects))
	for i, o := range objects {
		all[i] = o.address
	}
	return all
}

// listOf joins names for a message.
func listOf(names []string, conjunction string) string {
	const most = 8
	if len(names) > most {
		names = append(slices.Clone(names[:most-1]), fmt.Sprintf("%d more", len(names)-most+1))
	}
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " " + conjunction + " " + names[last]
	}
	return strings.Join(names, "")
}
