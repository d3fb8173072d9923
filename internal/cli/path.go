package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// pathFlags are the arguments of the subcommand path.
type pathFlags struct {
	from, to, format             string
	region, profile, endpointURL string
	store, topology              string
	schema                       bool
}

// pathFormats are the forms of the output.
var pathFormats = []string{"text", "json"}

func pathCommand(version string) *cobra.Command {
	var f pathFlags
	cmd := &cobra.Command{
		Use:   "path",
		Short: "Say whether copies from a network interface can reach a target, and what blocks them",
		Long: `Say whether copies from a network interface can reach a target, hop by hop. The hops are the route, network ACLs, security groups,
the listener, target groups and their health, Availability Zones, what receives the copies, and the MTU. Each hop passes, is blocked
or is unknown, and names the object and the rule that decide. A hop that is blocked says what to change. A load balancer sends to
several appliances: if only a part of them can be reached, the answer for the whole path is partly. An appliance to which it sends
no copies, for example because it is unhealthy, is skipped. A copy that is cut arrives, so it passes. path changes nothing: it
reads EC2 and Elastic Load Balancing only.

The target is a traffic mirror target, or what could back one: a network interface, a Network Load Balancer, or a Gateway Load
Balancer endpoint. The two need no session with each other.

The exit status is 0 if copies get through, 2 if all or a part of them are lost, 3 if that is unknown, and 1 after an error.

Credentials and the Region come from the environment and the shared files of AWS, as for the provider.`,
		Example: `  terraform-provider-trafficmirror path --from eni-0a3f6c9e1b7d25840 --to tmt-0a3f6c9e1b7d25840
  terraform-provider-trafficmirror path --from eni-0a3f6c9e1b7d25840 --to eni-0b4e7d8f2c6a19350 --format json`,
		Args:    cobra.NoArgs,
		PreRunE: refuseEmptyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.schema {
				_, err := cmd.OutOrStdout().Write(reportSchema[path.Result]("path", "The answer of the command path."))
				return err
			}
			return f.run(cmd.Context(), version, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "ID of the network interface that is the source")
	flags.StringVar(&f.to, "to", "", "ID of the target, or of a network interface or a Gateway Load Balancer endpoint, or the ARN of a Network Load Balancer")
	flags.StringVar(&f.format, "format", "text", "text or json")
	flags.StringVar(&f.region, "region", "", "name of the Region; the default is that of the topology file, then that of the environment or the profile, and with --path also the only one of the file that has objects")
	flags.StringVar(&f.profile, "profile", "", "profile of the shared config and credentials files")
	flags.StringVar(&f.endpointURL, "endpoint-url", "", "URL of EC2, Elastic Load Balancing and STS instead of AWS")
	flags.StringVar(&f.store, "path", "", "file of the embedded EC2, instead of AWS")
	flags.StringVar(&f.topology, "topology", "", "with --path: topology file of the embedded EC2")
	flags.BoolVar(&f.schema, "result-schema", false, "only print the JSON schema of the output with --format json")
	cmd.MarkFlagsMutuallyExclusive("path", "endpoint-url")
	cmd.MarkFlagsMutuallyExclusive("path", "profile")
	return cmd
}

func (f pathFlags) check() error {
	switch {
	case f.from == "" || f.to == "":
		return errors.New("there is nothing to judge. Write --from and --to")
	case !mirror.KindInterface.Is(f.from):
		return fmt.Errorf("--from is %q. Write the ID of a network interface, %q and 17 hexadecimal digits", f.from, mirror.KindInterface.Prefix)
	case !slices.Contains(pathFormats, f.format):
		return fmt.Errorf("--format is %q. Write text or json", f.format)
	case f.topology != "" && f.store == "":
		return errors.New("--topology is of the embedded EC2. Add --path, or remove it")
	}
	if err := path.CheckTarget("--to", f.to); err != nil {
		return err
	}
	return checkStore(f.store, f.topology)
}

func (f pathFlags) run(ctx context.Context, version string, stdout, stderr io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	store, err := f.place(ctx, stderr)
	if err != nil {
		return err
	}
	accounts, _, err := provider.Accounts(ctx, version, provider.Settings{
		Region: store.region, Profile: f.profile, EndpointURL: f.endpointURL, Emulator: f.store, Topology: f.topology, Log: newLogger(stderr, false),
	})
	if err != nil {
		return err
	}
	facts, err := path.Read(ctx, accounts.In(""), f.from, f.to)
	if err != nil {
		return err
	}
	result := path.Judge(facts)
	if err := f.print(stdout, result); err != nil {
		return err
	}
	if result.Outcome != path.Passes {
		return &notThroughError{result.Outcome}
	}
	return nil
}

// place returns the Region in which it looks, and says on standard error why, if nobody asked for it.
func (f pathFlags) place(ctx context.Context, stderr io.Writer) (consoleFlags, error) {
	store := consoleFlags{path: f.store, region: f.region}
	if f.topology != "" && f.region == "" {
		file, err := topology.Load(ctx, f.topology)
		if err != nil {
			return store, err
		}
		store.region = file.Region
	}
	chosen, err := store.chooseRegion(ctx)
	if chosen != "" {
		fmt.Fprintln(stderr, chosen)
	}
	return store, err
}

func (f pathFlags) print(stdout io.Writer, result path.Result) error {
	if f.format == "text" {
		_, err := io.WriteString(stdout, result.Text())
		return err
	}
	enc := json.NewEncoder(stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(result)
}

// statusUnknown is the exit status if it is unknown whether copies get through.
const statusUnknown = 3

// A notThroughError says that copies are not known to get through.
type notThroughError struct{ outcome path.Outcome }

// Error refers to the output.
func (e *notThroughError) Error() string {
	switch e.outcome {
	case path.Blocked:
		return "copies are blocked"
	case path.Partly:
		return "copies for some appliances are lost"
	}
	return "it is unknown whether copies get through"
}

// exitStatus is the exit status of the command.
func (e *notThroughError) exitStatus() int {
	if e.outcome == path.Unknown {
		return statusUnknown
	}
	return statusNotAsExpected
}
