package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/diagram"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// diagramFlags are the arguments of the subcommand diagram.
type diagramFlags struct {
	plan, state                                  string
	region, profile, endpointURL, path, topology string
	format, out, group, title                    string
	only                                         []string
	all                                          bool
}

func diagramCommand(version string) *cobra.Command {
	f := diagramFlags{}
	cmd := &cobra.Command{
		Use:   "diagram",
		Short: "Draw who is mirrored to where, as Mermaid, DOT or SVG",
		Long: `Draw the network interfaces with their sessions, filters, targets, load balancers and appliances.

It reads a plan (--plan), a state (--state), the embedded EC2 (--path), an endpoint (--endpoint-url), or AWS (--region, --profile). A plan is drawn as it
will be, and what it creates, changes and deletes is marked. An account is drawn with the status of each session and the health of the appliances. What
is not known is drawn as not known. It changes nothing.

A large diagram has interfaces in groups, so that no column has more than 40 boxes. --group chooses other groups, and --all draws each object.`,
		Args:    cobra.NoArgs,
		PreRunE: refuseEmptyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd, version)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.plan, "plan", "", "plan.json: the output of \"terraform show -json FILE\" for a plan file")
	flags.StringVar(&f.state, "state", "", "state.json: the output of \"terraform show -json\"")
	flags.StringVar(&f.path, "path", "", "file of the embedded EC2")
	flags.StringVar(&f.topology, "topology", "", "with --path: topology file of the embedded EC2")
	flags.StringVar(&f.endpointURL, "endpoint-url", "", "URL of EC2, Elastic Load Balancing and STS instead of AWS")
	flags.StringVar(&f.profile, "profile", "", "profile of the shared config and credentials files")
	flags.StringVar(&f.region, "region", "", "name of the Region; the default is that of the environment or the profile, and with --path also the only one of the file that has objects")
	flags.StringVar(&f.format, "format", "", "mermaid, dot or svg (default: by the ending of --out, or mermaid)")
	flags.StringVar(&f.out, "out", "", "file for the diagram: .mmd, .md, .dot, .gv or .svg (default: standard output)")
	flags.StringVar(&f.title, "title", "", "title of the diagram (default: the name of the file, or the account and the Region)")
	flags.StringArrayVar(&f.only, "only", nil, "ID, address or name of an interface, session, filter, target or appliance: only what leads through it; may be repeated")
	flags.StringVar(&f.group, "group", "", "draw interfaces as one that have the same subnet, vpc, filter, target, or tag:KEY (default: the finest groups that fit)")
	flags.BoolVar(&f.all, "all", false, "draw each object, however many there are")
	cmd.MarkFlagsMutuallyExclusive("plan", "state", "path", "endpoint-url")
	cmd.MarkFlagsMutuallyExclusive("path", "profile")
	cmd.MarkFlagsMutuallyExclusive("group", "all")
	return cmd
}

func (f diagramFlags) run(cmd *cobra.Command, version string) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	format, err := diagram.FormatOf(f.format, f.out)
	if err != nil {
		return err
	}
	files := &files{ctx: cmd.Context(), stdin: cmd.InOrStdin(), stdout: cmd.OutOrStdout()}
	defer func() { err = errors.Join(err, files.close()) }()
	world, err := f.world(cmd.Context(), version, files, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	if world, err = world.Only(f.only); err != nil {
		return fmt.Errorf("--only: %w", err)
	}
	by := diagram.GroupBy(f.group)
	if f.all {
		by = diagram.Ungrouped
	}
	world.Title = cmp.Or(f.title, world.Title)
	drawing := world.DrawGrouped(by, format.Fits)
	text, err := format.Write(drawing)
	if err != nil {
		return fmt.Errorf("%w. %s", err, f.smaller())
	}
	return f.write(files, format.Fenced(drawing, text, f.out))
}

// smaller says what makes a diagram smaller.
func (f diagramFlags) smaller() string {
	if f.all {
		return "Leave out --all, name a part with --only, or write --format svg"
	}
	return "Leave out --group, name a part with --only, or write --format svg"
}

