package path

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// CheckTarget returns a problem unless text is the ID of a target, or of what can back one, or
// the ARN of a Network Load Balancer.
func CheckTarget(field, text string) error {
	if strings.HasPrefix(text, "arn:") {
		return mirror.CheckLoadBalancerARN(field, text).Err()
	}
	for _, k := range []mirror.Kind{mirror.KindTarget, mirror.KindInterface, mirror.KindEndpoint} {
		if k.Is(text) {
			return nil
		}
	}
	return mirror.Problems{{
		Kind: mirror.Malformed, Field: field, Wrong: fmt.Sprintf("is %q", text),
		Fix: `Write the ID of a target, "tmt-...", of a network interface, "eni-...", or of a Gateway Load Balancer endpoint, "vpce-...", or the ARN of a Network Load Balancer`,
	}}.Err()
}

// Read reads what decides whether copies from a network interface reach a target. What the
// credentials may not read is unknown.
func Read(ctx context.Context, a *account.Account, from, to string) (Facts, error) {
	r := reading{ctx: ctx, account: a, Facts: Facts{To: to, Region: a.Region, Network: Network{Unread: map[mirror.Kind]Missing{}}}}
	err := r.source(from)
	if err == nil {
		err = r.target(to)
	}
	if err == nil && !r.Missing && r.Unread == nil && !r.Backing.Gone {
		err = cmp.Or(r.sessions(), uses(&r), r.receivers())
	}
	if err == nil {
		err = r.network()
	}
	return r.Facts, err
}

// A reading collects facts.
type reading struct {
	Facts
	ctx     context.Context
	account *account.Account
	all     []account.NetworkInterface // of the account, if a load balancer needs them
}

// missing returns why something could not be read, and nil if err is another error.
func missing(what string, err error) *Missing {
	if !account.IsDenied(err) {
		return nil
	}
	if account.Code(err) == "" { // nobody was asked
		return &Missing{Reason: fmt.Sprintf("%s: %v.", what, err)}
	}
	return &Missing{fmt.Sprintf("The credentials may not read %s (%s).", what, account.Code(err)), permission(err)}
}

// permission is the IAM action of a call that was refused.
func permission(err error) string {
	action := account.Action(err)
	if action == "" {
		return ""
	}
	service := "ec2"
	if account.Code(err) != "UnauthorizedOperation" { // the codes of Elastic Load Balancing
		service = "elasticloadbalancing"
	}
	return service + ":" + action
}

func (r *reading) source(id string) error {
	n, err := r.node(id)
	r.Source = n
	if err != nil || n.PrivateIPAddress.IsValid() || n.SubnetID == "" {
		return err
	}
	subnet, err := r.account.Subnet(r.ctx, n.SubnetID)
	if err != nil && !account.IsDenied(err) && !account.IsNotFound(err) {
		return err
	}
	r.Source.IsIPv6Only = subnet.IPv6Only
	return nil
}

// node reads a network interface and its instance.
func (r *reading) node(id string) (Node, error) {
	absent := Node{Interface: mirror.Interface{ID: id}}
	found, err := r.account.NetworkInterfaces(r.ctx, account.OnInterface(id))
	switch m := missing(id, err); {
	case m != nil:
		absent.Unread, absent.Permission = m.Reason, m.Permission
		return absent, nil
	case err != nil && !account.IsNotFound(err):
		return absent, err
	case len(found) == 0:
		absent.Gone = true
		return absent, nil
	}
	return r.withInstance(found[0])
}

// withInstance returns a network interface with the state of its instance.
func (r *reading) withInstance(i account.NetworkInterface) (Node, error) {
	n := Node{Interface: i.Interface, VPCID: i.VPCID, Zone: i.Zone, GroupIDs: i.GroupIDs}
	var err error
	if n.MTU, err = account.MTU(r.ctx, r.account, i.ID); err != nil || i.InstanceID == "" {
		return n, err
	}
	instance, err := r.account.Instance(r.ctx, i.InstanceID)
	if err != nil && !account.IsDenied(err) && !account.IsNotFound(err) {
		return n, err
	}
	if m := missing(i.InstanceID, err); m != nil {
		n.Permission = m.Permission
	}
	n.InstanceState, n.InstanceType = instance.State, instance.Type
	return n, nil
}

