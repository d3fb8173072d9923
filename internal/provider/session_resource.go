package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
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
	return &sessionResource{object{kind: mirror.KindSession, failures: sessionFailures}}
}

// sessionNumbersText says what an apply does when numbers change.
var sessionNumbersText = "Sessions of an interface can swap their numbers in one apply, if `-parallelism` (default: 10) is at least the number of sessions that the plan changes. Two applies are always enough. " +
	"A session waits while another session of its interface has its number. If no session changes for " + reconcile.Patience.String() + ", one waiting session fails, and the others go on. " +
	"If the failing session already exists, it gets the highest free number until then, which the state shows. It is tried last, so other sessions of the interface may copy its packets. Apply again to finish.\n\n" +
	"A session without `session_number` can be created before a session that sets the same number. The session that sets the number gets it, the other one gets the next free number, and the next plan reads that into the state."

// sessionResource is a traffic mirror session.
type sessionResource struct{ object }

// quotas are the default quotas, for texts. An account may have others.
var quotas = mirror.DefaultQuotas()

var sessionFailures = failures{
	account.SessionNumberTaken:                       {"session_number", "A session number is unique on its network interface, and this run has not freed this number. Choose another number, or remove session_number to get the lowest free number. If the plan frees the number, apply again."},
	"InterfaceInUseByTrafficMirrorTarget":            {"network_interface_id", "A network interface cannot be a source and back a target. Choose another interface, or delete the target."},
	"InvalidNetworkInterfaceID.NotFound":             {"network_interface_id", "Write the ID of a network interface of this account and Region."},
	"NetworkInterfaceNotSupported":                   {"network_interface_id", "Only an interface of the type \"interface\" can be mirrored, and only while it is attached to an instance of a type that supports it: " + check.InstanceTypesURL + "."},
	"TrafficMirrorSessionsPerInterfaceLimitExceeded": {"network_interface_id", "The interface has as many sessions as the quota allows. Delete one of them. " + mirror.QuotaAdvice},
	"InvalidTrafficMirrorTargetId.NotFound":          {"traffic_mirror_target_id", "Write the ID of a target of this Region that this account owns or that is shared with it."},
	"InvalidTrafficMirrorTargetNoFound":              {"traffic_mirror_target_id", "Write the ID of a target of this Region that this account owns or that is shared with it."},
	"TrafficMirrorSourcesPerTargetLimitExceeded":     {"traffic_mirror_target_id", fmt.Sprintf("The target has as many sources as the quota allows. The default is %d for a network interface, and %d for an interface of a large instance. Use another target, or a load balancer.", quotas.SourcesPerTarget, quotas.SourcesPerLargeTarget)},
	"TrafficMirrorSessionsPerTargetLimitExceeded":    {"traffic_mirror_target_id", "The target has as many sessions as the quota allows. Use another target."},
	"InvalidTrafficMirrorFilterId.NotFound":          {"traffic_mirror_filter_id", "Write the ID of a filter of this account and Region."},
	"InvalidTrafficMirrorFilterNotFound":             {"traffic_mirror_filter_id", "Write the ID of a filter of this account and Region."},
	"TrafficMirrorSessionLimitExceeded":              {"", "The account has as many sessions as its quota allows. Delete some. " + mirror.QuotaAdvice},
}

// Metadata names the resource.
func (r *sessionResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_session"
	resp.ResourceBehavior.MutableIdentity = true // a session that is enabled again has another ID
}

