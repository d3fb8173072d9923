package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// printNotes prints the section of a version in CHANGELOG.md. A version without one
// has no release.
func printNotes(version string, out io.Writer) error {
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	notes := section(string(text), version)
	if notes == "" {
		return fmt.Errorf("CHANGELOG.md has no section that begins with ## [%s]", version)
	}
	_, err = fmt.Fprintln(out, notes)
	return err
}

func section(changelog, version string) string {
	_, after, _ := strings.Cut("\n"+changelog, "\n## ["+version+"]")
	_, after, _ = strings.Cut(after, "\n") // the date
	notes, _, _ := strings.Cut("\n"+after, "\n## ")
	return strings.TrimSpace(notes)
}
