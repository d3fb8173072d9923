package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"
	basediag "github.com/hashicorp/aws-sdk-go-base/v2/diag"
	"github.com/hashicorp/aws-sdk-go-base/v2/logging"
	"github.com/hashicorp/aws-sdk-go-base/v2/useragent"
	"github.com/hashicorp/aws-sdk-go-base/v2/validation"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// defaultMaxRetries is the default of provider "aws", so that a copied provider block
// behaves the same.
const defaultMaxRetries = 25

// maxRetries returns how often a request is tried.
func (m providerModel) maxRetries() int {
	if m.MaxRetries.IsNull() {
		return defaultMaxRetries
	}
	return int(m.MaxRetries.ValueInt64())
}

// connect returns the AWS accounts. It finds the credentials with aws-sdk-go-base, as
// provider "aws" does, so the same arguments have the same meaning.
func (m providerModel) connect(ctx context.Context, version, terraformVersion string, timing Timing) (*account.Regions, diag.Diagnostics) {
	ctx, logger := logging.NewTfLogger(ctx)
	config, diags := m.awsConfig(version, terraformVersion)
	config.MaxBackoff = timing.LongestBackoff
	m.checkEndpoints(&diags)
	if diags.HasError() {
		return nil, diags
	}
	config.Logger = logger

	limited, cancel := waitFor(ctx, timing.Clock, credentialsPatience*timing.Patience)
	_, loaded, found := awsbase.GetAwsConfig(limited, config)
	diags.Append(authenticationDiagnostics(found, whyEnded(ctx, limited, "The source of the credentials"))...)
	cancel()
	if diags.HasError() {
		return nil, diags
	}
	if loaded.Region == "" {
		diags.AddAttributeError(path.Root("region"), "Missing AWS Region",
			"No Region is configured. Set region in the provider block, the environment variable AWS_REGION, or region in the shared config file.")
		return nil, diags
	}
	if diags.Append(m.checkRegion(loaded.Region)...); diags.HasError() {
		return nil, diags
	}
	accountID, partition, problem := m.caller(ctx, loaded, timing)
	if problem != "" {
		diags.AddError(noIdentity, problem+"\n\n"+
			"To work without STS, set both skip_credentials_validation and skip_requesting_account_id.")
		return nil, diags
	}
	if err := config.VerifyAccountIDAllowed(accountID); err != nil {
		diags.AddError("AWS account not allowed",
			fmt.Sprintf("The credentials belong to account %q, which allowed_account_ids or forbidden_account_ids excludes. Use other credentials, or change these arguments.", accountID))
		return nil, diags
	}
	return account.NewRegions(loaded, account.Options{
		Endpoint: m.endpoint("ec2"), BalancingEndpoint: m.endpoint("elbv2"), Partition: partition, AccountID: accountID, Clock: timing.Clock, Middleware: logToRequest, ReadEach: timing.ReadEach,
	}), diags
}

// checkRegion refuses what is no Region.
func (m providerModel) checkRegion(region string) diag.Diagnostics {
	var diags diag.Diagnostics
	if err := validation.SupportedRegion(region); err != nil && !m.SkipRegionValidation.ValueBool() {
		diags.AddAttributeError(path.Root("region"), "Invalid AWS Region",
			fmt.Sprintf("%q is not the name of an AWS Region. Write one such as \"eu-west-1\", or set skip_region_validation for a Region that is newer than this provider.", region))
	}
	return diags
}

// How long to wait for credentials and for STS, in multiples of Timing.Patience. A program
// that the profile names as the source of credentials has a minute.
const (
	credentialsPatience = 6
	identityPatience    = 2
)

// A patienceError is why a context of waitFor has ended.
type patienceError struct{ d time.Duration }

// Error says how long it was waited.
func (e patienceError) Error() string { return "no answer for " + e.d.String() }

// waitFor returns a context that ends after d.
func waitFor(ctx context.Context, clock account.Clock, d time.Duration) (context.Context, context.CancelFunc) {
	limited, cancel := context.WithCancelCause(ctx)
	clock.AfterFunc(d, func() { cancel(patienceError{d}) })
	return limited, func() { cancel(nil) }
}

