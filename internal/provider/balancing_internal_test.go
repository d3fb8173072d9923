package provider

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
)

// named returns a server that refuses every request and counts those of Elastic Load Balancing.
func named(t *testing.T) (url string, asked func() bool) {
	t.Helper()
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Version") == "2015-12-01" {
			n++
		}
		w.WriteHeader(http.StatusBadRequest)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() bool { return n > 0 }
}

// The endpoint of Elastic Load Balancing comes from the provider block, then from the environment
// or the shared config file. Without one, an endpoint of EC2 makes load balancers unknown: AWS is
// not asked.
func TestBalancingEndpoint(t *testing.T) {
	balancing, isAsked := named(t)
	other, isOtherAsked := named(t)
	text := types.StringValue
	shared := filepath.Join(t.TempDir(), "config")
	err := os.WriteFile(shared, []byte("[default]\nservices = local\n[services local]\nelastic_load_balancing_v2 =\n  endpoint_url = "+balancing+"\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name      string
		endpoints endpointsModel
		env       map[string]string
		asks      bool // the endpoint of Elastic Load Balancing; else nobody
	}{
		{"none", endpointsModel{EC2: text(other)}, nil, false},
		{"elbv2", endpointsModel{EC2: text(other), ELBV2: text(balancing)}, nil, true},
		{"elasticloadbalancingv2", endpointsModel{EC2: text(other), ElasticLoadBalancingV2: text(balancing)}, nil, true},
		{"environment", endpointsModel{EC2: text(other)}, map[string]string{"AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2": balancing}, true},
		{"environment for all", endpointsModel{EC2: text(other)}, map[string]string{"AWS_ENDPOINT_URL": balancing}, true},
		{"environment for EC2", endpointsModel{}, map[string]string{"AWS_ENDPOINT_URL_EC2": other}, false},
		{"block before environment", endpointsModel{EC2: text(other), ELBV2: text(balancing)}, map[string]string{"AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2": other}, true},
		{"environment ignored", endpointsModel{EC2: text(other)}, map[string]string{"AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2": balancing, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, false},
		{"shared config file", endpointsModel{EC2: text(other)}, map[string]string{"AWS_CONFIG_FILE": shared}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			before := isAsked()
			m := providerModel{
				Region: text("us-east-1"), AccessKey: text("test"), SecretKey: text("test"), Endpoints: []endpointsModel{test.endpoints},
				SkipCredentialsValidation: types.BoolValue(true), SkipRequestingAccountID: types.BoolValue(true), SkipMetadataAPICheck: text("true"), MaxRetries: knownNumber(1),
			}
			accounts, diags := m.connect(t.Context(), "1.0.0", "1.0.0", Timing{}.orDefault())
			if diags.HasError() {
				t.Fatal(diags)
			}
			_, err := accounts.In("").LoadBalancers(t.Context())
			if account.IsDenied(err) == test.asks || err == nil || isOtherAsked() || !before && test.asks && !isAsked() {
				t.Errorf("asked %v, the other one %v: %v", isAsked(), isOtherAsked(), err)
			}
		})
	}
}

// Both names at once, and what is no URL, are refused.
func TestBalancingEndpoint_invalid(t *testing.T) {
	m := providerModel{
		Region: types.StringValue("us-east-1"), AccessKey: types.StringValue("test"), SecretKey: types.StringValue("test"),
		Endpoints: []endpointsModel{{ELBV2: types.StringValue("http://a.example"), ElasticLoadBalancingV2: types.StringValue("http://b.example")}},
	}
	_, diags := m.connect(t.Context(), "1.0.0", "1.0.0", Timing{}.orDefault())
	if err := errorIn(diags); err == nil || !strings.Contains(err.Error(), "elbv2 and elasticloadbalancingv2 are both set") {
		t.Errorf("both names: %v", err)
	}
	t.Setenv("AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2", "localhost")
	m.Endpoints = nil
	_, diags = m.connect(t.Context(), "1.0.0", "1.0.0", Timing{}.orDefault())
	if err := errorIn(diags); err == nil || !strings.Contains(err.Error(), "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2") {
		t.Errorf("no URL: %v", err)
	}
}

// --endpoint-url of the commands is for both APIs.
func TestAccounts_balancing(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	url, isAsked := named(t)
	accounts, _, err := Accounts(context.Background(), "1.0.0", Settings{Region: "us-east-1", EndpointURL: url})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.In("").LoadBalancers(t.Context()); err == nil || !isAsked() {
		t.Errorf("asked %v: %v", isAsked(), err)
	}
}

// The embedded EC2 has Elastic Load Balancing too.
func TestAccounts_balancingEmbedded(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1") // cannot lead elsewhere
	path := filepath.Join(t.TempDir(), "ec2.db")
	topologyFile := filepath.Join(t.TempDir(), "topology.json")
	const arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/fleet/00000000000000f1"
	if err := os.WriteFile(topologyFile, []byte(`{ "network_load_balancers": [{ "arn": "`+arn+`", "ip_address": "10.0.0.5", "udp_listeners": [4789] }] }`), 0o600); err != nil {
		t.Fatal(err)
	}
	accounts, _, err := Accounts(t.Context(), "1.0.0", Settings{Region: "us-east-1", Emulator: path, Topology: topologyFile})
	if err != nil {
		t.Fatal(err)
	}
	all, err := accounts.In("").LoadBalancers(t.Context())
	if err != nil || len(all) != 1 || all[0].ARN != arn || len(all[0].Listeners) != 1 {
		t.Errorf("load balancers %+v: %v", all, err)
	}
}
