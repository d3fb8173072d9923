package emulator

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// loadedTopology is a topology, with the Regions into which this Emulator has loaded
// it. Two Emulators with different topologies on one store load theirs once each, and
// not before each request.
type loadedTopology struct {
	before *loadedTopology // what is to be loaded first; nil: nothing
	file   *topology.File  // nil: none
	hash   string

	mu      sync.Mutex
	regions map[string]string // by Region: the stamp of what was loaded
}

func newLoadedTopology(before *loadedTopology, f *topology.File) *loadedTopology {
	l := &loadedTopology{before: before, file: f, regions: map[string]string{}}
	if f != nil {
		// Every field of a topology can be marshaled.
		text, _ := json.Marshal(f)
		sum := sha256.Sum256(text)
		l.hash = hex.EncodeToString(sum[:])
	}
	return l
}

// A Region in the store has the hash of the topology that was loaded last, and for each
// topology that was loaded a stamp: a random text. The stamp shows an Emulator that the
// store is still the one into which it has loaded the topology. The file can have been
// removed or replaced.

func stampKey(hash string) []byte { return []byte("topology:" + hash) }

func stampIn(root *bbolt.Bucket, hash string) string { return string(root.Get(stampKey(hash))) }

// stamp records in a Region that a topology is loaded.
func (l *loadedTopology) stamp(root *bbolt.Bucket) error {
	if err := root.Put(topologyKey, []byte(l.hash)); err != nil {
		return err
	}
	if stampIn(root, l.hash) != "" {
		return nil
	}
	return root.Put(stampKey(l.hash), []byte(rand.Text()))
}

// stampsIn returns the stamps of a Region by hash.
func (l *loadedTopology) stampsIn(root *bbolt.Bucket) map[string]string {
	stamps := map[string]string{}
	for _, l := range l.chain() {
		stamps[l.hash] = stampIn(root, l.hash)
	}
	return stamps
}

// chain returns the topologies in the order in which they are loaded.
func (l *loadedTopology) chain() []*loadedTopology {
	if l == nil {
		return nil
	}
	chain := l.before.chain()
	if l.file == nil {
		return chain
	}
	return append(chain, l)
}

// news returns in order the topologies that have to be loaded into a Region.
func (l *loadedTopology) news(region string, root *bbolt.Bucket) []*loadedTopology {
	var news []*loadedTopology
	last := string(root.Get(topologyKey))
	for _, l := range l.chain() {
		l.mu.Lock()
		if l.hash == last && len(news) == 0 {
			l.regions[region] = stampIn(root, l.hash) // also when a later one has taken its place
		}
		if stamp, loaded := l.regions[region]; !loaded || stamp != stampIn(root, l.hash) {
			news = append(news, l)
		}
		l.mu.Unlock()
	}
	return news
}

// regionsNamed lists the Regions in which there is something of the topology: the one that it
// names, or the usual one and those of the load balancers behind its targets.
func (l *loadedTopology) regionsNamed() []string {
	if l.file.Region != "" {
		return []string{l.file.Region}
	}
	all := []string{"us-east-1"}
	for _, v := range l.file.Targets {
		if in := regionOfARN(v.LoadBalancerARN); in != "" && !slices.Contains(all, in) {
			all = append(all, in)
		}
	}
	return all
}

// setLoaded records that a Region has loaded this topology and those before it, with
// their stamps.
func (l *loadedTopology) setLoaded(region string, stamps map[string]string) {
	for _, l := range l.chain() {
		if stamp, loaded := stamps[l.hash]; loaded {
			l.mu.Lock()
			l.regions[region] = stamp
			l.mu.Unlock()
		}
	}
}

// load adds and updates the objects of a topology, and deletes nothing. They exist in
// each Region that a request is for, or in the one that the topology names. A load balancer
// exists only in the Region of its ARN, and a session only where its target is (A0018).
func load(t *tx, f *topology.File) {
	if f.Region != "" && f.Region != t.region {
		return
	}
	for _, v := range f.VPCs {
		loadVPC(t, v)
	}
	for _, v := range f.Subnets {
		loadSubnet(t, v)
	}
	for _, v := range f.Instances {
		loadInstance(t, v)
	}
	loadPrefixLists(t, f)
	loadGroups(t, f)
	for _, v := range f.NetworkLoadBalancers {
		if strings.Split(v.ARN, ":")[3] == t.region {
			loadLoadBalancer(t, v)
		}
	}
	for _, v := range f.GatewayLoadBalancerEndpoints {
		addTags(t, v.ID, v.Tags)
		v.Tags = nil
		known, _ := endpoints.get(t, v.ID)
		v.ServiceName = cmp.Or(v.ServiceName, known.ServiceName)
		v.State = cmp.Or(v.State, known.State)
		known.GatewayLoadBalancerEndpoint = v
		putEndpoint(t, known)
	}
	// What the file says of the interface of an endpoint is more than what follows from the
	// endpoint.
	devices := topologyDevices(t, f)
	for _, v := range f.NetworkInterfaces {
		loadInterface(t, v, devices[v.ID])
	}
	loadNetworkParts(t, f) // a route can lead to an interface
	loadBalancing(t, f)
	loadMirror(t, f)
	loadUnread(t, f.NotRead, topology.Filled(f))
}

// loadForeignSession stores a session of another account. It is visible because its
// target belongs to this account. Without such a target it is ignored.
func loadForeignSession(t *tx, v mirror.Session) {
	if target, ok := targets.get(t, v.TargetID); !ok || target.OwnerID != t.account {
		return
	}
	sessions.put(t, v.ID, v)
}

