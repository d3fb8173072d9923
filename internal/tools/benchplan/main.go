//go:build unix

// Command benchplan measures plans of what exists already, without a change, against
// the embedded EC2 in a process of its own:
//
//	benchplan -binary bin/terraform-provider-trafficmirror -terraform terraform
//
// It makes the objects by a dump that the embedded EC2 loads, and the state by
// copying what Terraform writes about one object. A plan that finds a change stops
// it. internal/tools/bench/README.md explains how to read the table. What is not
// installed is left out, and said so.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

func main() {
	work := run
	if len(os.Args) > 2 && os.Args[1] == wrapArgument {
		work = func() error { return wrap(os.Args[2], os.Args[3:]) }
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, "benchplan:", err)
		os.Exit(1)
	}
}

func run() error {
	binary := flag.String("binary", "bin/terraform-provider-trafficmirror", "the provider to measure")
	before := flag.String("before", "", "another build of the provider, to compare with")
	terraform := flag.String("terraform", "terraform", "the Terraform CLI")
	awsMirror := flag.String("aws", os.Getenv("TRAFFICMIRROR_AWS_PROVIDER"), "folder of a filesystem mirror with hashicorp/aws (unset: $TRAFFICMIRROR_AWS_PROVIDER)")
	rounds := flag.Int("rounds", 3, "how often plans are measured; the tables show medians. Those of 10,000 objects are measured once")
	pattern := flag.String("run", ".", "pattern of the lines to measure")
	flag.Parse()
	chosen, err := regexp.Compile(*pattern)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	folder, err := os.MkdirTemp("", "benchplan-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	// An interrupt ends what was started, and removes the folder.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := bench{
		ctx: ctx, folder: folder, terraform: *terraform, rounds: max(*rounds, 1), out: os.Stdout,
		bottom: contestant{cliFile: os.DevNull, templates: map[string]template{}},
	}
	if err := b.addContestants(*binary, *before, *awsMirror); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "%d rounds%s\n", b.rounds, load())
	if err := b.measurePlans(chosen); err != nil {
		return err
	}
	if err := b.measureCPU(chosen); err != nil {
		return err
	}
	b.printTargets()
	fmt.Fprintf(b.out, "\nin the end%s\n", load())
	return nil
}

// bench is all that is measured in one run.
type bench struct {
	ctx         context.Context
	folder      string
	terraform   string
	rounds      int
	out         *os.File
	contestants []*contestant // the first is the provider to measure
	bottom      contestant    // Terraform's own resource, which has no plugin
	missing     []string
	targets     []target
}

// contestant is a provider.
type contestant struct {
	name    string // empty: the provider to measure
	source  string // address in required_providers
	local   string // name of the provider in a configuration
	prefix  string // of the types of its resources
	binary  string
	regions bool // its resources have an argument for the Region
	cliFile string
	// The state of one object by the type of the resource.
	templates map[string]template
}

// command is a command that an interrupt of this program interrupts.
func (b *bench) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(b.ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	return cmd
}

// own is the provider to measure.
func (b *bench) own() *contestant { return b.contestants[0] }

// aws is hashicorp/aws, or nil.
func (b *bench) aws() *contestant {
	if last := b.contestants[len(b.contestants)-1]; last.local == "aws" {
		return last
	}
	return nil
}

func (b *bench) addContestants(binary, before, awsMirror string) error {
	b.add(contestant{source: "trafficmirror/trafficmirror", local: "trafficmirror", prefix: "trafficmirror_", binary: binary})
	if before != "" {
		b.add(contestant{name: "before", source: "trafficmirror/trafficmirror", local: "trafficmirror", prefix: "trafficmirror_", binary: before})
	}
	switch found, err := awsBinary(awsMirror); {
	case err != nil:
		return err
	case found == "":
		b.missing = append(b.missing, "hashicorp/aws: -aws names no folder of a filesystem mirror")
	default:
		b.add(contestant{name: "hashicorp/aws", source: "hashicorp/aws", local: "aws", prefix: "aws_ec2_traffic_mirror_", binary: found})
	}
	for i, c := range b.contestants {
		if err := c.install(filepath.Join(b.folder, fmt.Sprint("contestant", i))); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) add(c contestant) {
	c.templates = map[string]template{}
	b.contestants = append(b.contestants, &c)
}

// awsBinary finds hashicorp/aws in a filesystem mirror; empty: there is no mirror.
func awsBinary(folder string) (string, error) {
	if folder == "" {
		return "", nil
	}
	found, err := filepath.Glob(filepath.Join(folder, "*", "hashicorp", "aws", "*", "*", "terraform-provider-aws_v*"))
	if err != nil || len(found) == 0 {
		return "", errors.Join(err, fmt.Errorf("-aws: %s holds no hashicorp/aws: write the folder of a filesystem mirror, or nothing", folder))
	}
	return filepath.Abs(found[len(found)-1])
}

// load says how busy the machine is, where that can be read.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return fmt.Sprintf(", load average %s", strings.Join(strings.Fields(string(text))[:3], " "))
}
