package provider

import (
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// counted counts requests.
type counted struct {
	http.RoundTripper
	requests atomic.Int32
}

func (c *counted) RoundTrip(req *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return c.RoundTripper.RoundTrip(req)
}

// That a target does not exist is waited out once, not for each session that names
// it.
func TestTargetOwner_missing(t *testing.T) {
	t.Parallel()
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
	if err != nil {
		t.Fatal(err)
	}
	transport := &counted{RoundTripper: emulator.Transport(handler)}
	client := newClient(aws.Config{
		Region:      "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:  &http.Client{Transport: transport},
	}, "http://ec2.emulator.invalid", "aws", "123456789012")
	var asked int32
	for i := range 3 {
		if _, err := client.targetOwner(t.Context(), "tmt-00000000000000099"); !account.IsNotFound(err) {
			t.Errorf("session %d: %v", i+1, err)
		}
		if i == 0 {
			asked = transport.requests.Load()
		}
	}
	if now := transport.requests.Load(); asked == 0 || now != asked {
		t.Errorf("%d requests for three sessions, %d for one", now, asked)
	}
}
