package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/adopt"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/hcl"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// adoptFlags are the arguments of the subcommand adopt.
type adoptFlags struct {
	regions, kinds, vpcs, interfaces, targets, filters []string
	tags, defaultTags                                  []string
	unmanaged, idle                                    bool
	managedByTag, out, prefix                          string
	profile, endpointURL, emulator, topology           string
}

// The files of --out.
const (
	adoptedImports   = "trafficmirror_imports.tf"
	adoptedResources = "trafficmirror.tf"
)

// adoptedKinds are adopted unless --kind says otherwise: rules are in the maps of their filters.
var adoptedKinds = []string{adopt.Target, adopt.Filter, adopt.Session}

func adoptCommand(version string) *cobra.Command {
	var f adoptFlags
	cmd := &cobra.Command{
		Use:   "adopt",
		Short: "Write import blocks and a configuration for what exists in an account",
		Long: `Write import blocks and resources for the targets, filters and sessions that exist in an account, such as those made by hand.
A plan of them imports and changes nothing. adopt changes nothing either: it reads EC2 only. An object is written if it
meets every condition. Conditions on interfaces, VPCs, targets and filters are about sessions: they admit a target or a
filter that such a session uses.

The rules of a filter are written in its ingress_rules and egress_rules. With --kind filter_rule they are resources of their own.

Credentials and the Region come from the environment and the shared files of AWS, as for the provider.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), version, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.regions, "region", nil, "AWS Region; may be repeated, and one that is repeated counts once (default: that of the environment or the profile)")
	flags.StringArrayVar(&f.kinds, "kind", adoptedKinds, strings.Join(adopt.Kinds, ", ")+"; may be repeated")
	flags.StringArrayVar(&f.vpcs, "vpc", nil, "ID of the VPC of the mirrored interfaces; may be repeated")
	flags.StringArrayVar(&f.interfaces, "interface", nil, "ID of a mirrored network interface; may be repeated")
	flags.StringArrayVar(&f.targets, "target", nil, "ID of a target; may be repeated")
	flags.StringArrayVar(&f.filters, "filter", nil, "ID of a filter; may be repeated")
	flags.StringArrayVar(&f.tags, "tag", nil, "KEY=VALUE: a tag that the object has; may be repeated")
	flags.BoolVar(&f.unmanaged, "unmanaged", false, "only objects without the tag of --managed-by-tag")
	flags.StringVar(&f.managedByTag, "managed-by-tag", "", "KEY or KEY=VALUE: the tag that your configurations set on all of their objects")
	flags.BoolVar(&f.idle, "idle", false, "only sessions that do nothing, and targets and filters that no session uses")
	flags.StringVar(&f.out, "out", "", "folder for "+adoptedImports+" and "+adoptedResources+", which must not exist yet (default: standard output)")
	flags.StringVar(&f.prefix, "name-prefix", "", "beginning of the names of the resources")
	flags.StringArrayVar(&f.defaultTags, "default-tag", nil, "KEY=VALUE: a tag in default_tags of your provider block, which resources need not repeat; may be repeated")
	flags.StringVar(&f.profile, "profile", "", "profile of the shared config and credentials files")
	flags.StringVar(&f.endpointURL, "endpoint-url", "", "URL of EC2, Elastic Load Balancing and STS instead of AWS")
	flags.StringVar(&f.emulator, "emulator", "", "file of the embedded EC2, instead of AWS")
	flags.StringVar(&f.topology, "topology", "", "with --emulator: topology file of the embedded EC2")
	return cmd
}

func (f adoptFlags) run(ctx context.Context, version string, stdout, stderr io.Writer) error {
	settings, selection, err := f.parse()
	if err != nil {
		return err
	}
	if f.emulator != "" { // the embedded EC2 would make the file
		if _, err := os.Stat(f.emulator); err != nil {
			return fmt.Errorf("--emulator: %w", err)
		}
	}
	for _, name := range f.files() { // before anything is asked
		if _, err := os.Lstat(name); err == nil {
			return existsError(name)
		}
	}
	found, err := adopt.Read(ctx, version, settings, selection, f.prefix)
	if err != nil {
		return err
	}
	for _, w := range found.Warnings {
		fmt.Fprintf(stderr, "Warning: %s\n", w)
	}
	resources, err := adopt.Resources(found.Objects)
	if err != nil {
		return err
	}
	imports := make([]hcl.Block, len(found.Objects))
	for i, o := range found.Objects {
		imports[i] = o.Import()
	}
	if len(found.Objects) == 0 {
		fmt.Fprintf(stderr, "Nothing in %s meets the conditions.\n", strings.Join(found.Regions, ", "))
		return nil
	}
	if err := f.write(stdout, imports, resources); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s in %s. Nothing was changed in EC2.\n", found.Counted(), strings.Join(found.Regions, ", "))
	return nil
}

func (f adoptFlags) parse() (settings adopt.Settings, selection adopt.Selection, err error) {
	if f.topology != "" && f.emulator == "" {
		return settings, selection, errors.New("--topology is of the embedded EC2. Add --emulator, or remove it")
	}
	if slices.Contains(f.regions, "") {
		return settings, selection, errors.New("--region is empty. Write the name of a Region, or leave out --region")
	}
	for _, kind := range f.kinds {
		if !slices.Contains(adopt.Kinds, kind) {
			return settings, selection, fmt.Errorf("--kind is %q. Write one of %s", kind, strings.Join(adopt.Kinds, ", "))
		}
	}
	if f.prefix != "" && !hcl.IsIdentifier(f.prefix) {
		return settings, selection, fmt.Errorf("--name-prefix is %q. Write letters, digits, _ and -, with a letter or _ first", f.prefix)
	}
	query := inventory.Query{VPCIDs: f.vpcs, InterfaceIDs: f.interfaces, TargetIDs: f.targets, FilterIDs: f.filters, Unmanaged: f.unmanaged, Idle: f.idle}
	if query.Tags, err = parseTags("--tag", f.tags); err != nil {
		return settings, selection, err
	}
	if f.managedByTag != "" {
		query.ManagedBy = &inventory.Managed{}
		var value string
		var hasValue bool
		if query.ManagedBy.TagKey, value, hasValue = strings.Cut(f.managedByTag, "="); hasValue {
			query.ManagedBy.TagValue = &value
		}
	}
	settings = adopt.Settings{Profile: f.profile, EndpointURL: f.endpointURL, Emulator: f.emulator, Topology: f.topology}
	if settings.DefaultTags, err = parseTags("--default-tag", f.defaultTags); err != nil {
		return settings, selection, err
	}
	return settings, adopt.Selection{Regions: f.regions, Kinds: f.kinds, Query: query}, queryError(query.Validate())
}

func parseTags(flag string, texts []string) (map[string]string, error) {
	if texts == nil {
		return nil, nil
	}
	tags := map[string]string{}
	for _, text := range texts {
		key, value, hasValue := strings.Cut(text, "=")
		if _, again := tags[key]; again || !hasValue || key == "" {
			return nil, fmt.Errorf("%s is %q. Write KEY=VALUE, each key once", flag, text)
		}
		tags[key] = value
	}
	return tags, nil
}

// queryError words the problems of a query with the names of the flags.
func queryError(problems mirror.Problems) error {
	flags := map[string]string{
		"network_interface_ids": "--interface", "vpc_ids": "--vpc", "traffic_mirror_target_ids": "--target", "traffic_mirror_filter_ids": "--filter", "managed_by_tag": "--managed-by-tag",
	}
	for i, p := range problems {
		field, _, _ := strings.Cut(p.Field, "[")
		field, _, _ = strings.Cut(field, ".")
		if flag := flags[field]; flag != "" {
			problems[i].Field = flag
		}
		problems[i].Fix = strings.TrimSuffix(p.Fix, ".")
	}
	return problems.Err()
}

// files are the files that are written.
func (f adoptFlags) files() []string {
	if f.out == "" {
		return nil
	}
	return []string{filepath.Join(f.out, adoptedImports), filepath.Join(f.out, adoptedResources)}
}

// existsError says that a file would be overwritten.
type existsError string

// Error says what to do.
func (e existsError) Error() string {
	return fmt.Sprintf("%s exists already. Write another folder in --out, or remove the file", string(e))
}

// write writes the blocks: to files, or each import before its resource.
func (f adoptFlags) write(stdout io.Writer, imports, resources []hcl.Block) error {
	if f.out == "" {
		for i := range imports {
			if _, err := fmt.Fprintf(stdout, "%s%s\n%s", []string{"", "\n"}[min(i, 1)], imports[i], resources[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if err := os.MkdirAll(f.out, 0o750); err != nil {
		return err
	}
	for i, blocks := range [][]hcl.Block{imports, resources} {
		if err := writeNew(f.files()[i], blocks); err != nil {
			return err
		}
	}
	return nil
}

// writeNew writes blocks into a file that does not exist yet.
func writeNew(name string, blocks []hcl.Block) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return existsError(name)
	}
	if err != nil {
		return err
	}
	var text strings.Builder
	for i, b := range blocks {
		text.WriteString([]string{"", "\n"}[min(i, 1)] + b.String())
	}
	_, err = file.WriteString(text.String())
	return errors.Join(err, file.Close())
}
