// Package function has the functions of the provider. They answer questions about values of a
// configuration: what a filter does with a packet, which rules are without effect, what two
// filters do differently. They read no file and know no account.
//
// Their arguments are dynamic, so that optional attributes can be left out. A value that is
// known only after apply makes the result unknown only if the answer depends on it.
//
// https://developer.hashicorp.com/terraform/plugin/framework/functions
package function

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// All returns constructors for the functions.
func All() []func() function.Function {
	var all []func() function.Function
	for _, f := range []pure{verdict, trace, unreachableRules, compareFilters, mirrors, maxSourceMTU, mirrorAll, mirrorExternal} {
		all = append(all, func() function.Function { return f })
	}
	return all
}

// pure is a function that needs nothing but its arguments.
type pure struct {
	name                 string
	summary, description string
	parameters           []function.Parameter
	result               attr.Type
	run                  func(arguments []attr.Value) (attr.Value, error) // nil, nil: the result is unknown
}

// Metadata names the function.
func (p pure) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = p.name
}

// Definition describes the function.
func (p pure) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: p.summary, MarkdownDescription: p.description, Parameters: p.parameters, Return: resultOf(p.result),
	}
}

// Run answers.
func (p pure) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	arguments := make([]attr.Value, len(p.parameters))
	targets := make([]any, len(arguments))
	for i := range arguments {
		targets[i] = &arguments[i]
	}
	if len(targets) > 0 {
		resp.Error = req.Arguments.Get(ctx, targets...)
	}
	if resp.Error != nil {
		return
	}
	defer func() {
		if resp.Error != nil { // Terraform ends the text with a full stop
			resp.Error.Text = strings.TrimSuffix(resp.Error.Text, ".")
		}
	}()
	result, err := p.run(arguments)
	var wrong *argumentError
	switch {
	case errors.As(err, &wrong):
		resp.Error = function.NewArgumentFuncError(wrong.argument, wrong.text(p.parameters[wrong.argument].GetName()))
	case errors.Is(err, analysis.ErrTooComplex):
		resp.Error = function.NewFuncError("There is no answer: " + err.Error())
	case err != nil:
		resp.Error = function.NewFuncError(err.Error())
	default:
		if result == nil {
			result = unknown(p.result)
		}
		resp.Error = resp.Result.Set(ctx, result)
	}
}

// argumentError says what is wrong with an argument.
type argumentError struct {
	argument int64 // from 0
	problems mirror.Problems
}

// Error returns the problems, one line each, with the paths of the values in the argument.
func (e *argumentError) Error() string { return e.problems.Error() }

// text is Error with the name of the argument where the whole argument, or an element of it,
// is wrong.
func (e *argumentError) text(name string) string {
	named := slices.Clone(e.problems)
	for i, p := range named {
		if p.Field == "" && strings.HasPrefix(p.Wrong, "is ") || strings.HasPrefix(p.Field, "[") {
			named[i].Field = name + p.Field
		}
	}
	return named.Error()
}

// wrongArgument returns an error if there is a problem that is one.
func wrongArgument(argument int64, problems mirror.Problems) error {
	if problems.Err() == nil {
		return nil
	}
	return &argumentError{argument, problems}
}

// dynamic is a parameter that takes a value of any type. Values in it may be unknown.
func dynamic(name, description string) function.Parameter {
	return function.DynamicParameter{Name: name, MarkdownDescription: description, AllowUnknownValues: true}
}
