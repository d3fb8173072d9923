// Package plugin runs the provider as a plugin of Terraform or OpenTofu: the handshake, the
// connection, what the process logs and how much memory it takes. It knows nothing of the
// provider itself.
//
// go-plugin's own Serve would also link net/rpc, which finds methods by reflection. The
// linker then keeps every exported method of every type: 4 MB that nothing calls. What
// speaks gRPC is go-plugin's all the same. https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md
package plugin

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"

	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"google.golang.org/grpc"
)

// Cookie is the variable that Terraform and OpenTofu set for a plugin.
const Cookie = "TF_PLUGIN_MAGIC_COOKIE"

const (
	cookieValue     = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
	protocolVersion = 6
	// The greatest message in bytes. The default of gRPC, 4 MiB, is less than some states.
	maxMessage = 256 << 20
)

// Serve serves the provider to the CLI that has started this process, until the CLI ends it.
func Serve(name string, newServer func() tfprotov6.ProviderServer) error {
	if os.Getenv(Cookie) != cookieValue {
		return fmt.Errorf("%s is not that of Terraform or OpenTofu. They start this program themselves", Cookie)
	}
	if err := quieten(); err != nil {
		return err
	}
	collectLate()
	config, certificate, err := mutualTLS(os.Getenv("PLUGIN_CLIENT_CERT"))
	if err != nil {
		return err
	}
	on, err := listen()
	if err != nil {
		return err
	}
	defer func() { _ = on.Close() }()
	stdout := os.Stdout
	output, err := redirect(&os.Stdout)
	if err != nil {
		return err
	}
	errorOutput, err := redirect(&os.Stderr)
	if err != nil {
		return err
	}
	// The CLI stops the provider. An interrupt of the terminal reaches both.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	s := newGRPC(name, newServer, output, errorOutput)
	s.TLS = config
	if err := s.Init(); err != nil {
		return err
	}
	// The last field, which a CLI that can share one connection for several streams asks for,
	// says that this plugin cannot.
	shared := ""
	if os.Getenv("PLUGIN_MULTIPLEX_GRPC") != "" {
		shared = "|false"
	}
	_, err = fmt.Fprintf(stdout, "%d|%d|%s|%s|grpc|%s%s\n", plugin.CoreProtocolVersion, protocolVersion, on.Addr().Network(), on.Addr(), certificate, shared)
	if err != nil {
		return err
	}
	return accept(s, on)
}

func newGRPC(name string, newServer func() tfprotov6.ProviderServer, stdout, stderr io.Reader) *plugin.GRPCServer {
	return &plugin.GRPCServer{
		Plugins: plugin.PluginSet{"provider": &tf6server.GRPCProviderPlugin{Name: name, GRPCProvider: newServer}},
		Server: func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(options, grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage))...)
		},
		DoneCh: make(chan struct{}),
		Stdout: stdout,
		Stderr: stderr,
	}
}

// accept serves connections until the CLI or Stop ends the server.
func accept(s *plugin.GRPCServer, on net.Listener) error {
	failed := make(chan error, 1)
	go s.Serve(listener{on, failed})
	select {
	case <-s.DoneCh:
		return nil
	case err := <-failed:
		return err
	}
}

// listener reports the error that ends its Accept. It does not return it: go-plugin's server
// would log it, and has a logger only if go-plugin has made the server.
type listener struct {
	net.Listener
	failed chan<- error
}

func (l listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		var passing interface{ Temporary() bool }
		if err == nil || errors.Is(err, net.ErrClosed) || errors.As(err, &passing) && passing.Temporary() {
			return conn, err
		}
		l.failed <- err
		select {}
	}
}

// redirect replaces a file of the process by a pipe, and returns its other end. The CLI
// gets what is written there over the connection. Standard output itself is for the
// handshake, and standard error for logs.
func redirect(file **os.File) (io.Reader, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	*file = writer
	return endless{reader}, nil
}

// endless is a reader whose Read does not fail, for the same reason as listener.
type endless struct{ io.Reader }

func (e endless) Read(p []byte) (int, error) {
	if e.Reader != nil {
		if n, err := e.Reader.Read(p); n > 0 || err == nil {
			return n, nil
		}
	}
	select {}
}
