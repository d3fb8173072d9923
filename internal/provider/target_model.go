package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

type targetModel struct {
	ID                            types.String   `tfsdk:"id"`
	ARN                           types.String   `tfsdk:"arn"`
	Type                          types.String   `tfsdk:"type"`
	OwnerID                       types.String   `tfsdk:"owner_id"`
	NetworkInterfaceID            types.String   `tfsdk:"network_interface_id"`
	NetworkLoadBalancerARN        types.String   `tfsdk:"network_load_balancer_arn"`
	GatewayLoadBalancerEndpointID types.String   `tfsdk:"gateway_load_balancer_endpoint_id"`
	Description                   types.String   `tfsdk:"description"`
	Region                        types.String   `tfsdk:"region"`
	Tags                          types.Map      `tfsdk:"tags"`
	TagsAll                       types.Map      `tfsdk:"tags_all"`
	Timeouts                      timeouts.Value `tfsdk:"timeouts"`
}

func (m *targetModel) place() place { return place{&m.ID, &m.ARN, &m.Region} }

// read returns the target as a noun.
func (m targetModel) read(r *reader) mirror.Target {
	return mirror.Target{
		ID:                            m.ID.ValueString(),
		OwnerID:                       m.OwnerID.ValueString(),
		InterfaceID:                   r.backing(mirror.TargetBackings[0], m.NetworkInterfaceID),
		LoadBalancerARN:               r.backing(mirror.TargetBackings[1], m.NetworkLoadBalancerARN),
		GatewayLoadBalancerEndpointID: r.backing(mirror.TargetBackings[2], m.GatewayLoadBalancerEndpointID),
		Description:                   r.text("description", m.Description),
	}
}

// check returns the problems of the target.
func (m *targetModel) check() mirror.Problems {
	var r reader
	target := m.read(&r)
	return append(r.check(target.Validate()), checkTags(m.Tags)...)
}

// checked returns the target for package check.
func (m targetModel) checked() check.Object[mirror.Target] {
	var r reader
	target := m.read(&r)
	return checked(target, &r, m.TagsAll)
}

// backings are the possible backing resources, in the order of mirror.TargetBackings.
func (m targetModel) backings() [3]types.String {
	return [...]types.String{m.NetworkInterfaceID, m.NetworkLoadBalancerARN, m.GatewayLoadBalancerEndpointID}
}

// backingType returns the type of the backing resource. It is unknown as long as the
// argument may become null.
func (m targetModel) backingType() types.String {
	for i, value := range m.backings() {
		if !value.IsNull() && !value.IsUnknown() {
			return types.StringValue(string(mirror.TargetTypes[i]))
		}
	}
	return types.StringUnknown()
}

// backing reads a backing resource. It may be null, but not "".
func (r *reader) backing(field string, value types.String) string {
	if r.isKnown(field, value) && value.ValueString() == "" {
		r.fail(field, mirror.Problems{{Kind: mirror.Malformed, Field: field, Wrong: "is empty", Fix: "Write an ID or ARN, or null."}})
	}
	return value.ValueString()
}

func (r *targetResource) flatten(target account.Tagged[mirror.Target], prior targetModel) targetModel {
	t := target.Noun
	tags, all := r.conn.tags.flatten(target.Tags, prior.Tags, prior.TagsAll)
	return targetModel{
		ID:                            types.StringValue(t.ID),
		ARN:                           types.StringValue(r.at(&prior).account.ARN(mirror.KindTarget, t.OwnerID, t.ID)),
		Type:                          types.StringValue(string(t.Type())),
		OwnerID:                       types.StringValue(t.OwnerID),
		NetworkInterfaceID:            flattenText(t.InterfaceID, types.StringNull()),
		NetworkLoadBalancerARN:        flattenText(t.LoadBalancerARN, types.StringNull()),
		GatewayLoadBalancerEndpointID: flattenText(t.GatewayLoadBalancerEndpointID, types.StringNull()),
		Description:                   flattenText(t.Description, prior.Description),
		Region:                        prior.Region,
		Tags:                          tags,
		TagsAll:                       all,
		Timeouts:                      prior.Timeouts,
	}
}
