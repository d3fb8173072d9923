package emulator

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The limits of load balancers
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/quotas-limits.html).
const (
	maxNetworkBalancers = 50
	maxGatewayBalancers = 100
	maxBalancerSubnets  = 20
	minFreeAddresses    = 8 // of a subnet that a Network Load Balancer begins to use
)

// wantedZone is a subnet of a request, with the addresses that the client chooses for it.
type wantedZone struct {
	subnetID string
	address  netip.Addr // not valid: EC2 picks it
	ipv6     netip.Addr
}

// wantedBalancer is a load balancer of a request.
type wantedBalancer struct {
	loadBalancer
	zones []wantedZone
	tags  map[string]string
}

func createLoadBalancer(q *query.Query) operation {
	w := wantedBalancer{loadBalancer: loadBalancer{LoadBalancer: mirror.LoadBalancer{
		Name:           q.NeedText("Name"),
		Type:           mirror.LoadBalancerType(cmp.Or(q.Text("Type"), "application")),
		Scheme:         readOneOf(q, "Scheme", internetScheme, internalScheme),
		IPAddressType:  cmp.Or(readOneOf(q, "IpAddressType", ipv4Only, dualStack), ipv4Only),
		SecurityGroups: readSecurityGroups(q),
	}}}
	w.SourceNAT = readOneOf(q, "EnablePrefixForIpv6SourceNat", "on", "off")
	w.zones = readZones(q)
	w.tags = readBalancingTags(q)
	q.Fail(w.refuse())
	return func(t *tx, x *query.Writer) error {
		v, err := createBalancer(t, w)
		if err != nil {
			return err
		}
		query.List(x, "LoadBalancers", []loadBalancer{v}, func(v loadBalancer) { writeBalancer(t, x, v) })
		return nil
	}
}

// readOneOf reads a text that must be one of those of a list, "" if it is not given.
func readOneOf(q *query.Query, name string, texts ...string) string {
	text := q.Text(name)
	if text != "" && !slices.Contains(texts, text) {
		q.Fail(query.InvalidValue(name, text, "Write one of "+strings.Join(texts, ", ")+"."))
	}
	return text
}

