package main

import (
	"bytes"
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

// checkNotes fails unless a file, which has the notes of a release on GitHub, has the
// section of its version. GoReleaser can leave them empty, and says nothing then.
func checkNotes(version, file string) error {
	var want bytes.Buffer
	if err := printNotes(version, &want); err != nil {
		return err
	}
	got, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Contains(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), bytes.TrimSpace(want.Bytes())) {
		return fmt.Errorf("the release has other notes than the section %s of CHANGELOG.md: %q", version, got)
	}
	return nil
}

func section(changelog, version string) string {
	_, after, _ := strings.Cut("\n"+changelog, "\n## ["+version+"]")
	_, after, _ = strings.Cut(after, "\n") // the date
	notes, _, _ := strings.Cut("\n"+after, "\n## ")
	return strings.TrimSpace(notes)
}
