package provider_test

import (
	"os"
	"strings"
	"testing"
)

// The example of a mocked provider passes.
func TestAccMock_example(t *testing.T) {
	space := newWorkspace(t)
	if err := os.CopyFS(space.folder, os.DirFS("../../examples/mock")); err != nil {
		t.Fatal(err)
	}
	if output := space.run(t, "test"); !strings.Contains(output, "3 passed, 0 failed.") {
		t.Errorf("terraform test:\n%s", output)
	}
}
