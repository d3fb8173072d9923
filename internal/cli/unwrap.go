package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// unwrapFlag is the argument that reads what is in the tunnels of captures.
type unwrapFlag struct{ unwrap bool }

// addUnwrap declares the flag.
func (f *unwrapFlag) addUnwrap(flags *pflag.FlagSet) {
	flags.BoolVar(&f.unwrap, "unwrap", false, "read the packets in the VXLAN and GENEVE packets of --in, for a capture of a sensor; other packets are left out and counted")
}

// checkUnwrap refuses the argument without a capture.
func (f unwrapFlag) checkUnwrap(hasCapture bool) error {
	if f.unwrap && !hasCapture {
		return errors.New("--unwrap is about the packets of --in. Write --in too, or leave --unwrap out")
	}
	return nil
}

// unwrapping is the captures of a command that are unwrapped. Each has one Unwrapper, also
// if it is opened more than once.
type unwrapping struct{ captures []*simulation.Unwrapper }

// unwrapping returns nil without the argument.
func (f unwrapFlag) unwrapping(captures int) *unwrapping {
	if !f.unwrap {
		return nil
	}
	return &unwrapping{make([]*simulation.Unwrapper, captures)}
}

// source returns what is in the tunnels of the only capture.
func (u *unwrapping) source(in capture.Source) capture.Source {
	if u == nil || in == nil {
		return in
	}
	u.captures[0] = simulation.NewUnwrapper(in, "")
	return u.captures[0]
}

// files does the same for captures that are opened later.
func (u *unwrapping) files(files []capture.File) []capture.File {
	if u == nil {
		return files
	}
	for i := range files {
		open := files[i].Open
		files[i].Open = func() (capture.Source, func(), error) {
			in, closeFile, err := open()
			if err != nil {
				return nil, nil, err
			}
			u.captures[i] = simulation.NewUnwrapper(in, files[i].Name)
			return u.captures[i], closeFile, nil
		}
	}
	return files
}

// report says what was unwrapped. name is that of the captures.
func (u *unwrapping) report(stderr io.Writer, name string) {
	if all := u.sum(); all != nil {
		fmt.Fprintf(stderr, "%s: %s\n", name, all)
	}
}

// sum returns what was unwrapped of all captures; nil: they are not unwrapped.
func (u *unwrapping) sum() *simulation.Unwrapped {
	if u == nil {
		return nil
	}
	var all simulation.Unwrapped
	for _, c := range u.captures {
		if c != nil {
			all.Add(c.Unwrapped())
		}
	}
	return &all
}
