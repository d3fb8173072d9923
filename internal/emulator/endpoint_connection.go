package emulator

import (
	"cmp"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// An endpoint to a service of this account is also a connection of that service.
//
//	CreateVpcEndpoint, acceptance required:     pendingAcceptance
//	CreateVpcEndpoint, no acceptance required:  available
//	AcceptVpcEndpointConnections:               pendingAcceptance, rejected -> available
//	RejectVpcEndpointConnections:               pendingAcceptance, available -> rejected
//
// EC2 has the states pending and deleting between them. Here each change is done at once
// (A0210).

// The states of an endpoint
// (https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html#concepts-vpc-endpoints).
const (
	endpointAvailable = "available"
	endpointPending   = "pendingAcceptance"
	endpointRejected  = "rejected"
)

func (v gatewayEndpoint) state() string { return cmp.Or(v.State, endpointAvailable) }

// connectionFields are the documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointConnections.html).
var connectionFields = []field[gatewayEndpoint]{
	{"ip-address-type", func(*tx, gatewayEndpoint) []string { return oneValue(endpointsIPv4) }},
	{"service-id", func(t *tx, v gatewayEndpoint) []string { return oneValue(serviceOf(t, v).ID) }},
	{"vpc-endpoint-id", func(_ *tx, v gatewayEndpoint) []string { return oneValue(v.ID) }},
	{"vpc-endpoint-owner", func(t *tx, _ gatewayEndpoint) []string { return oneValue(t.account) }},
	{"vpc-endpoint-region", func(t *tx, _ gatewayEndpoint) []string { return oneValue(t.region) }},
	{"vpc-endpoint-state", func(_ *tx, v gatewayEndpoint) []string { return oneValue(v.state()) }},
}

// serviceOf returns the service of this account to which an endpoint leads. It has no ID if
// the service is not here.
func serviceOf(t *tx, v gatewayEndpoint) endpointService {
	service, _ := serviceByName(t, v.ServiceName)
	return service
}

func describeConnections(q *query.Query) operation {
	l := q.Listing()
	l.Allow(q, fieldNames(connectionFields), false)
	return func(t *tx, x *query.Writer) error {
		match := func(v gatewayEndpoint) bool {
			return serviceOf(t, v).ID != "" && l.Matches(func(name string) []string { return valuesOf(t, connectionFields, name, v) })
		}
		query.WritePage(x, l, "vpcEndpointConnectionSet", endpoints.all(t, l.After), match, func(v gatewayEndpoint) { writeConnection(x, t, v) })
		return t.err
	}
}

// writeConnection writes an endpoint as its service sees it. The tags are those of the
// connection, which can have none here.
func writeConnection(x *query.Writer, t *tx, v gatewayEndpoint) {
	service := serviceOf(t, v)
	x.Text("serviceId", service.ID)
	x.Text("vpcEndpointId", v.ID)
	x.Text("vpcEndpointOwner", t.account)
	x.Text("vpcEndpointRegion", t.region)
	x.Text("vpcEndpointState", v.state())
	x.Text("creationTimestamp", timeText(v.created()))
	x.Text("ipAddressType", endpointsIPv4)
	x.Text("vpcEndpointConnectionId", derivedID("vpce-con-", service.ID+v.ID))
	writeTexts(x, "gatewayLoadBalancerArnSet", service.GatewayBalancers)
	writeTexts(x, "networkLoadBalancerArnSet", service.NetworkBalancers)
	x.In("dnsEntrySet", func() {})
	x.In("tagSet", func() {})
}

// setConnections returns the action that accepts or rejects the connections of a service,
// and lists those that it did not find.
func setConnections(state string) func(*query.Query) operation {
	return func(q *query.Query) operation {
		id := endpointServices.needID(q, "ServiceId")
		ids := endpoints.readIDs(q, "VpcEndpointId")
		if len(ids) == 0 {
			q.Fail(query.Missing("VpcEndpointId.1"))
		}
		return func(t *tx, x *query.Writer) error {
			service, err := endpointServices.need(t, id)
			if err != nil {
				return err
			}
			x.In("unsuccessful", func() {
				for _, endpoint := range ids {
					setConnection(t, x, service, endpoint, state)
				}
			})
			return nil
		}
	}
}

func setConnection(t *tx, x *query.Writer, service endpointService, id, state string) {
	v, ok := endpoints.get(t, id)
	if !ok || v.ServiceName != service.name(t) {
		writeUnsuccessful(x, id, "InvalidVpcEndpoint.NotFound", "The Vpc Endpoint Id '"+id+"' does not exist")
		return
	}
	v.State = state
	endpoints.put(t, id, v)
}
