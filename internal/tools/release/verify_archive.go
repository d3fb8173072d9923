package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	spdxjson "github.com/spdx/tools-golang/json"
)

func (r release) checkArchives() (problems []string) {
	for _, p := range r.platforms {
		for _, problem := range r.archiveProblems(p) {
			problems = append(problems, p.String()+": "+problem)
		}
	}
	return problems
}

// binaryName is what the registries ask for.
func (r release) binaryName(p platform) string {
	name := project + "_v" + r.version
	if p.system == "windows" {
		name += ".exe"
	}
	return name
}

// archiveProblems: an archive has the licences and the binary of its platform, built
// from the commit of the release without changes, and the SBOM lists what is in it.
func (r release) archiveProblems(p platform) (problems []string) {
	archive := r.path(p.String() + ".zip")
	files, err := readArchive(archive)
	if err != nil {
		return []string{err.Error()}
	}
	if got, want := slices.Sorted(maps.Keys(files)), []string{"LICENSE", noticesFile, r.binaryName(p)}; !slices.Equal(got, want) {
		return []string{fmt.Sprintf("the archive has %q, want %q", got, want)}
	}
	binary := files[r.binaryName(p)]
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return []string{err.Error()}
	}
	for key, want := range map[string]string{"GOOS": p.system, "GOARCH": p.architecture, "CGO_ENABLED": "0", "vcs.revision": r.commit, "vcs.modified": "false"} {
		if got := setting(info, key); got != want {
			problems = append(problems, fmt.Sprintf("the binary was built with %s=%s, want %s", key, got, want))
		}
	}
	linked := make([]module, len(info.Deps))
	for i, m := range info.Deps {
		linked[i] = module{Path: m.Path, Version: m.Version}
	}
	problems = append(problems, noticesProblems(files[noticesFile], linked)...)
	text, err := os.ReadFile(archive + ".spdx.json")
	if err != nil {
		return append(problems, err.Error())
	}
	document, err := spdxjson.Read(bytes.NewReader(text))
	if err != nil {
		return append(problems, fmt.Sprintf("the SBOM: %v", err))
	}
	return append(problems, sbomProblems(document, subject{version: r.version, binarySum: sum(binary)}, info)...)
}

// checkVersion runs the binary of this platform. Without one there is no release.
func (r release) checkVersion() []string {
	host := platform{runtime.GOOS, runtime.GOARCH}
	files, err := readArchive(r.path(host.String() + ".zip"))
	if err != nil {
		return []string{err.Error()}
	}
	folder, err := os.MkdirTemp("", "release-")
	if err != nil {
		return []string{err.Error()}
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary := filepath.Join(folder, r.binaryName(host))
	if err := os.WriteFile(binary, files[r.binaryName(host)], 0o700); err != nil {
		return []string{err.Error()}
	}
	out, err := output(exec.Command(binary, "--version"))
	if err != nil {
		return []string{err.Error()}
	}
	number, commit, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(out)), project+" version "), "+")
	if number != r.version || len(commit) < 7 || !strings.HasPrefix(r.commit, commit) {
		return []string{fmt.Sprintf("--version says %q, want version %s of commit %s", out, r.version, r.commit)}
	}
	return nil
}
