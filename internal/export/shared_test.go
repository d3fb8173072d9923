package export_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/export"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// shared is a VPC of another account, with two subnets and a table and an ACL for both.
const shared = `{
  "account_id": "123456789012", "region": "us-east-1",
  "vpcs": [{"id": "vpc-00000000000000001", "owner_id": "210987654321", "cidr_block": "10.0.0.0/16", "tags": {"Name": "a \"quote\" \\ <&> 網 \u2028"}}],
  "subnets": [
    {"id": "subnet-00000000000000001", "owner_id": "210987654321", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.1.0/24", "availability_zone": "us-east-1a"},
    {"id": "subnet-00000000000000002", "owner_id": "210987654321", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.2.0/24", "availability_zone": "us-east-1b"}
  ],
  "network_interfaces": [{"id": "eni-00000000000000001", "subnet_id": "subnet-00000000000000001", "private_ip_address": "10.0.1.10"}],
  "network_acls": [{"id": "acl-00000000000000001", "vpc_id": "vpc-00000000000000001", "subnet_ids": ["subnet-00000000000000001", "subnet-00000000000000002"],
    "association_ids": {"subnet-00000000000000001": "aclassoc-00000000000000001", "subnet-00000000000000002": "aclassoc-00000000000000002"}, "entries": []}],
  "route_tables": [{"id": "rtb-00000000000000001", "vpc_id": "vpc-00000000000000001", "subnet_ids": ["subnet-00000000000000001", "subnet-00000000000000002"],
    "association_ids": {"subnet-00000000000000001": "rtbassoc-00000000000000001", "subnet-00000000000000002": "rtbassoc-00000000000000002"}}]
}`

// hiding leaves out items of the answers to an action that have a text.
func hiding(h http.Handler, action, text string) http.Handler {
	items := regexp.MustCompile(`(?s)<item>.*?</availableIpAddressCount>.*?</item>`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		isHidden := r.FormValue("Action") == action
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, again(r))
		body := answer.Body.String()
		if isHidden {
			body = items.ReplaceAllStringFunc(body, func(item string) string {
				if strings.Contains(item, text) {
					return ""
				}
				return item
			})
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write([]byte(body))
	})
}

// readAs exports account 123456789012.
func readAs(t *testing.T, h http.Handler) (f *topology.File, text string) {
	t.Helper()
	f, _, err := export.Read(t.Context(), accountOf(h), "123456789012")
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := topology.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	return f, string(encoded)
}

// Of a VPC that another account shares, the account sees some subnets. The tables and ACLs of these stay, and are in the
// copy as they are in the account.
func TestRead_sharedVPC(t *testing.T) {
	t.Parallel()
	first := load(t, shared)
	whole, text := readAs(t, first)
	if whole.AccountID != "123456789012" || whole.VPCs[0].OwnerID != "210987654321" || whole.Subnets[0].OwnerID != "210987654321" || len(whole.NotRead)+len(whole.PartlyRead) != 0 {
		t.Errorf("the export is %s", text)
	}
	if _, again := readAs(t, load(t, text)); again != text {
		t.Errorf("the export of the copy is another one: %s", difference(text, again))
	}
	f, notes, err := export.Read(t.Context(), accountOf(hiding(first, "DescribeSubnets", "subnet-00000000000000002")), "123456789012")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"subnet-00000000000000001"}
	if len(f.Subnets) != 1 || !slices.Equal(f.RouteTables[len(f.RouteTables)-1].Subnets, want) && !slices.Equal(f.RouteTables[0].Subnets, want) {
		t.Errorf("there are %v and %v", f.Subnets, f.RouteTables)
	}
	if !slices.Equal(f.PartlyRead, []string{"network_acls", "route_tables"}) || f.NotRead != nil || len(notes) != 2 {
		t.Errorf("partly_read is %q, not_read %q, the notes are %q", f.PartlyRead, f.NotRead, notes)
	}
	encoded, err := topology.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"rtbassoc-00000000000000001", "aclassoc-00000000000000001"} {
		if answer := send(t, load(t, string(encoded)), map[string]string{"rtba": "DescribeRouteTables", "acla": "DescribeNetworkAcls"}[id[:4]], ""); !strings.Contains(answer, id) {
			t.Errorf("the copy lacks %s: %s", id, answer)
		}
	}
}

// Without the permission to list internet gateways, a route table has no association with one, and the file says so. Routes
// to one stay.
func TestRead_gatewaysDenied(t *testing.T) {
	t.Parallel()
	first := newEmulator(t, lists())
	build(t, first)
	f, notes, err := export.Read(t.Context(), accountOf(without(first, "DescribeInternetGateways")), "123456789012")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.NotRead, []string{"internet_gateways"}) || !slices.Equal(f.PartlyRead, []string{"route_tables"}) || len(notes) != 2 {
		t.Errorf("not_read is %q, partly_read %q, the notes are %q", f.NotRead, f.PartlyRead, notes)
	}
	encoded, err := topology.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	routes := regexp.MustCompile(`<gatewayId>igw-[0-9a-f]{17}</gatewayId>\s*<state>active<`)
	if answer := send(t, load(t, string(encoded)), "DescribeRouteTables", ""); !routes.MatchString(answer) {
		t.Errorf("the copy has no route to the gateway: %s", answer)
	}
}

// A0230: the attributes of a listener of TLS are not asked for.
func TestRead_attributesOfTLS_A0230(t *testing.T) {
	t.Parallel()
	first := newEmulator(t, lists())
	build(t, first)
	asked := map[string]bool{}
	var mu sync.Mutex
	recorded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.FormValue("ListenerArn")] = true
		mu.Unlock()
		first.ServeHTTP(w, again(r))
	})
	f, _, notes := read(t, recorded)
	protocols := map[string]bool{}
	for _, l := range f.LoadBalancers[0].Listeners {
		protocols[l.Protocol] = asked[l.ARN]
	}
	if want := map[string]bool{"TLS": false, "TCP": true, "UDP": true}; !maps.Equal(protocols, want) || notes != nil {
		t.Errorf("asked for %v, want %v; notes %q", protocols, want, notes)
	}
}

// Attributes of a target group that could not be read stay unknown in the copy, and in an export of the copy.
func TestRead_attributesDenied(t *testing.T) {
	t.Parallel()
	first := newEmulator(t, lists())
	build(t, first)
	const action = "DescribeTargetGroupAttributes"
	f, _, err := export.Read(t.Context(), accountOf(without(first, action)), "123456789012")
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := topology.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := export.Read(t.Context(), accountOf(load(t, string(encoded))), "123456789012")
	if err != nil {
		t.Fatal(err)
	}
	if len(again.TargetGroups) == 0 || !slices.Contains(again.PartlyRead, "target_groups") {
		t.Fatalf("partly_read is %q of the copy", again.PartlyRead)
	}
	for _, g := range again.TargetGroups {
		if g.CrossZone != "" {
			t.Errorf("%s says %q about cross-zone load balancing, which nobody has read", g.ARN, g.CrossZone)
		}
	}
}
