package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var (
	_ resource.ResourceWithConfigure      = (*sessionResource)(nil)
	_ resource.ResourceWithIdentity       = (*sessionResource)(nil)
	_ resource.ResourceWithImportState    = (*sessionResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*sessionResource)(nil)
	_ resource.ResourceWithMoveState      = (*sessionResource)(nil)
	_ resource.ResourceWithValidateConfig = (*sessionResource)(nil)
)

func newSessionResource() resource.Resource {
	return &sessionResource{object{kind: mirror.KindSession}}
}

// sessionResource is a traffic mirror session.
type sessionResource struct{ object }

type sessionModel struct {
	ID                 types.String   `tfsdk:"id"`
	ARN                types.String   `tfsdk:"arn"`
	OwnerID            types.String   `tfsdk:"owner_id"`
	NetworkInterfaceID types.String   `tfsdk:"network_interface_id"`
	TargetID           types.String   `tfsdk:"traffic_mirror_target_id"`
	FilterID           types.String   `tfsdk:"traffic_mirror_filter_id"`
	SessionNumber      types.Int64    `tfsdk:"session_number"`
	PacketLength       types.Int64    `tfsdk:"packet_length"`
	VirtualNetworkID   types.Int64    `tfsdk:"virtual_network_id"`
	Description        types.String   `tfsdk:"description"`
	Tags               types.Map      `tfsdk:"tags"`
	TagsAll            types.Map      `tfsdk:"tags_all"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

// quotas are those that texts name: an account may have others.
var quotas = mirror.DefaultQuotas()

var sessionFailures = failures{
	sessionNumberTaken:                               {"session_number", "A session number is unique on its network interface. This run has not freed it: choose another, or leave session_number out to get the lowest that is free. If the plan frees it, apply again."},
	"InterfaceInUseByTrafficMirrorTarget":            {"network_interface_id", "A network interface is either the source of sessions or backs a target. Choose another interface, or delete the target."},
	"InvalidNetworkInterfaceID.NotFound":             {"network_interface_id", "Write the ID of a network interface of this account and Region."},
	"NetworkInterfaceNotSupported":                   {"network_interface_id", "Only an interface of the type \"interface\" can be mirrored, and only while it is attached to an instance of a type that supports it: " + instanceTypesURL + "."},
	"TrafficMirrorSessionsPerInterfaceLimitExceeded": {"network_interface_id", "The interface has as many sessions as the quota allows. Delete one of them."},
	"InvalidTrafficMirrorTargetId.NotFound":          {"traffic_mirror_target_id", "Write the ID of a target of this Region that this account owns or that is shared with it."},
	"InvalidTrafficMirrorTargetNoFound":              {"traffic_mirror_target_id", "Write the ID of a target of this Region that this account owns or that is shared with it."},
	"TrafficMirrorSourcesPerTargetLimitExceeded":     {"traffic_mirror_target_id", fmt.Sprintf("The target has as many sources as the quota allows: %d on a network interface, %d on one of a large instance. Use another target, or a load balancer.", quotas.SourcesPerTarget, quotas.SourcesPerLargeTarget)},
	"TrafficMirrorSessionsPerTargetLimitExceeded":    {"traffic_mirror_target_id", "The target has as many sessions as the quota allows. Use another target."},
	"InvalidTrafficMirrorFilterId.NotFound":          {"traffic_mirror_filter_id", "Write the ID of a filter of this account and Region."},
	"InvalidTrafficMirrorFilterNotFound":             {"traffic_mirror_filter_id", "Write the ID of a filter of this account and Region."},
	"TrafficMirrorSessionLimitExceeded":              {"", "The account has as many sessions as its quota allows. Delete some, or ask AWS for a higher quota."},
	"InvalidTrafficMirrorSessionId.NotFound":         {"", "The session has been deleted outside of Terraform. Apply again to create it anew."},
}

const instanceTypesURL = "https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-sessions.html"

// Metadata names the resource.
func (r *sessionResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_session"
}

// Schema describes the resource.
func (r *sessionResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A traffic mirror session: copies the packets of a network interface that a filter accepts, and sends them to a target. " +
			"The sessions of an interface are tried in the order of their numbers, and each packet is copied by the first whose filter accepts it.",
		Attributes: map[string]schema.Attribute{
			"id":       computedText("ID of the session, `tms-...`."),
			"arn":      computedText("ARN of the session."),
			"owner_id": computedText("ID of the account that owns the session."),
			"network_interface_id": schema.StringAttribute{
				Required:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				MarkdownDescription: fmt.Sprintf("ID of the network interface to mirror, `eni-...`. It cannot back a target as well, and has at most %d sessions. A change replaces the session.", quotas.SessionsPerInterface),
			},
			"traffic_mirror_target_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "ID of the target, `tmt-...`, which this account owns or which is shared with it.",
			},
			"traffic_mirror_filter_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "ID of the filter, `tmf-...`.",
			},
			"session_number": schema.Int64Attribute{
				Optional:            true,
				Computed:            true,
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
				MarkdownDescription: "Place of the session among those of its interface, " + mirror.SessionNumbers.String() + ". The lowest is tried first. Sessions can exchange numbers in one apply. A session waits for a number that another one of the interface has for " + patience.String() + " in which no session of the interface changes; then it is an error. If left out, the lowest number that is free is taken and kept.",
			},
			"packet_length": schema.Int64Attribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "Bytes of each packet to copy, counted from its Ethernet header, " + mirror.PacketLengths.String() +
					fmt.Sprintf("; AWS asks for at least %d for IPv4 and %d for IPv6. ", mirror.MinPacketLengthIPv4, mirror.MinPacketLengthIPv6) +
					fmt.Sprintf("If left out, whole packets are copied, except to a Network Load Balancer, where EC2 sets %d; removing it from the configuration resets it to that.",
						mirror.LoadBalancerPacketLength),
			},
			"virtual_network_id": schema.Int64Attribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "VXLAN network identifier (VNI) that the copies carry, " + mirror.VirtualNetworkIDs.String() + ". Several sessions may have the same. " +
					"If left out, EC2 picks one, which is kept; removing it from the configuration lets EC2 pick anew.",
			},
			"description": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "What the session is for. None if left out.",
			},
			"tags":     tagsAttribute(),
			"tags_all": tagsAllAttribute(),
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

// expand returns the session as a noun, and what is wrong with it. Numbers that
// are left out or not known yet are zero or nil.
func (m sessionModel) expand() (mirror.Session, mirror.Problems) {
	var r reader
	s := mirror.Session{
		ID:               m.ID.ValueString(),
		InterfaceID:      r.text("network_interface_id", m.NetworkInterfaceID),
		TargetID:         r.text("traffic_mirror_target_id", m.TargetID),
		FilterID:         r.text("traffic_mirror_filter_id", m.FilterID),
		PacketLength:     r.optionalNumber("packet_length", m.PacketLength),
		VirtualNetworkID: r.optionalNumber("virtual_network_id", m.VirtualNetworkID),
		Description:      m.Description.ValueString(),
	}
	if number := r.optionalNumber("session_number", m.SessionNumber); number != nil {
		s.Number = *number
	} else {
		r.leaveOpen("session_number")
	}
	return s, append(r.check(s.Validate()), checkTags(m.Tags)...)
}

// MoveState takes over aws_ec2_traffic_mirror_session.
func (r *sessionResource) MoveState(context.Context) []resource.StateMover {
	return r.moverFrom("aws_ec2_traffic_mirror_session")
}

// ValidateConfig checks the values.
func (r *sessionResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config sessionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, problems := config.expand()
	report(&resp.Diagnostics, "Invalid traffic mirror session", problems)
}

// ModifyPlan plans what removing an optional number from the configuration does.
func (r *sessionResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.checkPlan(ctx, req, resp)
	defer r.finishPlan(ctx, req, resp)
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var config, plan, state sessionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	were, diags := readPrivate[pinned](ctx, req.Private, pinnedKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.PacketLength.IsNull() {
		plan.PacketLength = planPacketLength(plan, state, were.PacketLength)
	}
	if config.VirtualNetworkID.IsNull() {
		plan.VirtualNetworkID = state.VirtualNetworkID
		if were.VirtualNetworkID {
			plan.VirtualNetworkID = types.Int64Unknown()
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planPacketLength plans the packet length that the configuration leaves out. One
// that EC2 may have set is kept; any other was configured, here or by hand, and is
// reset. What a new target makes of it is known after apply.
func planPacketLength(plan, state sessionModel, pinned bool) types.Int64 {
	chosenByEC2 := state.PacketLength.IsNull() || state.PacketLength.ValueInt64() == mirror.LoadBalancerPacketLength && !pinned
	if plan.TargetID.Equal(state.TargetID) && chosenByEC2 {
		return state.PacketLength
	}
	return types.Int64Unknown()
}

// Create creates the session.
func (r *sessionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var config, plan sessionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	const summary = "Error creating traffic mirror session"
	session, problems := plan.expand()
	if err := problems.Err(); err != nil {
		report(&resp.Diagnostics, summary, problems)
		return
	}
	in := createSessionInput(session)
	in.TagSpecifications = r.client.tagRequest(mirror.KindSession, plan.Tags)
	create := r.client.createSession
	if session.Number == 0 {
		create = r.client.createNumberedSession
	}
	var out *ec2.CreateTrafficMirrorSessionOutput
	err := r.client.takeNumber(ctx, session, func() error {
		return r.client.seen(ctx, func() (err error) {
			out, err = create(ctx, in)
			return err
		}, session.TargetID, session.FilterID)
	}, nil)
	if err != nil {
		sessionFailures.report(&resp.Diagnostics, summary, r.client.nameSessionHolder(ctx, err, session))
		return
	}
	s := *out.TrafficMirrorSession
	r.client.touched.note(*s.TrafficMirrorSessionId)
	resp.Diagnostics.Append(writeCreated(ctx, resp.Private)...)
	created := account.Tagged[mirror.Session]{Noun: account.SessionOf(s), Tags: account.TagsOf(s.Tags)}
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(created, plan))...)
	r.identify(ctx, resp.Identity, types.StringValue(created.Noun.ID), &resp.Diagnostics)
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, pinnedKey, pinnedBy(config))...)
	if session.Number == 0 {
		r.client.warnOfTwin(ctx, created.Noun, &resp.Diagnostics)
	}
}

// Read reads the session.
func (r *sessionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state sessionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	r.identify(ctx, resp.Identity, state.ID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	session, err := readSettled(ctx, req.Private, r.client.Inventory.Session, state.ID.ValueString())
	switch {
	case account.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		sessionFailures.report(&resp.Diagnostics, "Error reading traffic mirror session", err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(session, state))...)
}

// Update changes the session in place.
func (r *sessionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var config, plan, state sessionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	r.identify(ctx, resp.Identity, state.ID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Update, updateTimeout, &resp.Diagnostics)
	defer cancel()
	const summary = "Error updating traffic mirror session"
	present, err := readSettled(ctx, req.Private, r.client.Inventory.Session, state.ID.ValueString())
	if err != nil {
		sessionFailures.report(&resp.Diagnostics, summary, err)
		return
	}
	wanted, problems := plan.expand()
	if err := problems.Err(); err != nil {
		report(&resp.Diagnostics, summary, problems)
		return
	}
	// The target may have moved the session already, when it got a new backing.
	if in := modifySessionInput(present.Noun, wanted, plan.VirtualNetworkID.IsUnknown()); in != nil {
		var out *ec2.ModifyTrafficMirrorSessionOutput
		r.client.touched.note(present.Noun.ID)
		err := r.client.takeNumber(ctx, wanted, func() error {
			return r.client.seen(ctx, func() (err error) {
				out, err = r.client.modifySession(ctx, in)
				return err
			}, wanted.TargetID, wanted.FilterID)
		}, func(number int) error {
			return r.client.stepAside(ctx, &present.Noun, number)
		})
		if err != nil {
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("session_number"), int64(present.Noun.Number))...)
			sessionFailures.report(&resp.Diagnostics, summary, r.client.nameSessionHolder(ctx, err, wanted))
			return
		}
		present.Noun = account.SessionOf(*out.TrafficMirrorSession)
		resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(present, plan))...)
	}
	tags := r.client.tags.all(plan.Tags)
	if err := r.client.retag(ctx, state.ID.ValueString(), state.TagsAll, tags); err != nil {
		sessionFailures.report(&resp.Diagnostics, summary, err)
		return
	}
	present.Tags = textMap(tags)
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(present, plan))...)
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, pinnedKey, pinnedBy(config))...)
}

// Delete deletes the session.
func (r *sessionResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state sessionModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.client.changes.note() // a destroy is not planned again in the apply
	ctx, cancel := within(ctx, state.Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	r.client.touched.note(state.ID.ValueString())
	defer r.client.vacancies.delete(state.NetworkInterfaceID.ValueString())()
	err := deleteSettled(ctx, req.Private, func() error {
		_, err := r.client.deleteSession(ctx, &ec2.DeleteTrafficMirrorSessionInput{TrafficMirrorSessionId: state.ID.ValueStringPointer()})
		return err
	})
	if err != nil {
		sessionFailures.report(&resp.Diagnostics, "Error deleting traffic mirror session", err)
	}
}

func (r *sessionResource) flatten(session account.Tagged[mirror.Session], prior sessionModel) sessionModel {
	s := session.Noun
	tags, all := r.client.tags.flatten(session.Tags, prior.Tags, prior.TagsAll)
	return sessionModel{
		ID:                 types.StringValue(s.ID),
		ARN:                types.StringValue(r.client.arn(mirror.KindSession, s.OwnerID, s.ID)),
		OwnerID:            types.StringValue(s.OwnerID),
		NetworkInterfaceID: types.StringValue(s.InterfaceID),
		TargetID:           types.StringValue(s.TargetID),
		FilterID:           types.StringValue(s.FilterID),
		SessionNumber:      types.Int64Value(int64(s.Number)),
		PacketLength:       flattenNumber(s.PacketLength),
		VirtualNetworkID:   flattenNumber(s.VirtualNetworkID),
		Description:        flattenText(s.Description, prior.Description),
		Tags:               tags,
		TagsAll:            all,
		Timeouts:           prior.Timeouts,
	}
}

func flattenNumber(n *int) types.Int64 {
	if n == nil {
		return types.Int64Null()
	}
	return types.Int64Value(int64(*n))
}
