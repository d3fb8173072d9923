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
		Short: "Print everything that an embedded EC2 holds, as JSON",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// New makes the file when it is not there; a dump of nothing is a mistake.
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
	cmd.Flags().StringVar(&path, "path", "ec2.db", "file that holds the state")
	return cmd
}

func loadCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Put what dump printed, read from standard input, into an embedded EC2 that holds nothing yet",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			e, err := emulator.New(emulator.Options{Path: path})
			if err != nil {
				return err
			}
			return e.Load(cmd.Context(), cmd.InOrStdin())
		},
	}
	cmd.Flags().StringVar(&path, "path", "ec2.db", "file to put it into; made when it is not there")
	return cmd
}
