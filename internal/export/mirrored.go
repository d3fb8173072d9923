package export

import (
	"context"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// mirrorReader reads what is mirrored, and to where.
type mirrorReader struct{ *reader }

// readEndpoints reads the endpoints that can back a target. The address is that of their
// interface, which the file has too.
func (r mirrorReader) readEndpoints(ctx context.Context) error {
	all, err := r.VPCEndpoints(ctx)
	if err := r.denied(err, "gateway_load_balancer_endpoints"); err != nil {
		return err
	}
	others := 0
	for _, e := range all {
		if e.Type != account.GatewayEndpointType {
			others++
			continue
		}
		of := topology.GatewayLoadBalancerEndpoint{ID: e.ID, VPCID: e.VPCID, ServiceName: e.ServiceName, Tags: e.Tags}
		of.State = unlessDefault(e.State, "available")
		if len(e.SubnetIDs) > 0 {
			of.SubnetID = e.SubnetIDs[0]
		}
		if len(e.InterfaceIDs) > 0 {
			of.InterfaceID = e.InterfaceIDs[0]
		}
		if i := slices.IndexFunc(r.file.NetworkInterfaces, func(i mirror.Interface) bool { return i.ID == of.InterfaceID }); i >= 0 {
			of.IPAddress = r.file.NetworkInterfaces[i].PrivateIPAddress
		}
		r.file.GatewayLoadBalancerEndpoints = append(r.file.GatewayLoadBalancerEndpoints, of)
	}
	if others > 0 {
		r.note("VPC endpoints of other types than %s are not in the file: %d", account.GatewayEndpointType, others)
	}
	return nil
}

func (r mirrorReader) readServices(ctx context.Context) (err error) {
	r.file.EndpointServices, err = r.EndpointServices(ctx)
	return r.denied(err, "vpc_endpoint_services")
}

func (r mirrorReader) readBalancers(ctx context.Context) (err error) {
	r.file.LoadBalancers, err = r.LoadBalancers(ctx)
	return r.denied(err, "load_balancers")
}

// groupProtocols are the protocols of target groups of Network and Gateway Load Balancers.
var groupProtocols = []string{"TCP", "UDP", "TCP_UDP", "TLS", "QUIC", "TCP_QUIC", "GENEVE"}

func (r mirrorReader) readTargetGroups(ctx context.Context) (err error) {
	r.file.TargetGroups, err = r.TargetGroups(ctx)
	r.file.TargetGroups = slices.DeleteFunc(r.file.TargetGroups, func(g mirror.TargetGroup) bool { return !slices.Contains(groupProtocols, g.Protocol) })
	return r.denied(err, "target_groups")
}

func (r mirrorReader) readFilters(ctx context.Context) error {
	all, err := r.TaggedFilters(ctx)
	if err := r.denied(err, "traffic_mirror_filters"); err != nil {
		return err
	}
	tags, err := r.ruleTags(ctx)
	if err != nil {
		return err
	}
	for _, f := range all {
		of := topology.TaggedFilter{Filter: f.Noun, Tags: f.Tags, RuleTags: map[string]map[string]string{}}
		for i, rule := range of.Rules {
			of.Rules[i].FilterID = ""
			if len(tags[rule.ID]) > 0 {
				of.RuleTags[rule.ID] = tags[rule.ID]
			}
		}
		r.file.Filters = append(r.file.Filters, of)
	}
	return nil
}

// ruleTags returns the tags of rules by their IDs. AWS does not document whether the rules of a
// filter come with their tags.
func (r mirrorReader) ruleTags(ctx context.Context) (map[string]map[string]string, error) {
	all, err := r.TaggedRules(ctx)
	if account.IsDenied(err) {
		r.note("the tags of filter rules are not in the file: %s", account.Explain(err))
		return nil, nil
	}
	tags := map[string]map[string]string{}
	for _, rule := range all {
		tags[rule.Noun.ID] = rule.Tags
	}
	return tags, err
}

func (r mirrorReader) readTargets(ctx context.Context) (err error) {
	r.targets, err = r.TaggedTargets(ctx)
	return r.denied(err, "traffic_mirror_targets", "shared_targets")
}

func (r mirrorReader) readSessions(ctx context.Context) (err error) {
	r.sessions, err = r.TaggedSessions(ctx)
	return r.denied(err, "traffic_mirror_sessions", "foreign_sessions")
}

// dropListeners removes the listeners of protocols that a topology file does not have.
func (r *reader) dropListeners() {
	for i, b := range r.file.LoadBalancers {
		r.file.LoadBalancers[i].Listeners = slices.DeleteFunc(b.Listeners, func(l mirror.Listener) bool {
			isOther := l.Protocol == "QUIC" || l.Protocol == "TCP_QUIC"
			if isOther {
				r.note("the listener on port %d of %s is not in the file: its protocol is %s", l.Port, b.ARN, l.Protocol)
			}
			return isOther
		})
	}
}
