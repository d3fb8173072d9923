package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// emulatorFlags are the arguments of the subcommand emulator.
type emulatorFlags struct {
	listen, path, topology string
	accessKey, secretKey   string
	tlsCert, tlsKey        string
	faults                 string
	seed                   uint64
	quotas                 quotaFlag
	variants               variantFlag
	throttle               bool
	remoteControl          bool
	hosts                  []string
	verbose                bool
}

func emulatorCommand() *cobra.Command {
	f := emulatorFlags{quotas: quotaFlag{mirror.DefaultQuotas()}}
	cmd := &cobra.Command{
		Use:   "emulator",
		Short: "Serve the embedded EC2 to the AWS CLI, the SDKs and other providers",
		Long: `Serve the embedded EC2: the Traffic Mirroring part of the EC2 Query API, and the network around a mirror, without an
AWS account. The same address serves Network and Gateway Load Balancers, by the API of Elastic Load Balancing. It prints the variables to export
for the AWS CLI and the SDKs. Stop it with Ctrl-C.

GET /_emulator/health answers 200 as soon as the store can be read. POST /_emulator/reset empties the store, which is then as its topology
file says.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:4566", "address and port to listen on; port 0 picks a free port")
	flags.StringVar(&f.path, "path", "ec2.db", "file that keeps the state; created if it is missing")
	flags.StringVar(&f.topology, "topology", "", "topology file: the VPCs, subnets, interfaces, instances, load balancers and endpoints that exist")
	flags.StringVar(&f.accessKey, "access-key", "", "access key ID that requests must be signed with (with --secret-key; unset: signatures are not verified)")
	flags.StringVar(&f.secretKey, "secret-key", "", "secret access key that requests must be signed with; ps shows it, so better set "+secretKeyVariable)
	flags.StringVar(&f.tlsCert, "tls-cert", "", "certificate file (PEM) to serve HTTPS with, together with --tls-key")
	flags.StringVar(&f.tlsKey, "tls-key", "", "private key file (PEM) of the certificate")
	flags.Var(&f.quotas, "quota", "quota of the account, "+strings.Join(mirror.QuotaNames(), ", ")+"; the default is that of AWS")
	flags.Var(&f.variants, "variant", "variant of what AWS does not document, instead of the default behavior: "+strings.Join(emulator.VariantNames(), ", "))
	flags.BoolVar(&f.throttle, "throttle", false, "apply the published token buckets of EC2 and Elastic Load Balancing")
	flags.StringVar(&f.faults, "fault", "", "requests that fail on purpose, ACTION:KIND[:p=0.2|n=3][,...]; "+faultKinds())
	flags.Uint64Var(&f.seed, "seed", 0, "seed of the faults with a probability; the same seed gives the same faults")
	flags.BoolVar(&f.remoteControl, "remote-control", false, "open the paths below /_emulator/ to other hosts")
	flags.StringSliceVar(&f.hosts, "allow-host", nil, "name of this host that requests may use, such as the name of its container; localhost, IP addresses and the name in --listen are allowed")
	flags.BoolVar(&f.verbose, "verbose", false, "log each request to standard error")
	cmd.MarkFlagsRequiredTogether("tls-cert", "tls-key")
	cmd.AddCommand(dumpCommand(), healthCommand(), loadCommand())
	return cmd
}

// secretKeyVariable is the environment variable that can replace --secret-key.
const secretKeyVariable = "TRAFFICMIRROR_SECRET_KEY"

func faultKinds() string {
	kinds := make([]string, len(emulator.FaultKinds))
	for i, k := range emulator.FaultKinds {
		kinds[i] = string(k)
	}
	return "ACTION * is every action, KIND is one of " + strings.Join(kinds, ", ")
}

func (f emulatorFlags) run(ctx context.Context, stdout, stderr io.Writer) error {
	faults, err := emulator.ParseFaults(f.faults)
	if err != nil {
		return fmt.Errorf("--fault: %w", err)
	}
	secretKey := cmp.Or(f.secretKey, os.Getenv(secretKeyVariable))
	if f.accessKey == "" {
		secretKey = f.secretKey
	}
	if (f.accessKey == "") != (secretKey == "") {
		return fmt.Errorf("--access-key and --secret-key go together; %s can replace the latter", secretKeyVariable)
	}
	log := newLogger(stderr, f.verbose)
	options := emulator.Options{
		Path: f.path, AccessKey: f.accessKey, SecretKey: secretKey, Log: log,
		Throttle: f.throttle, Faults: faults, Seed: f.seed, RemoteControl: f.remoteControl,
		Quotas: f.quotas.quotas, Variants: f.variants.variants, Hosts: f.names(),
	}
	if f.topology != "" {
		file, err := topology.Load(ctx, f.topology)
		if err != nil {
			return err
		}
		options.Topology = file
	}
	handler, err := emulator.New(options)
	if err != nil {
		return err
	}
	listener, err := f.listener(ctx)
	if err != nil {
		return err
	}
	f.greet(stdout, listener.Addr())
	return serve(ctx, listener, handler, log)
}

// names are the names of this host that requests may use.
func (f emulatorFlags) names() []string {
	names := append([]string{}, f.hosts...) // not nil, which would be any name
	if name, _, err := net.SplitHostPort(f.listen); err == nil && name != "" {
		names = append(names, name)
	}
	return names
}

func (f emulatorFlags) listener(ctx context.Context) (net.Listener, error) {
	listener, err := net.Listen("tcp", f.listen)
	if err != nil {
		return nil, fmt.Errorf("%w; choose another address with --listen, or port 0 for a free port", err)
	}
	if f.tlsCert == "" {
		return listener, nil
	}
	pair, err := f.keyPair(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading --tls-cert and --tls-key: %w", err), listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}), nil
}

// keyPair reads the certificate and its key, which a shell may give as pipes.
func (f emulatorFlags) keyPair(ctx context.Context) (pair tls.Certificate, err error) {
	if f.tlsCert == standard || f.tlsKey == standard {
		return pair, errors.New(`"-" is not read here: write the path of a PEM file`)
	}
	files := &files{ctx: ctx}
	defer func() { err = errors.Join(err, files.close()) }()
	cert, _, err := files.open("--tls-cert", f.tlsCert)
	if err != nil {
		return pair, err
	}
	key, _, err := files.open("--tls-key", f.tlsKey)
	if err != nil {
		return pair, err
	}
	certText, certErr := io.ReadAll(cert)
	keyText, keyErr := io.ReadAll(key)
	if err := errors.Join(certErr, keyErr); err != nil {
		return pair, err
	}
	return tls.X509KeyPair(certText, keyText)
}

// greet prints the variables to export, and never the secret key. Version 1 of the AWS
// CLI and boto3 read AWS_DEFAULT_REGION; all others read AWS_REGION.
func (f emulatorFlags) greet(stdout io.Writer, addr net.Addr) {
	scheme := "http"
	if f.tlsCert != "" {
		scheme = "https"
	}
	region := os.Getenv("AWS_REGION")
	if region == "" {
		region = "us-east-1"
	}
	key, secret := "test", "test"
	if f.accessKey != "" {
		key, secret = f.accessKey, "'<the secret key>'"
	}
	tcp, _ := addr.(*net.TCPAddr)
	fmt.Fprintf(stdout, `The embedded EC2 listens on %[1]s://%[2]s and keeps its state in %[3]s.

  export AWS_ENDPOINT_URL_EC2=%[1]s://%[2]s AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2=%[1]s://%[2]s
  export AWS_REGION=%[4]s AWS_DEFAULT_REGION=%[4]s
  export AWS_ACCESS_KEY_ID=%[5]s AWS_SECRET_ACCESS_KEY=%[6]s
`, scheme, reachedAt(addr), f.path, region, key, secret)
	if tcp != nil && !tcp.IP.IsLoopback() && f.accessKey == "" {
		fmt.Fprintln(stdout, "\nOther hosts can reach it, and it accepts every request. Set --access-key and --secret-key, or listen on 127.0.0.1.")
	}
}

// serve answers requests until the context ends. Then it waits up to five seconds for
// the requests that have begun.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: handler, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, // of it, the query of a request with GET
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return server.Close() // a client that sent half a request is no reason to fail
}
