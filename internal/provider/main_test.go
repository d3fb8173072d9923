package provider_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// TestMain runs the tests, or is the provider where a CLI has started this program
// as such.
func TestMain(m *testing.M) {
	provider.SetSettlingTime(2 * time.Second)
	provider.SetPatience(3 * time.Second)
	provider.SetLongestBackoff(100 * time.Millisecond)
	if os.Getenv("TF_PLUGIN_MAGIC_COOKIE") == "" {
		os.Exit(m.Run())
	}
	if err := servePlugin(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
