// Package cli holds the subcommands of the binary, for a person at a terminal. It
// parses arguments, prints results and words errors. Other packages do the work.
// Terraform and OpenTofu do not use it: they start the binary without arguments.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Main runs the command that args name and returns the exit status. SIGINT and
// SIGTERM end the context of the command, which then cleans up.
func Main(ctx context.Context, version string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	root := &cobra.Command{
		Use:   "terraform-provider-trafficmirror",
		Short: "VPC Traffic Mirroring as code: a provider for Terraform and OpenTofu, and its tools",
		Long: `VPC Traffic Mirroring as code.

Terraform and OpenTofu start this binary themselves: name it in required_providers and run init. These commands are
for people.`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(
		emulatorCommand(), schemaCommand(version), simulateCommand(version), mergeCommand(), traceCommand(), analyzeCommand(), decapCommand(), verifyCommand(version),
		adoptCommand(version), consoleCommand(version), pathCommand(version), diagramCommand(version), topologyCommand(version),
	)
	refuseRepeatedFlags(root.Commands()...)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintf(stderr, "Error: %v\n", err)
		var status interface{ exitStatus() int }
		if errors.As(err, &status) {
			return status.exitStatus()
		}
		return 1
	}
	return 0
}
