package cli

import (
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/report"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// outputFlags name the files that a simulation writes, one packet after the other.
type outputFlags struct {
	out, applianceOut, applianceFormat, verdicts, format, flows, annotate, report string

	isUnwrapped bool // the packets are those in tunnels
}

// add declares the flags.
func (f *outputFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.out, "out", "", "capture file to write: the copies in VXLAN, as they leave the interface; pcapng if its name ends with .pcapng")
	f.addAnnotate(flags)
	flags.StringVar(&f.applianceOut, "appliance-out", "", "folder to write capture files into, one for each appliance: the copies that reach it")
	flags.StringVar(&f.applianceFormat, "appliance-format", string(capture.Pcap), "format of the files of --appliance-out: pcap or pcapng")
	flags.StringVar(&f.verdicts, "verdicts", "", "file to write the verdicts into: a line for each packet")
	flags.StringVar(&f.format, "format", string(simulation.VerdictJSON), "form of --verdicts: json, csv, or eve, which has the field names of Suricata's EVE")
	flags.StringVar(&f.flows, "flows", "", "file to write the flow table into, in the form of its ending: .csv, .json, or .txt for a person")
	flags.StringVar(&f.report, "report", "", "HTML file to write a report of the run into: one page, for a browser without a network")
}

// output is a result of a simulation that is written into a file.
type output struct {
	sink simulation.Sink

	// incomplete is called before end if the run ended before the capture did; nil: it makes no
	// difference.
	incomplete func()

	// end writes what is known only after the last packet, and warns of what the file lacks.
	end func(stderr io.Writer, summary dataplane.Summary) error

	// finish writes what is known only after the expectations were compared; nil: nothing. input
	// names the packets.
	finish func(input string, origin report.Origin, results simulation.Results, summary dataplane.Summary) error
}

// createOutputs creates the files. The verdicts come first: with the copies first, a run takes a
// fifth longer (measured).
func (f simulateFlags) createOutputs(to *files, source *dataplane.Source) ([]output, error) {
	f.isUnwrapped = f.unwrap
	var outputs []output
	for _, create := range []func(*files, *dataplane.Source) (*output, error){
		f.createVerdicts, f.createOut, f.createApplianceOut, f.createAnnotate, f.createFlows, f.createReport,
	} {
		o, err := create(to, source)
		if err != nil {
			return nil, err
		}
		if o != nil {
			outputs = append(outputs, *o)
		}
	}
	return outputs, nil
}

func (f simulateFlags) createOut(files *files, source *dataplane.Source) (*output, error) {
	if f.out == "" {
		return nil, nil
	}
	encapsulator, err := f.encapsulator(source)
	if err != nil {
		return nil, err
	}
	file, err := files.create("--out", f.out)
	if err != nil {
		return nil, err
	}
	copies := simulation.NewCopies(file, capture.FormatOf(f.out), encapsulator)
	return &output{sink: copies, end: warnOfLeftOut("--out", copies.LeftOut)}, nil
}

func (f simulateFlags) createApplianceOut(files *files, source *dataplane.Source) (*output, error) {
	if f.applianceOut == "" {
		return nil, nil
	}
	encapsulator, err := f.encapsulator(source)
	if err != nil {
		return nil, err
	}
	format := capture.Format(f.applianceFormat)
	if err := os.MkdirAll(f.applianceOut, 0o750); err != nil {
		return nil, err
	}
	received, err := simulation.NewApplianceCopies(format, encapsulator, func(appliance netip.Addr) (io.Writer, error) {
		return files.create("--appliance-out", filepath.Join(f.applianceOut, simulation.ApplianceName(appliance)+"."+string(format)))
	})
	if err != nil {
		return nil, err
	}
	return &output{sink: received, end: warnOfLeftOut("--appliance-out", received.LeftOut)}, nil
}

func (f simulateFlags) encapsulator(source *dataplane.Source) (*dataplane.Encapsulator, error) {
	encapsulator, err := source.Encapsulator()
	if err != nil {
		return nil, fmt.Errorf("%s: copies cannot be written: %w", f.name(), err)
	}
	return encapsulator, nil
}

// warnOfLeftOut says which copies an output lacks.
func warnOfLeftOut(argument string, leftOut func(dataplane.Summary) []dataplane.LeftOut) func(io.Writer, dataplane.Summary) error {
	return func(stderr io.Writer, summary dataplane.Summary) error {
		for _, l := range leftOut(summary) {
			fmt.Fprintf(stderr, "Warning: %s lacks %s.\n", argument, l)
		}
		return nil
	}
}
