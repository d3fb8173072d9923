package emulator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The limits of listeners and of their actions
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ForwardActionConfig.html).
const (
	maxListeners      = 50
	maxForwardGroups  = 5
	maxForwardWeight  = 999
	defaultTLSPolicy  = "ELBSecurityPolicy-2016-08"
	certificatePrefix = "arn:"
)

var alpnPolicies = []string{"HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"}

// listenerChange is what a request says about a listener. What it leaves out is nil or empty.
type listenerChange struct {
	protocol                  string
	port                      *int
	groups                    []string
	weights                   []int
	certificate, policy, alpn string
}

func readListenerChange(q *query.Query) listenerChange {
	c := listenerChange{protocol: q.Text("Protocol"), port: q.Int("Port"), policy: q.Text("SslPolicy")}
	if c.port != nil && (*c.port < 1 || *c.port > 65535) {
		q.Fail(query.InvalidValue("Port", strconv.Itoa(*c.port), "Write a number from 1 to 65535."))
	}
	if _, known := groupProtocolsOf[c.protocol]; !known {
		q.Fail(query.Refuse("UnsupportedProtocol", "The protocol '%s' is not supported. The embedded Elastic Load Balancing has listeners with the protocols TCP, TLS, UDP and TCP_UDP.", c.protocol))
	}
	if c.policy != "" && !isSecurityPolicy(c.policy) {
		q.Fail(query.Refuse("SSLPolicyNotFound", "SSL policy '%s' not found", c.policy))
	}
	c.groups, c.weights = readForward(q)
	certificates := q.Items("Certificates")
	if len(certificates) > 1 {
		q.Fail(query.Refuse("TooManyCertificates", "A listener has one default certificate"))
	}
	for _, member := range certificates {
		c.certificate = q.NeedText(member + ".CertificateArn")
		if !strings.HasPrefix(c.certificate, certificatePrefix) {
			q.Fail(query.Refuse("CertificateNotFound", "Certificate '%s' not found", c.certificate))
		}
	}
	policies := q.Texts("AlpnPolicy")
	refuseMany(q, "AlpnPolicy", policies, 1)
	for _, policy := range policies {
		if c.alpn = policy; !slices.Contains(alpnPolicies, policy) {
			q.Fail(query.Refuse("ALPNPolicyNotFound", "The ALPN policy '%s' does not exist. Write one of %s.", policy, strings.Join(alpnPolicies, ", ")))
		}
	}
	return c
}

// isSecurityPolicy reports whether a text has the form of the names of security policies. There are more of them
// every year (A0239).
func isSecurityPolicy(text string) bool {
	name, isPolicy := strings.CutPrefix(text, "ELBSecurityPolicy-")
	return isPolicy && name != "" && len(text) <= 64
}

// readForward reads the default action: to which target groups a listener sends packets, and the
// weights of the groups if a request gives them. Without an action all are nil.
func readForward(q *query.Query) (groups []string, weights []int) {
	actions := q.Items("DefaultActions")
	if len(actions) > 1 {
		q.Fail(query.Refuse("TooManyActions", "A listener has one default action"))
		return nil, nil
	}
	for _, member := range actions {
		if kind := q.NeedText(member + ".Type"); kind != "" && kind != "forward" {
			q.Fail(query.Refuse("InvalidLoadBalancerAction", "An action of the type '%s' is not supported for load balancers with type 'network' and 'gateway'. Write forward.", kind))
		}
		q.Int(member + ".Order")
		single := q.Text(member + ".TargetGroupArn")
		groups, weights = readForwardConfig(q, member+".ForwardConfig")
		switch {
		case single != "" && len(groups) == 0:
			groups = []string{single}
		case single != "" && !slices.Equal(groups, []string{single}):
			q.Fail(query.Refuse("ValidationError", "TargetGroupArn and ForwardConfig must name the same target group"))
		case len(groups) == 0:
			q.Fail(query.Refuse("ValidationError", "A target group ARN must be specified"))
		}
	}
	return groups, weights
}

func readForwardConfig(q *query.Query, name string) (groups []string, weights []int) {
	var given []*int
	for _, member := range q.Items(name + ".TargetGroups") {
		groups = append(groups, q.NeedText(member+".TargetGroupArn"))
		given = append(given, q.Int(member+".Weight"))
	}
	if q.Bool(name + ".TargetGroupStickinessConfig.Enabled") {
		q.Fail(query.Refuse("InvalidLoadBalancerAction", "Target group stickiness is not supported for load balancers with type 'network' and 'gateway'"))
	}
	q.Int(name + ".TargetGroupStickinessConfig.DurationSeconds")
	if len(groups) > maxForwardGroups {
		q.Fail(query.Refuse("InvalidLoadBalancerAction", "An action can have at most %d target groups", maxForwardGroups))
	}
	hasWeights := slices.ContainsFunc(given, func(n *int) bool { return n != nil })
	for _, n := range given {
		switch {
		case !hasWeights:
			return groups, nil
		case n == nil:
			n = new(1)
		case *n < 0 || *n > maxForwardWeight:
			q.Fail(query.InvalidValue("Weight", strconv.Itoa(*n), "Write a number from 0 to 999."))
		}
		weights = append(weights, *n)
	}
	return groups, weights
}

