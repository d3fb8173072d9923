package emulator

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func createService(q *query.Query) operation {
	v := endpointService{}
	v.AcceptanceRequired = q.Bool("AcceptanceRequired")
	if !q.Has("AcceptanceRequired") {
		v.AcceptanceRequired = true // the default
	}
	v.GatewayBalancers, v.NetworkBalancers = q.List("GatewayLoadBalancerArn"), q.List("NetworkLoadBalancerArn")
	v.AddressTypes = q.List("SupportedIpAddressType")
	regions := q.List("SupportedRegion")
	refusePrivateName(q)
	return serviceDescriber.createOnce(q, "serviceConfiguration", func(t *tx) (string, error) {
		v := v
		if err := checkServiceRegions(t, regions); err != nil {
			return "", err
		}
		if err := checkService(t, v); err != nil {
			return "", err
		}
		v.ID = endpointServices.freshID(t)
		v.Name = serviceNameOf(t, v.ID)
		endpointServices.put(t, v.ID, v)
		return v.ID, nil
	})
}

// refusePrivateName refuses a private DNS name. Services with Gateway Load Balancers have
// none, and whether somebody owns a domain cannot be verified here.
func refusePrivateName(q *query.Query) {
	if q.Text("PrivateDnsName") != "" {
		q.Fail(query.Refuse("UnsupportedOperation", "The embedded EC2 has no private DNS names of endpoint services"))
	}
}

func checkServiceRegions(t *tx, regions []string) error {
	for _, region := range regions {
		if region != t.region {
			return query.Refuse("UnsupportedOperation", "The embedded EC2 has endpoints in the Region of their service only, %s", t.region)
		}
	}
	return nil
}

// checkService refuses a service that EC2 cannot have. The codes are assumptions (A0210).
func checkService(t *tx, v endpointService) error {
	if (len(v.GatewayBalancers) == 0) == (len(v.NetworkBalancers) == 0) {
		return query.Refuse("InvalidParameter", "exactly one of network_load_balancer_arn or gateway_load_balancer_arn is a required member")
	}
	for _, arn := range v.GatewayBalancers {
		if err := checkServiceBalancer(t, arn, mirror.GatewayBalancer); err != nil {
			return err
		}
	}
	for _, arn := range v.NetworkBalancers {
		if err := checkServiceBalancer(t, arn, mirror.NetworkBalancer); err != nil {
			return err
		}
	}
	for _, text := range v.AddressTypes {
		if text != endpointsIPv4 && text != "ipv6" {
			return query.InvalidValue("SupportedIpAddressType", text, "Write ipv4 or ipv6.")
		}
	}
	return nil
}

func checkServiceBalancer(t *tx, arn string, of mirror.LoadBalancerType) error {
	b, ok := loadBalancers.get(t, arn)
	switch {
	case !ok:
		return query.Refuse("InvalidParameter", "The load balancer '%s' does not exist", arn)
	case b.Type != of:
		return query.Refuse("InvalidParameter", "The load balancer '%s' is of type %s. Write one of type %s.", arn, b.Type, of)
	}
	return nil
}

// serviceChange is what a ModifyVpcEndpointServiceConfiguration changes.
type serviceChange struct {
	acceptance                     *bool
	addGateway, removeGateway      []string
	addNetwork, removeNetwork      []string
	addAddressTypes, dropAddresses []string
	regions                        []string
}

// modifyService changes a service. Endpoints that are there keep their state.
func modifyService(q *query.Query) operation {
	id := endpointServices.needID(q, "ServiceId")
	c := serviceChange{
		acceptance:      q.OptBool("AcceptanceRequired"),
		addGateway:      q.List("AddGatewayLoadBalancerArn"),
		removeGateway:   q.List("RemoveGatewayLoadBalancerArn"),
		addNetwork:      q.List("AddNetworkLoadBalancerArn"),
		removeNetwork:   q.List("RemoveNetworkLoadBalancerArn"),
		addAddressTypes: q.List("AddSupportedIpAddressType"),
		dropAddresses:   q.List("RemoveSupportedIpAddressType"),
		regions:         slices.Concat(q.List("AddSupportedRegion"), q.List("RemoveSupportedRegion")),
	}
	refusePrivateName(q)
	q.OptBool("RemovePrivateDnsName") // there is none
	return func(t *tx, x *query.Writer) error {
		v, err := endpointServices.need(t, id)
		if err != nil {
			return err
		}
		if err := checkServiceRegions(t, c.regions); err != nil {
			return err
		}
		c.apply(&v)
		if err := checkService(t, v); err != nil {
			return err
		}
		endpointServices.put(t, id, v)
		x.Bool("return", true)
		return nil
	}
}

func (c serviceChange) apply(v *endpointService) {
	replace(&v.AcceptanceRequired, c.acceptance)
	v.GatewayBalancers = changedList(v.GatewayBalancers, c.addGateway, c.removeGateway)
	v.NetworkBalancers = changedList(v.NetworkBalancers, c.addNetwork, c.removeNetwork)
	if c.addAddressTypes != nil || c.dropAddresses != nil {
		v.AddressTypes = changedList(v.addressTypes(), c.addAddressTypes, c.dropAddresses)
	}
}

// changedList adds texts to a list and removes others. The result is sorted, and has each
// text once.
func changedList(list, added, removed []string) []string {
	list = slices.DeleteFunc(slices.Concat(list, added), func(text string) bool { return slices.Contains(removed, text) })
	slices.Sort(list)
	return slices.Compact(list)
}

// deleteServices deletes services, and lists those that it could not delete. A service goes
// when its endpoints are deleted or rejected
// (https://docs.aws.amazon.com/vpc/latest/privatelink/delete-endpoint-service.html).
func deleteServices(q *query.Query) operation {
	ids := endpointServices.readIDs(q, "ServiceId")
	if len(ids) == 0 {
		q.Fail(query.Missing("ServiceId.1"))
	}
	return func(t *tx, x *query.Writer) error {
		x.In("unsuccessful", func() {
			for _, id := range ids {
				deleteService(t, x, id)
			}
		})
		return nil
	}
}

func deleteService(t *tx, x *query.Writer, id string) {
	v, ok := endpointServices.get(t, id)
	switch {
	case !ok:
		writeUnsuccessful(x, id, "InvalidVpcEndpointService.NotFound", "The VpcEndpointService Id '"+id+"' does not exist")
	case hasConnections(t, v):
		writeUnsuccessful(x, id, "ExistingVpcEndpointConnections", "Service has existing active VPC Endpoint connections!")
	default:
		endpointServices.del(t, id)
	}
}

// hasConnections reports whether an endpoint that leads to a service is not rejected.
func hasConnections(t *tx, v endpointService) bool {
	for _, to := range endpoints.all(t, "") {
		if to.ServiceName == v.name(t) && to.state() != endpointRejected {
			return true
		}
	}
	return false
}

// writeUnsuccessful writes why nothing was done with an object.
func writeUnsuccessful(x *query.Writer, id, code, message string) {
	x.In("item", func() {
		x.Text("resourceId", id)
		x.In("error", func() {
			x.Text("code", code)
			x.Text("message", message)
		})
	})
}
