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
	RulesPerFilter       types.Int64 `tfsdk:"rules_per_filter"`
	SessionsPerInterface types.Int64 `tfsdk:"sessions_per_interface"`
}

type guardModel struct {
	TargetOwnerIDs types.Set `tfsdk:"target_owner_ids"`
}

type warningsModel struct {
	Silence types.Set `tfsdk:"silence"`
}

// checkPolicy returns the settings of the checks from the provider block. The embedded EC2
// has the quotas of the emulator argument.
func (m providerModel) checkPolicy() check.Policy {
	policy := check.Policy{Quotas: mirror.DefaultQuotas(), Preflight: check.Preflight(m.Preflight.ValueString()), Log: slog.New(requestLog{})}
	if m.Emulator != nil {
		policy.Quotas, _ = m.Emulator.quotas() // options reports invalid quotas
	}
	if q := m.Quotas; q != nil {
		override(&policy.Quotas.RulesPerFilter, q.RulesPerFilter)
		override(&policy.Quotas.SessionsPerInterface, q.SessionsPerInterface)
	}
	if m.Guard != nil {
		policy.TargetOwnerIDs = texts(m.Guard.TargetOwnerIDs)
	}
	if m.Warnings != nil {
		policy.Silenced = texts(m.Warnings.Silence)
	}
	return policy
}

func override(quota *int, value types.Int64) {
	if !value.IsNull() {
		*quota = int(value.ValueInt64())
	}
}

func quotasAttribute() schema.Attribute {
	quota := func(of string, preset int) schema.Attribute {
		return schema.Int64Attribute{
			Optional:            true,
			Validators:          []validator.Int64{int64validator.Between(mirror.QuotaValues.Min, mirror.QuotaValues.Max)},
			MarkdownDescription: fmt.Sprintf("%s, %s. Default: the quota of `emulator` if that is set, otherwise %d.", of, mirror.QuotaValues, preset),
		}
	}
	presets := mirror.DefaultQuotas()
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Quotas that a plan assumes for the account. A plan warns if they are exceeded. EC2 does not show the real quotas.",
		Attributes: map[string]schema.Attribute{
			"rules_per_filter":       quota("Rules of a filter, ingress and egress together", presets.RulesPerFilter),
			"sessions_per_interface": quota("Sessions of a network interface", presets.SessionsPerInterface),
		},
	}
}

func guardAttribute() schema.Attribute {
	owners := accountIDs("IDs of the AWS accounts whose targets sessions may use, 12 digits each. Include your own account if its targets are allowed.")
	owners.Optional, owners.Required = false, true
	owners.Validators = append(owners.Validators, setvalidator.SizeAtLeast(1))
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Limits for changes. A violation is an error at plan time, or during apply before the call if the value is known only after apply. Checked on create and update only; destroy always works.",
		Attributes:          map[string]schema.Attribute{"target_owner_ids": owners},
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

func warningsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Warnings that the provider shows.",
		Attributes: map[string]schema.Attribute{
			"silence": schema.SetAttribute{
				Optional:    true,
				ElementType: types.StringType,
				Validators:  []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(check.Silenceable...))},
				MarkdownDescription: "Warnings to hide. `unreachable_rule`: earlier rules cover a rule. `mirrors_nothing`: a filter accepts no packet. " +
					"`ipv6_forgotten`: a rule accepts packets from and to `0.0.0.0/0`, and no rule of the direction has IPv6 CIDR blocks. `quota`: more rules or sessions than `quotas` allows. " +
					"`target_moves`: a target gets another backing resource and a new ID, and its sessions change with it. `embedded_ec2`: the embedded EC2 is in use. Default: none.",
			},
		},
	}
}
