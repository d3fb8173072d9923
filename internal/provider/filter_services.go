package provider

import (
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

// flattenServices returns null for no services, unless the prior value is an empty set.
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
