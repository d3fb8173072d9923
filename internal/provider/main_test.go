package provider_test

import (
	"fmt"
	"os"
	"testing"
)

// TestMain runs the tests, or is the provider where a CLI has started this program
// as such.
func TestMain(m *testing.M) {
	if os.Getenv("TF_PLUGIN_MAGIC_COOKIE") == "" {
		os.Exit(m.Run())
	}
	if err := servePlugin(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
