package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var (
	_ datasource.DataSourceWithConfigure      = (*sourcesDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*sourcesDataSource)(nil)
)

func newSourcesDataSource() datasource.DataSource { return &sourcesDataSource{} }

// sourcesDataSource shows the network interfaces of a selection as mirror sources.
type sourcesDataSource struct{ connectedSource }

// Metadata names the data source.
func (d *sourcesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_sources"
}

// Schema describes the data source.
func (d *sourcesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := withSelection(map[string]schema.Attribute{
		regionArgument.name: regionArgument.attribute(true, true),
		"targets": schema.MapNestedAttribute{
			Optional:     true,
			NestedObject: schema.NestedAttributeObject{Attributes: candidateAttributes()},
			MarkdownDescription: "Targets to choose from, by names of your own. Set exactly one of `id`, `network_interface_id`, `network_load_balancer_arn`, `gateway_load_balancer_endpoint_id` and `tags` in each. Each source gets the target in its Availability Zone that has the fewest sources for its limit, or if those are full, another one. " +
				"A target that receives nothing now comes last: its interface is not attached, the instance does not run, or it was deleted. A source that has its session keeps its target. Default: no target is chosen, and `target` is null.",
		},
		"session_tags": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Tags that the sessions of this configuration have, and no others. Set them as `tags` of the sessions too. The data source recognizes the session of a source by them. " +
				"Default: the sessions of this configuration are those to one of `targets`.",
		},
		"first_session_number": schema.Int64Attribute{
			Optional: true, CustomType: numberType{},
			MarkdownDescription: "Lowest number of a new session, " + mirror.SessionNumbers.String() + ". A source whose session has it already gets the next free one. If a second data source mirrors the same interfaces, give it a higher number. Default: 1.",
		},
	})
	for _, c := range sourcesColumns() {
		attributes[c.name] = c.attribute(false, true)
	}
	resp.Schema = dataSchema(sourcesText, attributes)
}

const sourcesText = "Selects network interfaces, and shows for each whether it can be mirrored and, if not, why, which sessions it has, and which target a new session should use. " +
	"`for_each` over `sources` mirrors a fleet of interfaces that come and go. [The guide](../guides/fleet.md) shows how.\n\n" +
	"An interface must match every condition that is set. A condition with several values matches if one value does. An empty list matches nothing.\n\n" +
	"All values are known in the plan if all arguments are. So do not refer to a resource that the same configuration creates: `for_each` needs values that are known before the apply. " +
	"A target that the same configuration creates can be in `targets` by what backs it, or by its tags.\n\n" +
	"Terraform reads the interfaces once in each plan. Interfaces that the same apply creates are in the next plan.\n\n" +
	"It needs the permissions `ec2:DescribeNetworkInterfaces`, `ec2:DescribeInstances`, `ec2:DescribeSubnets`, `ec2:DescribeTrafficMirrorTargets`, `ec2:DescribeTrafficMirrorFilters` and `ec2:DescribeTrafficMirrorSessions`, " +
	"and if a Gateway Load Balancer endpoint backs a target, `ec2:DescribeVpcEndpoints`."

func candidateAttributes() map[string]schema.Attribute {
	const one = " Default: none."
	const maybe = " It may not exist yet." + one
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "ID of the target, `tmt-...`." + one,
		},
		"network_interface_id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "ID of the network interface that backs the target." + maybe,
		},
		"network_load_balancer_arn": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "ARN of the Network Load Balancer that backs the target." + maybe,
		},
		"gateway_load_balancer_endpoint_id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "ID of the Gateway Load Balancer endpoint that backs the target." + maybe,
		},
		"tags": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Tags by which the target is found. It may not exist yet. Then it is in no zone unless `availability_zone` is set. It is an error if several targets have all of the tags. " +
				"Do not change the tags while the target has sessions: first add the new tags to the target, and in the next apply change this argument." + one,
		},
		"availability_zone": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Name of the Availability Zone of the target, such as `eu-west-1a`. Default: the zones of the interfaces that back it, if EC2 shows them.",
		},
		"max_sources": schema.Int64Attribute{
			Optional: true, CustomType: numberType{},
			MarkdownDescription: "Highest number of sources, " + inventory.MaxSources.String() + ". If EC2 shows the instance that backs the target, the quota is the upper limit. Default: the quota `sources_per_target` of the provider block, " +
				"or `sources_per_large_target` if the instance has a large type. A load balancer has no quota.",
		},
	}
}

