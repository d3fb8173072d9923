package provider

import (
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The findings that a configuration can silence.
const (
	findingUnreachable   = "unreachable_rule"
	findingMirrorsNone   = "mirrors_nothing"
	findingIPv6Forgotten = "ipv6_forgotten"
	findingMove          = "target_moves"
	findingQuota         = "quota"
)

var findings = []string{findingIPv6Forgotten, findingMirrorsNone, findingQuota, findingMove, findingUnreachable}

// planPolicy is what the provider block says about checks at plan time.
type planPolicy struct {
	quotas   mirror.Quotas
	owners   []string // of targets that may be used; nil: every account
	silenced []string
}

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

// planPolicy returns the policy of the provider block. Where it runs on the embedded
// EC2, the account has the quotas that were given to that.
func (m providerModel) planPolicy() planPolicy {
	policy := planPolicy{quotas: mirror.DefaultQuotas()}
	if m.Emulator != nil {
		policy.quotas, _ = m.Emulator.quotas() // options tells what is wrong with one
	}
	if q := m.Quotas; q != nil {
		override(&policy.quotas.RulesPerFilter, q.RulesPerFilter)
		override(&policy.quotas.SessionsPerInterface, q.SessionsPerInterface)
	}
	if m.Guard != nil {
		policy.owners = texts(m.Guard.TargetOwnerIDs)
	}
	if m.Warnings != nil {
		policy.silenced = texts(m.Warnings.Silence)
	}
	return policy
}

func override(quota *int, value types.Int64) {
	if !value.IsNull() {
		*quota = int(value.ValueInt64())
	}
}

// warn reports a finding, unless the configuration does not want to hear of it.
func (p planPolicy) warn(diags *diag.Diagnostics, finding string, at path.Path, summary, text string) {
	if !slices.Contains(p.silenced, finding) {
		diags.AddAttributeWarning(at, summary, text+" To silence this, set warnings = { silence = [\""+finding+"\"] } in the provider block.")
	}
}

// warnOfQuota warns of more objects than the quota allows, which an argument of quotas
// sets.
func (p planPolicy) warnOfQuota(diags *diag.Diagnostics, at path.Path, objects, argument, text string) {
	p.warn(diags, findingQuota, at, "More "+objects+" than the quota allows",
		text+" If the account has a higher one, set quotas = { "+argument+" = N } in the provider block.")
}

// allows reports whether the guard lets a target of an account be used.
func (p planPolicy) allows(owner string) bool {
	return p.owners == nil || slices.Contains(p.owners, owner)
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

func warningsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Warnings that a plan shows.",
		Attributes: map[string]schema.Attribute{
			"silence": schema.SetAttribute{
				Optional:    true,
				ElementType: types.StringType,
				Validators:  []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(findings...))},
				MarkdownDescription: "Findings not to warn of. `unreachable_rule`: earlier rules cover a rule. `mirrors_nothing`: a filter accepts no packet. " +
					"`ipv6_forgotten`: a direction accepts every IPv4 packet and says nothing of IPv6. `quota`: more rules or sessions than `quotas` allows. " +
					"`target_moves`: sessions are pointed at the new ID of a target whose backing changes. Default: none.",
			},
		},
	}
}
