package provider

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ValidateConfig refuses what can never be simulated.
func (r *simulationResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m simulationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if id := m.NetworkInterfaceID; !id.IsNull() && !id.IsUnknown() {
		report(&resp.Diagnostics, "Invalid simulation", mirror.KindInterface.Check("network_interface_id", id.ValueString()))
	}
	if m.Capture.IsNull() && m.Packets.IsNull() {
		resp.Diagnostics.AddError("Invalid simulation", "There is nothing to simulate. Set capture, packets or both.")
	}
	m.checkFiles(&resp.Diagnostics)
	m.checkResolvers(&resp.Diagnostics)
	names := m.checkPackets(ctx, &resp.Diagnostics)
	for i, e := range objectsOf[expectModel](ctx, m.Expect) {
		reportBelow(&resp.Diagnostics, path.Root("expect").AtListIndex(i), "Invalid expectation", e.check(names, !m.Capture.IsNull()))
	}
}

// checkFiles refuses an output that would overwrite the capture.
func (m *simulationModel) checkFiles(diags *diag.Diagnostics) {
	from, to := filePath(m.Capture), filePath(m.Output)
	if from.IsNull() || to.IsNull() || from.IsUnknown() || to.IsUnknown() {
		return
	}
	if filepath.Clean(from.ValueString()) == filepath.Clean(to.ValueString()) {
		diags.AddAttributeError(path.Root("output").AtName("path"), "Invalid simulation",
			fmt.Sprintf("output.path is %q, which is the capture. Write another path: the capture is never overwritten.", to.ValueString()))
	}
}

func (m *simulationModel) checkResolvers(diags *diag.Diagnostics) {
	for i, address := range m.DNSResolverAddresses.Elements() {
		text := address.(types.String)
		if text.IsUnknown() {
			continue
		}
		at := path.Root("dns_resolver_addresses").AtListIndex(i)
		for _, p := range readAddress(at.String(), text, new(netip.Addr)) {
			reportAt(diags, at, "Invalid simulation", p)
		}
	}
}

// checkPackets refuses packets that cannot be built, and returns the names of all
// of them, or nil if one of them is not known yet.
func (m *simulationModel) checkPackets(ctx context.Context, diags *diag.Diagnostics) map[string]bool {
	names, named := map[string]bool{}, 0
	for i, p := range objectsOf[packetModel](ctx, m.Packets) {
		at := path.Root("packets").AtListIndex(i)
		if name := p.Name.ValueString(); !p.Name.IsUnknown() {
			if names[name] {
				diags.AddAttributeError(at.AtName("name"), "Invalid packet",
					fmt.Sprintf("name is %q, as is that of another packet. Give each packet a name of its own.", name))
			}
			names[name] = true
			named++
		}
		if p.known() {
			_, problems := p.expand()
			reportBelow(diags, at, "Invalid packet", problems)
		}
	}
	if m.Packets.IsUnknown() || named < len(m.Packets.Elements()) {
		return nil
	}
	return names
}

// ModifyPlan decides whether the simulation runs again: when its arguments, its
// files or, in this plan, a mirror object change. If it does not, expectations
// that the refresh found broken are warned of; an error would block the plan that
// repairs the filter, and destroy.
func (r *simulationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan simulationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.planCapture()
	again := req.State.Raw.IsNull()
	if !again {
		var prior simulationModel
		resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
		again = plan.differs(prior) || r.client != nil && r.client.changes.seen()
	}
	if again {
		plan.Verdicts = types.MapUnknown(types.ObjectType{AttrTypes: verdictTypes})
		plan.Summary = types.ObjectUnknown(summaryTypes)
		if !plan.Output.IsNull() && !plan.Output.IsUnknown() {
			plan.Output = fileObject(filePath(plan.Output), types.StringUnknown())
		}
	} else {
		plan.warn(ctx, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planCapture plans the digest of the capture. A file that is not there yet may
// be made by the apply.
func (m *simulationModel) planCapture() {
	if m.Capture.IsNull() || m.Capture.IsUnknown() {
		return
	}
	digest := types.StringUnknown()
	if file := filePath(m.Capture); !file.IsUnknown() {
		if text, err := fileDigest(file.ValueString()); err == nil {
			digest = types.StringValue(text)
		}
	}
	m.Capture = fileObject(filePath(m.Capture), digest)
}

// differs reports whether the simulation has to run again for its own sake. An
// output without a digest is one that is not there as it was written.
func (m *simulationModel) differs(prior simulationModel) bool {
	same := m.NetworkInterfaceID.Equal(prior.NetworkInterfaceID) && m.DNSResolverAddresses.Equal(prior.DNSResolverAddresses) &&
		m.Capture.Equal(prior.Capture) && m.Packets.Equal(prior.Packets) && m.Expect.Equal(prior.Expect) &&
		filePath(m.Output).Equal(filePath(prior.Output))
	return !same || !prior.Output.IsNull() && fileSHA256(prior.Output).IsNull()
}

func (m *simulationModel) warn(ctx context.Context, diags *diag.Diagnostics) {
	verdicts := verdictsOf(ctx, m.Verdicts)
	for i, e := range objectsOf[expectModel](ctx, m.Expect) {
		if broken := e.broken(verdicts); broken != "" {
			diags.AddAttributeWarning(path.Root("expect").AtListIndex(i), "Expectation does not hold any more",
				broken+"\n\nSomething was changed outside of this configuration. The next apply that changes the simulation fails until it holds.")
		}
	}
}
