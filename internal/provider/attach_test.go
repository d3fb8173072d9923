package provider_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// attach serves the provider for one command of the CLI. It returns the variable that has
// the CLI use it instead of starting a process, and what ends it.
func attach(t *testing.T) (variable string, stop func()) {
	t.Helper()
	const name = "registry.terraform.io/trafficmirror/trafficmirror"
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	served, stopped := make(chan *plugin.ReattachConfig, 1), make(chan struct{})
	failed := make(chan error, 1)
	go func() {
		failed <- tf6server.Serve(name, provider.NewServer(newProvider), tf6server.WithDebug(ctx, served, stopped),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()), tf6server.WithoutLogStderrOverride(), tf6server.WithLoggingSink(t))
	}()
	var at *plugin.ReattachConfig
	select {
	case at = <-served:
	case err := <-failed:
		cancel()
		t.Fatal(err)
	}
	server := map[string]any{
		"Protocol": at.Protocol, "ProtocolVersion": at.ProtocolVersion, "Pid": os.Getpid(), "Test": true,
		"Addr": map[string]string{"Network": at.Addr.Network(), "String": at.Addr.String()},
	}
	text, err := json.Marshal(map[string]any{name: server, "registry.opentofu.org/trafficmirror/trafficmirror": server})
	if err != nil {
		t.Fatal(err)
	}
	return "TF_REATTACH_PROVIDERS=" + string(text), func() {
		cancel()
		<-stopped
	}
}
