package provider

import "testing"

// CloudTrail shows which release and which commit have made a request.
func TestUserAgent(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"1.2.3+abc1234": "Terraform/1.15.0 (+https://www.terraform.io) terraform-provider-trafficmirror/1.2.3 (commit abc1234)",
		"1.2.3-rc.1":    "Terraform/1.15.0 (+https://www.terraform.io) terraform-provider-trafficmirror/1.2.3-rc.1",
	} {
		products := userAgent(version, "1.15.0")
		if got := products.BuildUserAgentString(); got != want {
			t.Errorf("release %s: %q, want %q", version, got, want)
		}
	}
}