// apply changes a listener as a request says.
func (c listenerChange) apply(v *listener) {
	if c.protocol != "" {
		v.Protocol = c.protocol
	}
	replace(&v.Port, c.port)
	if c.groups != nil {
		v.TargetGroups, v.Weights = c.groups, c.weights
	}
	if v.Protocol != onTLS {
		v.Certificate, v.SecurityPolicy, v.ALPN = c.certificate, c.policy, c.alpn // refused unless they are empty
		return
	}
	for into, text := range map[*string]string{&v.Certificate: c.certificate, &v.SecurityPolicy: c.policy, &v.ALPN: c.alpn} {
		if text != "" {
			*into = text
		}
	}
	if v.SecurityPolicy == "" {
		v.SecurityPolicy = defaultTLSPolicy
	}
}

func createListener(q *query.Query) operation {
	arn, c := needBalancerARN(q), readListenerChange(q)
	if len(q.Items("DefaultActions")) == 0 {
		q.Fail(query.Missing("DefaultActions"))
	}
	tagged := readBalancingTags(q)
	return func(t *tx, x *query.Writer) error {
		of, err := needBalancer(t, arn)
		if err != nil {
			return err
		}
		v := listener{LoadBalancerARN: arn}
		c.apply(&v)
		known, err := twinOf(t, v)
		if err != nil {
			return err
		}
		if known != nil {
			writeListeners(x, *known)
			return nil
		}
		if err := checkListener(t, of, v); err != nil {
			return err
		}
		if len(listenersByBalancer.idsBelow(t, arn)) >= maxListeners {
			return query.Refuse("TooManyListeners", "The limit of %d listeners of a load balancer has been reached", maxListeners)
		}
		v.ARN = listenerARN(arn, balancingID(t))
		listeners.put(t, v.ARN, v)
		setTags(t, v.ARN, tagged)
		writeListeners(x, v)
		return t.err
	}
}

// twinOf returns the listener that has the port of another one: nil if there is none, and an error
// unless both have the same settings. A Gateway Load Balancer has one listener.
func twinOf(t *tx, v listener) (*listener, error) {
	for _, id := range listenersByBalancer.idsBelow(t, v.LoadBalancerARN) {
		known, _ := listeners.get(t, id)
		switch {
		case id == v.ARN || known.Port != v.Port:
			continue
		case v.ARN == "" && known.Protocol == v.Protocol && slices.Equal(known.TargetGroups, v.TargetGroups) && slices.Equal(known.Weights, v.Weights) &&
			known.Certificate == v.Certificate && known.SecurityPolicy == v.SecurityPolicy && known.ALPN == v.ALPN:
			return &known, nil
		}
		return nil, query.Refuse("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", v.LoadBalancerARN)
	}
	return nil, nil
}

func modifyListener(q *query.Query) operation {
	arn, c := needListenerARN(q), readListenerChange(q)
	return func(t *tx, x *query.Writer) error {
		v, err := needListener(t, arn)
		if err != nil {
			return err
		}
		of, err := needBalancer(t, v.LoadBalancerARN)
		if err != nil {
			return err
		}
		c.apply(&v)
		if _, err := twinOf(t, v); err != nil {
			return err
		}
		if err := checkListener(t, of, v); err != nil {
			return err
		}
		listeners.put(t, arn, v)
		writeListeners(x, v)
		return t.err
	}
}

// checkListener refuses a listener that a load balancer cannot have.
func checkListener(t *tx, of loadBalancer, v listener) error {
	isTLS := v.Certificate != "" || v.SecurityPolicy != "" || v.ALPN != ""
	switch {
	case of.Type == mirror.GatewayBalancer && (v.Protocol != "" || v.Port != 0):
		return query.Refuse("ValidationError", "You cannot specify a protocol or a port for a listener of a Gateway Load Balancer")
	case of.Type == mirror.NetworkBalancer && v.Protocol == "":
		return query.Refuse("ValidationError", "A listener protocol must be specified")
	case of.Type == mirror.NetworkBalancer && v.Port == 0:
		return query.Refuse("ValidationError", "A listener port must be specified")
	case v.Protocol == onTLS && v.Certificate == "":
		return query.Refuse("ValidationError", "A certificate must be specified for TLS listeners")
	case v.Protocol != onTLS && isTLS:
		return query.Refuse("InvalidConfigurationRequest", "Certificates, SslPolicy and AlpnPolicy can be specified only for TLS listeners")
	}
	if err := of.refuseDatagrams(v.Protocol); err != nil {
		return err
	}
	for _, group := range v.TargetGroups {
		if err := checkForward(t, of, v, group); err != nil {
			return err
		}
	}
	return nil
}

// checkForward refuses a target group to which a listener cannot send packets.
func checkForward(t *tx, of loadBalancer, v listener, arn string) error {
	group, err := needGroup(t, arn)
	if err != nil {
		return err
	}
	switch {
	case !slices.Contains(groupProtocolsOf[v.Protocol], group.Protocol):
		return query.Refuse("IncompatibleProtocols", "A listener with the protocol '%s' cannot send to the target group '%s' with the protocol '%s'. It can send to %s.",
			protocolInWords(v), arn, group.Protocol, strings.Join(groupProtocolsOf[v.Protocol], " and "))
	case group.VPCID != "" && of.VPCID != "" && group.VPCID != of.VPCID:
		return query.Refuse("InvalidConfigurationRequest", "The target group '%s' is in %s, and the load balancer is in %s", arn, group.VPCID, of.VPCID)
	}
	for _, user := range balancersTo(t, arn) {
		if user.ARN != of.ARN {
			return query.Refuse("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", arn)
		}
	}
	return nil
}

// protocolInWords returns the protocol of a listener. A Gateway Load Balancer takes every packet.
func protocolInWords(v listener) string {
	if v.Protocol == "" {
		return "GENEVE"
	}
	return v.Protocol
}
