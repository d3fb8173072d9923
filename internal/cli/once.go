package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// once is a flag that is written once. A library would take the last value and lose the others
// without a word, such as the file of an output.
type once struct {
	pflag.Value
	isSet bool
}

// Set implements pflag.Value.
func (o *once) Set(text string) error {
	if o.isSet {
		return errors.New("the flag is given twice. Write it once")
	}
	o.isSet = true
	return o.Value.Set(text)
}

// IsBoolFlag says that the flag needs no value, as before.
func (o *once) IsBoolFlag() bool { return o.Type() == "bool" }

// refuseRepeatedFlags makes each flag of the commands an error when it is repeated, except for
// those that are lists.
func refuseRepeatedFlags(commands ...*cobra.Command) {
	for _, command := range commands {
		command.Flags().VisitAll(func(flag *pflag.Flag) {
			if _, isList := flag.Value.(pflag.SliceValue); !isList && !adds(flag.Value) {
				flag.Value = &once{Value: flag.Value}
			}
		})
		refuseRepeatedFlags(command.Commands()...)
	}
}

// adds reports whether a flag of the project adds to what is there when it is repeated.
func adds(value pflag.Value) bool {
	switch value.(type) {
	case *quotaFlag, *variantFlag:
		return true
	}
	return false
}
