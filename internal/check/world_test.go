package check

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A world is an account in the embedded EC2 with a random configuration of it: what the last
// apply has made, what was changed by hand since, and what the configuration wants now. Some
// objects are of other configurations.
type world struct {
	t       testing.TB
	rng     *rand.Rand
	path    string // of the store
	ec2     http.RoundTripper
	options account.Options
	config  aws.Config

	isRefreshed bool // otherwise the plan knows only the state
	filters     []*worldFilter
	targets     []*worldTarget
	rules       []*worldRule
	sessions    []*worldSession
	backings    []mirror.Target // that back no target yet
	hand        int             // how many numbers were given by hand
}

// The objects of a world. An object without an ID is new. want is nil if the configuration has
// deleted the object. An object that is not managed has only an ID.
type (
	worldFilter struct {
		id       string
		state    mirror.Filter // as of the last apply
		managed  bool
		want     *mirror.Filter
		inline   []mirror.Direction // whose rules the configuration has in a map
		replaced bool
		unknown  []string
	}
	worldTarget struct {
		id      string
		state   mirror.Target
		managed bool
		want    *mirror.Target
		unknown []string
	}
	worldRule struct {
		id       string
		state    mirror.Rule
		managed  bool
		filter   *worldFilter // of want
		want     *mirror.Rule
		replaced bool
		unknown  []string
	}
	worldSession struct {
		id       string
		state    mirror.Session
		managed  bool
		filter   *worldFilter // of want
		target   *worldTarget
		literal  bool // the configuration has the ID of the target as a text
		want     *mirror.Session
		replaced bool
		unknown  []string
	}
)

const (
	worldSources = 3
	simulatedENI = "eni-00000000000000001"
)

func worldENI(n int) string { return fmt.Sprintf("eni-%017x", n) }

// worldTopology has three sources, and what can back targets: it drops copies or not.
func worldTopology() *topology.File {
	file := &topology.File{
		VPCs:      []topology.VPC{{ID: "vpc-00000000000000001", CIDRBlock: netip.MustParsePrefix("10.0.0.0/16")}},
		Subnets:   []topology.Subnet{{ID: "subnet-00000000000000001", VPCID: "vpc-00000000000000001", CIDRBlock: netip.MustParsePrefix("10.0.1.0/24")}},
		Instances: []topology.Instance{{ID: "i-00000000000000001", InstanceType: "m5.large"}},
	}
	address := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 1, byte(n)}) }
	for n := range worldSources {
		file.NetworkInterfaces = append(file.NetworkInterfaces, mirror.Interface{
			ID: worldENI(n + 1), SubnetID: "subnet-00000000000000001", InstanceID: "i-00000000000000001", PrivateIPAddress: address(n + 11),
		})
	}
	for n := range 8 {
		file.NetworkInterfaces = append(file.NetworkInterfaces, mirror.Interface{
			ID: worldENI(n + 32), SubnetID: "subnet-00000000000000001", PrivateIPAddress: address(n + 32), MTU: []int{9001, 1500, 0, 1300}[n%4],
		})
	}
	for n := range 6 {
		file.NetworkLoadBalancers = append(file.NetworkLoadBalancers, topology.NetworkLoadBalancer{
			ARN:      fmt.Sprintf("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/n%d/%016x", n, n),
			SubnetID: "subnet-00000000000000001", IPAddress: address(n + 64),
			UDPListeners: [][]int{{4789}, {}, nil}[n%3], Appliances: [][]topology.Appliance{{{IPAddress: address(n + 96)}}, {}, nil}[n%2],
		})
	}
	for n := range 4 {
		file.GatewayLoadBalancerEndpoints = append(file.GatewayLoadBalancerEndpoints, topology.GatewayLoadBalancerEndpoint{
			ID: fmt.Sprintf("vpce-%017x", n+1), VPCID: "vpc-00000000000000001", SubnetID: "subnet-00000000000000001", IPAddress: address(n + 128),
			Appliances: [][]topology.Appliance{{{IPAddress: address(n + 160)}}, {}, nil}[n%3],
		})
	}
	return file
}

