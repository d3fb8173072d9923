package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"strings"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// loadedTopology is a topology, and the Regions that it has been loaded into since
// the Emulator was made. Two Emulators with different topologies on one store so
// load theirs once each, and not before each request.
type loadedTopology struct {
	before *loadedTopology // what is to be loaded first; nil: nothing
	file   *topology.File  // nil: none
	hash   string

	mu      sync.Mutex
	regions map[string]bool
}

func newLoadedTopology(before *loadedTopology, f *topology.File) *loadedTopology {
	l := &loadedTopology{before: before, file: f, regions: map[string]bool{}}
	if f != nil {
		// Every field of a topology can be marshaled.
		text, _ := json.Marshal(f)
		sum := sha256.Sum256(text)
		l.hash = hex.EncodeToString(sum[:])
	}
	return l
}

// news returns the topologies that are still to be loaded, in order, into a Region
// that has loaded the one with the given hash last.
func (l *loadedTopology) news(region, lastHash string) []*loadedTopology {
	if l == nil {
		return nil
	}
	news := l.before.news(region, lastHash)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hash == lastHash && len(news) == 0 {
		l.regions[region] = true // also when a later one has taken its place
	}
	if l.file == nil || l.regions[region] {
		return news
	}
	return append(news, l)
}

// setLoaded says that a Region has loaded this topology and those before it.
func (l *loadedTopology) setLoaded(region string) {
	for ; l != nil; l = l.before {
		l.mu.Lock()
		l.regions[region] = true
		l.mu.Unlock()
	}
}

// load adds what the topology names, or updates it, and deletes nothing. What it
// names exists in each Region that is asked for, but for load balancers, whose ARN
// says where they are, and sessions of other accounts, which are where their target
// is (A0018).
func (t *tx) load(f *topology.File) {
	for _, v := range f.VPCs {
		known, _ := vpcs.get(t, v.ID)
		known.VPC = v
		vpcs.put(t, v.ID, known)
	}
	for _, v := range f.Subnets {
		known, _ := subnets.get(t, v.ID)
		known.Subnet = v
		subnets.put(t, v.ID, known)
	}
	for _, v := range f.Instances {
		instances.put(t, v.ID, v)
	}
	for _, v := range f.NetworkInterfaces {
		t.loadInterface(v)
	}
	for _, v := range f.NetworkLoadBalancers {
		if strings.Split(v.ARN, ":")[3] == t.region {
			t.loadLoadBalancer(v)
		}
	}
	for _, v := range f.GatewayLoadBalancerEndpoints {
		known, _ := endpoints.get(t, v.ID)
		known.GatewayLoadBalancerEndpoint = v
		t.putEndpoint(known)
	}
	// A share that is revoked would leave sessions inactive, which nothing tells; one
	// that is not in the file any more stays (A0078).
	for _, v := range f.SharedTargets {
		targets.put(t, v.ID, v)
	}
	for _, v := range f.ForeignSessions {
		t.loadForeignSession(v)
	}
}

// loadForeignSession stores a session of another account. It can be seen because its
// target is one of this account, and where there is none it is passed over.
func (t *tx) loadForeignSession(v mirror.Session) {
	if target, ok := targets.get(t, v.TargetID); !ok || target.OwnerID != t.account {
		return
	}
	sessions.put(t, v.ID, v)
}

func (t *tx) loadInterface(v mirror.Interface) {
	tagged := maps.Clone(t.tagsOf(v.ID))
	if tagged == nil {
		tagged = map[string]string{}
	}
	maps.Copy(tagged, v.Tags)
	t.setTags(v.ID, tagged)
	v.Tags = nil
	if v.Type == "" {
		v.Type = mirror.OrdinaryInterface
	}
	known, _ := interfaces.get(t, v.ID)
	if known.SubnetID != v.SubnetID || known.InstanceID != v.InstanceID {
		known = networkInterface{}
	}
	known.Interface = v
	t.putInterface(known)
}

func (t *tx) loadLoadBalancer(v topology.NetworkLoadBalancer) {
	loadBalancers.put(t, v.ARN, v)
	t.putInterface(networkInterface{Interface: mirror.Interface{
		ID:               hiddenInterface(v.ARN),
		SubnetID:         v.SubnetID,
		Type:             "network_load_balancer",
		Description:      mirror.LoadBalancerInterfaceDescription(v.ARN),
		RequesterManaged: true,
		RequesterID:      balancingRequester,
		PrivateIPAddress: v.IPAddress,
	}})
}

// putInterface stores an interface with what every interface has: an owner, a VPC
// and a MAC address.
func (t *tx) putInterface(v networkInterface) {
	if v.OwnerID == "" {
		v.OwnerID = t.account
	}
	if in, ok := subnets.get(t, v.SubnetID); ok && v.VPCID == "" {
		v.VPCID = in.VPCID
	}
	if v.VPCID != "" && v.GroupIDs == nil && !v.RequesterManaged {
		v.GroupIDs = oneValue(defaultGroup.idOf(v.VPCID))
	}
	if v.MACAddress.IsZero() {
		sum := sha256.Sum256([]byte(v.ID))
		copy(v.MACAddress[:], sum[:])
		v.MACAddress[0] = v.MACAddress[0]&^1 | 2 // an address of one host, not of a manufacturer
	}
	interfaces.put(t, v.ID, v)
}

// hiddenInterface returns the ID of the interface by which a load balancer or an
// endpoint is reached. Who knows the one can find the other by the API alone.
func hiddenInterface(of string) string { return derivedID(mirror.KindInterface.Prefix, of) }

// derivedID returns an ID that follows from something else.
func derivedID(prefix, from string) string {
	sum := sha256.Sum256([]byte(from))
	return prefix + "0" + hex.EncodeToString(sum[:8])
}