// loadVPC loads a VPC. The default VPC of the file takes the place of another one. When a
// default VPC comes, it has DNS hostnames
// (https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html).
func loadVPC(t *tx, v topology.VPC) {
	known, exists := vpcs.get(t, v.ID)
	if v.Default {
		if other, ok := vpcs.get(t, defaultVPC(t)); ok && other.ID != v.ID {
			other.Default = false
			vpcs.put(t, other.ID, other)
			for _, id := range subnetsByVPC.idsBelow(t, other.ID) {
				in, _ := subnets.get(t, id)
				in.DefaultForAZ = false
				subnets.put(t, id, in)
			}
		}
	}
	known.DNSHostnames = known.DNSHostnames || v.Default && !exists
	replace(&known.DNSHostnames, v.DNSHostnames)
	replace(&known.ProvidedBlock, v.ProvidedIPv6)
	if v.DNSSupport != nil {
		known.NoDNSSupport = !*v.DNSSupport
	}
	known.Tenancy = cmp.Or(v.Tenancy, known.Tenancy)
	addTags(t, v.ID, v.Tags)
	v.Tags, v.ProvidedIPv6, v.DNSHostnames, v.DNSSupport, v.Tenancy = nil, nil, nil, nil, ""
	known.VPC = v
	vpcs.put(t, v.ID, known)
	addDefaults(t, v.ID)
}

// loadSubnet loads a subnet. The default subnet of the file takes the place of another one
// in its zone.
func loadSubnet(t *tx, v topology.Subnet) {
	known, _ := subnets.get(t, v.ID)
	if v.DefaultForAZ {
		if other, ok := subnets.get(t, defaultSubnet(t, subnet{Subnet: v}.zone(t))); ok && other.ID != v.ID {
			other.DefaultForAZ = false
			subnets.put(t, other.ID, other)
		}
	}
	replace(&known.AssignIPv6, v.AssignsIPv6)
	replace(&known.MapPublicIP, v.MapsPublicIP)
	replace(&known.DNS64, v.DNS64)
	replace(&known.ARecord, v.ARecord)
	replace(&known.AAAARecord, v.AAAARecord)
	known.HostnameType = cmp.Or(v.HostnameType, known.HostnameType)
	addTags(t, v.ID, v.Tags)
	v.Tags, v.AssignsIPv6, v.MapsPublicIP, v.DNS64, v.ARecord, v.AAAARecord, v.HostnameType = nil, nil, nil, nil, nil, nil, ""
	known.Subnet = v
	subnets.put(t, v.ID, known)
}

// addTags adds tags of a topology file to those of an object.
func addTags(t *tx, id string, m map[string]string) {
	if len(m) == 0 {
		return
	}
	tagged := maps.Clone(tagsOf(t, id))
	if tagged == nil {
		tagged = map[string]string{}
	}
	maps.Copy(tagged, m)
	setTags(t, id, tagged)
}

func loadInterface(t *tx, v mirror.Interface, device int) {
	addTags(t, v.ID, v.Tags)
	v.Tags, v.DeviceIndex = nil, nil
	if v.Type == "" {
		v.Type = mirror.OrdinaryInterface
	}
	known, _ := interfaces.get(t, v.ID)
	if known.SubnetID != v.SubnetID || known.InstanceID != v.InstanceID {
		known = networkInterface{}
	}
	if v.SourceDestCheck != nil {
		known.NoSourceCheck, v.SourceDestCheck = !*v.SourceDestCheck, nil
	}
	known.PrimaryIPv6 = len(v.IPv6Addresses) > 0 && isPrimaryIPv6(known, slices.Index(known.IPv6Addresses, v.IPv6Addresses[0]))
	if v.SecurityGroups != nil {
		known.GroupIDs, v.SecurityGroups = slices.Clone(v.SecurityGroups), nil
	}
	known.Interface, known.DeviceIndex = v, device
	if owner, ok := instances.get(t, v.InstanceID); ok && known.AttachTime.IsZero() {
		known.AttachTime = owner.launched() // a later start of the instance attaches nothing anew (A0150)
	}
	putInterface(t, known)
}

// putInterface stores an interface, and gives it an owner, a VPC, a security group and
// a MAC address if it has none.
func putInterface(t *tx, v networkInterface) {
	if v.OwnerID == "" {
		v.OwnerID = t.account
	}
	if in, ok := subnets.get(t, v.SubnetID); ok && v.VPCID == "" {
		v.VPCID = in.VPCID
	}
	if v.VPCID != "" && v.GroupIDs == nil && !v.RequesterManaged {
		v.GroupIDs = oneValue(defaultGroupOf(t, v.VPCID))
	}
	if v.MACAddress.IsZero() {
		sum := sha256.Sum256([]byte(v.ID))
		copy(v.MACAddress[:], sum[:])
		v.MACAddress[0] = v.MACAddress[0]&^1 | 2 // an address of one host, not of a manufacturer
	}
	interfaces.put(t, v.ID, v)
}

// hiddenInterface returns the ID of the interface of a load balancer or an endpoint. A
// client finds it only by the API.
func hiddenInterface(of string) string { return derivedID(mirror.KindInterface.Prefix, of) }

// derivedID returns an ID that is computed from another ID or name.
func derivedID(prefix, from string) string {
	sum := sha256.Sum256([]byte(from))
	return prefix + "0" + hex.EncodeToString(sum[:8])
}