// target reads the target, and what backs it.
func (r *reading) target(to string) error {
	switch {
	case mirror.KindInterface.Is(to):
		r.Target = mirror.Target{InterfaceID: to}
	case mirror.KindEndpoint.Is(to):
		r.Target = mirror.Target{GatewayLoadBalancerEndpointID: to}
	case strings.HasPrefix(to, "arn:"):
		r.Target = mirror.Target{LoadBalancerARN: to}
		if parts := strings.SplitN(to, ":", 6); len(parts) == 6 {
			r.Target.OwnerID = parts[4]
		}
	default:
		found, err := r.account.Target(r.ctx, to)
		if account.IsNotFound(err) {
			r.Missing = true
			return nil
		}
		if r.Unread = missing(to, err); r.Unread != nil {
			return nil
		}
		if err != nil {
			return err
		}
		r.Target = found.Noun
	}
	// Without an ID of its own, this account is most likely that of the source.
	all, err := r.account.Endpoints(r.ctx, cmp.Or(r.account.ID, r.Source.OwnerID), r.Target)
	if r.Unread = missing("what backs "+to, err); r.Unread != nil {
		return nil
	}
	if err == nil {
		r.Backing = all[0]
	}
	return err
}

// sessions reads the sessions from the source to the target, whose packet lengths bound the copies.
// They are not needed.
func (r *reading) sessions() (err error) {
	if r.Target.ID == "" {
		return nil
	}
	r.Sessions, err = r.account.Sessions(r.ctx, account.OnInterface(r.Source.ID))
	r.Sessions = slices.DeleteFunc(r.Sessions, func(s mirror.Session) bool { return s.TargetID != r.Target.ID })
	if account.IsDenied(err) {
		return nil
	}
	return err
}

// uses reads what the two interfaces are already: EC2 refuses one that is a source and backs a target
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-targets.html).
func uses(r *reading) error {
	targets, err := r.account.Targets(r.ctx, account.OnInterface(r.Source.ID))
	if len(targets) > 0 {
		r.Backs.ID = targets[0].ID
	}
	r.Backs.Unread = missing("traffic mirror targets", err)
	if r.Backs.Unread == nil && err != nil || r.Target.ID != "" || r.Target.InterfaceID == "" {
		return unlessMissing(r.Backs.Unread, err)
	}
	sessions, err := r.account.Sessions(r.ctx, account.OnInterface(r.Target.InterfaceID))
	if len(sessions) > 0 {
		r.Mirrored.ID = sessions[0].ID
	}
	r.Mirrored.Unread = missing("traffic mirror sessions", err)
	return unlessMissing(r.Mirrored.Unread, err)
}

func unlessMissing(m *Missing, err error) error {
	if m != nil {
		return nil
	}
	return err
}

// isShared reports whether another account owns the target. EC2 shows nothing of what backs it.
func isShared(r *reading) bool {
	own := cmp.Or(r.account.ID, r.Source.OwnerID)
	return r.Target.OwnerID != "" && own != "" && r.Target.OwnerID != own
}

// receivers reads what copies are addressed to, and what is behind it.
func (r *reading) receivers() error {
	if isShared(r) {
		text := fmt.Sprintf("Account %s owns the target, and EC2 shows what backs it only there.", r.Target.OwnerID)
		if r.Target.ID == "" {
			text = fmt.Sprintf("Account %s owns the load balancer, and Elastic Load Balancing shows it only there.", r.Target.OwnerID)
		}
		r.Unread = &Missing{Reason: text}
		return nil
	}
	switch r.Target.Type() {
	case mirror.NetworkInterface:
		n, err := r.node(r.Target.InterfaceID)
		r.Receivers = []Node{n}
		return err
	case mirror.NetworkLoadBalancer:
		return r.balancer()
	}
	return r.gateway()
}

// interfaces returns the network interfaces of the account for which is holds.
func (r *reading) interfaces(is func(account.NetworkInterface) bool) (found []Node, err error) {
	if r.all == nil {
		if r.all, err = r.account.NetworkInterfaces(r.ctx); err != nil {
			return nil, err
		}
	}
	for _, i := range r.all {
		if !is(i) {
			continue
		}
		n, err := r.withInstance(i)
		if err != nil {
			return nil, err
		}
		found = append(found, n)
	}
	return found, nil
}

// ofBalancer reports whether a network interface is that of a load balancer.
func ofBalancer(arn string) func(account.NetworkInterface) bool {
	return func(i account.NetworkInterface) bool {
		return i.Description == mirror.LoadBalancerInterfaceDescription(arn)
	}
}

