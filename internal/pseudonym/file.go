package pseudonym

import (
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// kept are the keys of texts that stay, because they have values of AWS. The text of any other
// key is replaced, so that nothing is forgotten when the file gets a key.
var kept = []string{
	"alpn_policy", "availability_zone", "cross_zone", "health", "http_endpoint", "http_protocol_ipv6", "http_tokens", "instance_metadata_tags", "instance_tenancy", "instance_type", "interface_type", "ip_address_type", "matcher", "not_read", "origin", "partly_read", "port",
	"private_dns_hostname_type_on_launch", "protocol", "reason", "region", "scheme", "security_policy", "state", "target_type", "type",
}

// File returns a file with everything replaced that names the account.
func (m *Map) File(f *topology.File) *topology.File {
	after := copier{m}.value(reflect.ValueOf(f).Elem(), "").Interface().(topology.File)
	return &after
}

// copier copies values, with their texts and addresses replaced.
type copier struct{ *Map }

// value replaces what a value has. key is that of the field.
func (m copier) value(v reflect.Value, key string) reflect.Value {
	switch of := v.Interface().(type) {
	case netip.Addr:
		return reflect.ValueOf(m.Address(of))
	case netip.Prefix:
		return reflect.ValueOf(m.Prefix(of))
	case mirror.MAC:
		return reflect.ValueOf(m.MAC(of))
	case string:
		return reflect.ValueOf(m.field(key, of))
	}
	switch v.Kind() {
	case reflect.Struct:
		return m.structOf(v)
	case reflect.Slice:
		return m.slice(v, key)
	case reflect.Map:
		return m.mapOf(v, key)
	case reflect.Pointer:
		return m.pointer(v, key)
	}
	return v // numbers, and texts of a type of their own: they have values of AWS
}

func (m copier) structOf(v reflect.Value) reflect.Value {
	after := reflect.New(v.Type()).Elem()
	after.Set(v) // also what is not exported, as in a time
	for field, value := range v.Fields() {
		if !field.IsExported() {
			continue
		}
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		after.FieldByIndex(field.Index).Set(m.value(value, key))
	}
	return after
}

func (m copier) slice(v reflect.Value, key string) reflect.Value {
	if v.IsNil() {
		return v
	}
	after := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		after.Index(i).Set(m.value(v.Index(i), key))
	}
	return after
}

func (m copier) pointer(v reflect.Value, key string) reflect.Value {
	if v.IsNil() {
		return v
	}
	after := reflect.New(v.Type().Elem())
	after.Elem().Set(m.value(v.Elem(), key))
	return after
}

func (m copier) mapOf(v reflect.Value, key string) reflect.Value {
	if v.IsNil() {
		return v
	}
	after := reflect.MakeMap(v.Type())
	for k, value := range v.Seq2() {
		name := m.mapKey(key, k.String())
		after.SetMapIndex(reflect.ValueOf(name), m.value(value, below(key, name)))
	}
	return after
}

const attributes = "attributes"

// below returns the key of the values of a map. An attribute is known by its own.
func below(key, name string) string {
	if key == attributes {
		return attributes + " " + name
	}
	return "tags"
}

// mapKey replaces the key of a map: of a tag, or the ID of a rule. The keys of attributes are those
// of AWS.
func (m copier) mapKey(key, name string) string {
	if key == attributes || isKeptTag(name) {
		return name
	}
	return m.Text(name)
}

// isKeptTag reports whether the key of a tag stays: Name, which pages show, and the keys of AWS. Any
// other can be the name of a person, a project or a cluster.
func isKeptTag(key string) bool { return key == "Name" || mirror.IsReservedTag(key) }

// requester is the form of the services of AWS that manage interfaces.
var requester = regexp.MustCompile(`^(amazon-(aws|elasticache|elb|rds|vpc)|awslambda)$`)

// attributeWord is the form of the values of attributes that are not names.
var attributeWord = regexp.MustCompile(`^(true|false|off|[0-9]+|any_availability_zone|availability_zone_affinity|partial_availability_zone_affinity|no_rebalance|rebalance|none|source_ip|source_ip_dest_ip|source_ip_dest_ip_proto|use_load_balancer_configuration)$`)

// wordKeys are the keys of attributes whose values are words or numbers of AWS. The values of all others,
// such as the bucket and the prefix of access logs, are replaced.
var wordKeys = []string{
	"access_logs.s3.enabled", "deletion_protection.enabled", "deregistration_delay.connection_termination.enabled", "deregistration_delay.timeout_seconds",
	"dns_record.client_routing_policy", "ipv6.deny_all_igw_traffic", "load_balancing.cross_zone.enabled", "preserve_client_ip.enabled", "proxy_protocol_v2.enabled",
	"secondary_ips.auto_assigned.per_subnet", "send_tcp_reset.on_deregistration.enabled", "send_tcp_reset.on_idle_timeout.enabled", "send_tcp_reset.on_unhealthy.enabled", "stickiness.enabled", "stickiness.type",
	"target_failover.on_deregistration", "target_failover.on_unhealthy", "target_group_health.dns_failover.minimum_healthy_targets.count",
	"target_group_health.dns_failover.minimum_healthy_targets.percentage", "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
	"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "target_health_state.unhealthy.connection_termination.enabled",
	"target_health_state.unhealthy.draining_interval_seconds", "tcp.idle_timeout.seconds", "zonal_shift.config.enabled",
}

// field replaces the text of a field.
func (m copier) field(key, text string) string {
	attribute, isAttribute := strings.CutPrefix(key, attributes+" ")
	switch {
	case slices.Contains(kept, key),
		key == "requester_id" && requester.MatchString(text),
		isAttribute && slices.Contains(wordKeys, attribute) && attributeWord.MatchString(text),
		key == "service_name" && awsNames.MatchString(text) && !strings.Contains(text, mirror.KindEndpointService.Prefix):
		return text
	case key == "name" && !service.MatchString(text):
		return m.name(text)
	}
	return m.Text(text)
}