// Schema describes the resource.
func (r *sessionResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	status, reason := statusAttributes()
	resp.Schema = schema.Schema{
		MarkdownDescription: "A traffic mirror session copies the packets of a network interface that a filter accepts, and sends the copies to a target. " +
			"The sessions of an interface are tried in the order of their numbers. The first session whose filter accepts a packet copies it.\n\n" + sessionNumbersText,
		Attributes: map[string]schema.Attribute{
			"id":       computedText("ID of the session, `tms-...`. Null while it is disabled."),
			"arn":      computedText("ARN of the session. Null while it is disabled."),
			"owner_id": computedText("ID of the account that owns the session, 12 digits. Null while it is disabled."),
			"network_interface_id": schema.StringAttribute{
				Required:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				MarkdownDescription: fmt.Sprintf("ID of the network interface to mirror, `eni-...`. It cannot also back a target. By default it can have at most %d sessions. A change replaces the session.", quotas.SessionsPerInterface),
			},
			"traffic_mirror_target_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "ID of the target, `tmt-...`. This account owns the target, or the target is shared with it.",
			},
			"traffic_mirror_filter_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "ID of the filter, `tmf-...`.",
			},
			"session_number": schema.Int64Attribute{
				CustomType:    numberType{},
				Optional:      true,
				Computed:      true,
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
				MarkdownDescription: "Number of the session, " + mirror.SessionNumbers.String() + ", unique on its interface. The session with the lowest number is tried first. " +
					"With `create_before_destroy`, a session cannot be replaced on its interface with the same number. " +
					"Default: the lowest number that no session of the interface has, and that no other session of this configuration sets. The session then keeps it.",
			},
			"packet_length": schema.Int64Attribute{
				CustomType: numberType{},
				Optional:   true,
				Computed:   true,
				MarkdownDescription: "Bytes of each packet to copy, counted from its Ethernet header, " + mirror.PacketLengths.String() +
					fmt.Sprintf(". AWS documents a minimum of %d for IPv4 and %d for IPv6; a plan warns if it is shorter. ", mirror.MinPacketLengthIPv4, mirror.MinPacketLengthIPv6) +
					fmt.Sprintf("Default: whole packets, but %d for a Network Load Balancer, which EC2 sets. If you remove it from the configuration, the default applies again.",
						mirror.LoadBalancerPacketLength),
			},
			"virtual_network_id": schema.Int64Attribute{
				CustomType: numberType{},
				Optional:   true,
				Computed:   true,
				MarkdownDescription: "VXLAN network identifier (VNI) of the copies, " + mirror.VirtualNetworkIDs.String() + ". Several sessions can have the same VNI. " +
					"Default: EC2 chooses one, which is then kept. If you remove it from the configuration, EC2 chooses a new one. " +
					"After an import or a `moved` block, removing it keeps the number until an apply has changed the session.",
			},
			"description": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Description of the session. Default: none.",
			},
			"enabled":       enabledAttribute(),
			"status":        status,
			"status_reason": reason,
			"region":        regionAttribute(),
			"tags":          tagsAttribute(),
			"tags_all":      tagsAllAttribute(),
			"timeouts":      timeoutsAttribute(ctx),
		},
	}
}

// MoveState takes over aws_ec2_traffic_mirror_session.
func (r *sessionResource) MoveState(context.Context) []resource.StateMover {
	return r.moverFrom("aws_ec2_traffic_mirror_session")
}

// ValidateConfig checks the values.
func (r *sessionResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config sessionModel
	r.validate(ctx, req, resp, &config, func() mirror.Problems {
		_, problems := config.expand()
		return problems
	})
}

// Create creates the session.
func (r *sessionResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var config, plan sessionModel
	resp.Diagnostics.Append(get(ctx, req.Config, &config)...)
	resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	r.create(ctx, config, plan, written{&resp.Diagnostics, &resp.State, resp.Private, resp.Identity}, "Error creating traffic mirror session")
}

// written is the part of a response that a create or an update writes.
type written struct {
	diags    *diag.Diagnostics
	state    *tfsdk.State
	private  privateWriter
	identity *tfsdk.ResourceIdentity
}

// create creates the session, unless it is disabled, and writes its state.
func (r *sessionResource) create(ctx context.Context, config, plan sessionModel, w written, summary string) {
	session, problems := plan.expand()
	if err := problems.Err(); err != nil {
		report(w.diags, summary, problems)
		return
	}
	if plan.isDisabled() {
		r.writeDisabled(ctx, config, plan, w)
		return
	}
	here := r.at(&plan)
	created, err := here.run.CreateSession(ctx, session, textMap(r.conn.tags.all(plan.Tags)))
	here.warnRenumbered(session, w.diags)
	if err != nil {
		r.failuresIn(here).report(w.diags, summary, err)
		return
	}
	w.diags.Append(here.writeCreated(ctx, w.private)...)
	w.diags.Append(w.state.Set(ctx, withStatus(ctx, here.account.Live(), r.flatten(created, plan), created.Noun))...)
	r.identify(ctx, w.identity, here, types.StringValue(created.Noun.ID), w.diags)
	w.diags.Append(writePrivate(ctx, w.private, configuredKey, configuredBy(config))...)
	if session.Number == 0 {
		reportFindings(w.diags, r.failuresIn(here), here.plan.Shadowed(ctx, created.Noun))
	}
}

// writeDisabled writes the state of a session that is disabled.
func (r *sessionResource) writeDisabled(ctx context.Context, config, plan sessionModel, w written) {
	w.diags.Append(forgetReplaced(ctx, w.private)...)
	w.diags.Append(w.state.Set(ctx, plan)...)
	r.identify(ctx, w.identity, r.at(&plan), plan.ID, w.diags)
	w.diags.Append(writePrivate(ctx, w.private, configuredKey, configuredBy(config))...)
}

// warnRenumbered warns of a session without session_number that this run has created and then
// given another number. Its state has the first number until Terraform reads it again.
func (r *regional) warnRenumbered(by mirror.Session, diags *diag.Diagnostics) {
	for _, moved := range r.run.Numbering.Renumbered(by) {
		s := moved.Session
		diags.AddAttributeWarning(path.Root("session_number"), "Another session got another number", fmt.Sprintf(
			"%s on %s has no session_number and was created first, with number %d, which this session needs. It now has number %d. The next plan reads the new number into the state.",
			s.ID, s.InterfaceID, moved.From, s.Number))
	}
}

