package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A world is what a configuration asks for, and what EC2 then has: objects by
// names, which are in a tag of each and where one refers to another by ID. Zero
// numbers and nil ones are left to EC2.
type world struct {
	Targets  map[string]mirror.Target  `json:"targets"`
	Filters  map[string]mirror.Filter  `json:"filters"` // with their inline rules
	Rules    map[string]mirror.Rule    `json:"rules"`   // with a resource of their own
	Sessions map[string]mirror.Session `json:"sessions"`
	Tags     map[string]string         `json:"tags"` // of every object in addition to its name
}

func newWorld() world {
	return world{
		Targets: map[string]mirror.Target{}, Filters: map[string]mirror.Filter{},
		Rules: map[string]mirror.Rule{}, Sessions: map[string]mirror.Session{},
	}
}

// worldConfig asks for a world, which is written as JSON: the nouns have the names
// of the arguments.
const worldConfig = `
locals {
  world = jsondecode(<<-JSON
    %s
  JSON
  )
}

resource "trafficmirror_target" "x" {
  for_each = local.world.targets

  network_interface_id = each.value.network_interface_id
  tags                 = merge(local.world.tags, { name = each.key })
}

resource "trafficmirror_filter" "x" {
  for_each = local.world.filters

  description      = try(each.value.description, null)
  network_services = try(each.value.network_services, [])
  ingress_rules    = { for r in each.value.rules : r.rule_number => r }
  tags             = merge(local.world.tags, { name = each.key })
}

resource "trafficmirror_filter_rule" "x" {
  for_each = local.world.rules

  traffic_mirror_filter_id = trafficmirror_filter.x[each.value.traffic_mirror_filter_id].id
  traffic_direction        = each.value.traffic_direction
  rule_number              = each.value.rule_number
  rule_action              = each.value.rule_action
  protocol                 = try(each.value.protocol, null)
  source_cidr_block        = each.value.source_cidr_block
  destination_cidr_block   = each.value.destination_cidr_block
  destination_port_range   = try(each.value.destination_port_range, null)
  description              = try(each.value.description, null)
  tags                     = merge(local.world.tags, { name = each.key })
}

resource "trafficmirror_session" "x" {
  for_each = local.world.sessions

  network_interface_id     = each.value.network_interface_id
  traffic_mirror_target_id = trafficmirror_target.x[each.value.traffic_mirror_target_id].id
  traffic_mirror_filter_id = trafficmirror_filter.x[each.value.traffic_mirror_filter_id].id
  session_number           = each.value.session_number == 0 ? null : each.value.session_number
  packet_length            = try(each.value.packet_length, null)
  virtual_network_id       = try(each.value.virtual_network_id, null)
  description              = try(each.value.description, null)
  tags                     = merge(local.world.tags, { name = each.key })
}
`

func (w world) config(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf(worldConfig, w.text(t))
}

