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

// checkPolicy returns what the provider block demands of plans. On the embedded EC2, the
// account has the quotas that were given to that.
func (m providerModel) checkPolicy() check.Policy {
	policy := check.Policy{Quotas: mirror.DefaultQuotas(), Preflight: check.Preflight(m.Preflight.ValueString()), Log: slog.New(requestLog{})}
	if m.Emulator != nil {
		policy.Quotas, _ = m.Emulator.quotas() // options reports what is wrong with one
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
			MarkdownDescription: fmt.Sprintf("%s, %s. Default: that of `emulator` if it is set, and otherwise %d.", of, mirror.QuotaValues, preset),
		}
	}
	presets := mirror.DefaultQuotas()
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Quotas of the account that a plan assumes when it warns of exceeding them. EC2 tells nobody what they are.",
		Attributes: map[string]schema.Attribute{
			"rules_per_filter":       quota("Rules of a filter, ingress and egress together", presets.RulesPerFilter),
			"sessions_per_interface": quota("Sessions of a network interface", presets.SessionsPerInterface),
		},
	}
}

func guardAttribute() schema.Attribute {
	owners := accountIDs("IDs of the AWS accounts, one's own included, to whose targets sessions may send copies, 12 digits each.")
	owners.Optional, owners.Required = false, true
	owners.Validators = append(owners.Validators, setvalidator.SizeAtLeast(1))
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Limits to what a plan may do. What breaks them is an error at plan time, or before the call where it is known after apply only. They bind creates and changes, so that nothing keeps an object from being destroyed.",
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
		MarkdownDescription: "Whether a plan asks EC2, with DryRun, if the credentials may do what the apply will do: `off`, `warn` or `error`, which says how a denial is reported. " +
			"What concerns an object whose ID is known after apply only is not asked. Default: `off`.",
	}
}

func warningsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Warnings that a plan shows.",
		Attributes: map[string]schema.Attribute{
			"silence": schema.SetAttribute{
				Optional:    true,
				ElementType: types.StringType,
				Validators:  []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(check.Silenceable...))},
				MarkdownDescription: "Findings not to warn of. `unreachable_rule`: earlier rules cover a rule. `mirrors_nothing`: a filter accepts no packet. " +
					"`ipv6_forgotten`: a direction accepts every IPv4 packet and says nothing of IPv6. `quota`: more rules or sessions than `quotas` allows. " +
					"`target_moves`: sessions are pointed at the new ID of a target whose backing changes. Default: none.",
			},
		},
	}
}
