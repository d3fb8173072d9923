package provider

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packed"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// ValidateConfig refuses values that can never be simulated.
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
	resp.Diagnostics.Append(m.Packets.Validate(ctx, "packets", packetsAttribute())...)
	resp.Diagnostics.Append(m.Expect.Validate(ctx, "expect", expectAttribute())...)
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
	if sameFile(from.ValueString(), to.ValueString()) {
		diags.AddAttributeError(path.Root("output").AtName("path"), "Invalid simulation",
			fmt.Sprintf("output.path is %q, which is the capture. Write another path: the capture is never overwritten.", to.ValueString()))
	}
}

// sameFile reports whether two paths are the same file, whatever their spelling.
func sameFile(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

func (m *simulationModel) checkResolvers(diags *diag.Diagnostics) {
	for i, address := range m.DNSResolverAddresses.Elements() {
		text := address.(types.String)
		if text.IsUnknown() {
			continue
		}
		at := path.Root("dns_resolver_addresses").AtListIndex(i)
		for _, p := range simulation.CheckAddress(at.String(), text.ValueString()) {
			reportAt(diags, at, "Invalid simulation", p)
		}
	}
}

// checkPackets refuses packets that cannot be built. It returns the names of all packets,
// or nil if one of them is not known yet.
func (m *simulationModel) checkPackets(ctx context.Context, diags *diag.Diagnostics) map[string]bool {
	names, named := map[string]bool{}, 0
	for i, p := range objectsOf[packetModel](ctx, m.Packets) {
		at := path.Root("packets").AtListIndex(i)
		if name := p.Name.ValueString(); !p.Name.IsUnknown() {
			if names[name] {
				diags.AddAttributeError(at.AtName("name"), "Invalid packet",
					fmt.Sprintf("name is %q, and another packet has the same name. Give each packet its own name.", name))
			}
			names[name] = true
			named++
		}
		if p.known() {
			reportBelow(diags, at, "Invalid packet", p.expand().Check())
		}
	}
	if m.Packets.IsUnknown() || named < len(m.Packets.Elements()) {
		return nil
	}
	return names
}

// failedKey is a key of private state. It is set if the last run of the simulation failed:
// the same apply then runs the simulation again.
const failedKey = "failed"

// ModifyPlan decides whether the simulation runs again. It does if its arguments or files
// have changed, if this plan changes a mirror object, or if the last run failed. Otherwise
// it warns of expectations that did not hold at the refresh. An error would block the plan
// that repairs the filter, and destroy.
func (r *simulationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan simulationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	failed, diags := readPrivate[bool](ctx, req.Private, failedKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	again := req.State.Raw.IsNull() || failed || r.conn != nil && r.conn.plan.HasChanges()
	if !again {
		var prior simulationModel
		resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
		again = plan.differs(prior)
	}
	if again {
		plan.forgetResults()
	} else {
		plan.warn(ctx, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// forgetResults plans the results of a run as known after apply, including the digest of
// the capture: Terraform plans again while it applies, and would report a file that has
// changed by then as a bug of the provider.
func (m *simulationModel) forgetResults() {
	m.Verdicts = packed.Unknown(verdictsType)
	m.Summary = types.ObjectUnknown(summaryTypes)
	for _, file := range []*types.Object{&m.Capture, &m.Output} {
		if !file.IsNull() && !file.IsUnknown() {
			*file = withSHA256(*file, types.StringUnknown())
		}
	}
}

// differs reports whether the arguments or files of the simulation have changed since the
// last run. An output without a digest is missing, or was changed after it was written.
func (m *simulationModel) differs(prior simulationModel) bool {
	same := m.NetworkInterfaceID.Equal(prior.NetworkInterfaceID) && m.DNSResolverAddresses.Equal(prior.DNSResolverAddresses) &&
		m.Packets.Equal(prior.Packets) && m.Expect.Equal(prior.Expect) && m.kept() == prior.kept() &&
		filePath(m.Capture).Equal(filePath(prior.Capture)) && filePath(m.Output).Equal(filePath(prior.Output))
	return !same || prior.captureChanged() || !prior.Output.IsNull() && fileSHA256(prior.Output).IsNull()
}

// captureChanged reports whether the capture differs from the file that was simulated.
func (m *simulationModel) captureChanged() bool {
	if m.Capture.IsNull() {
		return false
	}
	digest, err := simulation.FileDigest(filePath(m.Capture).ValueString())
	return err != nil || digest != fileSHA256(m.Capture).ValueString()
}

func (m *simulationModel) warn(ctx context.Context, diags *diag.Diagnostics) {
	verdicts := expandVerdicts(ctx, m.Verdicts)
	for i, e := range objectsOf[expectModel](ctx, m.Expect) {
		if broken := e.broken(verdicts); broken != "" {
			diags.AddAttributeWarning(path.Root("expect").AtListIndex(i), "Expectation does not hold any more",
				broken+"\n\nSomething was changed outside of this configuration. Until the expectation holds again, an apply that changes the simulation fails.")
		}
	}
}
