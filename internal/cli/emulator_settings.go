package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// quotaFlag is the flag --quota, which can be repeated: NAME=N.
type quotaFlag struct{ quotas mirror.Quotas }

// Set implements pflag.Value.
func (f *quotaFlag) Set(text string) error {
	name, digits, _ := strings.Cut(text, "=")
	usual := f.quotas.Get(name)
	n, malformed := strconv.ParseInt(digits, 10, 64)
	if err := f.quotas.Set(name, n); err != nil {
		return err
	}
	if malformed != nil {
		return fmt.Errorf("%q is not a whole number: write %s=%d", digits, name, usual)
	}
	return nil
}

// String implements pflag.Value. Each name has its own default, so help shows none.
func (f *quotaFlag) String() string { return "" }

// Type implements pflag.Value.
func (f *quotaFlag) Type() string { return "NAME=N" }

// variantFlag is the flag --variant, which can be repeated.
type variantFlag struct{ variants emulator.Variants }

// Set implements pflag.Value.
func (f *variantFlag) Set(name string) error { return f.variants.Set(name) }

// String implements pflag.Value.
func (f *variantFlag) String() string { return "" }

// Type implements pflag.Value.
func (f *variantFlag) Type() string { return "NAME" }
