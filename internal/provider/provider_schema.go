package provider

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Schema describes the provider block. It has the arguments of provider "aws" that matter
// for EC2. A block with only these arguments can be copied without a change.
func (p *trafficMirrorProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages [VPC Traffic Mirroring](https://docs.aws.amazon.com/vpc/latest/mirroring/what-is-traffic-mirroring.html) " +
			"and simulates what a mirror does with packets. The arguments about AWS have the same names, meaning and precedence as in provider `aws`.",
		Attributes: map[string]schema.Attribute{
			"region":  optionalText("Region of everything that does not set its own `region`, such as `eu-west-1`. Default: environment variable `AWS_REGION` or `AWS_DEFAULT_REGION`, then the shared config file. If none of them is set: an error, or `us-east-1` with the embedded EC2."),
			"profile": optionalText("Name of the profile in the shared config and credentials files. Default: environment variable `AWS_PROFILE`."),

			"access_key": optionalText("Access key. Default: environment variable `AWS_ACCESS_KEY_ID`, then the shared credentials file, then the role of the container or the instance."),
			"secret_key": secretText("Secret key of `access_key`. Default: environment variable `AWS_SECRET_ACCESS_KEY`."),
			"token":      secretText("Session token of temporary credentials. Default: environment variable `AWS_SESSION_TOKEN`."),

			"shared_config_files":      optionalList("Paths of shared config files. Default: environment variable `AWS_CONFIG_FILE`, then `~/.aws/config`."),
			"shared_credentials_files": optionalList("Paths of shared credentials files. Default: environment variable `AWS_SHARED_CREDENTIALS_FILE`, then `~/.aws/credentials`."),

			"custom_ca_bundle": optionalText("Path of a file with the root certificates to trust. Default: environment variable `AWS_CA_BUNDLE`, then the root certificates of the system."),
			"http_proxy":       optionalText("URL of a proxy for HTTP, and for HTTPS where `https_proxy` is not set. Default: environment variable `HTTP_PROXY`."),
			"https_proxy":      optionalText("URL of a proxy for HTTPS. Default: environment variable `HTTPS_PROXY`."),
			"no_proxy":         optionalText("Hosts to reach without a proxy, separated by commas. Default: environment variable `NO_PROXY`."),
			"insecure":         optionalBool("Whether to accept every TLS certificate. Default: `false`."),

			"max_retries": schema.Int64Attribute{
				Optional:            true,
				CustomType:          numberType{},
				Validators:          []validator.Int64{wholeNumber{triesValidator{}}},
				MarkdownDescription: "How often a request is tried when AWS throttles it or fails, from 1. Default: 25.",
			},
			"retry_mode": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf("standard", "adaptive")},
				MarkdownDescription: "`standard` or `adaptive`. `adaptive` also sends requests more slowly when AWS throttles. Default: environment variable `AWS_RETRY_MODE`, then `standard`.",
			},
			"token_bucket_rate_limiter_capacity": schema.Int64Attribute{
				Optional:            true,
				CustomType:          numberType{},
				Validators:          []validator.Int64{wholeNumber{int64validator.AtLeast(0)}},
				MarkdownDescription: "How many tokens the retries of the SDK may use at a time, from 0. Default: no limit.",
			},

			"use_dualstack_endpoint": optionalBool("Whether to use endpoints that have IPv6 addresses too. Default: environment variable `AWS_USE_DUALSTACK_ENDPOINT`, then `false`."),
			"use_fips_endpoint":      optionalBool("Whether to use FIPS endpoints. Default: environment variable `AWS_USE_FIPS_ENDPOINT`, then `false`."),

			"allowed_account_ids":   accountIDs("IDs of the AWS accounts that the provider may use, 12 digits each. Credentials of another account are an error. Default: every account."),
			"forbidden_account_ids": accountIDs("IDs of AWS accounts that the provider must not use, 12 digits each. Default: none."),

			"user_agent": optionalList("Products to add to the header `User-Agent` of each request to AWS, such as `[\"netsec/1.4 (mirroring)\"]`: a name, and optionally a version and a comment. Default: none."),

			"ec2_metadata_service_endpoint":      optionalURL("URL of the EC2 instance metadata service. Default: environment variable `AWS_EC2_METADATA_SERVICE_ENDPOINT`."),
			"ec2_metadata_service_endpoint_mode": optionalText("`IPv4` or `IPv6`. Default: environment variable `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`, then `IPv4`."),
			"skip_metadata_api_check":            optionalText("Whether to skip the EC2 instance metadata service when the provider looks for credentials. `true` skips it, `false` uses it, whatever the environment sets. Default: environment variable `AWS_EC2_METADATA_DISABLED`."),
			"skip_credentials_validation":        optionalBool("Whether to start without asking STS whether the credentials are valid. Set `skip_requesting_account_id` too, because the account ID also comes from STS. Default: `false`."),
			"skip_region_validation":             optionalBool("Whether to accept a `region`, here or elsewhere, that this version of the provider does not know. Default: `false`."),
			"skip_requesting_account_id":         optionalBool("Whether to start without asking STS for the account ID. The `arn` of filters and rules then has no account ID. Default: `false`."),
			"sts_region":                         optionalText("Region in which STS is called. Default: `region`."),

			"emulator":  emulatorAttribute(),
			"guard":     guardAttribute(),
			"preflight": preflightAttribute(),
			"quotas":    quotasAttribute(),
			"warnings":  warningsAttribute(),
		},
		Blocks: map[string]schema.Block{
			"assume_role": schema.ListNestedBlock{
				MarkdownDescription: "Role to assume. With several blocks, each role is assumed with the credentials of the role before it.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"role_arn":            optionalText("Required. ARN of the role."),
					"duration":            optionalText("How long the session lives, such as `1h30m`. 15 minutes to 12 hours. Default: one hour."),
					"external_id":         optionalText("External ID that the trust policy of the role asks for. Default: none."),
					"policy":              optionalText("IAM policy, as JSON, that narrows the session down. Default: none."),
					"policy_arns":         optionalSet("ARNs of IAM policies that narrow the session down. Default: none."),
					"session_name":        optionalText("Name of the session. Default: a name that the AWS SDK makes."),
					"source_identity":     optionalText("Source identity of the session. Default: none."),
					"tags":                schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Tags of the session. Default: none."},
					"transitive_tag_keys": optionalSet("Keys of the tags that are passed on to later sessions in a role chain. Default: none."),
				}},
			},
			"assume_role_with_web_identity": schema.ListNestedBlock{
				MarkdownDescription: "Role to assume with a token of an OpenID Connect provider.",
				Validators:          []validator.List{listvalidator.SizeAtMost(1)},
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"role_arn":                optionalText("ARN of the role. Default: environment variable `AWS_ROLE_ARN`."),
					"duration":                optionalText("How long the session lives, such as `1h30m`. 15 minutes to 12 hours. Default: one hour."),
					"policy":                  optionalText("IAM policy, as JSON, that narrows the session down. Default: none."),
					"policy_arns":             optionalSet("ARNs of IAM policies that narrow the session down. Default: none."),
					"session_name":            optionalText("Name of the session. Default: environment variable `AWS_ROLE_SESSION_NAME`."),
					"web_identity_token":      secretText("The token. Default: the content of `web_identity_token_file`."),
					"web_identity_token_file": optionalText("Path of a file with the token. Default: environment variable `AWS_WEB_IDENTITY_TOKEN_FILE`."),
				}},
			},
			"default_tags": schema.ListNestedBlock{
				MarkdownDescription: "Tags for every object that can have tags. An object's own `tags` override them.",
				Validators:          []validator.List{listvalidator.SizeAtMost(1)},
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"tags": schema.MapAttribute{
						Optional: true, ElementType: types.StringType,
						MarkdownDescription: "The tags. An environment variable `TF_AWS_DEFAULT_TAGS_<KEY>` adds the tag KEY if it is not set here. Default: none.",
					},
				}},
			},
			"ignore_tags": schema.ListNestedBlock{
				MarkdownDescription: "Tags that other tools set on objects. This provider neither shows nor removes them. Tags that the configuration sets are never ignored.",
				Validators:          []validator.List{listvalidator.SizeAtMost(1)},
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"keys":         optionalSet("Keys of the tags. The environment variable `TF_AWS_IGNORE_TAGS_KEYS` adds more, separated by commas. Default: none."),
					"key_prefixes": optionalSet("Prefixes of the keys of the tags. The environment variable `TF_AWS_IGNORE_TAGS_KEY_PREFIXES` adds more, separated by commas. Default: none."),
				}},
			},
			"endpoints": schema.SetNestedBlock{
				MarkdownDescription: "URLs to use instead of the public endpoints of AWS.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"ec2": optionalURL("URL for EC2, such as `http://localhost:4566`. Default: environment variable `AWS_ENDPOINT_URL_EC2` or `AWS_ENDPOINT_URL`."),
					"elbv2": optionalURL("URL for Elastic Load Balancing v2, which shows what is behind load balancers. Default: environment variable `AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2` or `AWS_ENDPOINT_URL`. " +
						"If EC2 has an endpoint that is not one of AWS, and Elastic Load Balancing has none, load balancers are unknown: AWS is not asked for them."),
					"elasticloadbalancingv2": optionalURL("Another name for `elbv2`. Set one of the two."),
					"iam":                    optionalURL("URL for IAM. Not used, because this provider does not call IAM. Accepted so that a block of provider `aws` can be copied. Default: none."),
					"sso":                    optionalURL("URL for IAM Identity Center. Default: environment variable `AWS_ENDPOINT_URL_SSO`."),
					"sts":                    optionalURL("URL for STS. Default: environment variable `AWS_ENDPOINT_URL_STS`."),
				}},
			},
		},
	}
}

