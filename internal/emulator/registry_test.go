package emulator

import (
	"bytes"
	"errors"
	"maps"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// newFullStore returns an emulator whose store has an object of each kind, and the path
// of the store. A new kind needs an object here.
func newFullStore(t *testing.T) (*Emulator, string) {
	t.Helper()
	const loadBalancer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
	vpcID, subnetID, instanceID := numbered("vpc-", 1), numbered("subnet-", 1), numbered("i-", 1)
	file := &topology.File{
		AccountID:            topology.DefaultAccountID,
		VPCs:                 []topology.VPC{{ID: vpcID, CIDRBlock: netip.MustParsePrefix("10.0.0.0/16")}},
		Subnets:              []topology.Subnet{{ID: subnetID, VPCID: vpcID, CIDRBlock: netip.MustParsePrefix("10.0.1.0/24")}},
		Instances:            []topology.Instance{{ID: instanceID, InstanceType: "m5.large"}},
		NetworkLoadBalancers: []topology.NetworkLoadBalancer{{ARN: loadBalancer, SubnetID: subnetID, IPAddress: netip.MustParseAddr("10.0.1.5"), UDPListeners: []int{4789}}},
		GatewayLoadBalancerEndpoints: []topology.GatewayLoadBalancerEndpoint{
			{ID: numbered("vpce-", 1), VPCID: vpcID, SubnetID: subnetID, IPAddress: netip.MustParseAddr("10.0.1.6")},
		},
		EndpointServices: []mirror.EndpointService{{ID: numbered("vpce-svc-", 1)}},
		NetworkInterfaces: []mirror.Interface{
			{ID: numbered("eni-", 1), SubnetID: subnetID, InstanceID: instanceID, PrivateIPAddress: netip.MustParseAddr("10.0.1.10"), Tags: map[string]string{"k": "v"}},
			{ID: numbered("eni-", 2), SubnetID: subnetID, PrivateIPAddress: netip.MustParseAddr("10.0.1.11")},
		},
		SharedTargets: []mirror.Target{{ID: numbered("tmt-", 9), OwnerID: "210987654321", InterfaceID: numbered("eni-", 9)}},
		PrefixLists:   []mirror.PrefixList{{ID: numbered("pl-", 1)}},
		NotRead:       []string{"network_acls"},
	}
	last := 0x100
	path := filepath.Join(t.TempDir(), "ec2.db")
	e, err := New(Options{Path: path, Topology: file, NewID: func(prefix string) string { last++; return numbered(prefix, last) }})
	if err != nil {
		t.Fatal(err)
	}
	answer(t, e, "CreateTrafficMirrorFilter", "ClientToken=token")
	answer(t, e, "CreateTrafficMirrorFilterRule", "TrafficMirrorFilterId="+numbered("tmf-", 0x101)+"&RuleNumber=1&TrafficDirection=ingress&RuleAction=accept&SourceCidrBlock=0.0.0.0/0&DestinationCidrBlock=0.0.0.0/0")
	answer(t, e, "CreateTrafficMirrorTarget", "NetworkInterfaceId="+numbered("eni-", 2))
	answer(t, e, "CreateTrafficMirrorSession", "NetworkInterfaceId="+numbered("eni-", 1)+"&TrafficMirrorTargetId="+numbered("tmt-", 0x103)+"&TrafficMirrorFilterId="+numbered("tmf-", 0x101)+"&SessionNumber=1")
	answer(t, e, "RunInstances", "ImageId="+numbered("ami-", 1)+"&InstanceType=m5.large&MinCount=1&MaxCount=1&SubnetId="+subnetID)
	network := func(action, parameters, prefix string) string {
		return regexp.MustCompile(prefix + "[0-9a-f]{17}").FindString(answer(t, e, action, parameters))
	}
	gateway := network("CreateInternetGateway", "DryRun=false", "igw-")
	network("AttachInternetGateway", "InternetGatewayId="+gateway+"&VpcId="+vpcID, "")
	network("CreateVpcPeeringConnection", "PeerOwnerId=210987654321&PeerVpcId="+numbered("vpc-", 9)+"&VpcId="+vpcID, "pcx-")
	table := network("DescribeRouteTables", "MaxResults=5", "rtb-")
	for _, to := range []string{"&SubnetId=" + subnetID, "&GatewayId=" + gateway} {
		network("AssociateRouteTable", "RouteTableId="+table+to, "rtbassoc-")
	}
	return e, path
}

// inRegion runs f in a transaction that may write.
func inRegion(t *testing.T, e *Emulator, f func(*tx)) {
	t.Helper()
	if err := e.transact(t.Context(), query.DefaultRegion, true, func(tx *tx) error { f(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

// firstID returns the first ID of a collection, "" if it is empty.
func firstID(tx *tx, c registered) string {
	k, _ := tx.bucket(c.name()).Cursor().First()
	return string(k)
}

// What each collection declares is complete, and collides with no other.
func TestRegistry_declarations(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	claim := func(what, by string) {
		if other := seen[what]; what != "" && other != "" {
			t.Errorf("%s and %s both have %q", other, by, what)
		}
		seen[what] = by
	}
	for _, c := range registry {
		for _, name := range c.buckets() {
			claim(name, c.name())
		}
		k := c.spec()
		claim(k.Prefix, c.name())
		claim(k.Resource, c.name())
		named := []string{k.malformed, k.notFound, k.noun}
		isKind := k.noun != ""
		if slices.Contains(named, "") != !isKind {
			t.Errorf("%s: the codes and the noun %q are not complete", c.name(), named)
		}
		if c.hasTags() && (k.Prefix == "" || k.Resource == "" || !isKind) {
			t.Errorf("%s can have tags, and is no kind that EC2 knows", c.name())
		}
	}
}

// A dump has the objects of every collection, and Load makes the same store of it, with
// the indexes and the counts.
func TestRegistry_dump(t *testing.T) {
	t.Parallel()
	e, path := newFullStore(t)
	inRegion(t, e, func(tx *tx) {
		for _, c := range registry {
			if firstID(tx, c) == "" {
				t.Errorf("newFullStore makes nothing in %s", c.name())
			}
		}
	})
	var dump bytes.Buffer
	if err := e.Dump(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	for _, c := range registry {
		if has := strings.Contains(dump.String(), "\n"+string(quote(c.name()))+": {"); has == c.isDerived() {
			t.Errorf("%s is in the dump: %t", c.name(), has)
		}
	}
	other := filepath.Join(t.TempDir(), "ec2.db")
	loaded, err := New(Options{Path: other})
	if err != nil {
		t.Fatal(err)
	}
	if err := loaded.Load(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	if got, want := mustContents(t, other), mustContents(t, path); !maps.Equal(got, want) {
		t.Errorf("a dump that was loaded is\n%v\nwant\n%v", got, want)
	}
}

func mustContents(t *testing.T, path string) map[string]string {
	t.Helper()
	contents, err := Contents(path)
	if err != nil {
		t.Fatal(err)
	}
	return contents
}

// A file that lacks a bucket was written before there was one. The next request makes
// it, whether it reads or writes; an index and the counts are made from the objects.
func TestRegistry_missingBuckets(t *testing.T) {
	t.Parallel()
	full, path := newFullStore(t)
	want := mustContents(t, path)
	for _, c := range registry {
		for _, name := range c.buckets() {
			e, err := New(Options{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			err = full.store.Update(t.Context(), func(b *bbolt.Tx) error {
				return b.Bucket(regionBucket(query.DefaultRegion)).DeleteBucket([]byte(name))
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Dump(t.Context(), &bytes.Buffer{}); err != nil {
				t.Errorf("without %s, a dump fails: %v", name, err)
			}
			answer(t, e, "DescribeTrafficMirrorFilters", "MaxResults=5")
			got := mustContents(t, path)
			if name != c.name() || c.isDerived() || isOfDefaults(c) {
				if !maps.Equal(got, want) {
					t.Errorf("%s was made as\n%v\nwant\n%v", name, got, want)
				}
				continue
			}
			inRegion(t, e, func(tx *tx) {
				if id := firstID(tx, c); id != "" {
					t.Errorf("%s was made with %s in it", name, id)
				}
			})
			restore(t, full, name, want)
		}
	}
}

// isOfDefaults reports whether each VPC has an object of the collection from its creation
// on, which is made for a VPC of an older store too.
func isOfDefaults(c registered) bool {
	return c.name() == securityGroups.name() || c.name() == networkACLs.name() || c.name() == routeTables.name()
}

// restore puts the objects back that were in a bucket.
func restore(t *testing.T, e *Emulator, name string, contents map[string]string) {
	t.Helper()
	prefix := string(regionBucket(query.DefaultRegion)) + " " + name + " "
	inRegion(t, e, func(tx *tx) {
		for path, value := range contents {
			if key, ok := strings.CutPrefix(path, prefix); ok {
				tx.write(name, key, []byte(value))
			}
		}
	})
}

// Objects of each kind that can have tags are tagged and found by their type; an ID that
// no object has is refused with the code of its kind.
func TestRegistry_tags(t *testing.T) {
	t.Parallel()
	e, _ := newFullStore(t)
	for _, c := range registry {
		if !c.hasTags() {
			continue
		}
		k := c.spec()
		var id string
		inRegion(t, e, func(tx *tx) { id = firstOwn(tx, c) })
		answer(t, e, "CreateTags", "ResourceId.1="+id+"&Tag.1.Key="+c.name()+"&Tag.1.Value=v")
		found := answer(t, e, "DescribeTags", "Filter.1.Name=resource-type&Filter.1.Value.1="+k.Resource+"&Filter.2.Name=key&Filter.2.Value.1="+c.name())
		if strings.Count(found, "<resourceId>"+id+"</resourceId>") != 1 {
			t.Errorf("%s: the tag of %s is not found: %s", c.name(), id, found)
		}
		gone := numbered(k.Prefix, 0xfff)
		x := &query.Writer{}
		err := e.act(t.Context(), &query.Request{API: query.EC2, Region: query.DefaultRegion, Action: "CreateTags", Parameters: formOf("ResourceId.1=" + gone + "&Tag.1.Key=k")}, "", x)
		var refusal *query.Error
		if !errors.As(err, &refusal) || refusal.Code != k.notFound {
			t.Errorf("%s: tagging %s: got %v, want %s", c.name(), gone, err, k.notFound)
		}
	}
}

// firstOwn returns the ID of the first object that this account owns.
func firstOwn(tx *tx, c registered) string {
	cursor := tx.bucket(c.name()).Cursor()
	for k, _ := cursor.First(); k != nil; k, _ = cursor.Next() {
		if c.ownerOf(tx, string(k)) == tx.account {
			return string(k)
		}
	}
	return ""
}
