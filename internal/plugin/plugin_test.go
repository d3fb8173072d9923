package plugin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/plugin"
)

const name = "registry.terraform.io/trafficmirror/trafficmirror"

// TestMain runs the tests, or is the plugin that a test has started.
func TestMain(m *testing.M) {
	if os.Getenv(plugin.Cookie) == "" {
		os.Exit(m.Run())
	}
	if err := plugin.Serve(name, newStub); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// stub is a provider that has nothing but StopProvider.
type stub struct{ tfprotov6.ProviderServer }

func newStub() tfprotov6.ProviderServer { return stub{} }

func (stub) StopProvider(ctx context.Context, _ *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	if os.Getenv("STUB_PANICS") != "" {
		panic("the stub panics")
	}
	fmt.Println("printed to standard output")
	tflog.Trace(ctx, "a line of the provider")
	tflog.Error(ctx, "an error of the provider")
	return &tfprotov6.StopProviderResponse{Error: fmt.Sprint("answered by ", os.Getpid())}, nil
}

// connection is what a CLI makes of a plugin: a gRPC connection.
type connection struct{}

func (connection) GRPCServer(*goplugin.GRPCBroker, *grpc.Server) error { return errors.New("a client") }
func (connection) Server(*goplugin.MuxBroker) (any, error)             { return nil, errors.New("gRPC only") }
func (connection) Client(*goplugin.MuxBroker, *rpc.Client) (any, error) {
	return nil, errors.New("gRPC only")
}

func (connection) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return c, nil
}

// clientConfig is as Terraform and OpenTofu start a plugin, or attach to one.
func clientConfig() *goplugin.ClientConfig {
	return &goplugin.ClientConfig{
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion: 4, MagicCookieKey: plugin.Cookie, MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		VersionedPlugins: map[int]goplugin.PluginSet{5: {"provider": connection{}}, 6: {"provider": connection{}}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
	}
}

// buffer is a buffer for several goroutines.
type buffer struct {
	mu      sync.Mutex
	all     bytes.Buffer
	written chan struct{} // gets a value after each write, and has room for one
}

func newBuffer() *buffer { return &buffer{written: make(chan struct{}, 1)} }

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.written <- struct{}{}:
	default:
	}
	return b.all.Write(p)
}

// String returns what was written so far.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// line waits until a line has come, and returns what was written so far.
func (b *buffer) line() string {
	for {
		if text := b.String(); strings.Contains(text, "\n") {
			return text
		}
		<-b.written
	}
}

// started is a plugin in its own process.
type started struct {
	*goplugin.Client
	stdout, stderr *buffer
}

func start(t *testing.T, env ...string) *started {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &started{stdout: newBuffer(), stderr: newBuffer()}
	config := clientConfig()
	config.AutoMTLS = true
	config.SkipHostEnv = true
	config.SyncStdout, config.Stderr = s.stdout, s.stderr
	config.Cmd = exec.Command(own)
	config.Cmd.Env = append(slices.Clone(env), "TMPDIR="+t.TempDir(), "SYSTEMROOT="+os.Getenv("SYSTEMROOT"))
	s.Client = goplugin.NewClient(config)
	t.Cleanup(s.Kill)
	return s
}

// stop sends StopProvider and returns the answer in its encoding.
func stop(t *testing.T, c *goplugin.Client) (string, error) {
	t.Helper()
	protocol, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	if err := protocol.Ping(); err != nil {
		t.Error(err)
	}
	conn, err := protocol.Dispense("provider")
	if err != nil {
		t.Fatal(err)
	}
	answer := &emptypb.Empty{}
	err = conn.(*grpc.ClientConn).Invoke(t.Context(), "/tfplugin6.Provider/StopProvider", &emptypb.Empty{}, answer)
	return string(answer.ProtoReflect().GetUnknown()), err
}

// The plugin speaks with the client that Terraform and OpenTofu use, encrypted, and with no
// other. What it prints reaches the client, and it ends when the client says so.
func TestServe(t *testing.T) {
	t.Parallel()
	s := start(t)
	answer, err := stop(t, s.Client)
	if want := fmt.Sprint("answered by ", s.ReattachConfig().Pid); err != nil || !strings.Contains(answer, want) {
		t.Errorf("got %q, want %q: %v", answer, want, err)
	}
	if version := s.NegotiatedVersion(); version != 6 {
		t.Errorf("protocol %d", version)
	}
	// It comes in a stream of its own, which ends with the process.
	if printed := s.stdout.line(); printed != "printed to standard output\n" {
		t.Errorf("the client gets %q", printed)
	}
	at := s.ReattachConfig().Addr
	stranger := clientConfig()
	stranger.Plugins = stranger.VersionedPlugins[6]
	stranger.Reattach = &goplugin.ReattachConfig{Protocol: goplugin.ProtocolGRPC, ProtocolVersion: 6, Addr: at, Pid: os.Getpid(), Test: true}
	unencrypted, err := goplugin.NewClient(stranger).Client()
	if err != nil {
		t.Fatal(err)
	}
	if err := unencrypted.Ping(); err == nil {
		t.Error("a client without the certificate is served")
	}
	s.Kill()
	if !s.Exited() {
		t.Error("the process is still there")
	}
	if _, err := net.Dial(at.Network(), at.String()); err == nil {
		t.Error("the plugin still listens")
	}
}

