package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// emulatorModel asks for the embedded EC2 instead of AWS.
type emulatorModel struct {
	Faults   types.String `tfsdk:"faults"`
	Path     types.String `tfsdk:"path"`
	Quotas   types.Map    `tfsdk:"quotas"`
	Variants types.Set    `tfsdk:"variants"`
	Seed     numberValue  `tfsdk:"seed"`
	Throttle types.Bool   `tfsdk:"throttle"`
	Topology types.String `tfsdk:"topology"`
}

func emulatorAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Use the embedded EC2 instead of AWS. This provider then reads and changes nothing in AWS. Other providers of the configuration still do. Every plan and apply says so in a warning, which `warnings` can hide by the name `embedded_ec2`. " +
			"Its arguments must be known at plan. Cannot be combined with `profile`, `assume_role`, `assume_role_with_web_identity` or `endpoints`. Default: AWS is used.",
		Attributes: map[string]schema.Attribute{
			"path": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				MarkdownDescription: "File that keeps the emulated account between runs. It is created when it is missing. A link is followed; a named pipe or a device is refused.",
			},
			"topology": optionalText("JSON file that lists the interfaces, instances, load balancers and endpoints of the emulated account. Default: there are none. A file that belongs to another account than `123456789012` always needs a topology with its `account_id`."),

			"quotas": schema.MapAttribute{
				Optional: true, ElementType: numberType{},
				MarkdownDescription: "Quotas of the emulated account, by name: numbers of objects from " + mirror.QuotaValues.String() + ". Default: those that AWS publishes, " + quotaPresets() + ".",
			},
			"variants": optionalSet("Variants of what AWS does not document, instead of the default behavior, by name: " +
				"`" + strings.Join(emulator.VariantNames(), "`, `") + "`. Default: none."),

			"throttle": optionalBool("Whether to apply the token buckets that EC2 publishes for each action. The buckets are full each time the provider starts. Default: `false`."),
			"faults": optionalText("Requests that fail on purpose: `ACTION:KIND`, `ACTION:KIND:p=0.2` or `ACTION:KIND:n=3`, separated by commas, for example `*:latency=30ms,CreateTags:500:n=1`. " +
				"The provider counts anew each time it starts. Default: none."),
			"seed": schema.Int64Attribute{
				Optional:            true,
				CustomType:          numberType{},
				Validators:          []validator.Int64{wholeNumber{int64validator.AtLeast(0)}},
				MarkdownDescription: "Seed of the `faults` with a probability, a whole number from 0. The same seed and the same requests give the same faults. Default: `0`.",
			},
		},
	}
}

// quotaPresets words the quotas of an account that has not asked for more.
func quotaPresets() string {
	var words []string
	for _, name := range mirror.QuotaNames() {
		words = append(words, fmt.Sprintf("`%s = %d`", name, mirror.DefaultQuotas().Get(name)))
	}
	return strings.Join(words, ", ")
}

// options returns what the block says of the emulated account, without the
// topology. What is known after apply only is left out.
func (m emulatorModel) options() (emulator.Options, diag.Diagnostics) {
	o := emulator.Options{
		Path: m.Path.ValueString(), Throttle: m.Throttle.ValueBool(), Seed: uint64(m.Seed.ValueInt64()),
		Log: slog.New(requestLog{}),
	}
	var diags diag.Diagnostics
	check := func(err error, name string) {
		if err != nil {
			// Below emulator, Terraform shows the line of another argument of this name.
			diags.AddAttributeError(path.Root("emulator"), "Wrong setting of the embedded EC2", fmt.Sprintf("emulator.%s: %s.", name, err))
		}
	}
	var err error
	o.Quotas, err = m.quotas()
	check(err, "quotas")
	for _, value := range m.Variants.Elements() {
		if name, ok := value.(types.String); ok && !name.IsUnknown() {
			check(o.Variants.Set(name.ValueString()), "variants")
		}
	}
	o.Faults, err = emulator.ParseFaults(m.Faults.ValueString())
	check(err, "faults")
	return o, diags
}

