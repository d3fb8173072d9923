package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/pflag"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// addAnnotate declares the flag of the annotated copy.
func (f *outputFlags) addAnnotate(flags *pflag.FlagSet) {
	flags.StringVar(&f.annotate, "annotate", "", "pcapng file to write: the packets of --in, each with its verdict as a comment and its direction")
}

// checkFormats refuses formats that an output does not have, and an annotated copy of several
// captures.
func (f simulateFlags) checkFormats() error {
	if problems := simulation.CheckAnnotated("--annotate", f.annotate); problems != nil {
		return problems
	}
	switch {
	case f.annotate != "" && len(f.in) > 1:
		return fmt.Errorf("--annotate copies one capture, and --in has %d. Annotate one at a time", len(f.in))
	case !slices.Contains(capture.Formats, capture.Format(f.applianceFormat)):
		return fmt.Errorf("--appliance-format is %q. Write pcap or pcapng", f.applianceFormat)
	case capture.Format(f.applianceFormat) != capture.Pcap && f.applianceOut == "":
		return errors.New("--appliance-format is the format of the files of --appliance-out. Write --appliance-out too")
	}
	return nil
}

func (f outputFlags) createAnnotate(files *files, _ *dataplane.Source) (*output, error) {
	if f.annotate == "" {
		return nil, nil
	}
	file, err := files.create("--annotate", f.annotate)
	if err != nil {
		return nil, err
	}
	annotation := simulation.NewAnnotation(file)
	return &output{sink: annotation, end: func(stderr io.Writer, _ dataplane.Summary) error {
		for _, text := range annotation.LeftOut() {
			fmt.Fprintf(stderr, "Warning: --annotate lacks %s.\n", text)
		}
		return nil
	}}, nil
}
