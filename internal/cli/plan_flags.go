package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/planfile"
)

// sourceFlags say in which file a command finds a mirror or a filter. One of them is set.
type sourceFlags struct {
	config, plan, state string
	isTest              bool // an exit status depends on the answer, so that it may not be a guess
}

// sources are the names of these flags.
var sources = []string{"config", "plan", "state"}

// add declares the flags. content is what the file in --config has.
func (f *sourceFlags) add(cmd *cobra.Command, content string) {
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", "", content)
	flags.StringVar(&f.plan, "plan", "", "plan.json: the output of \"terraform show -json FILE\" for a plan file")
	flags.StringVar(&f.state, "state", "", "state.json: the output of \"terraform show -json\"")
	cmd.MarkFlagsMutuallyExclusive(sources...)
}

// inputs are the files that the flags name.
func (f sourceFlags) inputs() []namedFile {
	return []namedFile{{"--config", f.config}, {"--plan", f.plan}, {"--state", f.state}}
}

func (f sourceFlags) path() string { return cmp.Or(f.config, f.plan, f.state) }

// name names the file in a text.
func (f sourceFlags) name() string { return shownName(f.path()) }

// open reads a plan or a state.
func (f sourceFlags) open(files *files) (*planfile.File, error) {
	kind, argument := planfile.Plan, "--plan"
	if f.state != "" {
		kind, argument = planfile.State, "--state"
	}
	text, err := files.read(argument, f.path())
	if err != nil {
		return nil, err
	}
	file, err := planfile.Parse(kind, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name(), err)
	}
	file.Exact = f.isTest
	return file, nil
}

// check refuses flags that only a plan or a state needs, and a command without a file. others
// has their names and whether they are set.
func (f sourceFlags) check(others map[string]bool) error {
	if f.path() == "" {
		return errors.New("the mirror is missing. Write one of --config, --plan and --state")
	}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		if f.config != "" && others[name] {
			return fmt.Errorf("--%s is for --plan and --state. Write it into %s instead", name, f.config)
		}
	}
	return nil
}

// refuseEmptyFlags refuses a flag whose text is empty. It is mostly a variable of a shell that
// is not set: without an error, the command would answer another question.
func refuseEmptyFlags(cmd *cobra.Command, _ []string) error {
	var errs []error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		list, isList := flag.Value.(pflag.SliceValue)
		isEmpty := isList && len(list.GetSlice()) == 0 || !isList && flag.Value.String() == ""
		if isEmpty {
			errs = append(errs, fmt.Errorf("--%s is empty. Write a value, or leave the flag out", flag.Name))
		}
	})
	return errors.Join(errs...)
}

// read returns the content of an input.
func (f *files) read(argument, name string) ([]byte, error) {
	file, _, err := f.open(argument, name)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(file)
}
