package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/adopt"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/console"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// consoleFlags are the arguments of the subcommand console.
type consoleFlags struct {
	listen, path, topology       string
	endpointURL, profile, region string
	write                        bool
	tokenFile                    string
	hosts                        []string
	verbose                      bool
}

// tokenVariable is the environment variable that can replace --token-file.
const tokenVariable = "TRAFFICMIRROR_CONSOLE_TOKEN"

// shortestToken is how many characters a token has at least.
const shortestToken = 16

func consoleCommand(version string) *cobra.Command {
	f := consoleFlags{}
	cmd := &cobra.Command{
		Use:   "console",
		Short: "Serve web pages that show and change what is mirrored",
		Long: `Serve web pages that show who is mirrored to where and why, and forms that change it. Stop it with Ctrl-C.

It shows the embedded EC2 (--path), an endpoint (--endpoint-url), or AWS (--region, --profile). AWS and an endpoint are read-only unless --write
is set. With --path, the AWS CLI and the SDKs reach the same objects at the address of the console.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), version, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8787", "address and port to listen on; port 0 picks a free port; addresses other than loopback need a token")
	flags.StringVar(&f.path, "path", "", "file of the embedded EC2; created if it is missing")
	flags.StringVar(&f.topology, "topology", "", "with --path: topology file of the embedded EC2")
	flags.StringVar(&f.endpointURL, "endpoint-url", "", "URL of EC2, Elastic Load Balancing and STS instead of AWS")
	flags.StringVar(&f.profile, "profile", "", "profile of the shared config and credentials files")
	flags.StringVar(&f.region, "region", "", "name of the Region; the default is that of the environment or the profile, and with --path also the only one of the file that has objects")
	flags.BoolVar(&f.write, "write", false, "let the console change AWS, or the endpoint; each change asks once")
	flags.StringVar(&f.tokenFile, "token-file", "", "file with the token that a browser must have; "+tokenVariable+" can have it instead")
	flags.StringSliceVar(&f.hosts, "allow-host", nil, "name of this host that requests may use, such as that of a proxy with TLS; localhost, IP addresses and the name in --listen are allowed")
	flags.BoolVar(&f.verbose, "verbose", false, "log each request to the embedded EC2 to standard error")
	cmd.MarkFlagsMutuallyExclusive("path", "endpoint-url")
	cmd.MarkFlagsMutuallyExclusive("path", "profile")
	return cmd
}

func (f consoleFlags) run(ctx context.Context, version string, stdout, stderr io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	token, err := f.token(ctx)
	if err != nil {
		return err
	}
	chosen, err := f.chooseRegion(ctx)
	if err != nil {
		return err
	}
	log := newLogger(stderr, f.verbose)
	names := f.names()
	accounts, embedded, err := provider.Accounts(ctx, version, provider.Settings{
		Region: f.region, Profile: f.profile, EndpointURL: f.endpointURL, Emulator: f.path, Topology: f.topology, Hosts: names, Log: log,
	})
	if err != nil {
		return err
	}
	options := console.Options{
		Account: func() *account.Account { return accounts.Anew("") },
		Place:   f.place(accounts.In("")), Version: version, Names: names, Token: token, Log: log,
		IsConsistent: embedded != nil, Confirms: embedded == nil,
		Adopt: func(ctx context.Context, selection adopt.Selection) (*adopt.Found, error) {
			return adopt.Read(ctx, version, adopt.Settings{Profile: f.profile, EndpointURL: f.endpointURL, Emulator: f.path, Topology: f.topology, WithoutSTS: f.endpointURL != "" && accounts.In("").ID == ""}, selection, "")
		},
	}
	if embedded != nil {
		shown := accounts.In("").Region
		options.Others = func(ctx context.Context) ([]console.OtherRegion, error) { return f.otherRegions(ctx, embedded, shown) }
	}
	if embedded == nil && !f.write {
		options.ReadOnly = "It changes nothing here. Start it with --write to change what it shows."
	}
	pages, err := console.New(options)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", f.listen)
	if err != nil {
		return fmt.Errorf("%w; choose another address with --listen, or port 0 for a free port", err)
	}
	return errors.Join(f.serve(ctx, listener, served{pages, embedded, token, chosen, accounts.In("").Region}, stdout, log), pages.Close()) // the captures go with it
}

// served is what the command serves.
type served struct {
	pages    http.Handler
	embedded *emulator.Emulator // nil: there is none
	token    string
	chosen   string // why the console shows its Region; "": it was asked for
	region   string // of requests to the API that are not signed
}

func (f consoleFlags) serve(ctx context.Context, listener net.Listener, s served, stdout io.Writer, log *slog.Logger) error {
	address := reachedAt(listener.Addr())
	fmt.Fprintf(stdout, "The console listens on http://%s\n", address)
	if s.chosen != "" {
		fmt.Fprintln(stdout, s.chosen)
	}
	handler := s.pages
	if s.embedded != nil && s.token == "" {
		handler = withAPI(s)
		fmt.Fprintf(stdout, "\nThe AWS CLI and the SDKs reach the same objects:\n\n  export AWS_ENDPOINT_URL_EC2=http://%[1]s\n  export AWS_REGION=%[2]s AWS_DEFAULT_REGION=%[2]s\n"+
			"  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n", address, f.emulatedRegion())
	}
	if s.token != "" {
		fmt.Fprintf(stdout, "It asks a browser for the token once.\n")
	}
	return serve(ctx, listener, handler, log)
}

// withAPI serves the API of the embedded EC2 beside the pages. Its clients post to the root
// path, to which no form is sent.
func withAPI(s served) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/_emulator/") {
			s.embedded.ServeHTTP(w, r.WithContext(emulator.UnsignedIn(r.Context(), s.region)))
			return
		}
		s.pages.ServeHTTP(w, r)
	})
}

// check refuses arguments that do not fit together.
func (f consoleFlags) check() error {
	switch {
	case f.path == "" && f.endpointURL == "" && f.profile == "" && f.region == "":
		return errors.New("it is not said what the console shows: write --path FILE for the embedded EC2, --endpoint-url URL for an endpoint, or --region REGION or --profile PROFILE for AWS")
	case f.topology != "" && f.path == "":
		return errors.New("--topology is of the embedded EC2. Add --path, or remove it")
	case f.write && f.path != "":
		return errors.New("--write is of AWS and endpoints: the console changes the embedded EC2 without it. Remove --write, or --path")
	}
	if _, _, err := net.SplitHostPort(f.listen); err != nil {
		return fmt.Errorf("--listen is %q. Write an address and a port, such as 127.0.0.1:8787", f.listen)
	}
	return nil
}

// token reads the token of the console. Other hosts need one.
func (f consoleFlags) token(ctx context.Context) (string, error) {
	token, from := strings.TrimSpace(os.Getenv(tokenVariable)), tokenVariable
	if f.tokenFile != "" {
		text, err := f.readToken(ctx)
		if err != nil {
			return "", err
		}
		token, from = strings.TrimSpace(text), "--token-file"
		if token == "" {
			return "", errors.New("--token-file has no token: write one into the file, such as the output of \"openssl rand -hex 32\"")
		}
	}
	switch {
	case token == "" && !f.isLoopback():
		return "", fmt.Errorf("--listen %s opens the console to other hosts. Set a token with --token-file or %s, or listen on 127.0.0.1", f.listen, tokenVariable)
	case token != "" && len(token) < shortestToken:
		return "", fmt.Errorf("the token in %s has %d characters. Write at least %d, such as the output of \"openssl rand -hex 32\"", from, len(token), shortestToken)
	}
	return token, nil
}

func (f consoleFlags) readToken(ctx context.Context) (text string, err error) {
	files := &files{ctx: ctx}
	defer func() { err = errors.Join(err, files.close()) }()
	read, err := files.read("--token-file", f.tokenFile)
	return string(read), err
}

// isLoopback reports whether only this host can reach the console.
func (f consoleFlags) isLoopback() bool {
	name, _, _ := net.SplitHostPort(f.listen)
	addr, err := netip.ParseAddr(name)
	return strings.EqualFold(name, "localhost") || err == nil && addr.IsLoopback()
}

// names are the names of this host that requests may use.
func (f consoleFlags) names() []string {
	name, _, err := net.SplitHostPort(f.listen)
	if err != nil || name == "" {
		return f.hosts
	}
	return append([]string{name}, f.hosts...)
}

// place says what the console shows, without what a URL may have besides its host.
func (f consoleFlags) place(a *account.Account) string {
	in := fmt.Sprintf("account %s, Region %s", cmp.Or(a.ID, "not known"), a.Region)
	if f.path != "" {
		return fmt.Sprintf("Embedded EC2 in %s, %s", f.path, in)
	}
	if f.endpointURL == "" {
		return "AWS, " + in
	}
	host := "an endpoint"
	if u, err := url.Parse(f.endpointURL); err == nil {
		host = "Endpoint " + u.Host
	}
	return host + ", " + in
}

// reachedAt is how this host reaches a listener.
func reachedAt(addr net.Addr) string {
	tcp, isTCP := addr.(*net.TCPAddr)
	if isTCP && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return addr.String()
}
