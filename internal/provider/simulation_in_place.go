package provider

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// A simulation in place has its interface and its sessions in the configuration, and asks EC2
// nothing.

type placedInterface struct {
	MACAddress           types.String `tfsdk:"mac_address"`
	PrivateIPAddress     types.String `tfsdk:"private_ip_address"`
	PrivateIPAddresses   types.List   `tfsdk:"private_ip_addresses"`
	IPv6Addresses        types.List   `tfsdk:"ipv6_addresses"`
	DNSResolverAddresses types.List   `tfsdk:"dns_resolver_addresses"`
	MTU                  numberValue  `tfsdk:"mtu"`
	SourceDestCheck      types.Bool   `tfsdk:"source_dest_check"`
}

type placedSession struct {
	SessionNumber    numberValue  `tfsdk:"session_number"`
	PacketLength     numberValue  `tfsdk:"packet_length"`
	VirtualNetworkID numberValue  `tfsdk:"virtual_network_id"`
	Filter           types.Object `tfsdk:"filter"`
	Target           types.Object `tfsdk:"target"`
}

type placedFilter struct {
	NetworkServices types.Set `tfsdk:"network_services"`
	IngressRules    types.Map `tfsdk:"ingress_rules"`
	EgressRules     types.Map `tfsdk:"egress_rules"`
}

type placedTarget struct {
	Type         types.String `tfsdk:"type"`
	IPAddress    types.String `tfsdk:"ip_address"`
	MTU          numberValue  `tfsdk:"mtu"`
	Available    types.Bool   `tfsdk:"available"`
	UDPListeners types.List   `tfsdk:"udp_listeners"`
	Appliances   types.List   `tfsdk:"appliances"`
}

// statedTarget is what a person knows of a target of a session in EC2.
type statedTarget struct {
	MTU          numberValue `tfsdk:"mtu"`
	UDPListeners types.List  `tfsdk:"udp_listeners"`
	Appliances   types.List  `tfsdk:"appliances"`
}

// isInPlace reports whether the sessions are in the configuration.
func (m *simulationModel) isInPlace() bool { return m.NetworkInterfaceID.IsNull() }

// address reads an IP address. The zero Addr means none.
func (r *reader) address(field string, value types.String) netip.Addr {
	if !r.isKnown(field, value) {
		return netip.Addr{}
	}
	if problems := simulation.CheckAddress(field, value.ValueString()); problems != nil {
		r.fail(field, problems)
	}
	address, _ := netip.ParseAddr(value.ValueString())
	return address
}

// addresses reads a list of IP addresses. It is nil if the list is null.
func (r *reader) addresses(field string, list types.List) []netip.Addr {
	return readList(r, field, list, func(field string, element attr.Value) netip.Addr { return r.address(field, element.(types.String)) })
}

// numbers reads a list of numbers. It is nil if the list is null.
func (r *reader) numbers(field string, list types.List, within mirror.Range) []int {
	return readList(r, field, list, func(field string, element attr.Value) int { return r.number(field, element.(numberValue), within) })
}

func readList[T any](r *reader, field string, list types.List, read func(field string, element attr.Value) T) []T {
	if !r.isKnown(field, list) {
		return nil
	}
	all := []T{}
	for i, element := range list.Elements() {
		at := fmt.Sprintf("%s[%d]", field, i)
		if element.IsNull() {
			r.fail(at, mirror.Problems{{Kind: mirror.Missing, Field: at, Wrong: "is null", Fix: "Write a value, or leave it out."}})
			continue
		}
		all = append(all, read(at, element))
	}
	return all
}

// mtus are the MTUs that an interface can have.
var mtus = mirror.Range{Min: mirror.LeastMTU, Max: 65535}

// mtu reads an MTU. 0 means none.
func (r *reader) mtu(field string, value numberValue) int {
	if mtu := r.optionalNumber(field, value, mtus); mtu != nil {
		return *mtu
	}
	return 0
}

func (m placedInterface) expand() (mirror.Interface, mirror.Problems) {
	var r reader
	i := mirror.Interface{
		PrivateIPAddress:     r.address("private_ip_address", m.PrivateIPAddress),
		PrivateIPAddresses:   r.addresses("private_ip_addresses", m.PrivateIPAddresses),
		IPv6Addresses:        r.addresses("ipv6_addresses", m.IPv6Addresses),
		DNSResolverAddresses: r.addresses("dns_resolver_addresses", m.DNSResolverAddresses),
		MTU:                  r.mtu("mtu", m.MTU),
		SourceDestCheck:      m.SourceDestCheck.ValueBoolPointer(),
	}
	if r.isKnown("mac_address", m.MACAddress) {
		var err error
		if i.MACAddress, err = mirror.ParseMAC(m.MACAddress.ValueString()); err != nil {
			r.fail("mac_address", mirror.Problems{{
				Kind: mirror.Malformed, Field: "mac_address", Wrong: fmt.Sprintf("is %q, which is not a MAC address", m.MACAddress.ValueString()),
				Fix: `Write six pairs of hexadecimal digits such as "02:00:00:00:00:01".`,
			}})
		}
	}
	return i, r.problems
}

