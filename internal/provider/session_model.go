package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

type sessionModel struct {
	ID                 types.String   `tfsdk:"id"`
	ARN                types.String   `tfsdk:"arn"`
	OwnerID            types.String   `tfsdk:"owner_id"`
	NetworkInterfaceID types.String   `tfsdk:"network_interface_id"`
	TargetID           types.String   `tfsdk:"traffic_mirror_target_id"`
	FilterID           types.String   `tfsdk:"traffic_mirror_filter_id"`
	SessionNumber      numberValue    `tfsdk:"session_number"`
	PacketLength       numberValue    `tfsdk:"packet_length"`
	VirtualNetworkID   numberValue    `tfsdk:"virtual_network_id"`
	Description        types.String   `tfsdk:"description"`
	Region             types.String   `tfsdk:"region"`
	Tags               types.Map      `tfsdk:"tags"`
	TagsAll            types.Map      `tfsdk:"tags_all"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

func (m *sessionModel) place() place { return place{&m.ID, &m.ARN, &m.Region} }

// read returns the session as a noun. A number that is not set or not known is zero or nil.
func (m sessionModel) read(r *reader) mirror.Session {
	s := mirror.Session{
		ID:               m.ID.ValueString(),
		InterfaceID:      r.text("network_interface_id", m.NetworkInterfaceID),
		TargetID:         r.text("traffic_mirror_target_id", m.TargetID),
		FilterID:         r.text("traffic_mirror_filter_id", m.FilterID),
		PacketLength:     r.optionalNumber("packet_length", m.PacketLength, mirror.PacketLengths),
		VirtualNetworkID: r.optionalNumber("virtual_network_id", m.VirtualNetworkID, mirror.VirtualNetworkIDs),
		Description:      m.Description.ValueString(),
	}
	if number := r.optionalNumber("session_number", m.SessionNumber, mirror.SessionNumbers); number != nil {
		s.Number = *number
	} else {
		r.markUnknown("session_number")
	}
	return s
}

// expand returns the session as a noun, and its problems.
func (m sessionModel) expand() (mirror.Session, mirror.Problems) {
	var r reader
	s := m.read(&r)
	return s, append(r.check(s.Validate()), checkTags(m.Tags)...)
}

// checked returns the session for package check.
func (m sessionModel) checked() check.Object[mirror.Session] {
	var r reader
	s := m.read(&r)
	return checked(s, &r, m.TagsAll)
}

// configured says which numbers the configuration sets. It is in private state, to
// distinguish a number that was removed from one that was never set.
type configured struct {
	PacketLength     bool `json:"packet_length"`
	VirtualNetworkID bool `json:"virtual_network_id"`
}

func configuredBy(config sessionModel) configured {
	return configured{PacketLength: !config.PacketLength.IsNull(), VirtualNetworkID: !config.VirtualNetworkID.IsNull()}
}

func (r *sessionResource) flatten(session account.Tagged[mirror.Session], prior sessionModel) sessionModel {
	s := session.Noun
	tags, all := r.conn.tags.flatten(session.Tags, prior.Tags, prior.TagsAll)
	return sessionModel{
		ID:                 types.StringValue(s.ID),
		ARN:                types.StringValue(r.at(&prior).account.ARN(mirror.KindSession, s.OwnerID, s.ID)),
		OwnerID:            types.StringValue(s.OwnerID),
		NetworkInterfaceID: types.StringValue(s.InterfaceID),
		TargetID:           types.StringValue(s.TargetID),
		FilterID:           types.StringValue(s.FilterID),
		SessionNumber:      knownNumber(s.Number),
		PacketLength:       flattenNumber(s.PacketLength),
		VirtualNetworkID:   flattenNumber(s.VirtualNetworkID),
		Description:        flattenText(s.Description, prior.Description),
		Region:             prior.Region,
		Tags:               tags,
		TagsAll:            all,
		Timeouts:           prior.Timeouts,
	}
}

func flattenNumber(n *int) numberValue {
	if n == nil {
		return numberValue{}
	}
	return knownNumber(*n)
}
