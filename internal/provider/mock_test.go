package provider_test

import (
	"os"
	"strings"
	"testing"
)

// The guide shows the mocked provider of the example.
func TestMock_guide(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../../examples/mock/tests/mirror.tftest.hcl")
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile("../../templates/guides/mock.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(example), "\nmock_provider ")
	block, _, found := strings.Cut(block, "\n}\n")
	if !found || !strings.Contains(string(guide), "mock_provider "+block) {
		t.Error("the mock_provider block of the guide is not that of the example")
	}
}

// The example of a mocked provider, which the guide shows, passes.
func TestAccMock_example(t *testing.T) {
	space := newWorkspace(t)
	if err := os.CopyFS(space.folder, os.DirFS("../../examples/mock")); err != nil {
		t.Fatal(err)
	}
	if output := space.run(t, "test"); !strings.Contains(output, "2 passed, 0 failed.") {
		t.Errorf("terraform test:\n%s", output)
	}
}