// whyEnded says that the run was cancelled, or that who has not answered within the time of
// limited, a context of waitFor. It returns "" if neither is the case.
func whyEnded(ctx, limited context.Context, who string) string {
	var patience patienceError
	switch {
	case ctx.Err() != nil:
		return "The run was cancelled. " + who + " had not answered."
	case errors.As(context.Cause(limited), &patience):
		return fmt.Sprintf("%s has not answered for %s. Check endpoints in the provider block, the proxy and the network.", who, patience.d)
	}
	return ""
}

// authenticationDiagnostics returns what aws-sdk-go-base has found. The reason why it was
// ended explains an error better.
func authenticationDiagnostics(found basediag.Diagnostics, whyEnded string) diag.Diagnostics {
	var diags diag.Diagnostics
	if found.HasError() && whyEnded != "" {
		diags.AddError("No AWS credentials", whyEnded+" The source can be assume_role, assume_role_with_web_identity, a profile, IAM Identity Center, or the metadata service of the instance or the container.")
		return diags
	}
	for _, d := range found {
		if d.Severity() == basediag.SeverityWarning {
			diags.AddWarning(d.Summary(), d.Detail())
			continue
		}
		diags.AddError(d.Summary(), d.Detail())
	}
	return diags
}

func (m providerModel) awsConfig(version, terraformVersion string) (*awsbase.Config, diag.Diagnostics) {
	var diags diag.Diagnostics
	config := &awsbase.Config{
		AccessKey:                      m.AccessKey.ValueString(),
		AllowedAccountIds:              texts(m.AllowedAccountIDs),
		AssumeRole:                     m.assumeRoles(&diags),
		AssumeRoleWithWebIdentity:      m.webIdentity(&diags),
		CallerDocumentationURL:         "https://registry.terraform.io/providers/trafficmirror/trafficmirror/latest/docs",
		CallerName:                     "Terraform provider trafficmirror",
		CustomCABundle:                 m.CustomCABundle.ValueString(),
		EC2MetadataServiceEnableState:  m.metadataState(),
		EC2MetadataServiceEndpoint:     m.EC2MetadataServiceEndpoint.ValueString(),
		EC2MetadataServiceEndpointMode: m.EC2MetadataServiceEndpointMode.ValueString(),
		ForbiddenAccountIds:            texts(m.ForbiddenAccountIDs),
		HTTPProxy:                      m.HTTPProxy.ValueStringPointer(),
		HTTPSProxy:                     m.HTTPSProxy.ValueStringPointer(),
		IamEndpoint:                    m.endpoint("iam"),
		Insecure:                       m.Insecure.ValueBool(),
		MaxRetries:                     m.maxRetries(),
		NoProxy:                        m.NoProxy.ValueString(),
		Profile:                        m.Profile.ValueString(),
		Region:                         m.Region.ValueString(),
		RetryMode:                      aws.RetryMode(m.RetryMode.ValueString()), // the schema has checked it
		SecretKey:                      m.SecretKey.ValueString(),
		SharedConfigFiles:              texts(m.SharedConfigFiles),
		SharedCredentialsFiles:         texts(m.SharedCredentialsFiles),
		SkipCredsValidation:            true, // caller asks STS, once
		SkipRequestingAccountId:        m.SkipRequestingAccountID.ValueBool(),
		SsoEndpoint:                    m.endpoint("sso"),
		StsEndpoint:                    m.endpoint("sts"),
		StsRegion:                      m.STSRegion.ValueString(),
		Token:                          m.Token.ValueString(),
		TokenBucketRateLimiterCapacity: int(m.TokenBucketRateLimiterCapacity.ValueInt64()),
		UseDualStackEndpoint:           m.UseDualstackEndpoint.ValueBool(),
		UseFIPSEndpoint:                m.UseFIPSEndpoint.ValueBool(),
		UserAgent:                      append(userAgent(version, terraformVersion), useragent.FromSlice(texts(m.UserAgent))...),
	}
	return config, diags
}

