package emulator

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// gatewayEndpoint is a Gateway Load Balancer endpoint.
type gatewayEndpoint struct {
	topology.GatewayLoadBalancerEndpoint
	Created time.Time `json:"creation_timestamp,omitzero"`
}

const (
	endpointType  = "GatewayLoadBalancer"
	endpointsIPv4 = "ipv4"
)

// endpointDescriber has all documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html).
var endpointDescriber = describer[gatewayEndpoint]{
	of:      endpoints,
	set:     "vpcEndpointSet",
	ids:     "VpcEndpointId",
	idField: "vpc-endpoint-id",
	fields: []field[gatewayEndpoint]{
		{"vpc-id", func(_ *tx, v gatewayEndpoint) []string { return oneValue(v.VPCID) }},
		{"vpc-endpoint-type", func(*tx, gatewayEndpoint) []string { return oneValue(endpointType) }},
		{"vpc-endpoint-state", func(_ *tx, v gatewayEndpoint) []string { return oneValue(v.state()) }},
		{"service-name", func(t *tx, v gatewayEndpoint) []string { return oneValue(serviceName(t, v)) }},
		{"service-region", func(t *tx, _ gatewayEndpoint) []string { return oneValue(t.region) }},
		{"ip-address-type", func(*tx, gatewayEndpoint) []string { return oneValue(endpointsIPv4) }},
	},
	write: func(t *tx, x *query.Writer, _ string, v gatewayEndpoint) { writeEndpoint(x, t, v) },
}

// serviceName returns the name of the endpoint service in front of the Gateway Load
// Balancer. A topology can leave it out: then it is one that no service here has.
func serviceName(t *tx, v gatewayEndpoint) string {
	digits := strings.TrimPrefix(v.ID, mirror.KindEndpoint.Prefix)
	if endpointServices.has(t, mirror.KindEndpointService.Prefix+digits) {
		digits = derivedID("", v.ID)
	}
	return cmp.Or(v.ServiceName, servicePrefix(t)+digits)
}

// created returns when the endpoint was made. A topology file does not say it (A0173).
func (v gatewayEndpoint) created() time.Time {
	if v.Created.IsZero() {
		return unknownTime
	}
	return v.Created
}

func servicePrefix(t *tx) string { return mirror.EndpointServicePrefix(t.region) }

func writeEndpoint(x *query.Writer, t *tx, v gatewayEndpoint) {
	x.Text("vpcEndpointId", v.ID)
	x.Text("vpcEndpointType", endpointType)
	x.OptText("vpcId", v.VPCID)
	x.Text("serviceName", serviceName(t, v))
	x.Text("serviceRegion", t.region)
	x.Text("state", v.state())
	x.Text("ipAddressType", endpointsIPv4)
	x.Bool("privateDnsEnabled", false)
	x.Bool("requesterManaged", false)
	x.In("subnetIdSet", func() { x.OptText("item", v.SubnetID) })
	x.In("networkInterfaceIdSet", func() { x.Text("item", hiddenInterface(v.ID)) })
	// Endpoints of this type have no routes, no security groups and no DNS names.
	for _, set := range []string{"routeTableIdSet", "groupSet", "dnsEntrySet"} {
		x.In(set, func() {})
	}
	x.Text("creationTimestamp", timeText(v.created()))
	x.Text("ownerId", t.account)
	writeTagSet(x, tagsOf(t, v.ID))
}

// otherEndpoints are the parameters that only other types of endpoint have
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html).
var otherEndpoints = []string{
	"DnsOptions", "PolicyDocument", "ResourceConfigurationArn", "RouteTableId", "SecurityGroupId", "ServiceNetworkArn", "SubnetConfiguration",
}

// serviceID is the last part of the name of an endpoint service.
var serviceID = regexp.MustCompile(`^[0-9a-f]{17}$`)

func createEndpoint(q *query.Query) operation {
	v := gatewayEndpoint{}
	v.ServiceName = q.NeedText("ServiceName")
	v.VPCID = vpcs.needID(q, "VpcId")
	if kind := cmp.Or(q.Text("VpcEndpointType"), "Gateway"); kind != endpointType {
		q.Fail(query.Refuse("UnsupportedOperation", "The embedded EC2 has no endpoints of type %s, only of type %s. Write VpcEndpointType=%s.", kind, endpointType, endpointType))
	}
	refuseOtherEndpoints(q)
	serviceRegion := q.Text("ServiceRegion")
	ids := subnets.readIDs(q, "SubnetId")
	if len(ids) != 1 {
		q.Fail(query.Refuse("InvalidParameter", "The request names %d subnets. An endpoint of type %s has one.", len(ids), endpointType))
	}
	return endpointDescriber.createOnce(q, "vpcEndpoint", func(t *tx) (string, error) {
		v := v
		if serviceRegion != "" && serviceRegion != t.region {
			return "", query.Refuse("InvalidParameter", "Endpoints of type %s lead to services of their own Region, %s", endpointType, t.region)
		}
		v.SubnetID, v.Created = ids[0], t.now.UTC()
		if err := placeEndpoint(t, &v); err != nil {
			return "", err
		}
		putEndpoint(t, v)
		return v.ID, nil
	})
}

