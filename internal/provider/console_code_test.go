package provider_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	ec2account "github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/adopt"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/console"
)

// A plan of the configuration that the console writes imports what exists and changes nothing.
func TestAccConsoleCode(t *testing.T) {
	space := newWorkspace(t)
	h := newHandmade(t)
	pages, err := console.New(console.Options{
		Account: func() *ec2account.Account { return h.ec2.Fresh() },
		Adopt: func(ctx context.Context, selection adopt.Selection) (*adopt.Found, error) {
			return adopt.Read(ctx, "test", adopt.Settings{Emulator: h.path("ec2.db"), Topology: h.path("topology.json")}, selection, "")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"":                  "Plan: 9 to import, 0 to add, 0 to change, 0 to destroy.",
		"?rules=1":          "Plan: 12 to import, 0 to add, 0 to change, 0 to destroy.",
		"?vpc=" + secondVPC: "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy.",
		"?id=" + h.session:  "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.",
	} {
		answer := httptest.NewRecorder()
		pages.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/code/trafficmirror.tf"+query, nil))
		if answer.Code != http.StatusOK {
			t.Fatalf("%s: %d\n%s", query, answer.Code, answer.Body)
		}
		space.write(t, h.config("")+answer.Body.String())
		if output := space.run(t, "plan"); !strings.Contains(output, want) {
			t.Errorf("%s: %s\n%s", query, output, answer.Body)
		}
	}
}
