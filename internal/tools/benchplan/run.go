//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// latency is that of a request to EC2 from the same continent.
const latency = "*:latency=30ms"

// load makes a store with a world.
func (b *bench) load(w world, folder string) (store string, err error) {
	dump := filepath.Join(folder, "dump.json")
	if err := w.writeDump(dump); err != nil {
		return "", err
	}
	store = filepath.Join(folder, "ec2.db")
	in, err := os.Open(dump)
	if err != nil {
		return "", err
	}
	defer in.Close()
	cmd := b.command(b.own().binary, "emulator", "load", "--path", store)
	cmd.Stdin = in
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("emulator load: %w: %s", err, said)
	}
	return store, nil
}

// server is an embedded EC2 in a process of its own.
type server struct {
	cmd *exec.Cmd
	url string
}

var listens = regexp.MustCompile(`listens on (http://\S+)`)

// serve starts an embedded EC2: its token buckets are full.
func (b *bench) serve(store string, throttled bool) (*server, error) {
	args := []string{"emulator", "--listen", "127.0.0.1:0", "--path", store}
	if throttled {
		args = append(args, "--throttle", "--fault", latency)
	}
	cmd := b.command(b.own().binary, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd}
	lines := bufio.NewScanner(out)
	for s.url == "" && lines.Scan() {
		if found := listens.FindStringSubmatch(lines.Text()); found != nil {
			s.url = found[1]
		}
	}
	if s.url == "" {
		_, err := s.stop()
		return nil, errors.Join(errors.New("the embedded EC2 does not say where it listens"), err)
	}
	return s, nil
}

// stop returns the CPU time of the process.
func (s *server) stop() (time.Duration, error) {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return 0, err
	}
	if err := s.cmd.Wait(); err != nil {
		return 0, fmt.Errorf("the embedded EC2: %w", err)
	}
	return cpuOf(s.cmd.ProcessState), nil
}

// calls are the requests of one action.
type calls struct{ Count, Throttled int }

func (s *server) calls() (map[string]calls, error) {
	resp, err := http.Get(s.url + "/_emulator/calls")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var read map[string]calls
	return read, json.NewDecoder(resp.Body).Decode(&read)
}

// install writes what makes the CLI start the provider by wrap.
func (c *contestant) install(folder string) error {
	binary, err := filepath.Abs(c.binary)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	plugins := filepath.Join(folder, "plugins")
	c.binary, c.cliFile = binary, filepath.Join(folder, "terraform.rc")
	program := fmt.Sprintf("#!/bin/sh\nexec '%s' %s '%s' \"$@\"\n", self, wrapArgument, binary)
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", c.source, plugins)
	if err := os.MkdirAll(plugins, 0o750); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(plugins, "terraform-provider-"+c.local), []byte(program), 0o700),
		os.WriteFile(c.cliFile, []byte(overrides), 0o600), c.readRegions())
}

// readRegions finds out whether the resources have an argument for the Region.
func (c *contestant) readRegions() error {
	if c.local != "trafficmirror" {
		return nil // version 5 of hashicorp/aws has none
	}
	said, err := exec.Command(c.binary, "schema").Output()
	if err != nil {
		return fmt.Errorf("%s schema: %w", c.binary, err)
	}
	var read struct {
		Providers map[string]struct {
			Resources map[string]struct {
				Block struct{ Attributes map[string]any }
			} `json:"resource_schemas"`
		} `json:"provider_schemas"`
	}
	if err := json.Unmarshal(said, &read); err != nil {
		return err
	}
	for _, p := range read.Providers {
		_, c.regions = p.Resources[c.prefix+kindFilter].Block.Attributes["region"]
	}
	return nil
}

// end is the end of what a command with thousands of lines has said.
func end(said string) string {
	const most = 4000
	return said[max(0, len(said)-most):]
}

// terraformIn runs the CLI in a folder. What the user has set for other work does not
// decide what it does.
func (b *bench) terraformIn(folder string, c *contestant, url string, args ...string) (measurement, error) {
	notes, err := os.MkdirTemp(b.folder, "usage-")
	if err != nil {
		return measurement{}, err
	}
	cmd := b.command(b.terraform, append(args, "-no-color", "-input=false", "-lock=false")...)
	cmd.Dir = folder
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + b.folder, "TMPDIR=" + b.folder, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1",
		"TF_CLI_CONFIG_FILE=" + c.cliFile, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_ENDPOINT_URL_EC2=" + url,
		usageVariable + "=" + notes,
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		return measurement{}, fmt.Errorf("%s %s: %w\n%s", b.terraform, strings.Join(args, " "), err, end(said.String()))
	}
	m := measurement{wall: time.Since(begun), terraform: cpuOf(cmd.ProcessState), said: said.String()}
	used, err := readUsages(notes)
	if err != nil {
		return m, err
	}
	if len(used) == 0 && c.source != "" {
		return m, errors.New("no process of the provider ended by itself")
	}
	for _, u := range used {
		m.provider += u.CPU
		m.terraform -= u.CPU + u.Wrapper // which are those of descendants
	}
	m.processes, m.peak = atOnce(used)
	return m, nil
}
