package provider_test

import (
	"os"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

func TestMain(m *testing.M) {
	provider.SetSettlingTime(2 * time.Second)
	os.Exit(m.Run())
}