// ValidateConfig checks the values that are known.
func (d *sourcesDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	readSources(ctx, req.Config, &resp.Diagnostics)
}

// Read reads the interfaces. Terraform waits with it until the whole configuration is known.
func (d *sourcesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	asked := readSources(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	at, region := d.read(asked.region, &resp.Diagnostics)
	if at == nil {
		return
	}
	fleet, err := inventory.Read(ctx, at.account, d.conn.rules())
	if err == nil {
		err = inventory.ReadReceivers(ctx, at.account, fleet, asked.wish)
	}
	if err != nil {
		d.failures().report(&resp.Diagnostics, "Error reading network interfaces and their sessions", err)
		return
	}
	proposals, problems := fleet.Propose(fleet.Select(asked.selection), asked.wish)
	if problems != nil {
		d.refuse(problems, &resp.Diagnostics)
		return
	}
	d.warnNone(proposals, &resp.Diagnostics)
	d.warnIdle(fleet.IdleCandidates(asked.wish), &resp.Diagnostics)
	d.warnFull(asked, proposals, &resp.Diagnostics)
	d.warnOtherZone(proposals, &resp.Diagnostics)
	values := asked.arguments
	values[regionArgument.name] = types.StringValue(region)
	showProposals(proposals, values)
	resp.Diagnostics.Append(resp.State.Set(ctx, types.ObjectValueMust(asked.of, values))...)
}

// refuse reports targets of the configuration that are not clear in EC2.
func (d *sourcesDataSource) refuse(problems mirror.Problems, diags *diag.Diagnostics) {
	hint := ""
	if d.conn.isPlan.Load() {
		hint = destroyHint
	}
	for _, p := range problems {
		addError(diags, attributePath(p.Field), invalidSources, p.Error()+hint)
	}
}

// rules are what decides about sources besides EC2's answers.
func (c *connection) rules() inventory.Rules {
	v := c.policy.Variants
	return inventory.Rules{
		Quotas: c.policy.Quotas, AttachedSources: v.AttachedSources, LoadBalancerSources: v.LoadBalancerSources, SessionsPerTarget: v.SessionsPerTarget,
	}
}

// warnNone warns of a selection without an interface. It may have a wrong name, or no name may
// match any more, and then nothing is mirrored.
func (d *sourcesDataSource) warnNone(proposals []inventory.Proposal, diags *diag.Diagnostics) {
	if len(proposals) > 0 || d.conn.policy.Silences(check.NoSources) {
		return
	}
	diags.AddWarning("No network interface is selected", "EC2 shows no network interface that matches all conditions, so the data source has no sources, and proposes no session. "+
		"If sessions use it in for_each, none is left. Correct the conditions, unless this is meant."+silenceHint(check.NoSources, nil))
}

// warnIdle warns of targets that receive nothing now. Sessions to them stay, and copies are lost.
func (d *sourcesDataSource) warnIdle(idle []inventory.IdleCandidate, diags *diag.Diagnostics) {
	for _, c := range idle {
		if d.conn.policy.Silences(check.TargetUnavailable, c.TargetID) {
			continue
		}
		diags.AddAttributeWarning(path.Root("targets"), "Nothing receives the copies now", fmt.Sprintf(
			"targets[%q]: %s New sources get another target if one has room. Sessions that use the target keep it.%s",
			c.Key, c.Detail, silenceHint(check.TargetUnavailable, []string{c.TargetID})))
	}
}

// warnFull warns of sources that no target has room for: they are not mirrored.
func (d *sourcesDataSource) warnFull(asked askedSources, proposals []inventory.Proposal, diags *diag.Diagnostics) {
	var ids []string
	detail := ""
	for _, p := range proposals {
		if p.Reason == inventory.ReasonTargetsFull {
			ids, detail = append(ids, p.Interface.ID), p.Detail
		}
	}
	summary, finding, advice := "No target has room for some sources", check.Quota, "Add a target, or raise max_sources if it is below the quota."
	if len(asked.wish.Targets) == 0 {
		summary, finding, advice = "There is no target for the sources", check.TargetUnavailable, "Add a target, or remove targets."
	}
	if ids == nil || d.conn.policy.Silences(finding) {
		return
	}
	diags.AddAttributeWarning(path.Root("targets"), summary, fmt.Sprintf(
		"%s The data source has these sources in unsupported, and proposes no session for them: %s. %s%s",
		detail, firstOf(ids), advice, silenceHint(finding, nil)))
}

// warnOtherZone warns of new sessions whose copies go to another Availability Zone, because the
// targets in the zone of the source are full. A session that exists is no news.
func (d *sourcesDataSource) warnOtherZone(proposals []inventory.Proposal, diags *diag.Diagnostics) {
	var moves []string
	for _, p := range proposals {
		if p.FullInZone != nil {
			moves = append(moves, fmt.Sprintf("%s in %s gets %q in %s, because %s is full",
				p.Interface.ID, p.Interface.Zone, p.Target, strings.Join(p.TargetZones, " and "), quotedNames(p.FullInZone)))
		}
	}
	if moves == nil || d.conn.policy.Silences(check.OtherZone) {
		return
	}
	diags.AddAttributeWarning(path.Root("targets"), "Copies go to another Availability Zone", fmt.Sprintf(
		"AWS charges for traffic between Availability Zones: %s. Add a target in the zone, or raise max_sources if it is below the quota.%s",
		firstOf(moves), silenceHint(check.OtherZone, nil)))
}

// firstOf lists the first of many elements, and says how many more there are.
func firstOf(elements []string) string {
	const most = 10
	list := strings.Join(elements[:min(len(elements), most)], ", ")
	if len(elements) > most {
		list += fmt.Sprintf(" and %d more", len(elements)-most)
	}
	return list
}

// quotedNames lists names of targets.
func quotedNames(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, " and ")
}

