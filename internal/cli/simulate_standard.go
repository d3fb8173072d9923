package cli

import (
	"fmt"
	"slices"
)

// namedFile is a file with the argument that names it.
type namedFile struct{ argument, name string }

func (n namedFile) isStandard() bool { return n.name == standard }

// checkStandard refuses standard input for two inputs, and standard output for two outputs.
func (f simulateFlags) checkStandard() error {
	inputs := append(f.inputs(), namedFile{"--expect", f.expect})
	for _, name := range f.in {
		inputs = append(inputs, namedFile{"--in", name})
	}
	if err := checkOneStandard("input", inputs); err != nil {
		return err
	}
	return checkOneStandard("output", f.outputs())
}

func checkOneStandard(which string, named []namedFile) error {
	first := ""
	for _, file := range named {
		switch {
		case !file.isStandard():
		case first != "":
			return fmt.Errorf("%s and %s cannot both be standard %s", first, file.argument, which)
		default:
			first = file.argument
		}
	}
	return nil
}

// usesStandardOutput reports whether standard output is one of the outputs.
func (f simulateFlags) usesStandardOutput() bool {
	return slices.ContainsFunc(f.outputs(), namedFile.isStandard)
}

// outputs are the outputs that may be standard output.
func (f simulateFlags) outputs() []namedFile {
	return []namedFile{{"--out", f.out}, {"--verdicts", f.verdicts}, {"--flows", f.flows}, {"--summary", f.summary}, {"--junit", f.junit}, {"--markdown", f.markdown}, {"--report", f.report}}
}
