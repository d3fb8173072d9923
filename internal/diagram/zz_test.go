package diagram

import (
	"os"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/planfile"
)

func TestZZ(t *testing.T) {
	for _, name := range []string{"quickstart-plan", "change-plan", "modules-plan", "aws-plan", "quickstart-state"} {
		text, _ := os.ReadFile("../planfile/testdata/" + name + ".json")
		kind := planfile.Plan
		if name == "quickstart-state" {
			kind = planfile.State
		}
		f, err := planfile.Parse(kind, text)
		if err != nil {
			t.Fatal(err)
		}
		w := OfPlan(f.Overview())
		w.Title = "Plan " + name
		d := w.DrawGrouped(Automatic, Mermaid.Fits)
		m, err := d.Mermaid()
		if err != nil {
			t.Error(err)
		}
		os.WriteFile("/tmp/h-out/"+name+".mmd", []byte(m), 0o600)
		os.WriteFile("/tmp/h-out/"+name+".dot", []byte(d.DOT()), 0o600)
		os.WriteFile("/tmp/h-out/"+name+".svg", []byte(d.SVG()), 0o600)
	}
}
