package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// checkFormat refuses a form of verdicts that does not exist, or one without verdicts.
func (f *outputFlags) checkFormat() error {
	format := simulation.VerdictFormat(f.format)
	if err := format.Check(); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	if f.verdicts == "" && format != simulation.VerdictJSON {
		return errors.New("--format is the form of --verdicts. Write --verdicts too")
	}
	return nil
}

func (f outputFlags) createVerdicts(files *files, source *dataplane.Source) (*output, error) {
	if f.verdicts == "" {
		return nil, nil
	}
	file, err := files.create("--verdicts", f.verdicts)
	if err != nil {
		return nil, err
	}
	lines := simulation.NewVerdictLines(file, source, simulation.VerdictFormat(f.format))
	return &output{sink: lines, end: func(io.Writer, dataplane.Summary) error { return nil }}, nil
}