// askedSources are what a configuration asks for.
type askedSources struct {
	region    types.String
	selection inventory.Selection
	wish      inventory.Wish
	arguments map[string]attr.Value // and of what is computed, null
	of        map[string]attr.Type
}

const invalidSources = "Invalid selection of network interfaces"

// readSources reads and checks a configuration. What is not known yet is not checked.
func readSources(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) askedSources {
	object, err := config.Schema.Type().ValueFromTerraform(ctx, config.Raw)
	if err != nil {
		diags.AddError("Unreadable configuration", err.Error())
		return askedSources{}
	}
	asked := askedSources{arguments: object.(types.Object).Attributes(), of: object.(types.Object).AttributeTypes(ctx)}
	r := selectionReader{&reader{}}
	asked.region = asked.arguments[regionArgument.name].(types.String)
	asked.selection = r.selection(asked.arguments)
	asked.wish.Targets = r.candidates(asked.arguments["targets"].(types.Map))
	asked.wish.SessionTags = r.tagMap("session_tags", asked.arguments["session_tags"].(types.Map))
	if n := r.optionalNumber("first_session_number", asked.arguments["first_session_number"].(numberValue), mirror.SessionNumbers); n != nil {
		asked.wish.FirstNumber = *n
	}
	report(diags, invalidSources, r.check(append(asked.selection.Validate(), asked.wish.Validate()...)))
	return asked
}

// candidates reads the targets to choose from: nil if there is no such argument.
func (r selectionReader) candidates(value types.Map) []inventory.Candidate {
	if !r.isKnown("targets", value) {
		return nil
	}
	all := []inventory.Candidate{}
	for key, element := range value.Elements() {
		field := fmt.Sprintf("targets[%q]", key)
		candidate := inventory.Candidate{Key: key}
		if r.isKnown(field, element) {
			attributes := element.(types.Object).Attributes()
			for name, to := range map[string]*string{
				"id": &candidate.Target.ID, "network_interface_id": &candidate.Target.InterfaceID,
				"network_load_balancer_arn": &candidate.Target.LoadBalancerARN, "gateway_load_balancer_endpoint_id": &candidate.Target.GatewayLoadBalancerEndpointID,
			} {
				*to = r.text(field+"."+name, attributes[name].(types.String))
			}
			candidate.Tags = r.tagMap(field+".tags", attributes["tags"].(types.Map))
			candidate.Zone = r.text(field+".availability_zone", attributes["availability_zone"].(types.String))
			if n := r.optionalNumber(field+".max_sources", attributes["max_sources"].(numberValue), inventory.MaxSources); n != nil {
				candidate.MaxSources = *n
			}
		}
		all = append(all, candidate)
	}
	return all
}
