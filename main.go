// Command terraform-provider-trafficmirror is a Terraform provider for Amazon VPC
// Traffic Mirroring. Started by Terraform or OpenTofu it serves the provider;
// started by a person it has subcommands.
package main

import (
	"context"
	"flag"
	"os"
	"os/signal"

	"github.com/hashicorp/go-hclog"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/cli"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/plugin"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// The linker sets both; see .goreleaser.yml and the GNUmakefile.
var version, commit = "dev", ""

// stderr is that of the process. Once the plugin serves, os.Stderr is a pipe that
// nobody reads after it has stopped.
var stderr = os.Stderr

func main() {
	debug := len(os.Args) == 2 && (os.Args[1] == "-debug" || os.Args[1] == "--debug")
	if os.Getenv(plugin.Cookie) == "" && !debug {
		os.Exit(cli.Main(context.Background(), release(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	flag.BoolVar(&debug, "debug", false, "serve the provider for a debugger, and print what to export")
	flag.Parse()
	if err := serve(debug); err != nil {
		// In the form in which Terraform reads a plugin's log.
		hclog.New(&hclog.LoggerOptions{Output: stderr, JSONFormat: true}).Error("serving the provider", "error", err)
		os.Exit(1)
	}
}

func serve(debug bool) error {
	const name = "registry.terraform.io/trafficmirror/trafficmirror"
	server := provider.NewServer(provider.New(release()))
	if !debug {
		return plugin.Serve(name, server)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return plugin.Debug(ctx, name, server, os.Stdout)
}

// release returns the version with the commit as build metadata, as in 1.2.3+abc1234:
// https://semver.org/#spec-item-10
func release() string {
	if commit == "" {
		return version
	}
	return version + "+" + commit
}
