package planfile

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The types of resource, those of this provider first.
var (
	targetKinds    = []string{"trafficmirror_target", "aws_ec2_traffic_mirror_target"}
	filterKinds    = []string{"trafficmirror_filter", "aws_ec2_traffic_mirror_filter"}
	ruleKinds      = []string{"trafficmirror_filter_rule", "aws_ec2_traffic_mirror_filter_rule"}
	sessionKinds   = []string{"trafficmirror_session", "aws_ec2_traffic_mirror_session"}
	interfaceKinds = []string{"aws_network_interface", instanceKind}
	subnetKinds    = []string{"aws_subnet"}
	vpcKinds       = []string{"aws_vpc"}
	balancerKinds  = []string{"aws_lb", "aws_alb"}
)

// An instance is asked for as the source of a mirror: its primary network interface is.
const (
	instanceKind     = "aws_instance"
	primaryInterface = "primary_network_interface_id"
)

// Facts are about a mirror, and not in the file.
type Facts struct {
	Topology   *topology.File // nil: none
	MACAddress mirror.MAC     // of the interface; zero: that of the file or of the topology
	Addresses  []netip.Addr   // of the interface; nil: those of the file or of the topology
	Resolvers  []netip.Addr   // of the interface's VPC; nil: that of its VPC in the file or in the topology
}

// Mirror returns an interface with its sessions. name is the ID of the interface, or the
// address of an aws_network_interface or of an aws_instance. It may be "" if only one
// interface has sessions.
func (f *File) Mirror(name string, facts Facts) (*topology.Mirror, error) {
	q := &question{file: f, facts: facts}
	q.warnings = append(q.warnings, f.Warnings...)
	sessions, all, err := q.sessions()
	if err != nil {
		return nil, err
	}
	id, err := q.interfaceNamed(name, all)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(all, id) {
		return nil, fmt.Errorf("the %s has no session of %s. %s", f.kind, cmp.Or(name, id), haveSessions(all))
	}
	m := &topology.Mirror{}
	sessions = slices.DeleteFunc(sessions, func(s sourceSession) bool { return s.interfaceID != id })
	for _, s := range sessions {
		session, err := q.session(s, len(sessions) == 1)
		if err != nil {
			return nil, err
		}
		m.Sessions = append(m.Sessions, session)
	}
	slices.SortStableFunc(m.Sessions, func(a, b topology.MirrorSession) int { return cmp.Compare(a.Number, b.Number) })
	m.Interface = q.iface(id)
	for i := range m.Sessions {
		e, zone := &m.Sessions[i].Target, m.Interface.Zone
		if e.Type == mirror.GatewayLoadBalancerEndpoint {
			zone = e.Zone
		}
		if zone == "" && dependsOnZone(e) {
			e.Appliances, e.TargetGroups = nil, nil
		}
	}
	m.Warnings = q.warnings
	return m, nil
}

// question is one question that is asked of a file.
type question struct {
	file     *File
	facts    Facts
	warnings mirror.Problems
}

func (q *question) warning(wrong, fix string) {
	p := mirror.Problem{Kind: mirror.Warning, Wrong: wrong, Fix: fix}
	if wrong != "" && !slices.ContainsFunc(q.warnings, func(d mirror.Problem) bool { return d.Wrong == wrong }) {
		q.warnings = append(q.warnings, p)
	}
}

// sourceSession is a session, and the interface that it mirrors.
type sourceSession struct {
	*object
	interfaceID string // or an address: see reference
}

// sessions returns the sessions that exist after the apply, and the interfaces of all
// sessions, those that are disabled included.
func (q *question) sessions() ([]sourceSession, []string, error) {
	var sessions []sourceSession
	var all []string
	for _, o := range q.file.objects {
		if !slices.Contains(sessionKinds, o.place.kind) || o.isDeleted {
			continue
		}
		id, err := q.reference(o, "network_interface_id", interfaceKinds)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, id)
		enabled, err := o.value("enabled")
		if err != nil {
			return nil, nil, err
		}
		if enabled != false {
			sessions = append(sessions, sourceSession{o, id})
		}
	}
	slices.Sort(all)
	return sessions, slices.Compact(all), nil
}

// reference returns what an argument refers to: an ID, or the address of an object whose ID
// is known only after apply.
func (q *question) reference(o *object, argument string, kinds []string) (string, error) {
	if !o.isUnknown(argument) {
		id, err := o.text(argument)
		if err == nil && id == "" {
			err = fmt.Errorf("%s: %s is missing", o.address, argument)
		}
		return id, err
	}
	found, warning, err := q.file.resolve(o, argument, kinds)
	if err != nil {
		return "", err
	}
	q.warning(warning, "")
	return q.idOf(found)
}

// idOf returns the ID of an object, or its address while it has none. An instance is
// its primary interface here.
func (q *question) idOf(o *object) (string, error) {
	if o.place.kind != instanceKind {
		return o.name(), nil
	}
	if id := o.knownText(primaryInterface); id != "" {
		return id, nil
	}
	for _, block := range []string{"network_interface", "primary_network_interface"} {
		e, isSet := argument(o.config.block(block), "network_interface_id")
		if !isSet {
			continue
		}
		if e.ConstantValue != nil {
			return strings.Trim(string(e.ConstantValue), `"`), nil
		}
		found, warning, err := q.file.resolveExpression(o, block+".network_interface_id", e, interfaceKinds[:1])
		if err != nil {
			return "", err
		}
		q.warning(warning, "")
		return found.name(), nil
	}
	return o.address, nil
}