func (m placedSession) expand() (dataplane.Session, mirror.Problems) {
	var r reader
	s := dataplane.Session{Session: mirror.Session{
		Number:           r.number("session_number", m.SessionNumber, mirror.SessionNumbers),
		PacketLength:     r.optionalNumber("packet_length", m.PacketLength, mirror.PacketLengths),
		VirtualNetworkID: r.optionalNumber("virtual_network_id", m.VirtualNetworkID, mirror.VirtualNetworkIDs),
	}}
	problems := r.check(s.ValidateSettings())
	missing := func(field, noun string) {
		problems = append(problems, mirror.Problem{Kind: mirror.Missing, Field: field, Wrong: "is missing", Fix: noun})
	}
	switch {
	case m.Filter.IsNull():
		missing("filter", "Write an object with network_services, ingress_rules and egress_rules, or refer to a trafficmirror_filter.")
	case !m.Filter.IsUnknown():
		filter, found := modelOf[placedFilter](m.Filter).expand()
		s.Filter = filter
		problems = append(problems, found.Below("filter")...)
	}
	switch {
	case m.Target.IsNull():
		missing("target", `Write an object such as { type = "network-interface" }.`)
	case !m.Target.IsUnknown():
		target, found := modelOf[placedTarget](m.Target).expand()
		s.Target = target
		problems = append(problems, found.Below("target")...)
	}
	return s, problems
}

func (m placedFilter) expand() (mirror.Filter, mirror.Problems) {
	filter := mirror.Filter{NetworkServices: networkServices(m.NetworkServices)}
	problems := filter.Validate()
	byDirection := map[mirror.Direction]types.Map{mirror.Ingress: m.IngressRules, mirror.Egress: m.EgressRules}
	for _, d := range mirror.Directions { // always in this order, so that two filters can be compared
		if byDirection[d].IsNull() {
			// A trafficmirror_filter has no map of a direction that it leaves to separate rules. Taken for
			// none, they would make each expectation of packets that are not mirrored hold.
			problems = append(problems, mirror.Problem{
				Kind: mirror.Missing, Field: check.RulesField(d), Wrong: "is null, so that its rules are not known here",
				Fix: "Write {} if no rule of this direction is to be there. If a trafficmirror_filter_rule manages them, use network_interface_id.",
			})
		}
		nouns, found := expandRules(check.RulesField(d), d, byDirection[d])
		filter.Rules = append(filter.Rules, nouns...)
		problems = append(problems, found...)
	}
	return filter, problems
}

func (m placedTarget) expand() (mirror.Endpoint, mirror.Problems) {
	var r reader
	e := mirror.Endpoint{
		Type:         mirror.TargetType(r.text("type", m.Type)),
		Address:      r.address("ip_address", m.IPAddress),
		MTU:          cmp.Or(r.mtu("mtu", m.MTU), mirror.DefaultMTU),
		Gone:         !m.Available.IsNull() && !m.Available.IsUnknown() && !m.Available.ValueBool(),
		UDPListeners: r.numbers("udp_listeners", m.UDPListeners, mirror.Ports),
		Appliances:   r.addresses("appliances", m.Appliances),
	}
	problems := r.problems
	if !m.Type.IsUnknown() && !slices.Contains(mirror.TargetTypes, e.Type) {
		problems = append(problems, mirror.Problem{
			Kind: mirror.Invalid, Field: "type", Wrong: fmt.Sprintf("is %q", e.Type), Fix: fmt.Sprintf("Write one of %q.", mirror.TargetTypes),
		})
	}
	return e, problems
}

// stated returns what targets says about the target of each session, by session number.
func (m *simulationModel) stated() (map[int]statedTarget, mirror.Problems) {
	all := map[int]statedTarget{}
	var problems mirror.Problems
	elements := m.Targets.Elements()
	for _, key := range sortedRuleKeys(elements) {
		at := fmt.Sprintf("targets[%q]", key)
		number, err := strconv.Atoi(key)
		element := elements[key].(types.Object)
		switch {
		case err != nil || strconv.Itoa(number) != key || !mirror.SessionNumbers.Contains(int64(number)):
			problems = append(problems, mirror.Problem{
				Kind: mirror.Malformed, Field: at, Wrong: "is not a session number", Fix: "Write the number of a session in quotes, " + mirror.SessionNumbers.String() + ".",
			})
		case element.IsNull():
			problems = append(problems, mirror.Problem{Kind: mirror.Missing, Field: at, Wrong: "is null", Fix: "Write an object, or leave the number out."})
		case !element.IsUnknown():
			stated := modelOf[statedTarget](element)
			problems = append(problems, stated.over(&mirror.Endpoint{}).Below(at)...)
			all[number] = stated
		}
	}
	return all, problems
}

