package topology

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// groupARN is the form of the ARN of a target group, with its name.
var groupARN = regexp.MustCompile(`^arn:[^:]+:elasticloadbalancing:[^:]+:[0-9]{12}:targetgroup/([A-Za-z0-9-]{1,32})/[0-9a-f]{16}$`)

// The values of a target group. A load balancer of another type than network and gateway has
// groups with other protocols.
var (
	groupProtocols = []string{"TCP", "UDP", "TCP_UDP", "TLS", "QUIC", "TCP_QUIC", "GENEVE"}
	checkProtocols = []string{"TCP", "HTTP", "HTTPS"}
	targetTypes    = []string{"instance", "ip", "alb"}
	addressTypes   = []string{"ipv4", "ipv6"}
)

// checkTargetGroups checks the target groups and their targets.
func checkTargetGroups(f *File) error {
	first := map[string]int{}
	for i, v := range f.TargetGroups {
		at := fmt.Sprintf("target_groups[%d]", i)
		if before, twice := first[v.ARN]; twice {
			return fmt.Errorf("%s.arn is that of target_groups[%d] too: write each target group once", at, before)
		}
		first[v.ARN] = i
		if err := cmp.Or(checkGroup(at, v), checkHealthCheck(at+".health_check", v.HealthCheck), checkRegistered(at, v)); err != nil {
			return err
		}
	}
	return nil
}

func checkGroup(at string, v mirror.TargetGroup) error {
	parts := groupARN.FindStringSubmatch(v.ARN)
	switch {
	case parts == nil:
		return fmt.Errorf("%s.arn is %q: write the ARN of a target group, such as arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID", at, v.ARN)
	case v.Name != "" && v.Name != parts[1]:
		return fmt.Errorf("%s.name is %q, and the arn has %q: write the same name, or leave it out", at, v.Name, parts[1])
	case v.Protocol == "GENEVE" && v.Port != 0 && v.Port != 6081:
		return fmt.Errorf("%s.port is %d: the protocol GENEVE has port 6081", at, v.Port)
	}
	return cmp.Or(checkOneOf(at+".protocol", v.Protocol, groupProtocols), checkPort(at+".port", v.Port), checkOneOf(at+".target_type", v.TargetType, targetTypes),
		checkReference(at+".vpc_id", mirror.KindVPC, v.VPCID), checkOneOf(at+".ip_address_type", v.IPAddressType, addressTypes),
		checkOneOf(at+".cross_zone", v.CrossZone, mirror.CrossZones))
}

// checkOneOf checks an optional value that is one of some texts.
func checkOneOf(at, text string, values []string) error {
	if text == "" || slices.Contains(values, text) {
		return nil
	}
	return fmt.Errorf("%s is %q: write one of %s", at, text, strings.Join(values, ", "))
}

// checkPort checks an optional port.
func checkPort(at string, port int) error {
	if port == 0 || mirror.Ports.Contains(int64(port)) && port > 0 {
		return nil
	}
	return fmt.Errorf("%s is %d: write a port from 1 to 65535", at, port)
}

func checkHealthCheck(at string, v mirror.HealthCheck) error {
	port, err := strconv.Atoi(v.Port)
	if v.Port != "" && v.Port != "traffic-port" && (err != nil || port < 1 || port > 65535) {
		return fmt.Errorf("%s.port is %q: write a port from 1 to 65535, or traffic-port", at, v.Port)
	}
	for _, n := range []struct {
		key                     string
		value, lowest, greatest int
	}{
		{"interval_seconds", v.IntervalSeconds, 5, 300},
		{"timeout_seconds", v.TimeoutSeconds, 2, 120},
		{"healthy_threshold", v.HealthyThreshold, 2, 10},
		{"unhealthy_threshold", v.UnhealthyThreshold, 2, 10},
	} {
		if n.value != 0 && (n.value < n.lowest || n.value > n.greatest) {
			return fmt.Errorf("%s.%s is %d: write a number from %d to %d", at, n.key, n.value, n.lowest, n.greatest)
		}
	}
	return checkOneOf(at+".protocol", v.Protocol, checkProtocols)
}

// registration is what a target group can have once.
type registration struct {
	id   string
	port int
}

func checkRegistered(at string, v mirror.TargetGroup) error {
	first := map[registration]int{}
	for i, r := range v.Targets {
		in := fmt.Sprintf("%s.targets[%d]", at, i)
		if err := cmp.Or(checkTargetID(in+".id", v.TargetType, r), checkTargetAddress(in, r), checkPort(in+".port", r.Port), checkOneOf(in+".health", r.Health, mirror.Healths),
			checkReference(in+".network_interface_id", mirror.KindInterface, r.InterfaceID)); err != nil {
			return err
		}
		if (r.Reason != "" || r.Description != "") && r.Health == "" {
			return fmt.Errorf("%s.health is missing: it has the reason %q", in, cmp.Or(r.Reason, r.Description))
		}
		key := registration{r.ID, cmp.Or(r.Port, v.Port)}
		if before, twice := first[key]; twice {
			return fmt.Errorf("%s.id is %q, as is %s.targets[%d].id: write each target once, or give each a port of its own", in, r.ID, at, before)
		}
		first[key] = i
	}
	return nil
}

// checkTargetID checks that a target is named as the type of its group says: by the ID of an
// instance, by an address, or by the ARN of an Application Load Balancer.
func checkTargetID(at, targetType string, r mirror.RegisteredTarget) error {
	_, err := netip.ParseAddr(r.ID)
	isInstance, isAddress := mirror.KindInstance.Is(r.ID), err == nil
	switch {
	case targetType == "instance" && !isInstance:
		return mirror.KindInstance.Check(at, r.ID).Err()
	case targetType == "ip" && !isAddress:
		return fmt.Errorf("%s is %q: write an IP address, because the target_type is ip", at, r.ID)
	case targetType == "" && !isInstance && !isAddress:
		return fmt.Errorf("%s is %q: write the ID of an instance or an IP address", at, r.ID)
	}
	return nil
}

func checkTargetAddress(at string, r mirror.RegisteredTarget) error {
	named, err := netip.ParseAddr(r.ID)
	if err == nil && r.Address.IsValid() && r.Address != named {
		return fmt.Errorf("%s.ip_address is %s, and the id is %s: write the same address, or leave ip_address out", at, r.Address, r.ID)
	}
	return nil
}