// quotas returns the quotas of the emulated account.
func (m emulatorModel) quotas() (mirror.Quotas, error) {
	quotas := mirror.DefaultQuotas()
	var err error
	values := m.Quotas.Elements()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		n, ok := values[name].(numberValue)
		switch {
		case !ok || n.IsNull() || n.IsUnknown():
		case n.strange != nil:
			err = errors.Join(err, fmt.Errorf("the quota %s is %s: write a whole number from %s", name, n, mirror.QuotaValues))
		default:
			err = errors.Join(err, quotas.Set(name, n.ValueInt64()))
		}
	}
	return quotas, err
}

// emulatedRegion returns the Region of the embedded EC2.
func (m providerModel) emulatedRegion() string {
	return cmp.Or(m.Region.ValueString(), os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), "us-east-1")
}

// emulatedHost is the name by which requests of this process call the embedded EC2. No page can
// have it: the names below "invalid" do not exist (RFC 6761).
const emulatedHost = "ec2.emulator.invalid"

// emulate returns the accounts of the embedded EC2, and the embedded EC2. It goes around everything that
// finds credentials and endpoints, so that a profile or an endpoint in the
// environment can neither break it nor lead it to AWS.
func (m providerModel) emulate(ctx context.Context, options emulator.Options, timing Timing) (*account.Regions, *emulator.Emulator, error) {
	accountID := topology.DefaultAccountID
	if name := m.Emulator.Topology.ValueString(); name != "" {
		file, err := topology.Load(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		options.Topology, accountID = file, file.AccountID
	}
	handler, err := emulator.New(options)
	if err != nil {
		return nil, nil, err
	}
	owner, err := emulator.Owner(ctx, handler)
	if err != nil {
		return nil, nil, err
	}
	if owner != "" && owner != accountID { // without a topology: otherwise New has refused it
		return nil, nil, fmt.Errorf("emulator.path is %q, and this file belongs to account %s. Without a topology, the account is %s. "+
			"Set emulator.topology to a file that has \"account_id\": %[2]q, or write another path",
			options.Path, owner, accountID)
	}
	region := m.emulatedRegion()
	config := aws.Config{
		Region:      region,
		Credentials: credentials.NewStaticCredentialsProvider("emulator", "emulator", ""),
		HTTPClient:  &http.Client{Transport: emulator.Transport(handler)},
		Retryer:     m.emulatedRetryer,
	}
	return account.NewRegions(config, account.Options{
		Endpoint: "http://" + emulatedHost, BalancingEndpoint: "http://" + emulatedHost, Partition: mirror.PartitionOf(region), AccountID: accountID, Clock: timing.Clock, Middleware: logToRequest, ReadEach: timing.ReadEach,
		TargetFacts: emulator.TargetFacts(handler), Limited: options.Throttle,
	}), handler, nil
}

// emulatedRetryer retries as often as against AWS.
func (m providerModel) emulatedRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = m.maxRetries()
		o.RateLimiter = ratelimit.None
	})
}

// requestLog is a slog.Handler that writes what the embedded EC2 logs to the log
// of the Terraform request that called it.
type requestLog struct{ attributes []slog.Attr }

func (l requestLog) Enabled(context.Context, slog.Level) bool { return true }

func (l requestLog) Handle(ctx context.Context, record slog.Record) error {
	fields := map[string]any{}
	keep := func(a slog.Attr) bool {
		fields[a.Key] = a.Value.String()
		return true
	}
	for _, a := range l.attributes {
		keep(a)
	}
	record.Attrs(keep)
	switch {
	case record.Level >= slog.LevelError:
		tflog.Error(ctx, record.Message, fields)
	case record.Level >= slog.LevelWarn:
		tflog.Warn(ctx, record.Message, fields)
	default:
		tflog.Debug(ctx, record.Message, fields)
	}
	return nil
}

func (l requestLog) WithAttrs(attributes []slog.Attr) slog.Handler {
	return requestLog{append(l.attributes[:len(l.attributes):len(l.attributes)], attributes...)}
}

// WithGroup leaves groups out: the emulator uses none.
func (l requestLog) WithGroup(string) slog.Handler { return l }
