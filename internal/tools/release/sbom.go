package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx"
)

const (
	project = "terraform-provider-trafficmirror"
	owner   = "trafficmirror"
	unknown = "NOASSERTION" // what SPDX calls it
)

// writeSBOM writes what the binary in an archive is made of: the modules that its build
// information names, because the linker has written it, and what is vendored.
func writeSBOM(version, archive, document string) error {
	name, binary, err := readBinary(archive)
	if err != nil {
		return err
	}
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	whole, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	described := subject{version: version, archive: filepath.Base(archive), archiveSum: sum(whole), binary: name, binarySum: sum(binary)}
	licences, err := licencesOf(info)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := spdxjson.Write(describe(described, info, licences), &text, spdxjson.Indent("  ")); err != nil {
		return err
	}
	return os.WriteFile(document, text.Bytes(), 0o644)
}

// A subject is what an SBOM describes.
type subject struct{ version, archive, archiveSum, binary, binarySum string }

func sum(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}

// readBinary returns the provider in an archive, and its name there.
func readBinary(archive string) (string, []byte, error) {
	files, err := readArchive(archive)
	if err != nil {
		return "", nil, err
	}
	for name, content := range files {
		if strings.HasPrefix(name, project+"_v") {
			return name, content, nil
		}
	}
	return "", nil, fmt.Errorf("%s has no %s_v*", archive, project)
}

func readArchive(archive string) (map[string][]byte, error) {
	reader, err := zip.OpenReader(archive)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	defer func() { _ = reader.Close() }()
	files := map[string][]byte{}
	for _, entry := range reader.File {
		content, err := readEntry(entry)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", archive, entry.Name, err)
		}
		files[entry.Name] = content
	}
	return files, nil
}

func readEntry(entry *zip.File) ([]byte, error) {
	opened, err := entry.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(opened)
	return content, errors.Join(err, opened.Close())
}

