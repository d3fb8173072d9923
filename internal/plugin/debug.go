package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// attachable is how Terraform and OpenTofu find a provider that runs already.
type attachable struct {
	Protocol        string
	ProtocolVersion int
	Pid             int
	Test            bool // the CLI does not end the process
	Addr            struct{ Network, String string }
}

// settings returns the commands that set the variable in the shells of a system.
func settings(system, value string) string {
	if system == "windows" {
		return fmt.Sprintf("\tCommand Prompt:\tset \"TF_REATTACH_PROVIDERS=%s\"\n\tPowerShell:\t$env:TF_REATTACH_PROVIDERS='%s'\n", value, strings.ReplaceAll(value, `'`, `''`))
	}
	return fmt.Sprintf("\tTF_REATTACH_PROVIDERS='%s'\n", strings.ReplaceAll(value, `'`, `'"'"'`))
}

// Debug serves the provider for a debugger until the context ends. It writes to output what
// to set in the environment of the CLI.
func Debug(ctx context.Context, name string, newServer func() tfprotov6.ProviderServer, output io.Writer) error {
	on, err := listen()
	if err != nil {
		return err
	}
	defer func() { _ = on.Close() }()
	s := newGRPC(name, newServer, endless{}, endless{})
	if err := s.Init(); err != nil {
		return err
	}
	at := attachable{Protocol: "grpc", ProtocolVersion: protocolVersion, Pid: os.Getpid(), Test: true}
	at.Addr.Network, at.Addr.String = on.Addr().Network(), on.Addr().String()
	variable, err := json.Marshal(map[string]attachable{name: at})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(output, "Provider started. To attach Terraform CLI, set the TF_REATTACH_PROVIDERS environment variable with the following:\n\n%s\n",
		settings(runtime.GOOS, string(variable)))
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, s.Stop)()
	return accept(s, on)
}