// Read reads the session.
func (r *sessionResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state sessionModel
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	if state.isDisabled() {
		r.conn.isPlan.Store(true)
		r.identify(ctx, resp.Identity, r.at(&state), types.StringNull(), &resp.Diagnostics)
		return // EC2 has no session to read
	}
	session, found := readObject(ctx, &r.object, req, resp, &state, (*account.Account).Session)
	if !found {
		return
	}
	resp.Diagnostics.Append(set(ctx, &resp.State, withStatus(ctx, r.at(&state).account, r.flatten(session, state), session.Noun))...)
}

// Update changes the session in place, or disables or enables it.
func (r *sessionResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var config, plan, state sessionModel
	resp.Diagnostics.Append(get(ctx, req.Config, &config)...)
	resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	here := r.at(&state)
	r.identify(ctx, resp.Identity, here, state.ID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Update, updateTimeout, &resp.Diagnostics)
	defer cancel()
	w := written{&resp.Diagnostics, &resp.State, resp.Private, resp.Identity}
	switch {
	case state.isDisabled():
		r.create(ctx, config, plan, w, "Error enabling traffic mirror session")
	case plan.isDisabled():
		r.disable(ctx, config, plan, state, createdAt(ctx, req.Private), w)
	default:
		r.modify(ctx, req, resp, config, plan, state)
	}
}

// modify changes a session that EC2 has.
func (r *sessionResource) modify(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse, config, plan, state sessionModel) {
	const summary = "Error updating traffic mirror session"
	here := r.at(&state)
	session, err := readNow(ctx, here, req.Private, (*account.Account).Session, state.ID.ValueString())
	if err != nil {
		r.reportUpdate(&resp.Diagnostics, here, summary, state.ID, err)
		return
	}
	wanted, problems := plan.expand()
	if err := problems.Err(); err != nil {
		report(&resp.Diagnostics, summary, problems)
		return
	}
	// The session may already use the wanted target: a target that gets another backing
	// resource points its sessions at its new ID.
	displaced, diags := readPrivate[int](ctx, req.Private, displacedKey)
	resp.Diagnostics.Append(diags...)
	before := session.Noun.Number
	session.Noun, err = here.run.ModifySession(ctx, session.Noun, wanted, plan.VirtualNetworkID.IsUnknown(), displaced == before)
	here.warnRenumbered(wanted, &resp.Diagnostics)
	if err != nil {
		if session.Noun.Number != before {
			resp.Diagnostics.Append(writePrivate(ctx, resp.Private, displacedKey, session.Noun.Number)...)
		}
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("session_number"), int64(session.Noun.Number))...)
		r.reportUpdate(&resp.Diagnostics, here, summary, state.ID, err)
		return
	}
	if displaced != 0 {
		resp.Diagnostics.Append(forgetPrivate(ctx, resp.Private, displacedKey)...)
	}
	changed := r.flatten(session, plan)
	changed.Status, changed.StatusReason = state.Status, state.StatusReason
	resp.Diagnostics.Append(set(ctx, &resp.State, changed)...)
	tags := r.conn.tags.all(plan.Tags)
	if err := here.account.Retag(ctx, r.kind, state.ID.ValueString(), textMap(state.TagsAll), textMap(tags)); err != nil {
		r.reportUpdate(&resp.Diagnostics, here, summary, state.ID, err)
		return
	}
	session.Tags = textMap(tags)
	done := r.flatten(session, plan)
	if plan.Status.IsUnknown() {
		done = withStatus(ctx, here.account.Live(), done, session.Noun)
	}
	resp.Diagnostics.Append(set(ctx, &resp.State, done)...)
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, configuredKey, configuredBy(config))...)
}

// disable deletes the session in EC2, and keeps it in the state.
func (r *sessionResource) disable(ctx context.Context, config, plan, state sessionModel, created time.Time, w written) {
	here := r.at(&state)
	if err := here.run.DeleteSession(ctx, state.NetworkInterfaceID.ValueString(), state.ID.ValueString(), created); err != nil {
		r.failuresIn(here).report(w.diags, "Error disabling traffic mirror session", err)
		return
	}
	r.writeDisabled(ctx, config, plan, w)
}

// Delete deletes the session.
func (r *sessionResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state sessionModel
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	if resp.Diagnostics.HasError() || state.isDisabled() {
		return
	}
	r.deleteObject(ctx, req, resp, &state, &state.Timeouts, func(ctx context.Context, here *regional, created time.Time) error {
		return here.run.DeleteSession(ctx, state.NetworkInterfaceID.ValueString(), state.ID.ValueString(), created)
	})
}
