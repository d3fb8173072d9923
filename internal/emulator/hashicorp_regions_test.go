package emulator_test

import (
	"encoding/json"
	"maps"
	"net/http/httptest"
	"os"
	"testing"
)

// hashicorp/aws reads Regions, zones and instance types, with the values that AWS has.
func TestHashicorpAWSRegions(t *testing.T) {
	t.Parallel()
	if os.Getenv("TRAFFICMIRROR_LONG") == "" {
		t.Skip("takes minutes: make test-long runs it")
	}
	server := httptest.NewServer(newEmulator(t))
	t.Cleanup(server.Close)
	terraform := awsProviderIn(t, "hashicorp-aws-regions", "TF_VAR_endpoint="+server.URL, "TF_VAR_region=eu-central-1")
	if output, err := terraform("apply", "-auto-approve"); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	output, err := terraform("output", "-json")
	fatal(t, err)
	var read struct {
		Regions, Zones, Choices struct{ Value string }
		Types                   struct{ Value map[string]string }
	}
	if err := json.Unmarshal([]byte(output), &read); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, test := range []struct{ name, got, want string }{
		{"Regions", read.Regions.Value, "eu-central-1 ec2.eu-central-1.amazonaws.com 17 17"},
		{"zones", read.Zones.Value, "eu-central-1a eu-central-1b eu-central-1c euc1-az2 euc1-az3 euc1-az1 eu-central-1a eu-central-1c euc1-az2 a eu-central-1-zg-1"},
		{"choices", read.Choices.Value, "t4g.2xlarge t4g.large t4g.medium t4g.micro t4g.nano t4g.small t4g.xlarge c5.large eu-central-1a eu-central-1b eu-central-1c"},
	} {
		if test.got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, test.got, test.want)
		}
	}
	want := map[string]string{
		"m5d.metal":   "96 393216 15 0 0 0 true",
		"t3.micro":    "2 1024 2 0 0 0 false",
		"g4dn.xlarge": "4 16384 3 16384 0 0 false",
		"p3.2xlarge":  "8 62464 4 0 0 0 false",
		"inf1.xlarge": "4 8192 4 0 0 1 false",
		"f2.6xlarge":  "24 262144 8 0 81920 0 false",
		"m99.large":   "0 0 0 0 0 0 false",
	}
	if !maps.Equal(read.Types.Value, want) {
		t.Errorf("types:\n got %v\nwant %v", read.Types.Value, want)
	}
}
