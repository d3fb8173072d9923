package emulator

import (
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// listener is a listener with what Elastic Load Balancing describes and mirroring does not need. Its
// tags are with the tags.
type listener struct {
	mirror.Listener
	LoadBalancerARN string `json:"load_balancer_arn"`
	Weights         []int  `json:"weights,omitempty"` // of the target groups, in their order; nil: none is given
	Listed          bool   `json:"from_topology,omitempty"`
}

const listenerResource = "listener"

// The protocols of listeners.
const (
	onTCP    = "TCP"
	onUDP    = "UDP"
	onTCPUDP = "TCP_UDP"
	onTLS    = "TLS"
)

// groupProtocolsOf has the protocols of the target groups to which a listener can send, by its own protocol.
// That of a Gateway Load Balancer has none
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html).
var groupProtocolsOf = map[string][]string{
	onTCP:    {onTCP, onTCPUDP},
	onUDP:    {onUDP, onTCPUDP},
	onTCPUDP: {onTCPUDP},
	onTLS:    {onTCP, onTLS},
	"":       {geneve},
}

// keysOfGroups returns the keys by which target groups find an object that leads to them.
func keysOfGroups(groups []string, id string) []key {
	var keys []key
	for _, group := range groups {
		keys = append(keys, key{group, id})
	}
	return keys
}

// listenerARN returns the ARN of a listener of a load balancer.
func listenerARN(balancer, id string) string {
	return strings.Replace(balancer, ":"+balancerResource+"/", ":"+listenerResource+"/", 1) + "/" + id
}

func needListenerARN(q *query.Query) string {
	return needBalancingARN(q, "ListenerArn", listenerResource)
}

// needListener returns a listener, or the error for one that does not exist.
func needListener(t *tx, arn string) (listener, error) {
	v, ok := listeners.get(t, arn)
	if !ok && t.err == nil {
		return v, query.Refuse("ListenerNotFound", "One or more listeners not found")
	}
	return v, t.err
}

// describeListeners needs to know of which load balancer, or which listeners. A topology may not say
// which listeners a load balancer has. Clients read that as unknown from the code for a permission
// that is missing (A0205).
func describeListeners(q *query.Query) operation {
	l := q.Markers()
	arns := readBalancingARNs(q, "ListenerArns", listenerResource, 20)
	balancer := ""
	if q.Has("LoadBalancerArn") {
		balancer = needBalancerARN(q)
	}
	if (arns == nil) == (balancer == "") {
		q.Fail(query.Refuse("ValidationError", "You must specify either listener ARNs or a load balancer ARN"))
	}
	return func(t *tx, x *query.Writer) error {
		for _, arn := range arns {
			if _, err := needListener(t, arn); err != nil {
				return err
			}
		}
		found := arns
		if balancer != "" {
			v, err := needBalancer(t, balancer)
			switch {
			case err != nil:
				return err
			case v.UnknownListeners:
				return query.Refuse("AccessDenied", "The topology file does not say which listeners the load balancer '%s' has. Write udp_listeners in network_load_balancers, or listeners in load_balancers.", balancer)
			}
			found = slices.Clone(listenersByBalancer.idsBelow(t, balancer))
			if found == nil {
				found = []string{}
			}
		}
		writeBalancingPage(t, x, l, "Listeners", listeners, found, func(v listener) { writeListener(x, v) })
		return t.err
	}
}

func writeListener(x *query.Writer, v listener) {
	x.Text("ListenerArn", v.ARN)
	x.Text("LoadBalancerArn", v.LoadBalancerARN)
	if v.Protocol != "" {
		x.Text("Protocol", v.Protocol)
		x.Int("Port", v.Port)
	}
	if v.Certificate != "" {
		x.In("Certificates", func() {
			x.In("member", func() { x.Text("CertificateArn", v.Certificate) })
		})
		x.Text("SslPolicy", v.SecurityPolicy)
	}
	if v.ALPN != "" {
		x.Texts("AlpnPolicy", []string{v.ALPN})
	}
	x.In("DefaultActions", func() {
		x.In("member", func() { writeForward(x, v) })
	})
}

// writeForward writes the default action. TargetGroupArn is there for one target group.
func writeForward(x *query.Writer, v listener) {
	x.Text("Type", "forward")
	x.Int("Order", 1)
	if len(v.TargetGroups) == 1 {
		x.Text("TargetGroupArn", v.TargetGroups[0])
	}
	x.In("ForwardConfig", func() {
		x.In("TargetGroups", func() {
			for i, group := range v.TargetGroups {
				x.In("member", func() {
					x.Text("TargetGroupArn", group)
					if v.Weights != nil {
						x.Int("Weight", v.Weights[i])
					}
				})
			}
		})
		x.In("TargetGroupStickinessConfig", func() { x.Bool("Enabled", false) })
	})
}

func writeListeners(x *query.Writer, v listener) {
	query.List(x, "Listeners", []listener{v}, func(v listener) { writeListener(x, v) })
}

func deleteListener(q *query.Query) operation {
	arn := needListenerARN(q)
	return func(t *tx, _ *query.Writer) error {
		if _, err := needListener(t, arn); err != nil {
			return err
		}
		listeners.del(t, arn)
		return t.err
	}
}