// A process with another cookie is no plugin, and says so.
func TestServe_cookie(t *testing.T) {
	t.Parallel()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(own)
	c.Env = []string{plugin.Cookie + "=other", "SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}
	output, err := c.CombinedOutput()
	if err == nil || !strings.Contains(string(output), plugin.Cookie+" is not that of Terraform or OpenTofu") {
		t.Errorf("%v: %s", err, output)
	}
}

// Without a variable that asks for more, the plugin logs errors only. Each variable gets
// the lines that the CLI would show for it.
func TestServe_log(t *testing.T) {
	t.Parallel()
	const failure, own, protocol = "an error of the provider", "a line of the provider", "Served request"
	for variable, want := range map[string][]string{
		"TF_LOG_PATH=log":                     {failure},
		"TF_LOG=off":                          {failure},
		"TF_LOG=trace":                        {failure, own, protocol},
		"TF_LOG=JSON":                         {failure, own, protocol},
		"TF_LOG=warn":                         {failure},
		"TF_LOG_PROVIDER=trace":               {failure, own, protocol},
		"TF_LOG_PROVIDER_TRAFFICMIRROR=trace": {failure, own},
		"TF_LOG_SDK=trace":                    {failure, protocol},
		"TF_LOG_SDK_PROTO=trace":              {failure, protocol},
		"TF_TEMP_LOG_PATH=log":                {failure, own, protocol},
	} {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			s := start(t, variable)
			if _, err := stop(t, s.Client); err != nil {
				t.Error(err)
			}
			s.Kill()
			text := s.stderr.String()
			for _, line := range []string{failure, own, protocol} {
				if got := strings.Contains(text, line); got != slices.Contains(want, line) {
					t.Errorf("logged %q: %t:\n%s", line, got, text)
				}
			}
			if len(want) == 1 && strings.Count(text, "\n") != 1 {
				t.Errorf("standard error has more than the error:\n%s", text)
			}
		})
	}
}

// The stack of a panic is on standard error, where the CLI looks for it.
func TestServe_panic(t *testing.T) {
	t.Parallel()
	s := start(t, "STUB_PANICS=1")
	if _, err := stop(t, s.Client); err == nil {
		t.Error("the call succeeds")
	}
	s.Kill()
	if text := s.stderr.String(); !strings.Contains(text, "panic: the stub panics") || !strings.Contains(text, "plugin_test.stub.StopProvider") {
		t.Errorf("standard error is %q", text)
	}
}

// A CLI attaches to a provider that runs in a debugger by what the provider prints.
func TestDebug(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- plugin.Debug(ctx, name, newStub, writer) }()
	text := make([]byte, 4096)
	n, err := reader.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	_, variable, _ := strings.Cut(string(text[:n]), "TF_REATTACH_PROVIDERS='")
	variable, _, _ = strings.Cut(variable, "'")
	var providers map[string]struct {
		Protocol             goplugin.Protocol
		ProtocolVersion, Pid int
		Test                 bool
		Addr                 struct{ Network, String string }
	}
	if err := json.Unmarshal([]byte(variable), &providers); err != nil {
		t.Fatalf("%s: %s", text, err)
	}
	p := providers[name]
	at, err := net.ResolveUnixAddr(p.Addr.Network, p.Addr.String)
	if err != nil {
		t.Fatal(err)
	}
	config := clientConfig()
	config.Plugins = config.VersionedPlugins[p.ProtocolVersion]
	config.Reattach = &goplugin.ReattachConfig{Protocol: p.Protocol, ProtocolVersion: p.ProtocolVersion, Pid: p.Pid, Test: p.Test, Addr: at}
	answer, err := stop(t, goplugin.NewClient(config))
	if want := fmt.Sprint("answered by ", os.Getpid()); err != nil || !strings.Contains(answer, want) {
		t.Errorf("got %q, want %q: %v", answer, want, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
