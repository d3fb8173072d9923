package provider

import "github.com/hashicorp/terraform-plugin-framework/types"

// providerModel is the provider block.
type providerModel struct {
	AccessKey                      types.String   `tfsdk:"access_key"`
	AllowedAccountIDs              types.Set      `tfsdk:"allowed_account_ids"`
	CustomCABundle                 types.String   `tfsdk:"custom_ca_bundle"`
	EC2MetadataServiceEndpoint     types.String   `tfsdk:"ec2_metadata_service_endpoint"`
	EC2MetadataServiceEndpointMode types.String   `tfsdk:"ec2_metadata_service_endpoint_mode"`
	Emulator                       *emulatorModel `tfsdk:"emulator"`
	ForbiddenAccountIDs            types.Set      `tfsdk:"forbidden_account_ids"`
	Guard                          *guardModel    `tfsdk:"guard"`
	HTTPProxy                      types.String   `tfsdk:"http_proxy"`
	HTTPSProxy                     types.String   `tfsdk:"https_proxy"`
	Insecure                       types.Bool     `tfsdk:"insecure"`
	MaxRetries                     numberValue    `tfsdk:"max_retries"`
	NoProxy                        types.String   `tfsdk:"no_proxy"`
	Preflight                      types.String   `tfsdk:"preflight"`
	Profile                        types.String   `tfsdk:"profile"`
	Quotas                         *quotasModel   `tfsdk:"quotas"`
	Region                         types.String   `tfsdk:"region"`
	RetryMode                      types.String   `tfsdk:"retry_mode"`
	SecretKey                      types.String   `tfsdk:"secret_key"`
	SharedConfigFiles              types.List     `tfsdk:"shared_config_files"`
	SharedCredentialsFiles         types.List     `tfsdk:"shared_credentials_files"`
	SkipCredentialsValidation      types.Bool     `tfsdk:"skip_credentials_validation"`
	SkipMetadataAPICheck           types.String   `tfsdk:"skip_metadata_api_check"`
	SkipRegionValidation           types.Bool     `tfsdk:"skip_region_validation"`
	SkipRequestingAccountID        types.Bool     `tfsdk:"skip_requesting_account_id"`
	STSRegion                      types.String   `tfsdk:"sts_region"`
	Token                          types.String   `tfsdk:"token"`
	TokenBucketRateLimiterCapacity numberValue    `tfsdk:"token_bucket_rate_limiter_capacity"`
	UseDualstackEndpoint           types.Bool     `tfsdk:"use_dualstack_endpoint"`
	UseFIPSEndpoint                types.Bool     `tfsdk:"use_fips_endpoint"`
	UserAgent                      types.List     `tfsdk:"user_agent"`
	Warnings                       *warningsModel `tfsdk:"warnings"`

	AssumeRole                []assumeRoleModel  `tfsdk:"assume_role"`
	AssumeRoleWithWebIdentity []webIdentityModel `tfsdk:"assume_role_with_web_identity"`
	DefaultTags               types.List         `tfsdk:"default_tags"`
	Endpoints                 []endpointsModel   `tfsdk:"endpoints"`
	IgnoreTags                []ignoreTagsModel  `tfsdk:"ignore_tags"`
}

type assumeRoleModel struct {
	Duration          types.String `tfsdk:"duration"`
	ExternalID        types.String `tfsdk:"external_id"`
	Policy            types.String `tfsdk:"policy"`
	PolicyARNs        types.Set    `tfsdk:"policy_arns"`
	RoleARN           types.String `tfsdk:"role_arn"`
	SessionName       types.String `tfsdk:"session_name"`
	SourceIdentity    types.String `tfsdk:"source_identity"`
	Tags              types.Map    `tfsdk:"tags"`
	TransitiveTagKeys types.Set    `tfsdk:"transitive_tag_keys"`
}

type webIdentityModel struct {
	Duration             types.String `tfsdk:"duration"`
	Policy               types.String `tfsdk:"policy"`
	PolicyARNs           types.Set    `tfsdk:"policy_arns"`
	RoleARN              types.String `tfsdk:"role_arn"`
	SessionName          types.String `tfsdk:"session_name"`
	WebIdentityToken     types.String `tfsdk:"web_identity_token"`
	WebIdentityTokenFile types.String `tfsdk:"web_identity_token_file"`
}

type ignoreTagsModel struct {
	KeyPrefixes types.Set `tfsdk:"key_prefixes"`
	Keys        types.Set `tfsdk:"keys"`
}

type endpointsModel struct {
	EC2   types.String `tfsdk:"ec2"`
	ELBV2 types.String `tfsdk:"elbv2"`
	IAM   types.String `tfsdk:"iam"`
	SSO   types.String `tfsdk:"sso"`
	STS   types.String `tfsdk:"sts"`

	ElasticLoadBalancingV2 types.String `tfsdk:"elasticloadbalancingv2"`
}