// licencesOf returns the licence of each module in a binary, by its path.
func licencesOf(info *debug.BuildInfo) (map[string]string, error) {
	modules, err := linkedModules([]platform{{setting(info, "GOOS"), setting(info, "GOARCH")}})
	if err != nil {
		return nil, err
	}
	licences := map[string]string{"stdlib": "BSD-3-Clause"}
	for _, m := range vendored() {
		modules[m.Path] = m
	}
	for path, m := range modules {
		found, err := licenceOf(m.Dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if len(found) > 0 && !slices.Contains(found, "unknown") {
			licences[path] = strings.Join(found, " AND ")
		}
	}
	return licences, nil
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

// A component is one line of go version -m, the Go distribution, or what is vendored, which is a
// package of npm.
type component struct {
	path, version, sum string
	npm                bool
}

func components(info *debug.BuildInfo) []component {
	all := []component{{path: "stdlib", version: strings.TrimPrefix(info.GoVersion, "go")}}
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		all = append(all, component{path: dep.Path, version: dep.Version, sum: dep.Sum})
	}
	for _, m := range vendored() {
		all = append(all, component{path: m.Path, version: m.Version, npm: true})
	}
	return all
}

func describe(of subject, info *debug.BuildInfo, licences map[string]string) *spdx.Document {
	const root = spdx.ElementID("Package-provider")
	document := &spdx.Document{
		SPDXVersion: spdx.Version, DataLicense: spdx.DataLicense, SPDXIdentifier: "DOCUMENT",
		DocumentName:      of.archive,
		DocumentNamespace: "https://github.com/" + owner + "/" + project + "/spdx/" + of.archive + "-" + of.archiveSum,
		CreationInfo: &spdx.CreationInfo{
			Created:  setting(info, "vcs.time"), // the same build gives the same document
			Creators: []spdx.Creator{{CreatorType: "Organization", Creator: owner}, {CreatorType: "Tool", Creator: project + "/internal/tools/release"}},
		},
		Packages: []*spdx.Package{{
			PackageName: project, PackageSPDXIdentifier: root, PackageVersion: of.version, PackageFileName: of.binary,
			PackageSupplier:         &spdx.Supplier{SupplierType: "Organization", Supplier: owner},
			PackageDownloadLocation: "https://github.com/" + owner + "/" + project + "/releases/download/v" + of.version + "/" + of.archive,
			PackageChecksums:        []spdx.Checksum{{Algorithm: spdx.SHA256, Value: of.binarySum}},
			PackageSourceInfo:       "git commit " + setting(info, "vcs.revision"),
			PackageLicenseConcluded: unknown, PackageLicenseDeclared: "MPL-2.0", PackageCopyrightText: unknown,
			PackageExternalReferences: []*spdx.PackageExternalReference{purl("golang", info.Main.Path, "v"+of.version)},
			PrimaryPackagePurpose:     "APPLICATION",
		}},
		Relationships: []*spdx.Relationship{{RefA: spdx.DocElementID{ElementRefID: "DOCUMENT"}, RefB: spdx.DocElementID{ElementRefID: root}, Relationship: spdx.RelationshipDescribes}},
	}
	for i, c := range components(info) {
		id := spdx.ElementID(fmt.Sprintf("Package-%d", i))
		document.Packages = append(document.Packages, describeComponent(id, c, licences[c.path]))
		document.Relationships = append(document.Relationships, &spdx.Relationship{
			RefA: spdx.DocElementID{ElementRefID: root}, RefB: spdx.DocElementID{ElementRefID: id}, Relationship: spdx.RelationshipDependsOn,
		})
	}
	return document
}

func describeComponent(id spdx.ElementID, c component, licence string) *spdx.Package {
	kind := "golang"
	if c.npm {
		kind = "npm"
	}
	described := &spdx.Package{
		PackageName: c.path, PackageSPDXIdentifier: id, PackageVersion: c.version,
		PackageDownloadLocation: unknown, PackageLicenseConcluded: unknown, PackageCopyrightText: unknown,
		PackageLicenseDeclared:    unknown,
		PackageExternalReferences: []*spdx.PackageExternalReference{purl(kind, c.path, c.version)},
		PrimaryPackagePurpose:     "LIBRARY",
	}
	if licence != "" {
		described.PackageLicenseDeclared = licence
	}
	if c.sum != "" {
		described.PackageSourceInfo = "go.sum " + c.sum
	}
	return described
}

// purl names a Go module or a package of npm for scanners: https://github.com/package-url/purl-spec
func purl(kind, path, version string) *spdx.PackageExternalReference {
	return &spdx.PackageExternalReference{
		Category: spdx.CategoryPackageManager, RefType: spdx.PackageManagerPURL,
		Locator: "pkg:" + kind + "/" + path + "@" + strings.ReplaceAll(version, "+", "%2B"),
	}
}

// sbomProblems compares an SBOM with the build information of the binary, which is
// what go version -m prints, and with what is vendored.
func sbomProblems(document *spdx.Document, of subject, info *debug.BuildInfo) (problems []string) {
	listed := map[string]string{}
	for _, p := range document.Packages {
		listed[p.PackageName] = p.PackageVersion + " " + p.PackageSourceInfo
	}
	expect := func(name, want string) {
		if got, isListed := listed[name]; !isListed || got != want {
			problems = append(problems, fmt.Sprintf("the SBOM says %q of %s, and the binary %q", got, name, want))
		}
		delete(listed, name)
	}
	expect(project, of.version+" git commit "+setting(info, "vcs.revision"))
	for _, c := range components(info) {
		source := ""
		if c.sum != "" {
			source = "go.sum " + c.sum
		}
		expect(c.path, c.version+" "+source)
	}
	for name := range listed {
		problems = append(problems, "the SBOM lists "+name+", and the binary is not linked with it")
	}
	if len(document.Packages) > 0 && !slices.Contains(document.Packages[0].PackageChecksums, spdx.Checksum{Algorithm: spdx.SHA256, Value: of.binarySum}) {
		problems = append(problems, "the SBOM is not of this binary")
	}
	slices.Sort(problems)
	return problems
}
