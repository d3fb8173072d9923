package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

const (
	// The registries cut a page that is longer, in bytes
	// (https://developer.hashicorp.com/terraform/registry/providers/docs#storage-limits).
	registryLimit = 500_000
	// A reader in a hurry does not read a page that is longer, in bytes.
	readableLimit = 60_000
)

// longPages are the pages that may be longer than readableLimit, and why.
var longPages = map[string]string{}

func TestPageSize(t *testing.T) {
	t.Parallel()
	pages := 0
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		pages++
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		switch size := info.Size(); {
		case size > registryLimit:
			t.Errorf("%s has %d bytes, more than the %d of the registries", name, size, registryLimit)
		case size > readableLimit && longPages[filepath.ToSlash(name)] == "":
			t.Errorf("%s has %d bytes, more than %d: split it, or give a reason in longPages", name, size, readableLimit)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if pages < 40 {
		t.Errorf("only %d pages", pages)
	}
}
