package provider

import (
	"fmt"
	"log/slog"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

type quotasModel struct {
	RulesPerFilter        numberValue `tfsdk:"rules_per_filter"`
	SessionsPerInterface  numberValue `tfsdk:"sessions_per_interface"`
	SourcesPerLargeTarget numberValue `tfsdk:"sources_per_large_target"`
	SourcesPerTarget      numberValue `tfsdk:"sources_per_target"`
}

type guardModel struct {
	TargetOwnerIDs types.Set    `tfsdk:"target_owner_ids"`
	Widening       types.String `tfsdk:"widening"`
}

// checkPolicy returns the settings of the checks from the provider block. The embedded EC2
// has the quotas and variants of the emulator argument.
func (m providerModel) checkPolicy() check.Policy {
	policy := check.Policy{Quotas: mirror.DefaultQuotas(), Preflight: check.Preflight(m.Preflight.ValueString()), Log: slog.New(requestLog{})}
	if m.Emulator != nil {
		options, _ := m.Emulator.options() // Configure reports what is invalid
		v := options.Variants
		policy.Quotas, policy.Emulated = options.Quotas, true
		policy.Variants = check.Variants{
			AttachedSources: v.AttachedSources, LoadBalancerSources: v.LoadBalancerSources, RepeatedSessionNumbers: v.RepeatedSessionNumbers,
			RulesPerDirection: v.RulesPerDirection, SessionsPerTarget: v.SessionsPerTarget,
		}
	}
	if q := m.Quotas; q != nil {
		override(&policy.Quotas.RulesPerFilter, q.RulesPerFilter)
		override(&policy.Quotas.SessionsPerInterface, q.SessionsPerInterface)
		override(&policy.Quotas.SourcesPerLargeTarget, q.SourcesPerLargeTarget)
		override(&policy.Quotas.SourcesPerTarget, q.SourcesPerTarget)
	}
	if m.Guard != nil {
		if !m.Guard.TargetOwnerIDs.IsNull() {
			policy.TargetOwnerIDs = texts(m.Guard.TargetOwnerIDs)
		}
		policy.Widening = check.Guard(m.Guard.Widening.ValueString())
	}
	if m.Warnings != nil {
		policy.Silenced, policy.Exceptions, _ = m.Warnings.silenced() // ValidateConfig reports what is invalid
	}
	return policy
}

func override(quota *int, value numberValue) {
	if !value.IsNull() {
		*quota = int(value.ValueInt64())
	}
}

func quotasAttribute() schema.Attribute {
	quota := func(of string, preset int) schema.Attribute {
		return schema.Int64Attribute{
			Optional:            true,
			CustomType:          numberType{},
			Validators:          []validator.Int64{wholeNumber{int64validator.Between(mirror.QuotaValues.Min, mirror.QuotaValues.Max)}},
			MarkdownDescription: fmt.Sprintf("%s, %s. Default: the quota of `emulator` if that is set, otherwise %d.", of, mirror.QuotaValues, preset),
		}
	}
	presets := mirror.DefaultQuotas()
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Quotas that a plan assumes for the account. A plan warns if they are exceeded. EC2 does not show the real quotas. Default: the defaults of the arguments.",
		Attributes: map[string]schema.Attribute{
			"rules_per_filter":       quota("Rules of a filter, ingress and egress together", presets.RulesPerFilter),
			"sessions_per_interface": quota("Sessions of a network interface", presets.SessionsPerInterface),
			"sources_per_large_target": quota("Sources of a target on a network interface of an instance of a large type, which the "+
				"[quotas page](https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-quotas.html) of AWS lists", presets.SourcesPerLargeTarget),
			"sources_per_target": quota("Sources of a target on a network interface of another instance", presets.SourcesPerTarget),
		},
	}
}

func guardAttribute() schema.Attribute {
	owners := accountIDs("IDs of the AWS accounts whose targets sessions may use, 12 digits each. Include your own account if its targets are allowed. " +
		"Another target is an error at plan time, or during apply before the call if the target is known only after apply. Default: every account.")
	owners.Validators = append(owners.Validators, setvalidator.SizeAtLeast(1))
	guards := make([]string, len(check.Guards))
	for i, guard := range check.Guards {
		guards[i] = string(guard)
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Limits for changes. Checked on create and update only; `terraform destroy -refresh=false` always works. Set at least one of the two.",
		Attributes: map[string]schema.Attribute{
			"target_owner_ids": owners,
			"widening": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(guards...)},
				MarkdownDescription: "Whether a change of a filter by which it mirrors a packet that it does not mirror now is reported as `warn` or as `error`. " +
					"The report has a packet for each pair of rules that decide differently. A new filter, and one that no session uses, mirrors nothing yet, so it is not reported. " +
					"Changes of `trafficmirror_filter_rule` are always a warning. See [What a plan checks](guides/plan.md#changes-that-mirror-more). Default: not checked.",
			},
		},
	}
}

func preflightAttribute() schema.Attribute {
	modes := make([]string, len(check.PreflightModes))
	for i, mode := range check.PreflightModes {
		modes[i] = string(mode)
	}
	return schema.StringAttribute{
		Optional:   true,
		Validators: []validator.String{stringvalidator.OneOf(modes...)},
		MarkdownDescription: "Whether a plan asks EC2, with DryRun, if IAM permits the calls of the apply: `off`, or report a denial as `warn` or `error`. " +
			"If EC2 cannot be asked, that is reported in the same way. Requests that need an ID not known until apply are not checked. Default: `off`.",
	}
}