// userAgent says in CloudTrail which release has made a request. The commit is the
// build metadata of the version.
func userAgent(version, terraformVersion string) awsbase.UserAgentProducts {
	number, commit, isKnown := strings.Cut(version, "+")
	provider := awsbase.UserAgentProduct{Name: "terraform-provider-trafficmirror", Version: number}
	if isKnown {
		provider.Comment = "commit " + commit
	}
	return awsbase.UserAgentProducts{{Name: "Terraform", Version: terraformVersion, Comment: "+https://www.terraform.io"}, provider}
}

// metadataState reads skip_metadata_api_check, which is a text in provider "aws"
// so that unset differs from "false".
func (m providerModel) metadataState() imds.ClientEnableState {
	switch m.SkipMetadataAPICheck.ValueString() {
	case "true":
		return imds.ClientDisabled
	case "false":
		return imds.ClientEnabled
	}
	return imds.ClientDefaultEnableState
}

// endpointOf returns the endpoint of a service from the provider block.
func endpointOf(m providerModel, service string) string {
	for _, e := range m.Endpoints {
		of := map[string]types.String{"ec2": e.EC2, "elbv2": e.ELBV2, "iam": e.IAM, "sso": e.SSO, "sts": e.STS}
		if url := of[service].ValueString(); url != "" {
			return url
		}
		if url := e.ElasticLoadBalancingV2.ValueString(); url != "" && service == "elbv2" {
			return url
		}
	}
	return ""
}

// endpoint returns the endpoint of a service from the provider block or the environment.
// For EC2 and Elastic Load Balancing the SDK reads the environment itself.
func (m providerModel) endpoint(service string) string {
	if url := endpointOf(m, service); url != "" || service == "ec2" || service == "elbv2" {
		return url
	}
	return os.Getenv(endpointVariable(service))
}

// endpointVariable returns the environment variable with the endpoint of a service.
func endpointVariable(service string) string {
	if service == "elbv2" {
		service = "elastic_load_balancing_v2"
	}
	return "AWS_ENDPOINT_URL_" + strings.ToUpper(service)
}

// checkEndpoints refuses endpoints of the environment that are no URLs. The schema has
// checked those of the provider block.
func (m providerModel) checkEndpoints(diags *diag.Diagnostics) {
	for _, e := range m.Endpoints {
		if e.ELBV2.ValueString() != "" && e.ElasticLoadBalancingV2.ValueString() != "" {
			diags.AddAttributeError(path.Root("endpoints"), "Two endpoints for one service", "elbv2 and elasticloadbalancingv2 are both set. They are names of the same service: remove one.")
			return
		}
	}
	for _, service := range []string{"ec2", "elbv2", "sts", "sso"} {
		if endpointOf(m, service) != "" {
			continue // the provider block has one
		}
		for _, name := range []string{endpointVariable(service), "AWS_ENDPOINT_URL"} {
			value := os.Getenv(name)
			if problem := urlProblem("The environment variable "+name, value); problem != "" {
				diags.AddError("Invalid endpoint", problem)
				return
			}
			if value != "" {
				break
			}
		}
	}
}

func (m providerModel) assumeRoles(diags *diag.Diagnostics) []awsbase.AssumeRole {
	var roles []awsbase.AssumeRole
	for i, r := range m.AssumeRole {
		if r.RoleARN.ValueString() == "" {
			continue // provider "aws" ignores an empty block
		}
		roles = append(roles, awsbase.AssumeRole{
			RoleARN:           r.RoleARN.ValueString(),
			Duration:          duration(diags, path.Root("assume_role").AtListIndex(i).AtName("duration"), r.Duration),
			ExternalID:        r.ExternalID.ValueString(),
			Policy:            r.Policy.ValueString(),
			PolicyARNs:        texts(r.PolicyARNs),
			SessionName:       r.SessionName.ValueString(),
			SourceIdentity:    r.SourceIdentity.ValueString(),
			Tags:              textMap(r.Tags),
			TransitiveTagKeys: texts(r.TransitiveTagKeys),
		})
	}
	return roles
}