func optionalText(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

func optionalURL(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, Validators: []validator.String{urlValidator{}}, MarkdownDescription: description}
}

func secretText(description string) schema.Attribute {
	return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: description}
}

func optionalBool(description string) schema.Attribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}

func optionalList(description string) schema.Attribute {
	return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
}

func optionalSet(description string) schema.Attribute {
	return schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
}

// accountIDs is a set of AWS account IDs. A value that is not an account ID is an error,
// because it would match no account.
func accountIDs(description string) schema.SetAttribute {
	return schema.SetAttribute{
		Optional: true, ElementType: types.StringType, MarkdownDescription: description,
		Validators: []validator.Set{setvalidator.ValueStringsAre(stringvalidator.RegexMatches(mirror.AccountIDs, "must be the 12 digits of an AWS account ID"))},
	}
}

// triesValidator refuses numbers of tries with which the SDK would repeat a request for ever.
type triesValidator struct{}

// Description implements validator.Int64.
func (triesValidator) Description(context.Context) string { return "must be at least 1" }

// MarkdownDescription implements validator.Int64.
func (v triesValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateInt64 implements validator.Int64.
func (triesValidator) ValidateInt64(_ context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	if n := req.ConfigValue; !n.IsNull() && !n.IsUnknown() && n.ValueInt64() < 1 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid number of tries", fmt.Sprintf(
			"max_retries is %d. It counts all tries of a request, with the first one. Write 1 to try only once, or remove it for the default of %d.", n.ValueInt64(), defaultMaxRetries))
	}
}

// urlValidator refuses an endpoint that is no URL.
type urlValidator struct{}

// Description implements validator.String.
func (urlValidator) Description(context.Context) string { return "must be a URL" }

// MarkdownDescription implements validator.String.
func (v urlValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (urlValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	name, _ := req.Path.Steps().LastStep()
	if problem := urlProblem(name.String(), req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid endpoint", problem)
	}
}

// urlProblem says what is wrong with the URL of an endpoint that has a name, or returns "".
// The empty text means that there is no such endpoint.
func urlProblem(name, text string) string {
	parsed, err := url.Parse(text)
	hasScheme := strings.Contains(text, "://")
	if !hasScheme {
		parsed, err = url.Parse("http://" + text)
	}
	switch {
	case text == "":
		return ""
	case err != nil || parsed.Hostname() == "":
		return fmt.Sprintf("%s is %q, which is no URL. Write one such as \"http://localhost:4566\".", name, text)
	case !hasScheme:
		return fmt.Sprintf("%s is %q, which has no scheme. Write %q, or %q if the endpoint has TLS.", name, text, "http://"+text, "https://"+text)
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return fmt.Sprintf("%s is %q. Write a URL that begins with http:// or https://.", name, text)
	}
	return ""
}