// over lays what is stated over what EC2 shows.
func (m statedTarget) over(e *mirror.Endpoint) mirror.Problems {
	var r reader
	e.MTU = cmp.Or(r.mtu("mtu", m.MTU), e.MTU)
	if listeners := r.numbers("udp_listeners", m.UDPListeners, mirror.Ports); listeners != nil {
		e.StateListeners(listeners)
	}
	if appliances := r.addresses("appliances", m.Appliances); appliances != nil {
		e.StateAppliances(appliances)
	}
	return r.problems
}

// placed returns the interface and the sessions of a simulation in place, and the problems of
// the values that are known.
func (m *simulationModel) placed() (mirror.Interface, []dataplane.Session, mirror.Problems) {
	var iface mirror.Interface
	var problems mirror.Problems
	if !m.Interface.IsNull() && !m.Interface.IsUnknown() {
		i, found := modelOf[placedInterface](m.Interface).expand()
		iface, problems = i, found.Below("interface")
	}
	sessions, byNumber := []dataplane.Session{}, map[int]int{}
	for i, element := range m.Sessions.Elements() {
		object, at := element.(types.Object), fmt.Sprintf("sessions[%d]", i)
		if object.IsNull() || object.IsUnknown() {
			continue // refuseNulls reports a null
		}
		s, found := modelOf[placedSession](object).expand()
		problems = append(problems, found.Below(at)...)
		sessions = append(sessions, s)
		if before, isTwice := byNumber[s.Number]; isTwice && s.Number != 0 {
			problems = append(problems, mirror.Problem{
				Kind: mirror.Conflict, Field: at + ".session_number", Wrong: fmt.Sprintf("is %d, as is that of sessions[%d]", s.Number, before),
				Fix: "Give each session its own number.",
			})
		}
		byNumber[s.Number] = i
	}
	return iface, sessions, problems
}

// checkPlaces refuses a simulation that has no sessions, or has them in two ways, and values
// that can never be simulated.
func (m *simulationModel) checkPlaces(diags *diag.Diagnostics) {
	const summary = "Invalid simulation"
	isSet := func(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() } // an unknown value may be null
	isPlaced := isSet(m.Interface) || isSet(m.Sessions)
	refuse := func(name, text string) { diags.AddAttributeError(path.Root(name), summary, text) }
	switch {
	case isSet(m.NetworkInterfaceID) && isPlaced:
		refuse("network_interface_id", "network_interface_id is set, and so is interface or sessions. Set network_interface_id to simulate the sessions in EC2, or interface and sessions to write them here.")
	case m.NetworkInterfaceID.IsNull() && (m.Interface.IsNull() || m.Sessions.IsNull()):
		diags.AddError(summary, "The sessions to simulate are missing. Set network_interface_id to simulate those in EC2, or both interface and sessions to write them here.")
	}
	for _, only := range []struct {
		name  string
		value attr.Value
		fix   string
	}{
		{"dns_resolver_addresses", m.DNSResolverAddresses, "Write it in interface."},
		{"traffic_mirror_session_ids", m.SessionIDs, "The sessions are those in sessions: leave it out."},
		{"targets", m.Targets, "Write it in the target of each session."},
	} {
		if isPlaced && isSet(only.value) {
			refuse(only.name, only.name+" is set, and so is interface or sessions. "+only.fix)
		}
	}
	refuseNulls("sessions", m.Sessions, "a session", diags)
	_, _, problems := m.placed()
	report(diags, summary, problems)
	_, problems = m.stated()
	report(diags, summary, problems)
}

func checkSessionIDs(ids types.List, diags *diag.Diagnostics) {
	for i, element := range ids.Elements() {
		if id := element.(types.String); !id.IsUnknown() && !id.IsNull() {
			at := path.Root("traffic_mirror_session_ids").AtListIndex(i)
			for _, p := range mirror.KindSession.Check(at.String(), id.ValueString()) {
				reportAt(diags, at, "Invalid simulation", p)
			}
		}
	}
}

// placedSource returns the interface and the sessions of a simulation in place.
func placedSource(m *simulationModel) (*dataplane.Source, error) {
	iface, sessions, problems := m.placed()
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return dataplane.New(iface, sessions, dataplane.Options{})
}
