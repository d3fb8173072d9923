package provider_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/cli"
)

// asCommand is the environment variable with which this program is that of a release, with its
// subcommands: see TestAccCI_workflow.
const asCommand = "TRAFFICMIRROR_TEST_AS_COMMAND"

// TestMain runs the tests, or is the provider where a CLI has started this program
// as such.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv("TF_PLUGIN_MAGIC_COOKIE") != "":
		if err := servePlugin(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case os.Getenv(asCommand) != "":
		os.Exit(cli.Main(context.Background(), "0.0.0", os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	default:
		os.Exit(m.Run())
	}
}
