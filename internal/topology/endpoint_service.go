package topology

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// serviceName is the form of the name of an endpoint service, with the end of its ID.
var serviceName = regexp.MustCompile(`^(?:cn\.)?com\.amazonaws\.vpce\.[a-z0-9-]+\.vpce-svc-([0-9a-f]{17})$`)

// checkEndpointServices checks the endpoint services, and the endpoints that lead to them.
func checkEndpointServices(f *File) error {
	leading := map[string]string{} // the paths of the services that lead to Gateway Load Balancers, by the end of their ID
	for i, v := range f.EndpointServices {
		at := fmt.Sprintf("vpc_endpoint_services[%d]", i)
		if err := checkService(at, v); err != nil {
			return err
		}
		if len(v.GatewayBalancers) > 0 {
			leading[strings.TrimPrefix(v.ID, mirror.KindEndpointService.Prefix)] = at
		}
	}
	for i, v := range f.GatewayLoadBalancerEndpoints {
		at := fmt.Sprintf("gateway_load_balancer_endpoints[%d]", i)
		if err := checkOneOf(at+".state", v.State, mirror.EndpointStates); err != nil {
			return err
		}
		if v.ServiceName == "" {
			continue
		}
		parts := serviceName.FindStringSubmatch(v.ServiceName)
		if parts == nil {
			return fmt.Errorf("%s.service_name is %q: write the name of an endpoint service, such as com.amazonaws.vpce.REGION.vpce-svc-0123456789abcdef0", at, v.ServiceName)
		}
		if service := leading[parts[1]]; service != "" && v.Appliances != nil {
			return fmt.Errorf("%s.appliances: %s leads to Gateway Load Balancers, whose target groups have the appliances: leave appliances out", at, service)
		}
	}
	return nil
}

func checkService(at string, v mirror.EndpointService) error {
	if err := checkOneOf(at+".state", v.State, mirror.ServiceStates); err != nil {
		return err
	}
	parts := serviceName.FindStringSubmatch(v.Name)
	switch {
	case v.Name != "" && (parts == nil || mirror.KindEndpointService.Prefix+parts[1] != v.ID):
		return fmt.Errorf("%s.name is %q: write com.amazonaws.vpce.REGION.%s, or leave it out", at, v.Name, v.ID)
	case len(v.GatewayBalancers) > 0 && len(v.NetworkBalancers) > 0:
		return fmt.Errorf("%s.network_load_balancer_arns: a service has load balancers of one type: leave out these or gateway_load_balancer_arns", at)
	}
	return cmp.Or(checkServiceBalancers(at+".gateway_load_balancer_arns", v.GatewayBalancers, "gwy"), checkServiceBalancers(at+".network_load_balancer_arns", v.NetworkBalancers, "net"))
}

func checkServiceBalancers(at string, arns []string, kind string) error {
	for i, arn := range arns {
		if mirror.CheckAnyLoadBalancerARN("", arn) != nil || !strings.Contains(arn, ":loadbalancer/"+kind+"/") {
			return fmt.Errorf("%s[%d] is %q: write an ARN such as arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/%s/NAME/ID", at, i, arn, kind)
		}
	}
	return nil
}