// interfaceNamed returns the interface that a user names, as reference does.
func (q *question) interfaceNamed(name string, withSessions []string) (string, error) {
	switch {
	case name == "" && len(withSessions) == 1:
		return withSessions[0], nil
	case name == "" && len(withSessions) > 1:
		return "", fmt.Errorf("the %s has sessions of several interfaces. Write --interface with one of %s", q.file.kind, listOf(withSessions, "and"))
	case name == "":
		return "", fmt.Errorf("the %s has no traffic mirror session", q.file.kind)
	case !strings.Contains(name, "."):
		return name, mirror.KindInterface.Check("--interface", name).Err()
	}
	o, err := q.file.named(name, interfaceKinds)
	if err != nil {
		return "", fmt.Errorf("--interface: %w. %s", err, haveSessions(withSessions))
	}
	return q.idOf(o)
}

func haveSessions(interfaces []string) string {
	if len(interfaces) == 0 {
		return "It has no traffic mirror session"
	}
	return "It has sessions of " + listOf(interfaces, "and")
}

// named returns the object with an address. A key may be left out if there is one instance.
func (f *File) named(address string, kinds []string) (*object, error) {
	p, ok := parsePlace(address)
	if !ok || p.remaining != nil {
		return nil, fmt.Errorf("%q is not the address of a resource, such as %s.web", address, kinds[0])
	}
	if !slices.Contains(kinds, p.kind) {
		return nil, fmt.Errorf("%s is not of the type %s", address, listOf(kinds, "or"))
	}
	var instances []*object
	for _, o := range slices.Concat(f.objects, f.data) {
		switch {
		case o.isDeleted:
		case o.address == address:
			return o, nil
		case o.withoutKey() == address:
			instances = append(instances, o)
		}
	}
	switch len(instances) {
	case 0:
		return nil, fmt.Errorf("the %s has no %s", f.kind, address)
	case 1:
		return instances[0], nil
	}
	return nil, fmt.Errorf("%s has several instances: write one of %s", address, listOf(addresses(instances), "and"))
}

// session returns a session with its target and its filter.
func (q *question) session(s sourceSession, isOnly bool) (topology.MirrorSession, error) {
	number, err := q.sessionNumber(s, isOnly)
	if err != nil {
		return topology.MirrorSession{}, err
	}
	noun, err := s.noun(number)
	if err != nil {
		return topology.MirrorSession{}, err
	}
	noun.InterfaceID = s.interfaceID
	filter, err := q.filterOf(s.object)
	if err != nil {
		return topology.MirrorSession{}, err
	}
	target, endpoint, err := q.targetOf(s.object)
	if err != nil {
		return topology.MirrorSession{}, err
	}
	noun.FilterID, noun.TargetID = filter.ID, target
	return topology.MirrorSession{Session: noun, Target: endpoint, Filter: filter}, nil
}

// sessionNumber returns the number of a session. A new session gets the lowest free number if
// the configuration states none. The number decides about packets only where the interface
// has several sessions.
func (q *question) sessionNumber(s sourceSession, isOnly bool) (int, error) {
	const argument = "session_number"
	lowest := int(mirror.SessionNumbers.Min)
	if s.isUnknown(argument) {
		if !isOnly {
			return 0, fmt.Errorf("%s: session_number is known only after apply, and the session with the lowest number is the first to get a packet of the interface, which has several. Write session_number", s.address)
		}
		q.warning(fmt.Sprintf("session_number of %s is known only after apply, and taken to be %d, the lowest number, as the file has no other session of the interface", s.address, lowest), "")
		return lowest, nil
	}
	number, err := s.number(argument)
	if err == nil && number == nil {
		err = fmt.Errorf("%s: session_number is missing", s.address)
	}
	if err != nil {
		return 0, err
	}
	return *number, nil
}

// noun returns the settings of a session.
func (s sourceSession) noun(number int) (mirror.Session, error) {
	noun := mirror.Session{ID: s.name(), Number: number, Description: s.knownText("description")}
	var err error
	if noun.PacketLength, err = s.computed("packet_length"); err != nil {
		return noun, err
	}
	if noun.VirtualNetworkID, err = s.computed("virtual_network_id"); err != nil {
		return noun, err
	}
	if isOfAWS(s.place.kind) { // it has 0 for a number that is not set
		noun.PacketLength, noun.VirtualNetworkID = unlessZero(noun.PacketLength), unlessZero(noun.VirtualNetworkID)
	}
	if err := noun.ValidateSettings().Err(); err != nil {
		return noun, fmt.Errorf("%s: %w", s.address, err)
	}
	return noun, nil
}

// isOfAWS reports whether a type of resource is one of provider hashicorp/aws.
func isOfAWS(kind string) bool { return strings.HasPrefix(kind, "aws_") }

func unlessZero(n *int) *int {
	if n != nil && *n == 0 {
		return nil
	}
	return n
}

var errNotHere = errors.New("is not in this file")

// byReference returns the object of a kind that a reference is to.
func (f *File) byReference(id string, kinds []string) (*object, error) {
	for _, o := range slices.Concat(f.objects, f.data) {
		if !o.isDeleted && slices.Contains(kinds, o.place.kind) && (o.address == id || o.id() == id) {
			return o, nil
		}
	}
	return nil, fmt.Errorf("%s %w", id, errNotHere)
}
