package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A release is a folder with the assets of one, and what they have to be.
type release struct {
	folder      string
	version     string // 1.2.3
	commit      string // all 40 digits
	fingerprint string // of the GPG key, all 40 digits
	key         string // file with the public GPG key
	offline     bool   // without what asks Sigstore and GitHub
	unsigned    bool   // without signatures: a snapshot
	platforms   []platform
}

func verifyCommand(args []string, out io.Writer) error {
	var r release
	flags := flag.NewFlagSet("release verify", flag.ContinueOnError)
	flags.StringVar(&r.version, "version", "", "the version, without v")
	flags.StringVar(&r.commit, "commit", "", "the commit that was built, 40 digits")
	flags.StringVar(&r.fingerprint, "fingerprint", "", "the fingerprint of the GPG key, 40 digits")
	flags.StringVar(&r.key, "key", "", "a file with the public GPG key, ASCII-armored")
	flags.BoolVar(&r.offline, "offline", false, "leave out the Sigstore bundles, which need cosign, gh and a network")
	flags.BoolVar(&r.unsigned, "unsigned", false, "the assets are those of a snapshot, without signatures")
	only := flags.String("platforms", "", "the platforms, such as linux_amd64,darwin_arm64; without it those of .goreleaser.yml")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 || r.version == "" || r.commit == "" || !r.unsigned && (r.fingerprint == "" || r.key == "") {
		return errors.New("release verify needs -version, -commit, -fingerprint, -key and one folder")
	}
	r.folder = flags.Arg(0)
	var err error
	if r.platforms, err = readPlatforms(); err != nil {
		return err
	}
	if *only != "" {
		r.platforms = slices.DeleteFunc(r.platforms, func(p platform) bool { return !slices.Contains(strings.Split(*only, ","), p.String()) })
	}
	return r.verify(out)
}

// A check returns what is wrong.
type check struct {
	name string
	run  func() []string
}

// verify runs all checks, and fails if one of them finds something or cannot run.
func (r release) verify(out io.Writer) error {
	checks := []check{
		{"files", r.checkFiles},
		{"checksums", r.checkSums},
		{"manifest", r.checkManifest},
		{"archives", r.checkArchives},
		{"version of the binary", r.checkVersion},
	}
	if !r.unsigned {
		checks = append(checks, check{"GPG signature", r.checkSignature})
	}
	if !r.unsigned && !r.offline {
		checks = append(checks, check{"Cosign bundle", r.checkCosign}, check{"provenance", r.checkProvenance})
	}
	failed := 0
	for _, c := range checks {
		problems := c.run()
		if len(problems) == 0 {
			fmt.Fprintf(out, "ok      %s\n", c.name)
			continue
		}
		failed++
		fmt.Fprintf(out, "FAILED  %s\n        %s\n", c.name, strings.Join(problems, "\n        "))
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks of release %s failed: do not publish it", failed, len(checks), r.version)
	}
	return nil
}

func (r release) name(suffix string) string { return project + "_" + r.version + "_" + suffix }

func (r release) path(suffix string) string { return filepath.Join(r.folder, r.name(suffix)) }

// summed returns the names of the assets that SHA256SUMS has.
func (r release) summed() []string {
	names := []string{r.name("manifest.json")}
	for _, p := range r.platforms {
		names = append(names, r.name(p.String()+".zip"), r.name(p.String()+".zip.spdx.json"))
	}
	return names
}

func (r release) assets() []string {
	names := append(r.summed(), r.name("SHA256SUMS"))
	if !r.unsigned {
		names = append(names, r.name("SHA256SUMS.sig"), r.name("SHA256SUMS.sigstore.json"), r.name("provenance.sigstore.json"))
	}
	return names
}

// checkFiles: nothing is missing, and nothing is there that a user does not expect.
func (r release) checkFiles() (problems []string) {
	entries, err := os.ReadDir(r.folder)
	if err != nil {
		return []string{err.Error()}
	}
	extra := map[string]bool{}
	for _, entry := range entries {
		extra[entry.Name()] = true
	}
	for _, name := range r.assets() {
		if !extra[name] {
			problems = append(problems, name+" is missing")
		}
		delete(extra, name)
	}
	for name := range extra {
		problems = append(problems, name+" is not expected")
	}
	slices.Sort(problems)
	return problems
}

// checkSums: SHA256SUMS has each asset once, with its checksum, and nothing else.
func (r release) checkSums() (problems []string) {
	text, err := os.ReadFile(r.path("SHA256SUMS"))
	if err != nil {
		return []string{err.Error()}
	}
	sums := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		digest, name, isPair := strings.Cut(lines.Text(), "  ")
		if _, isTwice := sums[name]; !isPair || isTwice {
			problems = append(problems, fmt.Sprintf("SHA256SUMS has the line %q", lines.Text()))
		}
		sums[name] = digest
	}
	for _, name := range r.summed() {
		content, err := os.ReadFile(filepath.Join(r.folder, name))
		if err != nil {
			problems = append(problems, err.Error())
		} else if want := sum(content); sums[name] != want {
			problems = append(problems, fmt.Sprintf("SHA256SUMS says %q of %s, whose checksum is %s", sums[name], name, want))
		}
		delete(sums, name)
	}
	for name := range sums {
		problems = append(problems, "SHA256SUMS has "+name+", which is no asset")
	}
	slices.Sort(problems)
	return problems
}

// checkManifest: the registries read which version of the plugin protocol it serves.
func (r release) checkManifest() []string {
	got, err := os.ReadFile(r.path("manifest.json"))
	want, err2 := os.ReadFile(filepath.Join(root, "terraform-registry-manifest.json"))
	if err := errors.Join(err, err2); err != nil {
		return []string{err.Error()}
	}
	if !bytes.Equal(got, want) {
		return []string{"the manifest is not terraform-registry-manifest.json of this tree"}
	}
	return nil
}
