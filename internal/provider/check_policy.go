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
	TargetOwnerIDs types.Set `tfsdk:"target_owner_ids"`
}

type warningsModel struct {
	Silence types.Set `tfsdk:"silence"`
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
		policy.TargetOwnerIDs = texts(m.Guard.TargetOwnerIDs)
	}
	if m.Warnings != nil {
		policy.Silenced = texts(m.Warnings.Silence)
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
		MarkdownDescription: "Quotas that a plan assumes for the account. A plan warns if they are exceeded. EC2 does not show the real quotas.",
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
				MarkdownDescription: "Warnings to hide. " +
					"`embedded_ec2`: the embedded EC2 is in use. " +
					"`ipv6_forgotten`: a rule of a session's filter accepts packets from and to `0.0.0.0/0`, no rule of the direction has IPv6 CIDR blocks, and the source has IPv6. " +
					"`mirrors_nothing`: a filter accepts no packet. " +
					"`ports_forgotten`: a `tcp` or `udp` rule rejects packets and has no port range. " +
					"`quota`: more rules, sessions or sources than `quotas` allows. " +
					"`shadowed_session`: earlier sessions of the interface copy every packet that a session accepts. " +
					"`target_moves`: a target gets another backing resource and a new ID, and its sessions change with it. " +
					"`target_unavailable`: the backing resource of a target is not attached, not running or not active now. " +
					"`unreachable_rule`: earlier rules cover a rule. Default: none.",
			},
		},
	}
}
