package inventory_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const readTopology = `{
  "vpcs": [{ "id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16" }],
  "subnets": [
    { "id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.1.0/24" },
    { "id": "subnet-00000000000000002", "vpc_id": "vpc-00000000000000001", "ipv6_native": true }
  ],
  "network_interfaces": [
    { "id": "eni-00000000000000001", "subnet_id": "subnet-00000000000000001", "private_ip_address": "10.0.1.10" },
    { "id": "eni-00000000000000002", "subnet_id": "subnet-00000000000000002", "ipv6_addresses": ["2001:db8::10"], "requester_managed": true, "requester_id": "amazon-rds" }
  ],
  "gateway_load_balancer_endpoints": [{ "id": "vpce-00000000000000001", "vpc_id": "vpc-00000000000000001", "subnet_id": "subnet-00000000000000001", "ip_address": "10.0.1.202" }]
}`

// Without the answer to one of the calls there is no fleet, and nothing is known of the targets:
// an error is never taken for an empty list.
func TestReadFails(t *testing.T) {
	t.Parallel()
	for _, refused := range []string{
		"", "DescribeNetworkInterfaces", "DescribeInstances", "DescribeSubnets", "DescribeTrafficMirrorTargets", "DescribeTrafficMirrorSessions", "DescribeTrafficMirrorFilters",
		"DescribeVpcEndpoints",
	} {
		a := refusing(t, refused)
		fleet, err := inventory.Read(t.Context(), a, inventory.Rules{})
		if refused != "" {
			if err == nil || fleet != nil || !strings.Contains(err.Error(), "UnauthorizedOperation") {
				t.Errorf("%s is refused: %v, %v", refused, fleet, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		endpoints, err := inventory.ReadEndpoints(t.Context(), a, fleet)
		if err != nil || len(endpoints) != 1 || endpoints[fleet.Targets[0].Noun.ID].Type != mirror.GatewayLoadBalancerEndpoint {
			t.Errorf("%+v, %v", endpoints, err)
		}
		if endpoints, err = inventory.ReadEndpoints(t.Context(), refusing(t, "DescribeVpcEndpoints"), fleet); err == nil || endpoints != nil {
			t.Errorf("DescribeVpcEndpoints is refused: %v, %v", endpoints, err)
		}
	}
}

// A session and the coverage have the same status, also where the subnet decides.
func TestReadStatus_subnet(t *testing.T) {
	t.Parallel()
	a := refusing(t, "")
	fleet, err := inventory.Read(t.Context(), a, inventory.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	s := mirror.Session{ID: "tms-1", InterfaceID: "eni-00000000000000002", TargetID: fleet.Targets[0].Noun.ID}
	fleet.Sessions = []account.Tagged[mirror.Session]{{Noun: s}}
	c := inventory.CoverageOf(inventory.NewFleet(fleet.Facts, inventory.Rules{}), inventory.CoverageQuestions{})
	if status, reason := inventory.ReadStatus(t.Context(), a, s); status != inventory.SourceUnsupported || c.Sessions[0].Status != status {
		t.Errorf("the session is %s, %s; the coverage says %s", status, reason, c.Sessions[0].Status)
	}
}

// refusing returns an account with a target, in which EC2 refuses an action.
func refusing(t *testing.T, action string) *account.Account {
	t.Helper()
	file, err := topology.Parse([]byte(readTopology))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	var isRefused atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if form, err := url.ParseQuery(string(body)); isRefused.Load() && (err != nil || form.Get("Action") == action) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>m</Message></Error></Errors><RequestID>r</RequestID></Response>`)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	config := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	if _, err := ec2.NewFromConfig(config).CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{GatewayLoadBalancerEndpointId: aws.String("vpce-00000000000000001")}); err != nil {
		t.Fatal(err)
	}
	isRefused.Store(true)
	return account.New(config, account.Options{})
}
