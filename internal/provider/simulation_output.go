package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// outputFile is a file that a simulation writes.
type outputFile struct {
	argument string        // that has its path
	object   *types.Object // of the model
}

func (o outputFile) path() types.String { return filePath(*o.object) }
func (o outputFile) at() path.Path      { return path.Root(o.argument).AtName("path") }

// isSet reports whether the file is written, as far as that is known.
func (o outputFile) isSet() bool { return o.path().ValueString() != "" }

const (
	copiesArgument    = "output"
	annotatedArgument = "annotated"
)

// outputs are all files that a simulation can write.
func (m *simulationModel) outputs() []outputFile {
	return []outputFile{{copiesArgument, &m.Output}, {annotatedArgument, &m.Annotated}}
}

// checkFiles refuses an output that would overwrite the capture or another output, and names that
// do not fit.
func (m *simulationModel) checkFiles(diags *diag.Diagnostics) {
	const summary = "Invalid simulation"
	from := filePath(m.Capture).ValueString()
	var others []outputFile
	for _, o := range m.outputs() {
		if !o.isSet() {
			continue
		}
		to := o.path().ValueString()
		if from != "" && sameFile(from, to) {
			diags.AddAttributeError(o.at(), summary,
				fmt.Sprintf("%s.path is %q, which is the capture. Write another path: the capture is never overwritten.", o.argument, to))
		}
		for _, other := range others {
			if sameFile(other.path().ValueString(), to) {
				diags.AddAttributeError(o.at(), summary, fmt.Sprintf("%s.path is %q, which is also %s.path. Write another path.", o.argument, to, other.argument))
			}
		}
		others = append(others, o)
	}
	for _, p := range simulation.CheckAnnotated(annotatedArgument+".path", filePath(m.Annotated).ValueString()) {
		reportAt(diags, path.Root(annotatedArgument).AtName("path"), summary, p)
	}
}

// sameOutputs reports whether two models write the same files.
func sameOutputs(a, b *simulationModel) bool {
	return slices.EqualFunc(a.outputs(), b.outputs(), func(a, b outputFile) bool { return a.path().Equal(b.path()) })
}

// outputsChanged reports whether an output is missing, or was changed after it was written: a
// refresh has removed its digest.
func outputsChanged(m *simulationModel) bool {
	return slices.ContainsFunc(m.outputs(), func(o outputFile) bool { return !o.object.IsNull() && fileSHA256(*o.object).IsNull() })
}

// refreshOutputs removes the digest of each output that is missing or was changed: the next plan
// then writes it again.
func refreshOutputs(ctx context.Context, m *simulationModel) {
	for _, o := range m.outputs() {
		if !o.object.IsNull() && !isAsWritten(ctx, *o.object) {
			*o.object = withSHA256(*o.object, types.StringNull())
		}
	}
}

// isAsWritten reports whether an output is the file that the last run has written.
func isAsWritten(ctx context.Context, output types.Object) bool {
	digest, err := simulation.FileDigest(ctx, filePath(output).ValueString())
	return err == nil && digest == fileSHA256(output).ValueString()
}

// removeOutputs removes the outputs that have not changed since they were written, and that no
// other simulation has written in this run. It keeps those of another model of the simulation.
func (r *regional) removeOutputs(ctx context.Context, id string, m, kept *simulationModel, diags *diag.Diagnostics) {
	for _, o := range m.outputs() {
		isKept := func(other outputFile) bool {
			return other.isSet() && sameFile(o.path().ValueString(), other.path().ValueString())
		}
		if !o.isSet() || slices.ContainsFunc(kept.outputs(), isKept) {
			continue
		}
		name := o.path().ValueString()
		err := r.plan.Simulations.RemoveOutput(simulation.CanonicalPath(name), id, func() error {
			if !isAsWritten(ctx, *o.object) {
				return nil
			}
			return simulation.RemoveOutputFile(name)
		})
		if err != nil {
			diags.AddWarning("Output not removed", err.Error())
		}
	}
}

// runOutput is an output of a run.
type runOutput struct {
	outputFile
	file         *simulation.OutputFile
	encapsulator *dataplane.Encapsulator                  // for copies
	leftOut      func(dataplane.Summary) (texts []string) // what the file lacks, and why; nil before begin
}

// begin returns the sink that writes the file. A goroutine of it ends when it is closed.
func (o *runOutput) begin() simulation.Sink {
	if o.argument == annotatedArgument {
		annotation := simulation.NewAnnotation(o.file)
		o.leftOut = func(dataplane.Summary) []string { return annotation.LeftOut() }
		return annotation
	}
	copies := simulation.NewCopies(o.file, capture.FormatOf(o.path().ValueString()), o.encapsulator)
	o.leftOut = func(summary dataplane.Summary) (texts []string) {
		for _, l := range copies.LeftOut(summary) {
			texts = append(texts, l.String()+". EC2 shows the address of a target only to the account that owns it")
		}
		return texts
	}
	return copies
}

// createOutputs begins the files. The caller discards them. It reports whether it could.
func (s *simulationRun) createOutputs(m *simulationModel, summary string, diags *diag.Diagnostics) bool {
	for _, o := range m.outputs() {
		if !o.isSet() {
			continue
		}
		created, err := s.createOutput(o)
		if err != nil {
			diags.AddAttributeError(o.at(), summary, err.Error()+".")
			return false
		}
		s.outputs = append(s.outputs, created)
	}
	return true
}

func (s *simulationRun) createOutput(o outputFile) (created runOutput, err error) {
	created.outputFile = o
	if o.argument == copiesArgument {
		if created.encapsulator, err = s.source.Encapsulator(); err != nil {
			return created, fmt.Errorf("building the packets for the targets: %w", err)
		}
	}
	created.file, err = simulation.CreateOutputFile(o.path().ValueString())
	return created, err
}

// discardOutputs removes the files that were not committed.
func (s *simulationRun) discardOutputs() {
	for _, o := range s.outputs {
		o.file.Discard()
	}
}

// warnOfLeftOut says what the outputs lack.
func (s *simulationRun) warnOfLeftOut(diags *diag.Diagnostics) {
	for _, o := range s.outputs {
		summary := "Copies left out of the output"
		if o.argument == annotatedArgument {
			summary = "Parts left out of the annotated capture"
		}
		for _, text := range o.leftOut(s.summary) {
			diags.AddAttributeWarning(o.at(), summary, fmt.Sprintf("%s lacks %s.", o.path().ValueString(), text))
		}
	}
}

// commitOutputs gives the files their names, and the model their digests. It reports whether it
// could.
func (r *regional) commitOutputs(s *simulationRun, id, summary string, diags *diag.Diagnostics) bool {
	for _, o := range s.outputs {
		err := r.plan.Simulations.WriteOutput(simulation.CanonicalPath(o.path().ValueString()), id, func() error {
			digest, err := o.file.Commit()
			*o.object = withSHA256(*o.object, types.StringValue(digest))
			return err
		})
		if err != nil {
			diags.AddAttributeError(o.at(), summary, err.Error()+".")
			return false
		}
	}
	return true
}
