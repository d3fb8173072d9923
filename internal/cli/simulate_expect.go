package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// expectFlags say what is expected of a simulation, and where the results are written.
type expectFlags struct {
	expect, junit, markdown string
	expectSchema            bool
}

func (f *expectFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.expect, "expect", "", "expectations.json: packets in words, and what should happen to packets; the exit status is 2 if an expectation does not hold")
	flags.StringVar(&f.junit, "junit", "", "file to write the result of each expectation into, as JUnit XML")
	flags.StringVar(&f.markdown, "markdown", "", "file to write the results and the summary into, as Markdown, for example $GITHUB_STEP_SUMMARY")
	flags.BoolVar(&f.expectSchema, "expect-schema", false, "only print the JSON schema of expectations.json")
}

// check refuses results of expectations where there are none.
func (f expectFlags) checkExpect() error {
	if f.junit != "" && f.expect == "" {
		return errors.New("--junit writes the results of expectations. Write --expect too")
	}
	return nil
}

// expectationsSchema returns the JSON schema of expectations.json.
func expectationsSchema() []byte {
	return topology.ExpectationsSchema(wordsOf(dataplane.Outcomes), wordsOf(dataplane.Reasons))
}

func wordsOf[W fmt.Stringer](words []W) []string {
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = w.String()
	}
	return names
}

// expectations are the content of an expectations.json.
type expectations struct {
	packets []simulation.PacketInWords
	expect  []simulation.Expectation
}

// readExpectations reads the file of --expect; nothing if there is none.
func (f expectFlags) readExpectations(files *files, hasCapture bool) (expectations, error) {
	if f.expect == "" {
		return expectations{}, nil
	}
	text, err := files.read("--expect", f.expect)
	if err != nil {
		return expectations{}, err
	}
	file, err := topology.ParseExpectations(text)
	if err != nil {
		return expectations{}, fmt.Errorf("%s: %w", f.expect, err)
	}
	e, problems := newExpectations(file, hasCapture)
	if err := problems.Err(); err != nil {
		return e, fmt.Errorf("%s: %w", f.expect, err)
	}
	return e, nil
}

func newExpectations(file *topology.Expectations, hasCapture bool) (expectations, mirror.Problems) {
	var e expectations
	var problems mirror.Problems
	names := map[string]bool{}
	for i, p := range file.Packets {
		words := simulation.PacketInWords{
			Name: p.Name, Direction: p.Direction, Protocol: string(p.Protocol), Source: p.Source, Destination: p.Destination,
			SourcePort: p.SourcePort, DestinationPort: p.DestinationPort, Length: p.Length,
		}
		e.packets = append(e.packets, words)
		at := fmt.Sprintf("packets[%d]", i)
		problems = append(problems, words.Check().Below(at)...)
		if names[p.Name] {
			problems = append(problems, mirror.Problem{
				Kind: mirror.Conflict, Field: at + ".name", Wrong: fmt.Sprintf("is %q, and another packet has the same name", p.Name), Fix: "Give each packet its own name.",
			})
		}
		names[p.Name] = true
	}
	for i, x := range file.Expect {
		expectation := newExpectation(x)
		e.expect = append(e.expect, expectation)
		problems = append(problems, expectation.Check(names, hasCapture).Below(fmt.Sprintf("expect[%d]", i))...)
	}
	if len(e.expect) == 0 { // a test without expectations always passes
		problems = append(problems, mirror.Problem{Kind: mirror.Missing, Field: "expect", Wrong: "is empty", Fix: "Write at least one expectation."})
	}
	return e, problems
}

func newExpectation(x topology.ExpectsFile) simulation.Expectation {
	e := simulation.Expectation{
		Packet: string(x.Packet), Mirrored: string(x.Mirrored), AtLeast: x.AtLeast, AtMost: x.AtMost, Outcome: x.Outcome, Reason: x.Reason,
		SessionNumber: x.SessionNumber, RuleNumber: x.RuleNumber, Bytes: x.Bytes,
	}
	if w := x.Where; w != nil {
		e.Where = &simulation.Where{
			Direction: string(w.Direction), Protocol: string(w.Protocol), Source: string(w.Source), Destination: string(w.Destination),
			SourcePort: w.SourcePort, DestinationPort: w.DestinationPort,
		}
	}
	return e
}

// statusNotAsExpected is the exit status if an expectation does not hold.
const statusNotAsExpected = 2

// A notAsExpectedError says that expectations do not hold.
type notAsExpectedError struct{ failed, all int }

// Error counts the expectations.
func (e *notAsExpectedError) Error() string {
	if e.failed == 0 {
		return "the expectations hold, but the run as a whole proves nothing"
	}
	verb := "do"
	if e.failed == 1 {
		verb = "does"
	}
	return fmt.Sprintf("%d of %d expectations %s not hold", e.failed, e.all, verb)
}

// exitStatus is the exit status of the command.
func (e *notAsExpectedError) exitStatus() int { return statusNotAsExpected }

// newNotAsExpected returns an error if there are failures.
func newNotAsExpected(results simulation.Results) error {
	if len(results.Failures) == 0 {
		return nil
	}
	return &notAsExpectedError{results.Failed(), len(results.Expectations)}
}

// resultFiles are the files with the results of expectations.
type resultFiles struct{ junit, markdown io.Writer } // nil: none

func (f expectFlags) createResults(files *files) (r resultFiles, err error) {
	if f.junit != "" {
		if r.junit, err = files.create("--junit", f.junit); err != nil {
			return r, err
		}
	}
	if f.markdown != "" {
		r.markdown, err = files.create("--markdown", f.markdown)
	}
	return r, err
}

// write writes the results, also those of a run that failed.
func (r resultFiles) write(results simulation.Results, summary dataplane.Summary) error {
	var errs []error
	if r.junit != nil {
		_, err := r.junit.Write(simulation.JUnit(results))
		errs = append(errs, err)
	}
	if r.markdown != nil {
		_, err := io.WriteString(r.markdown, simulation.Markdown(results, summary))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// printFailures prints the expectations that do not hold, for a person.
func printFailures(to io.Writer, results simulation.Results) {
	for _, failure := range results.Failures {
		fmt.Fprintf(to, "%s\n\n", failure.Text)
	}
}