// newWorld makes a world.
func newWorld(t testing.TB, folder string, seed uint64) *world {
	t.Helper()
	file, path := worldTopology(), filepath.Join(folder, fmt.Sprintf("%d.db", seed))
	handler, err := emulator.New(emulator.Options{
		Path: path, Topology: file,
		Quotas: mirror.Quotas{SessionsPerInterface: 100, SessionsPerAccount: 100, TargetsPerAccount: 100, FiltersPerAccount: 100, RulesPerFilter: 100, SourcesPerTarget: 100, SourcesPerLargeTarget: 100},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, path: path, rng: rand.New(rand.NewPCG(seed, 12)), ec2: emulator.Transport(handler)}
	w.config = aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://ec2.emulator.invalid"), HTTPClient: &http.Client{Transport: w.ec2},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
	w.options = account.Options{TargetFacts: emulator.TargetFacts(handler), Clock: &skippingClock{}}
	if w.chance(2) {
		w.options.AccountID = topology.DefaultAccountID
	}
	for _, i := range file.NetworkInterfaces[worldSources:] {
		w.backings = append(w.backings, mirror.Target{InterfaceID: i.ID})
	}
	for _, l := range file.NetworkLoadBalancers {
		w.backings = append(w.backings, mirror.Target{LoadBalancerARN: l.ARN})
	}
	for _, e := range file.GatewayLoadBalancerEndpoints {
		w.backings = append(w.backings, mirror.Target{GatewayLoadBalancerEndpointID: e.ID})
	}
	w.shuffle(len(w.backings), func(i, j int) { w.backings[i], w.backings[j] = w.backings[j], w.backings[i] })
	w.isRefreshed = !w.chance(4)
	w.make(t.Context(), w.open())
	w.configure()
	w.drift(t.Context(), w.open())
	return w
}

// open returns the account as one process sees it.
func (w *world) open() *account.Account { return account.New(w.config, w.options) }

// chance is true once in n times.
func (w *world) chance(n int) bool { return w.rng.IntN(n) == 0 }

func (w *world) shuffle(n int, swap func(i, j int)) { w.rng.Shuffle(n, swap) }

func pick[V any](w *world, from []V) V { return from[w.rng.IntN(len(from))] }

func need[V any](w *world) func(V, error) V {
	return func(v V, err error) V {
		w.t.Helper()
		w.must(err)
		return v
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// rule returns a random rule. Few ports and addresses make rules overlap.
func (w *world) rule(d mirror.Direction, number int) mirror.Rule {
	r := mirror.Rule{Direction: d, Number: number, Action: pick(w, []mirror.Action{mirror.Accept, mirror.Accept, mirror.Reject})}
	blocks := []string{"0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/8", "10.0.1.0/24", "192.0.2.0/24"}
	r.SourceCIDR, r.DestinationCIDR = netip.MustParsePrefix(pick(w, blocks)), netip.MustParsePrefix(pick(w, blocks))
	if w.chance(8) {
		r.SourceCIDR, r.DestinationCIDR = netip.MustParsePrefix("::/0"), netip.MustParsePrefix("::/0")
	}
	if w.chance(2) {
		r.Protocol = new(pick(w, []mirror.Protocol{6, 6, 17, 1}))
	}
	if r.Protocol != nil && r.Protocol.HasPorts() && w.chance(2) {
		r.DestinationPorts = pick(w, []*mirror.PortRange{{From: 22, To: 22}, {From: 1, To: 1023}, {From: 443, To: 443}})
	}
	return r
}

// freeNumber returns a number that none of those in use is.
func (w *world) freeNumber(used map[int]bool, most int) int {
	for {
		if n := 1 + w.rng.IntN(most); !used[n] {
			used[n] = true
			return n
		}
	}
}

func (w *world) ruleSet(directions ...mirror.Direction) []mirror.Rule {
	var rules []mirror.Rule
	for _, d := range directions {
		used := map[int]bool{}
		for range w.rng.IntN(4) {
			rules = append(rules, w.rule(d, w.freeNumber(used, 12)))
		}
	}
	return rules
}

func (w *world) services() []mirror.NetworkService {
	if w.chance(3) {
		return []mirror.NetworkService{mirror.AmazonDNS}
	}
	return nil
}

func (w *world) packetLength() *int {
	if w.chance(3) {
		return new(pick(w, []int{60, 100, 1000}))
	}
	return nil
}

// directions returns none, one or both directions.
func (w *world) directions() []mirror.Direction {
	return pick(w, [][]mirror.Direction{nil, {mirror.Ingress}, {mirror.Egress}, mirror.Directions, mirror.Directions})
}

// make creates what the last apply has made, and the objects of others.
func (w *world) make(ctx context.Context, a *account.Account) {
	for range 1 + w.rng.IntN(3) {
		f := &worldFilter{managed: !w.chance(4), inline: w.directions()}
		created := need[account.Tagged[mirror.Filter]](w)(a.CreateFilter(ctx, "", nil, account.NewToken())).Noun
		w.must(a.ModifyServices(ctx, created, w.services()))
		f.id = created.ID
		for _, r := range w.ruleSet(mirror.Directions...) {
			r.FilterID = f.id
			made := need[account.Tagged[mirror.Rule]](w)(a.CreateRule(ctx, r, nil, account.NewToken())).Noun
			if !f.managed || !slices.Contains(f.inline, r.Direction) {
				w.rules = append(w.rules, &worldRule{id: made.ID, state: made, managed: !w.chance(4), filter: f})
			}
		}
		f.state = need[account.Tagged[mirror.Filter]](w)(a.Filter(ctx, f.id)).Noun
		w.filters = append(w.filters, f)
	}
	for range 1 + w.rng.IntN(3) {
		made := need[account.Tagged[mirror.Target]](w)(a.CreateTarget(ctx, w.backing(), nil, account.NewToken())).Noun
		w.targets = append(w.targets, &worldTarget{id: made.ID, state: made, managed: !w.chance(4)})
	}
	used := map[string]map[int]bool{}
	for range w.rng.IntN(6) {
		s := &worldSession{managed: !w.chance(4), filter: pick(w, w.filters), target: pick(w, w.targets)}
		eni := worldENI(1 + w.rng.IntN(worldSources)%2)
		if used[eni] == nil {
			used[eni] = map[int]bool{}
		}
		s.state = need[account.Tagged[mirror.Session]](w)(a.CreateSession(ctx, mirror.Session{
			InterfaceID: eni, FilterID: s.filter.id, TargetID: s.target.id, Number: w.freeNumber(used[eni], 12), PacketLength: w.packetLength(),
		}, nil, account.NewToken())).Noun
		s.id = s.state.ID
		w.sessions = append(w.sessions, s)
	}
}

// backing takes a backing resource that nothing uses.
func (w *world) backing() mirror.Target {
	b := w.backings[0]
	w.backings = w.backings[1:]
	return b
}
