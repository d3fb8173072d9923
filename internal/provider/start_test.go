package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A provider without a Region, credentials or an account reports it, and what to set. The
// CLI runs without AWS variables, so nothing on this machine supplies them.
func TestAccProvider_start(t *testing.T) {
	t.Parallel()
	const region, keys = `region = "eu-west-1"`, "access_key = \"a\"\nsecret_key = \"b\""
	for name, c := range map[string]struct{ arguments, want string }{
		"no Region":                      {keys, "Error: Missing AWS Region"},
		"no credentials":                 {region, "Error: No valid credential sources found"},
		"an endpoint of the environment": {region + "\n" + keys, "Error: Invalid endpoint"},
		"no account":                     {region + "\n" + keys + "\nmax_retries = 1\nendpoints { sts = \"http://127.0.0.1:1\" }", "Error: STS did not identify the credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			space := newProcesses(t, nil)
			if name == "an endpoint of the environment" {
				space.env = append(space.env, "AWS_ENDPOINT_URL_EC2=localhost:4566")
			}
			empty := filepath.Join(space.folder, "empty")
			if err := os.WriteFile(empty, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			space.write(t, fmt.Sprintf(`
provider "trafficmirror" {
  shared_config_files      = [%[1]q]
  shared_credentials_files = [%[1]q]
  %[2]s
}
`, empty, c.arguments)+aFilter)
			if output, code := space.try(t, "plan"); code == 0 || !strings.Contains(output, c.want) {
				t.Errorf("exit %d without %q:\n%s", code, c.want, output)
			}
		})
	}
}