// write writes the diagram, when nothing can fail any more but the file.
func (f diagramFlags) write(files *files, text string) error {
	name := f.out
	if name == "" {
		name = standard
	}
	for _, in := range []namedFile{{"--path", f.path}, {"--topology", f.topology}} {
		if isSameFile(in.name, name) {
			return fmt.Errorf("--out %s would overwrite %s %s: they are the same file", name, in.argument, in.name)
		}
	}
	out, err := files.create("--out", name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}

func isSameFile(a, b string) bool {
	first, errA := os.Stat(a)
	second, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(first, second)
}

// check refuses arguments that do not fit together.
func (f diagramFlags) check() error {
	isFile := f.plan != "" || f.state != ""
	switch {
	case isFile && (f.region != "" || f.profile != ""):
		return errors.New("--region and --profile are of an account. Remove them, or remove --plan and --state")
	case !isFile && f.path == "" && f.endpointURL == "" && f.profile == "" && f.region == "":
		return errors.New("it is not said what is drawn: write --plan FILE, --state FILE, --path FILE for the embedded EC2, --endpoint-url URL for an endpoint, or --region REGION or --profile PROFILE for AWS")
	case f.topology != "" && f.path == "":
		return errors.New("--topology is of the embedded EC2. Add --path, or remove it")
	}
	if slices.Contains(f.only, "") {
		return errors.New("--only is empty. Write the ID, the address or the name of an object, or leave the flag out")
	}
	if f.group == "" {
		return nil
	}
	if err := diagram.GroupBy(f.group).Check(); err != nil {
		return fmt.Errorf("--group: %w", err)
	}
	return nil
}

// world reads what is drawn.
func (f diagramFlags) world(ctx context.Context, version string, files *files, stderr io.Writer) (*diagram.World, error) {
	if f.plan == "" && f.state == "" {
		return f.account(ctx, version, stderr)
	}
	source := sourceFlags{plan: f.plan, state: f.state}
	file, err := source.open(files)
	if err != nil {
		return nil, err
	}
	overview := file.Overview()
	for _, p := range overview.Warnings {
		fmt.Fprintf(stderr, "Warning: %s.\n", strings.TrimSuffix(p.Error(), "."))
	}
	world := diagram.OfPlan(overview)
	world.Title = "State " + source.name()
	if f.plan != "" {
		world.Title = "Plan " + source.name()
		world.IsPlan = true
	}
	return world, nil
}

// account reads the world of an account.
func (f diagramFlags) account(ctx context.Context, version string, stderr io.Writer) (*diagram.World, error) {
	if err := checkStore(f.path, f.topology); err != nil {
		return nil, err
	}
	place := consoleFlags{path: f.path, topology: f.topology, endpointURL: f.endpointURL, profile: f.profile, region: f.region}
	chosen, err := place.chooseRegion(ctx)
	if err != nil {
		return nil, err
	}
	if chosen != "" {
		fmt.Fprintln(stderr, chosen)
	}
	accounts, _, err := provider.Accounts(ctx, version, provider.Settings{
		Region: place.region, Profile: f.profile, EndpointURL: f.endpointURL, Emulator: f.path, Topology: f.topology, Log: newLogger(stderr, false),
	})
	if err != nil {
		return nil, err
	}
	a := accounts.In("")
	fleet, err := inventory.Read(ctx, a, inventory.Rules{Quotas: mirror.DefaultQuotas()})
	if err != nil {
		return nil, err
	}
	if fleet.Resolvers, err = a.Resolvers(ctx); err != nil {
		return nil, err
	}
	endpoints, err := inventory.ReadEndpoints(ctx, a, fleet)
	if err != nil {
		return nil, err
	}
	coverage := inventory.CoverageOf(fleet, inventory.CoverageQuestions{Price: inventory.DefaultPrice, Endpoints: endpoints})
	world := diagram.OfCoverage(fleet, endpoints, &coverage)
	if a.ID == "" { // an endpoint without STS
		a.ID = onlyOwner(fleet)
	}
	world.Title = place.place(a)
	return world, nil
}

// onlyOwner is the account that owns all objects of a fleet, or "" if there is not exactly one.
func onlyOwner(f *inventory.Fleet) string {
	owners := map[string]bool{}
	for _, i := range f.Interfaces {
		owners[i.OwnerID] = true
	}
	for _, s := range f.Sessions {
		owners[s.Noun.OwnerID] = true
	}
	for _, t := range f.Targets {
		owners[t.Noun.OwnerID] = true
	}
	delete(owners, "")
	if len(owners) != 1 {
		return ""
	}
	return slices.Collect(maps.Keys(owners))[0]
}