func (m providerModel) webIdentity(diags *diag.Diagnostics) *awsbase.AssumeRoleWithWebIdentity {
	for i, r := range m.AssumeRoleWithWebIdentity {
		return &awsbase.AssumeRoleWithWebIdentity{
			RoleARN:              r.RoleARN.ValueString(),
			Duration:             duration(diags, path.Root("assume_role_with_web_identity").AtListIndex(i).AtName("duration"), r.Duration),
			Policy:               r.Policy.ValueString(),
			PolicyARNs:           texts(r.PolicyARNs),
			SessionName:          r.SessionName.ValueString(),
			WebIdentityToken:     r.WebIdentityToken.ValueString(),
			WebIdentityTokenFile: r.WebIdentityTokenFile.ValueString(),
		}
	}
	return nil
}

func duration(diags *diag.Diagnostics, at path.Path, text types.String) time.Duration {
	if text.ValueString() == "" {
		return 0
	}
	d, err := time.ParseDuration(text.ValueString())
	if err != nil || d < 15*time.Minute || d > 12*time.Hour {
		diags.AddAttributeError(at, "Invalid session duration",
			fmt.Sprintf("duration is %q. Write a duration from \"15m\" to \"12h\".", text.ValueString()))
	}
	return d
}

// texts returns the texts of a list or a set.
func texts(collection interface{ Elements() []attr.Value }) []string {
	var all []string
	for _, element := range collection.Elements() {
		if text, ok := element.(types.String); ok {
			all = append(all, text.ValueString())
		}
	}
	return all
}

// textMap returns the texts of a map, nil for a null or an empty one.
func textMap(m types.Map) map[string]string {
	if len(m.Elements()) == 0 {
		return nil
	}
	all := make(map[string]string, len(m.Elements()))
	for key, element := range m.Elements() {
		if text, ok := element.(types.String); ok {
			all[key] = text.ValueString()
		}
	}
	return all
}

// caller returns the account and the partition of the credentials, or what the problem is. If the configuration
// skips both requests, the account is empty and the partition is the Region's.
//
// aws-sdk-go-base has a function for this, but it calls IAM too. STS alone is enough,
// because GetCallerIdentity needs no permission. The IAM client would make the program
// 3.5 MB larger.
func (m providerModel) caller(ctx context.Context, config aws.Config, timing Timing) (accountID, partition, problem string) {
	if m.SkipCredentialsValidation.ValueBool() && m.SkipRequestingAccountID.ValueBool() {
		return "", mirror.PartitionOf(config.Region), ""
	}
	var last error
	limited, cancel := waitFor(ctx, timing.Clock, identityPatience*timing.Patience)
	defer cancel()
	client := sts.NewFromConfig(config, func(o *sts.Options) {
		o.APIOptions = append(o.APIOptions, account.ReportTries)
		if region := m.STSRegion.ValueString(); region != "" {
			o.Region = region
		}
		if url := m.endpoint("sts"); url != "" {
			o.BaseEndpoint = aws.String(url)
		}
	})
	identity, err := client.GetCallerIdentity(account.EachTry(limited, func(err error) {
		if limited.Err() == nil {
			last = err
		}
	}), &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", identityProblem(whyEnded(ctx, limited, "STS"), cmp.Or(last, err))
	}
	caller, err := arn.Parse(aws.ToString(identity.Arn))
	if err != nil {
		return "", "", fmt.Sprintf("STS returned the caller ARN %q: %v", aws.ToString(identity.Arn), err)
	}
	return caller.AccountID, caller.Partition, ""
}

// identityProblem says why STS did not identify the credentials. whyEnded is empty if STS
// was not waited for any longer; last is the error of the last try.
func identityProblem(whyEnded string, last error) string {
	unreached := account.Unreached(last)
	switch {
	case unreached != nil && whyEnded == "":
		return fmt.Sprintf("STS could not be reached. Check endpoints in the provider block, the proxy and the network.\n\n%v", unreached)
	case unreached != nil:
		return fmt.Sprintf("%s\n\n%v", whyEnded, unreached)
	case whyEnded != "" && errors.Is(last, context.Canceled):
		return whyEnded
	case whyEnded != "":
		return fmt.Sprintf("%s\n\n%v", whyEnded, last)
	}
	return fmt.Sprintf("Check which credentials the provider block, the environment and the shared files set, and whether they have expired.\n\n%v", last)
}
