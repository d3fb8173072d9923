package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

func dumpCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "dump",
		Short: "Print the contents of an embedded EC2 as JSON",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// New creates a missing file, but then the path is a mistake.
			if _, err := os.Stat(path); err != nil {
				return fmt.Errorf("%w; --path names the file to print", err)
			}
			e, err := emulator.New(emulator.Options{Path: path})
			if err != nil {
				return err
			}
			return e.Dump(cmd.Context(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&path, "path", "ec2.db", "file that keeps the state")
	return cmd
}

func loadCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Load a dump from standard input into an embedded EC2 without objects",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := emulator.New(emulator.Options{Path: path})
			if err != nil {
				return err
			}
			return e.Load(cmd.Context(), newInterruptible(cmd.Context(), cmd.InOrStdin()))
		},
	}
	cmd.Flags().StringVar(&path, "path", "ec2.db", "file to load it into; created if it is missing")
	return cmd
}
