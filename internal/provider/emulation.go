package provider

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/hashicorp/aws-sdk-go-base/v2/endpoints"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// emulatorModel asks for the embedded EC2 instead of AWS.
type emulatorModel struct {
	Path     types.String `tfsdk:"path"`
	Topology types.String `tfsdk:"topology"`
}

// emulatedRegion is the Region of the embedded EC2 when neither the
// configuration nor the environment names one.
const emulatedRegion = "us-east-1"

// emulate returns a client of the embedded EC2. It goes around everything that
// finds credentials and endpoints, so that a profile or an endpoint in the
// environment can neither break it nor lead it to AWS.
func (m providerModel) emulate() (*Client, error) {
	options := emulator.Options{
		Path: m.Emulator.Path.ValueString(),
		Log:  slog.New(requestLog{}),
	}
	account := topology.DefaultAccountID
	if path := m.Emulator.Topology.ValueString(); path != "" {
		file, err := topology.Load(path)
		if err != nil {
			return nil, err
		}
		options.Topology, account = file, file.AccountID
	}
	handler, err := emulator.New(options)
	if err != nil {
		return nil, err
	}
	region := cmp.Or(m.Region.ValueString(), os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), emulatedRegion)
	config := aws.Config{
		Region:      region,
		Credentials: credentials.NewStaticCredentialsProvider("emulator", "emulator", ""),
		HTTPClient:  &http.Client{Transport: emulator.Transport(handler)},
		Retryer:     m.emulatedRetryer,
	}
	partition, known := endpoints.PartitionForRegion(endpoints.DefaultPartitions(), region)
	if !known {
		return nil, fmt.Errorf("%q is not the name of an AWS Region", region)
	}
	return newClient(config, "http://ec2.emulator.invalid", partition.ID(), account), nil
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