// network reads what decides between the nodes. A kind of object that the credentials may not
// read is noted.
func (r *reading) network() error {
	var groups []string
	for _, n := range groupedNodes(r) {
		groups = append(groups, n.GroupIDs...)
	}
	groups = append(groups, groupsOfBalancer(r)...)
	slices.Sort(groups)
	groups = slices.Compact(groups)
	n := &r.Network
	err := cmp.Or(
		r.note(mirror.KindRouteTable, "route tables", func() (err error) { n.Tables, err = r.account.RouteTables(r.ctx); return err }),
		r.note(mirror.KindNetworkACL, "network ACLs", func() (err error) { n.ACLs, err = r.account.NetworkACLs(r.ctx); return err }),
		r.note(mirror.KindGroup, "security groups", func() (err error) {
			if len(groups) > 0 {
				n.Groups, err = r.account.SecurityGroups(r.ctx, groups...)
			}
			return err
		}),
		r.note(mirror.KindPeering, "VPC peering connections", func() (err error) {
			if leadsToPeering(r) {
				n.Peerings, err = r.account.PeeringConnections(r.ctx)
			}
			return err
		}),
	)
	for _, id := range listsOf(r) {
		if err == nil {
			err = r.list(id)
		}
	}
	return err
}

// listsOf returns the IDs of the prefix lists to which rules of the security groups and routes of the
// source refer.
func listsOf(r *reading) (ids []string) {
	add := func(id string) {
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, g := range r.Network.Groups {
		for _, rule := range g.Rules {
			add(rule.PrefixListID)
		}
	}
	t, _ := r.Network.table(r.Source.SubnetID, r.Source.VPCID)
	for _, route := range t.Routes {
		if !isServiceRoute(route) {
			add(route.PrefixListID)
		}
	}
	return ids
}

// list reads a prefix list. Another EC2 than that of AWS may not have the action.
func (r *reading) list(id string) error {
	blocks, err := r.account.PrefixListEntries(r.ctx, id)
	read := PrefixList{ID: id, Blocks: blocks, Unread: missing("the entries of prefix list "+id, err)}
	switch {
	case read.Unread != nil:
	case account.IsNotFound(err):
		read.Unread = &Missing{Reason: fmt.Sprintf("EC2 shows no prefix list %s.", id)}
	case account.Code(err) == "InvalidAction":
		read.Unread = &Missing{Reason: "This EC2 shows no prefix lists."}
	case err != nil:
		return err
	}
	r.Network.Lists = append(r.Network.Lists, read)
	return nil
}

func (r *reading) note(kind mirror.Kind, plural string, read func() error) error {
	err := read()
	if m := missing(plural, err); m != nil {
		r.Network.Unread[kind] = *m
		return nil
	}
	return err
}

// groupedNodes are those to which packets go, whose security groups decide.
func groupedNodes(r *reading) []Node {
	all := slices.Clone(r.Receivers)
	for _, a := range r.Appliances {
		all = append(all, a.Node)
	}
	return all
}

func groupsOfBalancer(r *reading) []string {
	if r.Backing.LoadBalancer == nil {
		return nil
	}
	return r.Backing.LoadBalancer.SecurityGroups
}

// leadsToPeering reports whether the route table of the source has a route to a VPC peering
// connection.
func leadsToPeering(r *reading) bool {
	t, _ := r.Network.table(r.Source.SubnetID, r.Source.VPCID)
	return slices.ContainsFunc(t.Routes, func(route mirror.Route) bool { return strings.HasPrefix(route.Target, mirror.KindPeering.Prefix) })
}

// applianceNodes returns the network interfaces of a registered target: those with its address, or
// the primary one of its instance.
func (r *reading) applianceNodes(t mirror.RegisteredTarget, vpcID string) ([]Node, error) {
	return r.interfaces(func(i account.NetworkInterface) bool {
		switch {
		case t.InterfaceID != "":
			return i.ID == t.InterfaceID
		case t.Address.IsValid():
			return (vpcID == "" || i.VPCID == vpcID) && hasAddress(i.Interface, t.Address)
		}
		return mirror.KindInstance.Is(t.ID) && i.InstanceID == t.ID && i.IsPrimary
	})
}

func hasAddress(i mirror.Interface, address netip.Addr) bool {
	return i.PrivateIPAddress == address || slices.Contains(i.PrivateIPAddresses, address) || slices.Contains(i.IPv6Addresses, address)
}
