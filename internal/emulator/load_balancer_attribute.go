package emulator

import (
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

const deletionProtection = "deletion_protection.enabled"

// balancerAttribute is an attribute of load balancers with its default and its values
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html).
type balancerAttribute struct {
	attributeRule
	initial string
	gateway bool // Gateway Load Balancers have it too
}

var (
	isFlag    = oneOf("true", "false")
	isAnyText = func(text string) bool { return len(text) <= 255 }
)

// secondaryAddresses is an attribute whose number cannot decrease.
const secondaryAddresses = "secondary_ips.auto_assigned.per_subnet"

// denyInternet is an attribute whose default depends on the scheme.
const denyInternet = "ipv6.deny_all_igw_traffic"

var balancerAttributes = []balancerAttribute{
	{attributeRule{"access_logs.s3.bucket", isAnyText, "the name of an S3 bucket"}, "", false},
	{attributeRule{"access_logs.s3.enabled", isFlag, "true or false"}, "false", false},
	{attributeRule{"access_logs.s3.prefix", isAnyText, "a prefix in the S3 bucket"}, "", false},
	{attributeRule{deletionProtection, isFlag, "true or false"}, "false", true},
	{attributeRule{
		"dns_record.client_routing_policy", oneOf("any_availability_zone", "partial_availability_zone_affinity", "availability_zone_affinity"),
		"any_availability_zone, partial_availability_zone_affinity or availability_zone_affinity",
	}, "any_availability_zone", false},
	{attributeRule{denyInternet, isFlag, "true or false"}, "false", false},
	{attributeRule{crossZoneEnabled, isFlag, "true or false"}, "false", true},
	{attributeRule{secondaryAddresses, between(0, 7), "a number from 0 to 7"}, "0", false},
	{attributeRule{"zonal_shift.config.enabled", isFlag, "true or false"}, "false", false},
}

// otherAttributes are those of Application Load Balancers.
var otherAttributes = []string{
	"client_keep_alive.seconds", "connection_logs.s3.bucket", "connection_logs.s3.enabled", "connection_logs.s3.prefix",
	"health_check_logs.s3.bucket", "health_check_logs.s3.enabled", "health_check_logs.s3.prefix", "idle_timeout.timeout_seconds",
	"routing.http.desync_mitigation_mode", "routing.http.drop_invalid_header_fields.enabled", "routing.http.preserve_host_header.enabled",
	"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "routing.http.xff_client_port.enabled",
	"routing.http.xff_header_processing.mode", "routing.http2.enabled", "waf.fail_open.enabled",
}

// attribute returns the value of an attribute. That of cross-zone load balancing is "" if a topology
// does not say it.
func (v loadBalancer) attribute(key string) string {
	if key == crossZoneEnabled {
		if v.CrossZone == nil {
			return ""
		}
		return strconv.FormatBool(*v.CrossZone)
	}
	if text, set := v.Attributes[key]; set {
		return text
	}
	if key == denyInternet {
		return strconv.FormatBool(v.Scheme == internalScheme)
	}
	i := slices.IndexFunc(balancerAttributes, func(a balancerAttribute) bool { return a.key == key })
	if i < 0 {
		return ""
	}
	return balancerAttributes[i].initial
}

// writeBalancerAttributes writes all attributes of a load balancer but the one that is unknown.
func writeBalancerAttributes(x *query.Writer, v loadBalancer) {
	all := map[string]string{}
	for _, a := range balancerAttributes {
		if a.gateway || v.Type == mirror.NetworkBalancer {
			all[a.key] = v.attribute(a.key)
		}
	}
	if v.CrossZone == nil {
		delete(all, crossZoneEnabled)
	}
	writeBalancingMap(x, "Attributes", all)
}

func describeBalancerAttributes(q *query.Query) operation {
	return describeAttributes(needBalancerARN(q), needBalancer, writeBalancerAttributes)
}

func modifyBalancerAttributes(q *query.Query) operation {
	return modifyAttributes(loadBalancers, q, needBalancerARN(q), needBalancer, loadBalancer.withAttributes, writeBalancerAttributes)
}

func isFewer(text, than string) bool {
	n, err := strconv.Atoi(text)
	most, _ := strconv.Atoi(than)
	return err == nil && 0 <= n && n < most
}

// withAttributes returns a load balancer with more attributes. Clients look for "is not supported" in the message.
func (v loadBalancer) withAttributes(given map[string]string) (loadBalancer, error) {
	set, err := withEach(v.Attributes, given, func(into map[string]string, key, text string) error {
		i := slices.IndexFunc(balancerAttributes, func(a balancerAttribute) bool { return a.key == key })
		isOther := i < 0 && slices.Contains(otherAttributes, key)
		switch {
		case isOther || i >= 0 && v.Type == mirror.GatewayBalancer && !balancerAttributes[i].gateway:
			return query.Refuse("InvalidConfigurationRequest", "Load balancer attribute key '%s' is not supported on load balancers with type '%s'", key, v.Type)
		case i < 0:
			return unknownAttribute("Load balancer", key)
		case key == secondaryAddresses && isFewer(text, v.attribute(key)):
			return query.Refuse("InvalidConfigurationRequest", "The value of '%s' cannot be decreased. It is %s.", key, v.attribute(key))
		case key == crossZoneEnabled:
			v.CrossZone = new(text == "true")
		default:
			into[key] = text
		}
		return balancerAttributes[i].refuse("load balancer", text)
	})
	v.Attributes = set
	if err == nil && v.attribute("access_logs.s3.enabled") == "true" && v.attribute("access_logs.s3.bucket") == "" {
		err = query.Refuse("InvalidConfigurationRequest", "The value of 'access_logs.s3.bucket' must be set if access logs are enabled")
	}
	return v, err
}