// readSecurityGroups reads the list SecurityGroups, and returns each ID once, in order.
func readSecurityGroups(q *query.Query) []string {
	ids := q.Texts("SecurityGroups")
	if len(ids) > maxInterfaceGroups {
		q.Fail(query.Refuse("InvalidConfigurationRequest", "A load balancer can have at most %d security groups", maxInterfaceGroups))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// readZones reads Subnets or SubnetMappings.
func readZones(q *query.Query) []wantedZone {
	var zones []wantedZone
	for _, id := range q.Texts("Subnets") {
		zones = append(zones, wantedZone{subnetID: id})
	}
	simple := len(zones)
	for _, member := range q.Items("SubnetMappings") {
		z := wantedZone{subnetID: q.NeedText(member + ".SubnetId")}
		if q.Text(member+".PrivateIPv4Address") != "" {
			z.address = readIPv4(q, member+".PrivateIPv4Address")
		}
		if q.Text(member+".IPv6Address") != "" {
			z.ipv6 = readIPv6(q, member+".IPv6Address")
		}
		if id := q.Text(member + ".AllocationId"); id != "" {
			q.Fail(query.Refuse("AllocationIdNotFound", "The allocation ID '%s' does not exist. The embedded EC2 has no Elastic IP addresses.", id))
		}
		zones = append(zones, z)
	}
	switch {
	case len(zones) == 0:
		q.Fail(query.Refuse("ValidationError", "At least one subnet must be specified: write Subnets or SubnetMappings"))
	case simple > 0 && simple < len(zones):
		q.Fail(query.Refuse("ValidationError", "You can specify either Subnets or SubnetMappings, not both"))
	case len(zones) > maxBalancerSubnets:
		q.Fail(query.Refuse("ValidationError", "The request has %d subnets. A load balancer has one in each Availability Zone.", len(zones)))
	}
	return zones
}

// refuse returns the error for what no load balancer can have.
func (w wantedBalancer) refuse() error {
	if err := checkBalancingName("The load balancer", w.Name); err != nil {
		return err
	}
	if strings.HasPrefix(w.Name, "internal-") {
		return query.Refuse("ValidationError", "The load balancer name '%s' cannot begin with 'internal-'", w.Name)
	}
	return w.refuseKind()
}

// refuseKind returns the error for what no load balancer of its type can have.
func (w wantedBalancer) refuseKind() error {
	hasAddresses := slices.ContainsFunc(w.zones, func(z wantedZone) bool { return z.address.IsValid() || z.ipv6.IsValid() })
	switch {
	case w.Type != mirror.NetworkBalancer && w.Type != mirror.GatewayBalancer:
		return query.Refuse("OperationNotPermitted", "The embedded Elastic Load Balancing has no load balancers of the type '%s'. Set Type to network or gateway.", w.Type)
	case w.Type == mirror.NetworkBalancer:
		return w.refuseAddresses()
	case w.Scheme != "":
		return query.Refuse("ValidationError", "Scheme cannot be specified for load balancers with type 'gateway'")
	case len(w.SecurityGroups) > 0:
		return query.Refuse("ValidationError", "Security groups are not supported for load balancers with type 'gateway'")
	case hasAddresses:
		return query.Refuse("ValidationError", "Addresses cannot be specified for load balancers with type 'gateway'")
	case w.SourceNAT != "":
		return query.Refuse("ValidationError", "EnablePrefixForIpv6SourceNat cannot be specified for load balancers with type 'gateway'")
	}
	return nil
}

// refuseAddresses returns the error for addresses that a client may not choose.
func (w wantedBalancer) refuseAddresses() error {
	for _, z := range w.zones {
		switch {
		case z.address.IsValid() && w.Scheme != internalScheme:
			return query.Refuse("ValidationError", "Private IPv4 addresses can be specified only for internal load balancers")
		case z.ipv6.IsValid() && w.IPAddressType != dualStack:
			return query.Refuse("ValidationError", "IPv6 addresses can be specified only for load balancers with the IP address type dualstack")
		}
	}
	return nil
}

// createBalancer creates a load balancer, or returns the one with the same name and settings. It is
// active at once (A0203), and an internet-facing one needs no internet gateway (A0206).
func createBalancer(t *tx, w wantedBalancer) (loadBalancer, error) {
	v := w.loadBalancer
	if v.Type == mirror.NetworkBalancer {
		v.Scheme = cmp.Or(v.Scheme, internetScheme)
	}
	if arn := balancerNamed(t, v.Name); arn != "" {
		known, err := needBalancer(t, arn)
		if err == nil && !hasSettings(known, v, w.zones) {
			err = query.Refuse("DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", v.Name)
		}
		return known, err
	}
	if err := checkBalancerCount(t, v.Type); err != nil {
		return v, err
	}
	v.ARN = balancingARN(t, balancerResource+"/"+balancerPrefixes[v.Type]+"/"+v.Name+"/"+balancingID(t))
	v.Created, v.State, v.CrossZone = t.now, balancerActive, new(bool)
	err := placeBalancer(t, &v, w.zones)
	if err != nil {
		return v, err
	}
	loadBalancers.put(t, v.ARN, v)
	setTags(t, v.ARN, w.tags)
	return v, t.err
}

// balancerPrefixes are the parts of an ARN before the name.
var balancerPrefixes = map[mirror.LoadBalancerType]string{mirror.NetworkBalancer: "net", mirror.GatewayBalancer: "gwy"}

// hasSettings reports whether a load balancer is as a request wants it.
func hasSettings(known, wanted loadBalancer, zones []wantedZone) bool {
	var ids []string
	for _, z := range zones {
		isOther := func(k mirror.LoadBalancerZone) bool {
			return k.SubnetID == z.subnetID && (k.ChosenIPv4 != z.address || k.ChosenIPv6 != z.ipv6)
		}
		if slices.ContainsFunc(known.Zones, isOther) {
			return false
		}
		ids = append(ids, z.subnetID)
	}
	slices.Sort(ids)
	return known.sourceNAT() == wanted.sourceNAT() && known.Type == wanted.Type && known.Scheme == wanted.Scheme && known.IPAddressType == wanted.IPAddressType &&
		slices.Equal(known.subnets(), ids) && slices.Equal(known.SecurityGroups, wanted.SecurityGroups)
}

func checkBalancerCount(t *tx, of mirror.LoadBalancerType) error {
	most := map[mirror.LoadBalancerType]int{mirror.NetworkBalancer: maxNetworkBalancers, mirror.GatewayBalancer: maxGatewayBalancers}[of]
	n := 0
	for _, v := range loadBalancers.all(t, "") {
		if v.Type == of {
			n++
		}
	}
	if n >= most {
		return query.Refuse("TooManyLoadBalancers", "The limit of %d load balancers of the type %s has been reached", most, of)
	}
	return nil
}
