package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// checkBacking refuses a backing resource that does not exist or cannot back a target. It
// warns of one that receives nothing now. If EC2 does not show a value, it is not checked.
func (f targetCheck) checkBacking(ctx context.Context, t mirror.Target) {
	switch t.Type() {
	case mirror.NetworkInterface:
		f.checkInterface(ctx, t.InterfaceID)
	case mirror.NetworkLoadBalancer:
		f.checkLoadBalancer(ctx, t.LoadBalancerARN)
	case mirror.GatewayLoadBalancerEndpoint:
		f.checkEndpoint(ctx, t.GatewayLoadBalancerEndpointID)
	}
}

func (f targetCheck) checkInterface(ctx context.Context, id string) {
	field := mirror.TargetBackings[0]
	i, err := f.snapshot.networkInterface(ctx, id)
	switch {
	case account.IsNotFound(err):
		refuseMissingInterface(f.findings, field, id)
		return
	case err != nil:
		return
	case i.Type != "" && i.Type != mirror.OrdinaryInterface:
		f.refuse(field, "The network interface cannot back a target", fmt.Sprintf(
			"%s is a network interface of type %s. Only an interface of type %s can back a target. Choose another interface.", id, i.Type, mirror.OrdinaryInterface))
		return
	}
	var instance account.Instance
	var missing error
	if i.InstanceID != "" {
		instance, missing = f.snapshot.instance(ctx, i.InstanceID)
	}
	if summary, text := receiverWarning(mirror.Receiver{Interface: i, InstanceState: instance.State}, missing); text != "" {
		f.warnUnavailable(field, summary, text)
	}
}

const unavailable = "Nothing receives the copies now"

// receiverWarning warns of an interface that receives nothing now, or of which this is not known
// because EC2 does not show its instance. err is that of reading the instance. After another
// error, nothing is said.
func receiverWarning(r mirror.Receiver, err error) (summary, text string) {
	id, until := r.Interface.ID, "until it is attached"
	if r.Interface.InstanceID != "" {
		until = "while the instance does not run"
	}
	why := r.Obstacle()
	switch {
	case account.IsNotFound(err):
		return "It is not known whether anything receives the copies", fmt.Sprintf("%s is attached to %s, which EC2 does not show. Whether anything receives the copies is not known.", id, r.Interface.InstanceID)
	case err == nil && why != "":
		return unavailable, fmt.Sprintf("%s %s. Nothing receives the copies %s.", id, why, until)
	}
	return "", ""
}

// refuseMissingInterface refuses an interface that does not exist.
func refuseMissingInterface(f *findings, field, id string) {
	f.refuse(field, "The network interface does not exist", fmt.Sprintf(
		"EC2 has no network interface %s in %s. Write the ID of a network interface in this account and Region.", id, f.account.Region))
}

func (f targetCheck) warnUnavailable(field, summary, text string) {
	f.add(Finding{Severity: Warning, Field: field, Silence: TargetUnavailable, Summary: summary, Detail: text})
}

// checkLoadBalancer looks for the interfaces of the load balancer, which EC2 shows, and then at its
// listeners and appliances, which Elastic Load Balancing shows.
func (f targetCheck) checkLoadBalancer(ctx context.Context, arn string) {
	field := mirror.TargetBackings[1]
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && parts[3] != f.account.Region {
		f.refuse(field, "The load balancer is in another Region", fmt.Sprintf(
			"The ARN is of a load balancer in %s, and this target is in %s. Use a load balancer in %[2]s, or write region = %[1]q in this resource.", parts[3], f.account.Region))
		return
	}
	if interfaces, err := f.account.LoadBalancerInterfaces(ctx, arn); err == nil && len(interfaces) == 0 {
		f.warnUnavailable(field, unavailable, fmt.Sprintf("EC2 shows no network interface of %s. The load balancer does not exist, or it is not active yet.", arn))
		return
	}
	warnUndelivered(ctx, f.findings, field, mirror.Target{LoadBalancerARN: arn}, mirror.Interface{}, false)
}

func (f targetCheck) checkEndpoint(ctx context.Context, id string) {
	field := mirror.TargetBackings[2]
	var endpoint account.VPCEndpoint
	err := f.account.RetryFor(ctx, visibleWithin, account.IsNotFound, func() (err error) {
		endpoint, err = f.account.VPCEndpoint(ctx, id)
		return err
	})
	switch {
	case account.IsNotFound(err):
		f.refuse(field, "The endpoint does not exist", fmt.Sprintf(
			"EC2 has no VPC endpoint %s in %s. Write the ID of a Gateway Load Balancer endpoint in this account and Region.", id, f.account.Region))
	case err != nil:
	case endpoint.Type != "" && endpoint.Type != account.GatewayEndpointType:
		f.refuse(field, "The endpoint cannot back a target", fmt.Sprintf(
			"%s is a VPC endpoint of type %s. Only an endpoint of type %s can back a target. Choose another endpoint.", id, endpoint.Type, account.GatewayEndpointType))
	case endpoint.State != "" && !mirror.IsAvailable(endpoint.State):
		f.warnUnavailable(field, unavailable, fmt.Sprintf("%s is in the state %q. Nothing receives the copies until it is available.", id, endpoint.State))
	default:
		warnUndelivered(ctx, f.findings, field, mirror.Target{GatewayLoadBalancerEndpointID: id}, mirror.Interface{}, false)
	}
}
