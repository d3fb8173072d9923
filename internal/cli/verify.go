package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/verification"
)

// verifyFlags are the arguments of the subcommand verify.
type verifyFlags struct {
	interfaceFlags
	source, form, markdown  string
	sensors                 []string
	ports                   []uint
	only                    []int
	window                  time.Duration
	complete                bool
	json, schema, anonymize bool
}

func verifyCommand(version string) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare a capture at the mirror source with one at the sensor, by configuration",
		Long: `Compare a capture at the source interface with a capture at the sensor. The sessions say which copies should have arrived,
and how long they are. The report says which are missing, which should not have arrived, and which are cut otherwise,
have another VNI, are doubled, out of order or altered. Each difference names the session, the rule and the assumption
about AWS that it contradicts. What the captures cannot show is not judged, and counted.

The exit status is 0 if everything that was judged is as expected, 2 if something is different, and 1 after an error. It is
also 1 if nothing could be judged, or if it is not known whether all copies arrived. Clocks may differ: the offset is found by the packets. Each file is read twice.`,
		Example: `  terraform-provider-trafficmirror verify --config mirror.json --source source.pcap --sensor sensor.pcap
  terraform-provider-trafficmirror verify --state state.json --interface eni-0a3f6c9e1b7d25840 --source source.pcap \
    --sensor appliance-1.pcap --sensor appliance-2.pcap --markdown report.md --anonymize`,
		Args:    cobra.NoArgs,
		PreRunE: refuseEmptyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.schema {
				_, err := cmd.OutOrStdout().Write(reportSchema[verification.Report]("verification", "The report of the command verify."))
				return err
			}
			return f.run(cmd.Context(), version, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	f.add(cmd)
	flags.StringVar(&f.source, "source", "", "capture file of the source interface")
	flags.StringArrayVar(&f.sensors, "sensor", nil, "capture file of a sensor; may be repeated, with one for each appliance")
	flags.StringVar(&f.form, "sensor-form", "", "what the sensors' files have: copies (VXLAN), or frames without VXLAN; found by looking if it is left out")
	flags.UintSliceVar(&f.ports, "port", nil, "UDP port of VXLAN instead of 4789; may be repeated")
	flags.IntSliceVar(&f.only, "session", nil, "number of a session whose copies the sensors should have; may be repeated (instead of all sessions)")
	flags.BoolVar(&f.complete, "sensors-complete", false, "the sensors' captures cover the whole time of the source's, so that a copy that is in none of them is missing (instead of only from their first to their last packet)")
	flags.DurationVar(&f.window, "window", verification.DefaultWindow, "how much later than others a copy may arrive")
	flags.StringVar(&f.markdown, "markdown", "", "file to write the report into, as Markdown for an issue")
	flags.BoolVar(&f.anonymize, "anonymize", false, "replace IP addresses and names of files in the report")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	flags.BoolVar(&f.schema, "result-schema", false, "only print the JSON schema of the output with --json")
	cmd.MarkFlagsOneRequired(append(sources, "result-schema")...)
	cmd.MarkFlagsMutuallyExclusive(append(sources, "result-schema")...)
	return cmd
}

func (f verifyFlags) check() error {
	switch {
	case f.source == "" || len(f.sensors) == 0:
		return errors.New("there is nothing to compare. Write --source and --sensor")
	case f.source == standard || slices.Contains(f.sensors, standard):
		return errors.New("--source and --sensor cannot be standard input, because each is read twice. Write it into a file first")
	case f.form != "" && !slices.Contains(verification.Forms, verification.Form(f.form)):
		return fmt.Errorf("--sensor-form is %q. Write one of %q", f.form, verification.Forms)
	case f.window <= 0:
		return errors.New("--window must be above 0, such as 1s")
	case f.json && f.markdown == standard:
		return errors.New("--json and --markdown cannot both be standard output")
	}
	for _, port := range f.ports {
		if port == 0 || port > 65535 {
			return fmt.Errorf("--port is %d. Write a port from 1 to 65535", port)
		}
	}
	return checkOneStandard("input", f.inputs())
}

func (f verifyFlags) run(ctx context.Context, version string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	f.isTest = true
	files := &files{ctx: ctx, stdin: stdin, stdout: stdout}
	defer func() { err = afterFailure(err, files.close()) }()
	source, direction, err := f.read(files, stderr)
	if err != nil {
		return err
	}
	in := verification.Input{Direction: direction, Form: verification.Form(f.form), Window: f.window, Sessions: f.only, SensorsComplete: f.complete, HidesNames: f.anonymize, Configuration: f.name()}
	if err := checkSessions(source, f.only); err != nil {
		return err
	}
	in.Source = captureTwice(files, "--source", f.source)
	for _, name := range f.sensors {
		in.Sensors = append(in.Sensors, captureTwice(files, "--sensor", name))
	}
	for _, port := range f.ports {
		in.Ports = append(in.Ports, uint16(port))
	}
	report, err := verification.Run(ctx, source, in)
	if report == nil {
		return err
	}
	if f.anonymize {
		report.Anonymize()
	}
	if failed := f.print(files, version, stdout, stderr, report); failed != nil {
		return failed
	}
	if err == nil && report.Result == verification.Different {
		return &differentError{}
	}
	return err
}

// checkSessions refuses a session that the configuration does not have.
func checkSessions(source *dataplane.Source, numbers []int) error {
	_, sessions, _ := dataplane.Given(source)
	for _, number := range numbers {
		if !slices.ContainsFunc(sessions, func(s dataplane.Session) bool { return s.Number == number }) {
			return fmt.Errorf("--session is %d, and there is no session with this number", number)
		}
	}
	return nil
}

// captureTwice is a file that is opened each time that it is read.
func captureTwice(files *files, argument, name string) verification.File {
	return verification.File{Name: name, Open: func() (capture.Source, error) {
		in, _, err := files.open(argument, name)
		if err != nil {
			return nil, err
		}
		if _, isStream := in.(*interruptible); isStream {
			return nil, fmt.Errorf("%s: %s cannot be read twice. Write it into a file first", argument, name)
		}
		reader, err := capture.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return reader, nil
	}}
}

func (f verifyFlags) print(files *files, version string, stdout, stderr io.Writer, report *verification.Report) error {
	if f.markdown != "" {
		to, err := files.create("--markdown", f.markdown)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(to, report.Markdown(version)); err != nil {
			return err
		}
	}
	if f.markdown == standard {
		stdout = stderr // standard output has the report
	}
	if !f.json {
		_, err := io.WriteString(stdout, report.Text())
		return err
	}
	enc := json.NewEncoder(stdout)
	enc.SetEscapeHTML(false) // the text of a packet has ">"
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}

// A differentError says that something is not as expected.
type differentError struct{}

// Error refers to the report.
func (*differentError) Error() string { return "the captures are not as the sessions say" }

// exitStatus is the exit status of the command.
func (*differentError) exitStatus() int { return statusNotAsExpected }
