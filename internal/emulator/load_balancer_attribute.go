package emulator

import (
	"maps"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

const deletionProtection = "deletion_protection.enabled"

// balancerAttribute is an attribute of load balancers with its default and its values
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html).
type balancerAttribute struct {
	key     string
	initial string
	gateway bool // Gateway Load Balancers have it too
	accepts func(text string) bool
	values  string // in words
}

var (
	isFlag    = oneOf("true", "false")
	isAnyText = func(text string) bool { return len(text) <= 255 }
)

// denyInternet is an attribute whose default depends on the scheme.
const denyInternet = "ipv6.deny_all_igw_traffic"

var balancerAttributes = []balancerAttribute{
	{"access_logs.s3.bucket", "", false, isAnyText, "the name of an S3 bucket"},
	{"access_logs.s3.enabled", "false", false, isFlag, "true or false"},
	{"access_logs.s3.prefix", "", false, isAnyText, "a prefix in the S3 bucket"},
	{deletionProtection, "false", true, isFlag, "true or false"},
	{
		"dns_record.client_routing_policy", "any_availability_zone", false,
		oneOf("any_availability_zone", "partial_availability_zone_affinity", "availability_zone_affinity"),
		"any_availability_zone, partial_availability_zone_affinity or availability_zone_affinity",
	},
	{denyInternet, "false", false, isFlag, "true or false"},
	{crossZoneEnabled, "false", true, isFlag, "true or false"},
	{"secondary_ips.auto_assigned.per_subnet", "0", false, between(0, 7), "a number from 0 to 7"},
	{"zonal_shift.config.enabled", "false", false, isFlag, "true or false"},
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
	arn := needBalancerARN(q)
	return func(t *tx, x *query.Writer) error {
		v, err := needBalancer(t, arn)
		if err == nil {
			writeBalancerAttributes(x, v)
		}
		return err
	}
}

func modifyBalancerAttributes(q *query.Query) operation {
	arn, changes := needBalancerARN(q), readAttributes(q)
	return func(t *tx, x *query.Writer) error {
		v, err := needBalancer(t, arn)
		if err != nil {
			return err
		}
		v.Attributes = maps.Clone(v.Attributes)
		for _, key := range slices.Sorted(maps.Keys(changes)) {
			if err := v.set(key, changes[key]); err != nil {
				return err
			}
		}
		if v.attribute("access_logs.s3.enabled") == "true" && v.attribute("access_logs.s3.bucket") == "" {
			return query.Refuse("InvalidConfigurationRequest", "The value of 'access_logs.s3.bucket' must be set if access logs are enabled")
		}
		loadBalancers.put(t, arn, v)
		writeBalancerAttributes(x, v)
		return t.err
	}
}

// set changes an attribute. Clients look for "attribute key '...' is not recognized" and "is not
// supported" in the message.
func (v *loadBalancer) set(key, text string) error {
	i := slices.IndexFunc(balancerAttributes, func(a balancerAttribute) bool { return a.key == key })
	isOther := i < 0 && slices.Contains(otherAttributes, key)
	switch {
	case isOther || i >= 0 && v.Type == mirror.GatewayBalancer && !balancerAttributes[i].gateway:
		return query.Refuse("InvalidConfigurationRequest", "Load balancer attribute key '%s' is not supported on load balancers with type '%s'", key, v.Type)
	case i < 0:
		return query.Refuse("ValidationError", "Load balancer attribute key '%s' is not recognized", key)
	case !balancerAttributes[i].accepts(text):
		return query.Refuse("ValidationError", "The value '%s' of the load balancer attribute '%s' is not valid. Write %s.", text, key, balancerAttributes[i].values)
	case key == crossZoneEnabled:
		v.CrossZone = new(text == "true")
		return nil
	}
	if v.Attributes == nil {
		v.Attributes = map[string]string{}
	}
	v.Attributes[key] = text
	return nil
}