func refuseOtherEndpoints(q *query.Query) {
	for _, name := range otherEndpoints {
		if q.HasBelow(name) {
			q.Fail(query.Refuse("InvalidParameter", "Endpoints of type %s do not take the parameter %s", endpointType, name))
		}
	}
	if q.Bool("PrivateDnsEnabled") {
		q.Fail(query.Refuse("InvalidParameter", "Private DNS is not supported for endpoints of type %s", endpointType))
	}
	if kind := q.Text("IpAddressType"); kind != "" && kind != endpointsIPv4 {
		q.Fail(query.Refuse("UnsupportedOperation", "The embedded EC2 has no endpoints with IpAddressType=%s, only with %s", kind, endpointsIPv4))
	}
}

// checkEndpointService refuses a service to which the endpoint cannot lead. If it is of this
// account and wants to accept its endpoints, the endpoint waits. A service that is not here
// is that of another account: every name of one in the Region is accepted (A0090).
func checkEndpointService(t *tx, v *gatewayEndpoint) error {
	id, named := strings.CutPrefix(v.ServiceName, servicePrefix(t))
	if !named || !serviceID.MatchString(id) {
		return noService(t, v.ServiceName)
	}
	service, own := serviceByName(t, v.ServiceName)
	if !own {
		return nil
	}
	if service.serviceType() != endpointType {
		return query.Refuse("InvalidParameter", "Endpoint type (%s) does not match available service types ([%s]).", endpointType, service.serviceType())
	}
	if service.AcceptanceRequired {
		v.State = endpointPending
	}
	return nil
}

// checkServiceZone refuses a subnet in a zone in which the service has no load balancer.
func checkServiceZone(t *tx, v gatewayEndpoint, in subnet) error {
	zones := serviceOf(t, v).zones(t)
	if zones == nil || slices.Contains(zones, in.zone(t)) {
		return nil
	}
	return query.Refuse("InvalidParameter", "The VPC endpoint service %s does not support the availability zone of the subnet: %s.", v.ServiceName, v.SubnetID)
}

// placeEndpoint gives an endpoint an ID, a state, and an address of its subnet.
func placeEndpoint(t *tx, v *gatewayEndpoint) error {
	if err := checkEndpointService(t, v); err != nil {
		return err
	}
	if _, err := vpcs.need(t, v.VPCID); err != nil {
		return err
	}
	in, err := subnets.need(t, v.SubnetID)
	if err != nil {
		return err
	}
	if in.VPCID != v.VPCID {
		return query.Refuse("InvalidParameter", "The subnet '%s' is not in the vpc '%s'", v.SubnetID, v.VPCID)
	}
	if !in.CIDRBlock.IsValid() {
		return query.Refuse("InvalidParameter", "The subnet '%s' has no IPv4 addresses for an endpoint with IpAddressType=%s", v.SubnetID, endpointsIPv4)
	}
	if err := checkServiceZone(t, *v, in); err != nil {
		return err
	}
	v.ID = endpoints.freshID(t)
	v.IPAddress, err = pickAddress(t, in, in.CIDRBlock, nil)
	return err
}

// putEndpoint stores an endpoint and its interface.
func putEndpoint(t *tx, v gatewayEndpoint) {
	endpoints.put(t, v.ID, v)
	putInterface(t, networkInterface{VPCID: v.VPCID, Interface: mirror.Interface{
		ID:               hiddenInterface(v.ID),
		SubnetID:         v.SubnetID,
		Type:             "gateway_load_balancer_endpoint",
		Description:      "VPC Endpoint Interface " + v.ID,
		RequesterManaged: true,
		RequesterID:      "amazon-aws",
		PrivateIPAddress: v.IPAddress,
	}})
}

// deleteEndpoints deletes endpoints with their interfaces, and lists those that it
// could not delete. A target on an endpoint stays, and no copy arrives there any more
// (A0062).
func deleteEndpoints(q *query.Query) operation {
	ids := endpoints.readIDs(q, "VpcEndpointId")
	if len(ids) == 0 {
		q.Fail(query.Missing("VpcEndpointId.1"))
	}
	return func(t *tx, x *query.Writer) error {
		x.In("unsuccessful", func() {
			for _, id := range ids {
				deleteEndpoint(t, x, id)
			}
		})
		return nil
	}
}

// deleteEndpoint deletes an endpoint, or writes why it cannot.
func deleteEndpoint(t *tx, x *query.Writer, id string) {
	if endpoints.has(t, id) {
		interfaces.del(t, hiddenInterface(id))
		endpoints.del(t, id)
		return
	}
	writeUnsuccessful(x, id, "InvalidVpcEndpoint.NotFound", "The Vpc Endpoint Id '"+id+"' does not exist")
}

// describePrefixLists answers that there are none. Clients ask for the list of the
// service of an endpoint. Only other types of endpoint have one.
func describePrefixLists(q *query.Query) operation {
	l := q.Listing()
	l.Allow(q, []string{"prefix-list-id", "prefix-list-name"}, false)
	ids := q.List("PrefixListId")
	return func(_ *tx, x *query.Writer) error {
		if len(ids) > 0 {
			return noPrefixList(ids[0])
		}
		x.In("prefixListSet", func() {})
		return nil
	}
}
