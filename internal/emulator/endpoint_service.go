package emulator

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// endpointService is a VPC endpoint service of the account.
type endpointService struct {
	mirror.EndpointService
	AddressTypes []string `json:"supported_ip_address_types,omitempty"` // nil: ipv4
}

const interfaceServices = "Interface"

// serviceType returns the type of the endpoints that lead to the service.
func (v endpointService) serviceType() string {
	if len(v.NetworkBalancers) > 0 {
		return interfaceServices
	}
	return endpointType
}

func (v endpointService) state() string { return cmp.Or(v.State, "Available") }

func (v endpointService) addressTypes() []string {
	if len(v.AddressTypes) == 0 {
		return []string{endpointsIPv4}
	}
	return v.AddressTypes
}

// balancers returns the ARNs of all load balancers of the service. Those of one service are
// of one type.
func (v endpointService) balancers() []string {
	return slices.Concat(v.GatewayBalancers, v.NetworkBalancers)
}

// serviceDescriber has all documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServiceConfigurations.html).
var serviceDescriber = describer[endpointService]{
	of:      endpointServices,
	set:     "serviceConfigurationSet",
	ids:     "ServiceId",
	idField: "service-id",
	fields: []field[endpointService]{
		{"service-name", func(t *tx, v endpointService) []string { return oneValue(v.name(t)) }},
		{"service-state", func(_ *tx, v endpointService) []string { return oneValue(v.state()) }},
		{"supported-ip-address-types", func(_ *tx, v endpointService) []string { return v.addressTypes() }},
	},
	write: func(t *tx, x *query.Writer, _ string, v endpointService) { writeService(x, t, v) },
}

// name returns the name by which endpoints find the service.
func (v endpointService) name(t *tx) string { return cmp.Or(v.Name, serviceNameOf(t, v.ID)) }

func serviceNameOf(t *tx, id string) string {
	return servicePrefix(t) + strings.TrimPrefix(id, mirror.KindEndpointService.Prefix)
}

// serviceByName returns the service of this account that has a name.
func serviceByName(t *tx, name string) (endpointService, bool) {
	id, named := strings.CutPrefix(name, servicePrefix(t))
	if !named {
		return endpointService{}, false
	}
	return endpointServices.get(t, mirror.KindEndpointService.Prefix+id)
}

// zones returns the zones in which the service is available: those that its load balancers
// have. A load balancer whose zones are unknown makes them unknown, nil.
func (v endpointService) zones(t *tx) []string {
	all := map[string]bool{}
	for _, arn := range v.balancers() {
		b, _ := loadBalancers.get(t, arn)
		if len(b.Zones) == 0 {
			return nil
		}
		for _, z := range b.Zones {
			if z.Zone == "" {
				return nil
			}
			all[z.Zone] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func writeService(x *query.Writer, t *tx, v endpointService) {
	writeServiceCommon(x, t, v)
	x.Text("serviceState", v.state())
	x.Bool("remoteAccessEnabled", false)
	writeTexts(x, "gatewayLoadBalancerArnSet", v.GatewayBalancers)
	writeTexts(x, "networkLoadBalancerArnSet", v.NetworkBalancers)
}

// writeServiceCommon writes what the account and those that use the service see.
func writeServiceCommon(x *query.Writer, t *tx, v endpointService) {
	x.Text("serviceId", v.ID)
	x.Text("serviceName", v.name(t))
	x.In("serviceType", func() {
		x.In("item", func() { x.Text("serviceType", v.serviceType()) })
	})
	zones := v.zones(t)
	writeTexts(x, "availabilityZoneSet", zones)
	x.In("availabilityZoneIdSet", func() {
		for _, name := range zones {
			x.Text("item", zoneIDOf(name))
		}
	})
	x.Bool("acceptanceRequired", v.AcceptanceRequired)
	x.Bool("managesVpcEndpoints", false)
	x.In("baseEndpointDnsNameSet", func() { x.OptText("item", v.dnsName(t)) })
	writeTexts(x, "supportedIpAddressTypeSet", v.addressTypes())
	writeTagSet(x, tagsOf(t, v.ID))
}

// dnsName returns the base of the DNS names of endpoints. Gateway Load Balancer endpoints
// have none.
func (v endpointService) dnsName(t *tx) string {
	if v.serviceType() == endpointType {
		return ""
	}
	return v.ID + "." + t.region + ".vpce.amazonaws.com"
}

func writeTexts(x *query.Writer, set string, texts []string) {
	x.In(set, func() {
		for _, text := range texts {
			x.Text("item", text)
		}
	})
}

// describeServicesByName describes the services to which endpoints can lead. Only those of
// this account are here: no service of AWS, and none of another account (A0090). It has all
// documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html).
func describeServicesByName(q *query.Query) operation {
	l := q.Listing()
	l.Allow(q, append(fieldNames(offerFields), "tag-key"), true)
	names, regions := q.List("ServiceName"), q.List("ServiceRegion")
	return func(t *tx, x *query.Writer) error {
		for _, name := range names {
			if _, ok := serviceByName(t, name); !ok {
				return noService(t, name)
			}
		}
		match := func(v endpointService) bool {
			tags := func() map[string]string { return tagsOf(t, v.ID) }
			return (names == nil || slices.Contains(names, v.name(t))) && (regions == nil || slices.Contains(regions, t.region)) &&
				l.Matches(func(name string) []string {
					if values, ok := valuesByTag(name, tags); ok {
						return values
					}
					return valuesOf(t, offerFields, name, v)
				})
		}
		var found []string
		query.WritePage(x, l, "serviceDetailSet", endpointServices.all(t, l.After), match, func(v endpointService) {
			found = append(found, v.name(t))
			writeOffer(x, t, v)
		})
		writeTexts(x, "serviceNameSet", found)
		return t.err
	}
}

var offerFields = []field[endpointService]{
	{"owner", func(t *tx, _ endpointService) []string { return oneValue(t.account) }},
	{"service-name", func(t *tx, v endpointService) []string { return oneValue(v.name(t)) }},
	{"service-region", func(t *tx, _ endpointService) []string { return oneValue(t.region) }},
	{"service-type", func(_ *tx, v endpointService) []string { return oneValue(v.serviceType()) }},
	{"supported-ip-address-types", func(_ *tx, v endpointService) []string { return v.addressTypes() }},
}

func writeOffer(x *query.Writer, t *tx, v endpointService) {
	writeServiceCommon(x, t, v)
	x.Text("serviceRegion", t.region)
	x.Text("owner", t.account)
	x.Bool("vpcEndpointPolicySupported", false)
	x.In("privateDnsNameSet", func() {})
}

func noService(t *tx, name string) error {
	return query.Refuse("InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist. Its name is %s and 17 hexadecimal digits.", name, servicePrefix(t))
}
