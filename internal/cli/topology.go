package cli

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/export"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/pseudonym"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

func topologyCommand(version string) *cobra.Command {
	cmd := &cobra.Command{Use: "topology", Short: "Make topology files of the embedded EC2"}
	cmd.AddCommand(exportCommand(version))
	return cmd
}

// exportFlags are the arguments of the subcommand topology export.
type exportFlags struct {
	out, region, accountID string
	profile, endpointURL   string
	path, dump, topology   string
	anonymize              bool
	keyFile                string
}

func exportCommand(version string) *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the topology file of an account, so that the embedded EC2 can be what the account is",
		Long: `Write the topology file of an account in one Region: VPCs, subnets, instances, network interfaces, security groups, network ACLs, route tables,
load balancers, endpoints, and the targets, filters and sessions of Traffic Mirroring. The embedded EC2 with this file answers what the
account answers, so that a change can be rehearsed on it.

It reads AWS (--region, --profile), an endpoint (--endpoint-url), the file of an embedded EC2 (--path) or a dump of one (--dump). It changes nothing
there. What the credentials may not read is not in the file. The key not_read of the file names it, and standard error says why.

With --anonymize, account IDs, IDs, ARNs, names, descriptions, values of tags, addresses and CIDR blocks are replaced, so that the file can be
shown to others. The same original always gets the same replacement, and filters decide as before.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), version, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", standard, "file to write, readable for its owner only; - is standard output")
	flags.StringVar(&f.region, "region", "", "AWS Region (default: that of the environment or the profile; with --path and --dump the only one that has objects)")
	flags.StringVar(&f.accountID, "account-id", "", "ID of the account, where neither STS nor the objects say it")
	flags.StringVar(&f.profile, "profile", "", "profile of the shared config and credentials files")
	flags.StringVar(&f.endpointURL, "endpoint-url", "", "URL of EC2, Elastic Load Balancing and STS instead of AWS")
	flags.StringVar(&f.path, "path", "", "file of an embedded EC2, instead of AWS")
	flags.StringVar(&f.topology, "topology", "", "with --path or --dump: topology file of the embedded EC2, with which it was started")
	flags.StringVar(&f.dump, "dump", "", "dump of an embedded EC2, instead of AWS; - is standard input")
	flags.BoolVar(&f.anonymize, "anonymize", false, "replace what names the account")
	flags.StringVar(&f.keyFile, "anonymize-key", "", "with --anonymize: file with a secret of 16 bytes or more; the same secret gives the same replacements (default: a random one for each file)")
	cmd.MarkFlagsMutuallyExclusive("path", "dump", "endpoint-url")
	cmd.MarkFlagsMutuallyExclusive("path", "dump", "profile")
	return cmd
}

func (f exportFlags) run(ctx context.Context, version string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	if f.keyFile != "" && !f.anonymize {
		return errors.New("--anonymize-key is of --anonymize. Add it, or remove the key")
	}
	if f.topology != "" && f.path == "" && f.dump == "" {
		return errors.New("--topology is of the embedded EC2. Add --path or --dump, or remove it")
	}
	opened := &files{ctx: ctx, stdin: stdin, stdout: stdout}
	defer func() { err = errors.Join(err, opened.close()) }()
	key, err := f.key(opened)
	if err != nil {
		return err
	}
	from, end, err := f.account(ctx, version, opened)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	if err := f.checkOut(opened); err != nil { // before anything is asked
		return err
	}
	file, notes, err := export.Read(ctx, from, f.accountID)
	if err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintf(stderr, "Warning: %s\n", note)
	}
	read := fmt.Sprintf("%s of account %s in %s", contentOf(file), file.AccountID, file.Region)
	if f.anonymize {
		file = pseudonym.New(key, file).File(file)
	}
	text, err := topology.Encode(file)
	if err != nil {
		return err
	}
	if _, err := topology.Parse(text); err != nil {
		return fmt.Errorf("nothing was written: the embedded EC2 could not load the file: %w", err)
	}
	if err := f.write(stdout, text); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "Wrote %s. Nothing was changed there.\n", read)
	return nil
}

// contentOf counts what a file has.
func contentOf(f *topology.File) string {
	var parts []string
	for _, c := range []struct {
		n    int
		noun string
	}{
		{len(f.VPCs), "VPC"}, {len(f.Instances), "instance"}, {len(f.NetworkInterfaces), "interface"}, {len(f.LoadBalancers), "load balancer"}, {len(f.Targets), "target"},
		{len(f.Filters), "filter"}, {len(f.Sessions), "session"},
	} {
		parts = append(parts, wording.Count(c.n, c.noun))
	}
	return strings.Join(parts, ", ")
}

// shortestKey is how many bytes a secret has at least.
const shortestKey = 16

// key returns the secret of the replacements.
func (f exportFlags) key(opened *files) ([]byte, error) {
	if f.keyFile == "" {
		key := make([]byte, 32)
		_, err := rand.Read(key)
		return key, err
	}
	text, err := opened.read("--anonymize-key", f.keyFile)
	if err != nil {
		return nil, err
	}
	key := bytes.TrimSpace(text)
	if len(key) < shortestKey {
		return nil, fmt.Errorf("--anonymize-key has %d bytes. Write at least %d, such as the output of \"openssl rand -hex 32\"", len(key), shortestKey)
	}
	return key, nil
}

// account returns the account to read, and what ends the reading.
func (f exportFlags) account(ctx context.Context, version string, opened *files) (*account.Account, func() error, error) {
	settings := provider.Settings{Region: f.region, Profile: f.profile, EndpointURL: f.endpointURL}
	end := func() error { return nil }
	if f.path != "" || f.dump != "" {
		folder, err := os.MkdirTemp("", "topology-export-")
		if err != nil {
			return nil, nil, err
		}
		end = func() error { return os.RemoveAll(folder) }
		if settings, err = f.embedded(ctx, folder, opened); err != nil {
			return nil, nil, errors.Join(err, end())
		}
	}
	accounts, _, err := provider.Accounts(ctx, version, settings)
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return accounts.In(""), end, nil
}

// embedded loads a dump into an embedded EC2 in a folder. So a dump is read as an account is, and
// the file of an embedded EC2 stays as it is.
func (f exportFlags) embedded(ctx context.Context, folder string, opened *files) (provider.Settings, error) {
	settings := provider.Settings{Emulator: filepath.Join(folder, "ec2.db"), Topology: filepath.Join(folder, "topology.json")}
	begun, err := f.loadedFirst(opened, settings.Topology)
	if err != nil {
		return settings, err
	}
	store, err := emulator.New(emulator.Options{Path: settings.Emulator})
	if err != nil {
		return settings, err
	}
	dump, err := f.openDump(ctx, opened)
	if err != nil {
		return settings, err
	}
	if dump != nil {
		err = store.Load(ctx, dump)
	}
	if err != nil {
		return settings, fmt.Errorf("%s: %w", cmp.Or(f.dump, f.path), err)
	}
	if begun == nil {
		begun = &topology.File{}
		owner, err := emulator.Owner(ctx, store)
		if err != nil {
			return settings, err
		}
		if err := os.WriteFile(settings.Topology, fmt.Appendf(nil, `{"account_id": %q}`, cmp.Or(owner, topology.DefaultAccountID)), 0o600); err != nil {
			return settings, err
		}
	}
	settings.Region, err = f.emulatedRegion(ctx, store, begun.Region)
	return settings, err
}

// loadedFirst copies the topology file with which the embedded EC2 was started, and returns what it has; nil if
// there is none.
func (f exportFlags) loadedFirst(opened *files, to string) (*topology.File, error) {
	if f.topology == "" {
		return nil, nil
	}
	text, err := opened.read("--topology", f.topology)
	if err != nil {
		return nil, err
	}
	file, err := topology.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("--topology %s: %w", f.topology, err)
	}
	return file, os.WriteFile(to, text, 0o600)
}

// openDump returns a dump of what is read; nil: the embedded EC2 has only its topology.
func (f exportFlags) openDump(ctx context.Context, opened *files) (io.Reader, error) {
	if f.dump != "" {
		in, _, err := opened.open("--dump", f.dump)
		return in, err
	}
	if err := checkStore(f.path, f.topology); err != nil {
		return nil, err
	}
	if _, err := os.Stat(f.path); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if _, _, err := opened.open("--path", f.path); err != nil {
		return nil, err
	}
	store, err := emulator.New(emulator.Options{Path: f.path})
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	return &text, store.Dump(ctx, &text)
}

// checkStore refuses the file of an embedded EC2 that does not exist and that no topology fills: the
// embedded EC2 would make it.
func checkStore(path, topologyFile string) error {
	if path == "" || topologyFile != "" {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("--path: %w", err)
	}
	return nil
}

// emulatedRegion is the Region that is asked for, or that of the topology file, or the only one that has
// objects.
func (f exportFlags) emulatedRegion(ctx context.Context, store *emulator.Emulator, ofFile string) (string, error) {
	if region := cmp.Or(f.region, environmentRegion(), ofFile); region != "" {
		return region, nil
	}
	all, err := emulator.RegionContents(ctx, store)
	if err != nil {
		return "", err
	}
	var names []string
	for _, c := range withObjects(all) {
		names = append(names, c.Region)
	}
	switch len(names) {
	case 0:
		return "", fmt.Errorf("no Region of %s has network interfaces or objects of Traffic Mirroring. Choose one with --region", cmp.Or(f.dump, f.path))
	case 1:
		return names[0], nil
	}
	return "", fmt.Errorf("%s has objects in several Regions: %s. A topology file is of one Region: choose it with --region, and write a file for each", cmp.Or(f.dump, f.path), strings.Join(names, ", "))
}

// checkOut refuses an output that is an input, and a folder.
func (f exportFlags) checkOut(opened *files) error {
	if f.out == standard {
		_, err := opened.create("--out", f.out)
		return err
	}
	info, err := os.Stat(f.out)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("--out: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("--out %s is no regular file. Write the name of a file", f.out)
	}
	return opened.checkOther("--out", f.out, info)
}

// write writes the file under another name first: what was there stays whole until the new file
// is. Only the owner can read it, because it names what is in the account.
func (f exportFlags) write(stdout io.Writer, text []byte) error {
	if f.out == standard {
		_, err := stdout.Write(text)
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(f.out), ".topology-*")
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	_, err = temporary.Write(text)
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), f.out)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}