func (w world) text(t *testing.T) string {
	t.Helper()
	text, err := json.MarshalIndent(w, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// dumped is what the dump of an emulator has of one Region.
type dumped struct {
	Targets  map[string]mirror.Target     `json:"targets"`
	Filters  map[string]mirror.Filter     `json:"filters"`
	Rules    map[string]mirror.Rule       `json:"rules"`
	Sessions map[string]mirror.Session    `json:"sessions"`
	Tags     map[string]map[string]string `json:"tags"`
}

// dump may be called while a request is answered.
func dump(t *testing.T, e *emulator.Emulator) dumped {
	t.Helper()
	var text bytes.Buffer
	var all struct {
		Regions map[string]dumped `json:"regions"`
	}
	err := e.Dump(t.Context(), &text)
	if err == nil {
		err = json.Unmarshal(text.Bytes(), &all)
	}
	if err != nil {
		t.Error(err)
	}
	return all.Regions["us-east-1"]
}

// differs says how a dump differs from a world; empty: not at all. An object that
// exists twice, and one that nobody asked for, has a line of its own.
func (w world) differs(t *testing.T, d dumped) string {
	t.Helper()
	var wanted, present []string
	add := func(lines *[]string, name string, noun any, tags map[string]string) {
		text, err := json.Marshal(noun)
		if err != nil {
			t.Fatal(err)
		}
		*lines = append(*lines, fmt.Sprintf("%s %T %s %v", name, noun, text, tags))
	}
	named := func(name string) map[string]string {
		tags := map[string]string{"name": name}
		for key, value := range w.Tags {
			tags[key] = value
		}
		return tags
	}
	for name, v := range w.Targets {
		add(&wanted, name, v, named(name))
	}
	for name, v := range w.Filters {
		for _, r := range v.Rules {
			r.FilterID = name
			add(&wanted, name, r, nil)
		}
		v.Rules = nil
		add(&wanted, name, v, named(name))
	}
	for name, v := range w.Rules {
		add(&wanted, name, v, named(name))
	}
	for name, v := range w.Sessions {
		add(&wanted, name, v, named(name))
	}
	name := func(id string) string { return d.Tags[id]["name"] }
	for id, v := range d.Targets {
		v.ID, v.OwnerID = "", ""
		add(&present, name(id), v, d.Tags[id])
	}
	for id, v := range d.Filters {
		v.ID = ""
		add(&present, name(id), v, d.Tags[id])
	}
	for id, v := range d.Rules {
		v.ID, v.FilterID = "", name(v.FilterID)
		if d.Tags[id] == nil {
			add(&present, v.FilterID, v, nil)
			continue
		}
		add(&present, name(id), v, d.Tags[id])
	}
	for id, v := range d.Sessions {
		asked := w.Sessions[name(id)]
		v.ID, v.OwnerID, v.TargetID, v.FilterID = "", "", name(v.TargetID), name(v.FilterID)
		if asked.Number == 0 {
			v.Number = 0
		}
		if asked.VirtualNetworkID == nil {
			v.VirtualNetworkID = nil
		}
		add(&present, name(id), v, d.Tags[id])
	}
	return strings.Join(append(beyond("missing: ", wanted, present), beyond("not asked for: ", present, wanted)...), "\n")
}

// beyond returns the lines of one list that another does not have as often.
func beyond(prefix string, lines, others []string) []string {
	others = slices.Clone(others)
	var left []string
	for _, line := range lines {
		if i := slices.Index(others, line); i >= 0 {
			others = slices.Delete(others, i, i+1)
			continue
		}
		left = append(left, prefix+line)
	}
	return left
}

// largeWorld has that many targets, three times as many filters, each with four
// rules of its own and two separate ones, and six times as many sessions. The
// second one differs from the first in everything that can change in place.
func largeWorld(targets int, second bool) world {
	w := newWorld()
	phase := 0
	if second {
		phase = 1
	}
	w.Tags = map[string]string{"phase": fmt.Sprint(phase), fmt.Sprintf("only%d", phase): "yes"}
	for n := range targets {
		// Every other target gets another interface.
		w.Targets[fmt.Sprintf("target%d", n)] = mirror.Target{InterfaceID: sinkID(n, phase*((n+1)%2))}
	}
	for n := range 3 * targets {
		name := fmt.Sprintf("filter%d", n)
		filter := mirror.Filter{Description: name, Rules: largeRules(n, phase)}
		if n%2 == phase {
			filter.NetworkServices = []mirror.NetworkService{mirror.AmazonDNS}
		}
		w.Filters[name] = filter
		for i := range 2 {
			rule := worldRule(mirror.Egress, 1+2*i+phase, n+i+phase)
			rule.FilterID = name
			w.Rules[fmt.Sprintf("rule%d-%d", n, i)] = rule
		}
	}
	for n := range 6 * targets {
		w.Sessions[fmt.Sprintf("session%d", n)] = largeSession(n, targets, phase)
	}
	return w
}

// largeRules are the inline rules of a filter, in the second phase in the reverse
// order, with a new one in place of the first.
func largeRules(n, phase int) []mirror.Rule {
	var rules []mirror.Rule
	for i := range 4 {
		number := i + 1
		if phase == 1 {
			number = 4 - i
		}
		rules = append(rules, worldRule(mirror.Ingress, number, n+i+phase))
	}
	return rules
}

func largeSession(n, targets, phase int) mirror.Session {
	session := mirror.Session{
		InterfaceID: sourceID(n / 3), Number: n%3 + 1,
		TargetID: fmt.Sprintf("target%d", (n+phase)%targets), FilterID: fmt.Sprintf("filter%d", (n+7*phase)%(3*targets)),
	}
	if n/3%3 == 0 {
		session.Number = 0 // the numbers of this interface are left to the provider
	}
	length, network := 100+n, 1000*(phase+1)+n
	if n%2 == phase {
		session.PacketLength, session.Description = &length, "a session"
	}
	if n%3 > 0 {
		session.VirtualNetworkID = &network
	}
	return session
}

func worldRule(d mirror.Direction, number, n int) mirror.Rule {
	rule := mirror.Rule{
		Direction: d, Number: number, Action: mirror.Actions[n%2],
		SourceCIDR: netip.MustParsePrefix(fmt.Sprintf("10.%d.0.0/16", n)), DestinationCIDR: netip.MustParsePrefix("0.0.0.0/0"),
	}
	if n%3 == 0 {
		tcp := mirror.TCP
		rule.Protocol, rule.DestinationPorts = &tcp, &mirror.PortRange{From: 443, To: 443 + n}
	}
	return rule
}

func sourceID(n int) string { return fmt.Sprintf("eni-%017x", 0x1000+n) }

func sinkID(n, spare int) string { return fmt.Sprintf("eni-%017x", 0x2000+0x1000*spare+n) }

// largeTopology has the network of a large world.
func largeTopology(targets int) string {
	var interfaces []string
	add := func(id string) {
		interfaces = append(interfaces, fmt.Sprintf(`{"id": %q, "subnet_id": "subnet-00000000000000001", "instance_id": "i-00000000000000001"}`, id))
	}
	for n := range 2 * targets {
		add(sourceID(n))
	}
	for n := range targets {
		add(sinkID(n, 0))
		add(sinkID(n, 1))
	}
	return `{
  "vpcs": [{ "id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16" }],
  "subnets": [{ "id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.1.0/24", "availability_zone": "us-east-1a" }],
  "instances": [{ "id": "i-00000000000000001", "instance_type": "m5.large", "state": "running" }],
  "network_interfaces": [` + strings.Join(interfaces, ",\n") + `]
}`
}

// largeQuotas let every session of a large world be on one target for a moment: all
// of them change theirs.
func largeQuotas() mirror.Quotas {
	quotas := mirror.DefaultQuotas()
	quotas.SourcesPerTarget = quotas.SourcesPerLargeTarget
	return quotas
}

func parseTopology(t *testing.T, text string) *topology.File {
	t.Helper()
	file, err := topology.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return file
}
