package provider

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// networkServices returns the services that are known.
func networkServices(set types.Set) []mirror.NetworkService {
	var services []mirror.NetworkService
	for _, element := range set.Elements() {
		if !element.IsUnknown() {
			services = append(services, mirror.NetworkService(element.(types.String).ValueString()))
		}
	}
	return services
}

// flattenServices keeps an empty set that was written as such.
func flattenServices(services []mirror.NetworkService, prior types.Set) types.Set {
	if len(services) == 0 && prior.IsNull() {
		return types.SetNull(types.StringType)
	}
	elements := make([]attr.Value, len(services))
	for i, s := range services {
		elements[i] = types.StringValue(string(s))
	}
	return types.SetValueMust(types.StringType, elements)
}

// setServices makes the services of a filter those that are wanted. The noun
// follows.
func (r *filterResource) setServices(ctx context.Context, filter *mirror.Filter, wanted []mirror.NetworkService) error {
	in := serviceChanges(filter.ID, filter.NetworkServices, wanted)
	if in == nil {
		return nil
	}
	err := r.client.seen(ctx, func() error {
		_, err := r.client.modifyServices(ctx, in)
		return err
	}, filter.ID)
	if err == nil {
		filter.NetworkServices = wanted
	}
	return err
}

// serviceChanges asks EC2 to make the services of a filter those that are wanted,
// or is nil if they are.
func serviceChanges(filterID string, present, wanted []mirror.NetworkService) *ec2.ModifyTrafficMirrorFilterNetworkServicesInput {
	without := func(services, others []mirror.NetworkService) []ec2types.TrafficMirrorNetworkService {
		var rest []ec2types.TrafficMirrorNetworkService
		for _, s := range services {
			if !slices.Contains(others, s) {
				rest = append(rest, ec2types.TrafficMirrorNetworkService(s))
			}
		}
		return rest
	}
	in := &ec2.ModifyTrafficMirrorFilterNetworkServicesInput{
		TrafficMirrorFilterId: &filterID,
		AddNetworkServices:    without(wanted, present),
		RemoveNetworkServices: without(present, wanted),
	}
	if in.AddNetworkServices == nil && in.RemoveNetworkServices == nil {
		return nil
	}
	return in
}
