package provider

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// Settings are the arguments of a provider block that a command has. What is empty comes from
// the environment and the shared files of AWS.
type Settings struct {
	Region, Profile string
	EndpointURL     string // of EC2, Elastic Load Balancing and STS

	Emulator, Topology string       // the embedded EC2 in place of AWS, if not empty
	Hosts              []string     // names of this host in requests to the embedded EC2
	Log                *slog.Logger // of the embedded EC2
}

// Accounts returns the accounts that a provider block with these arguments has, and the embedded
// EC2 if it has one. It finds credentials as the provider does. If an endpoint has no STS, the ID
// of the account is not known.
func Accounts(ctx context.Context, version string, s Settings) (*account.Regions, *emulator.Emulator, error) {
	optional := func(text string) types.String {
		if text == "" {
			return types.StringNull()
		}
		return types.StringValue(text)
	}
	m := providerModel{Region: optional(s.Region), Profile: optional(s.Profile)}
	timing := Timing{}.orDefault()
	if s.EndpointURL != "" {
		url := types.StringValue(s.EndpointURL)
		m.Endpoints = []endpointsModel{{EC2: url, ELBV2: url, STS: url}}
	}
	if s.Emulator == "" {
		accounts, diags := m.connect(ctx, version, "", timing)
		if s.EndpointURL != "" && hasNoIdentity(diags) { // not each endpoint has STS, such as the embedded EC2
			m.SkipCredentialsValidation, m.SkipRequestingAccountID = types.BoolValue(true), types.BoolValue(true)
			accounts, diags = m.connect(ctx, version, "", timing)
		}
		return accounts, nil, errorIn(diags)
	}
	m.Emulator = &emulatorModel{Path: types.StringValue(s.Emulator), Topology: optional(s.Topology)}
	options, diags := m.Emulator.options()
	diags.Append(m.checkRegion(m.emulatedRegion())...)
	if err := errorIn(diags); err != nil {
		return nil, nil, err
	}
	options.Hosts, options.Log = append([]string{emulatedHost}, s.Hosts...), s.Log
	return m.emulate(ctx, options, timing)
}

// noIdentity is the summary of the error that STS did not say whose the credentials are.
const noIdentity = "STS did not identify the credentials"

func hasNoIdentity(diags diag.Diagnostics) bool {
	return slices.ContainsFunc(diags.Errors(), func(d diag.Diagnostic) bool { return d.Summary() == noIdentity })
}

// errorIn returns the errors among diagnostics as one.
func errorIn(diags diag.Diagnostics) error {
	var errs []error
	for _, d := range diags.Errors() {
		errs = append(errs, errors.New(d.Summary()+". "+d.Detail()))
	}
	return errors.Join(errs...)
}
