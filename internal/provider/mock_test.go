package provider_test

import (
	"os"
	"strings"
	"testing"
)

// The example of a mocked provider passes.
func TestAccMock_example(t *testing.T) {
	space := newWorkspace(t)
	if os.Getenv("TF_ACC_PROVIDER_HOST") != "" { // as acceptance.sh sets it for OpenTofu
		t.Skip("OpenTofu refuses a mocked value for an argument that the configuration sets, and crashes on functions of a provider in assertions")
	}
	if err := os.CopyFS(space.folder, os.DirFS("../../examples/mock")); err != nil {
		t.Fatal(err)
	}
	if output := space.run(t, "test"); !strings.Contains(output, "3 passed, 0 failed.") {
		t.Errorf("terraform test:\n%s", output)
	}
}
