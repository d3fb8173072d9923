package account_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"path/filepath"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The endpoints of many targets are read by few requests, and come in the order of the targets.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	file, err := topology.Parse([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	onEndpoint := mirror.Target{GatewayLoadBalancerEndpointID: gateway}
	targets := []mirror.Target{onEndpoint, {LoadBalancerARN: others}, {LoadBalancerARN: sensors}}
	want := []mirror.Endpoint{endpoint(mirror.GatewayLoadBalancerEndpoint, "10.0.1.202"), {Type: mirror.NetworkLoadBalancer, Gone: true}, endpoint(mirror.NetworkLoadBalancer, "10.0.1.201")}
	for n := range 450 {
		i := mirror.Interface{ID: fmt.Sprintf("eni-%017x", 0x1000+n), PrivateIPAddress: netip.AddrFrom4([4]byte{192, 0, byte(n >> 8), byte(n)})}
		file.NetworkInterfaces = append(file.NetworkInterfaces, i)
		targets = append(targets, mirror.Target{InterfaceID: i.ID})
		want = append(want, mirror.Endpoint{Type: mirror.NetworkInterface, Address: i.PrivateIPAddress})
	}
	// Several targets can be on one endpoint.
	targets, want = append(targets, onEndpoint), append(want, want[0])
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	requests := 0
	config := configOf("http://ec2.invalid")
	config.HTTPClient = &http.Client{Transport: emulator.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		handler.ServeHTTP(w, r)
	}))}
	got := must(account.New(config, account.Options{}).Endpoints(t.Context(), topology.DefaultAccountID, targets...))(t)
	for i := range want {
		if got[i].Type != want[i].Type || got[i].Address != want[i].Address || (got[i].State == "available") != (targets[i] == onEndpoint) || got[i].Gone != want[i].Gone {
			t.Errorf("target %d, %+v: got %+v, want %+v", i, targets[i], got[i], want[i])
		}
	}
	// One for the endpoint, three for the interfaces, one for those of the load balancers, and
	// seven about what is behind the load balancer that exists and the endpoint.
	if requests > 12 {
		t.Errorf("%d requests for %d targets", requests, len(targets))
	}
}
