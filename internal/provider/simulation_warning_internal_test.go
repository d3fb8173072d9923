package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// Many broken expectations are one warning, which shows the first and counts the others.
func TestSimulationPlan_warn(t *testing.T) {
	t.Parallel()
	for count, want := range map[int]string{0: "", 1: "broken 1", 5: "broken 5", 7: "broken 5\n\n2 more expectations do not hold."} {
		var found []unexpected
		for i := range count {
			found = append(found, unexpected{at: path.Root("expect").AtListIndex(i), text: fmt.Sprintf("broken %d", i+1)})
		}
		var diags diag.Diagnostics
		p := simulationPlan{failed: true}
		p.warn(&diags, found, " A note.")
		switch {
		case count == 0 && len(diags) == 0:
		case len(diags) != 1 || !strings.HasPrefix(diags[0].Detail(), "broken 1\n\n") && count > 1:
			t.Errorf("%d: got %v", count, diags)
		case !strings.Contains(diags[0].Detail(), want+"\n\nThe last run of the simulation failed.") || !strings.HasSuffix(diags[0].Detail(), " A note."):
			t.Errorf("%d: got %q, want %q", count, diags[0].Detail(), want)
		}
	}
}
