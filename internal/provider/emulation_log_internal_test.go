package provider

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
)

// Each request to the embedded EC2 is in the log of the Terraform request that made it,
// without the parameters. Where nothing is logged, nothing is written.
func TestEmulatorLog(t *testing.T) {
	t.Parallel()
	model := providerModel{SecretKey: types.StringValue("very secret"), Emulator: &emulatorModel{Path: types.StringValue(filepath.Join(t.TempDir(), "ec2.db"))}}
	options, diags := model.Emulator.options()
	if diags.HasError() {
		t.Fatal(diags)
	}
	accounts, _, err := model.emulate(t.Context(), options, Timing{Clock: account.SystemClock{}})
	if err != nil {
		t.Fatal(err)
	}
	use := func(ctx context.Context) {
		if _, err := accounts.In("").CreateFilter(ctx, "of a customer", nil, account.NewToken()); err != nil {
			t.Error(err)
		}
		if _, err := accounts.In("").Filter(ctx, "tmf-00000000000000001"); !account.IsNotFound(err) {
			t.Error(err)
		}
	}
	var log bytes.Buffer
	use(tflogtest.RootLogger(t.Context(), &log))
	entries, err := tflogtest.MultilineJSONDecode(&log)
	if err != nil {
		t.Fatal(err)
	}
	got := map[any]map[string]any{}
	for _, entry := range entries {
		if entry["@message"] != "the emulated EC2 answered" {
			continue
		}
		got[entry["action"]] = entry
		for key, value := range entry {
			text, _ := value.(string)
			if strings.Contains(text, "very secret") || strings.Contains(text, "of a customer") {
				t.Errorf("%s is %q", key, text)
			}
		}
	}
	for action, want := range map[string]map[string]any{
		"CreateTrafficMirrorFilter":    {"@level": "debug", "status": "200", "region": accounts.In("").Region},
		"DescribeTrafficMirrorFilters": {"@level": "debug", "status": "400", "code": "InvalidTrafficMirrorFilterId.NotFound"},
	} {
		for key, value := range want {
			if got[action][key] != value {
				t.Errorf("%s: %s is %v, want %v, in %v", action, key, got[action][key], value, got)
			}
		}
	}
	log.Reset()
	use(t.Context())
	if log.Len() > 0 {
		t.Errorf("without a log, %s", &log)
	}
}
