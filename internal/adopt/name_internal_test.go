package adopt

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/hcl"
)

// A name is an identifier that says what the object is.
func TestIdentifier(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Web tier (prod)":             "web_tier_prod",
		"tmf-0123456789abcdef0":       "tmf_0123456789abcdef0",
		"10.0.0.0/8":                  "filter_10_0_0_0_8",
		"--":                          "filter",
		"\u540d\u524d":                "filter",
		"caf\u00e9 au lait":           "caf_au_lait",
		"${x}%{y}\"":                  "x_y",
		strings.Repeat("mirror ", 20): strings.TrimSuffix(strings.Repeat("mirror_", 7), "_")[:longestName],
	} {
		if got := identifier(Filter, title); got != want || !hcl.IsIdentifier(got) {
			t.Errorf("%q is named %q, want %q", title, got, want)
		}
	}
}

// No two objects of a kind have the same name, also if the name of one is what another one would
// get, and their order does not matter.
func TestName_unique(t *testing.T) {
	t.Parallel()
	objects := []Object{
		{Kind: Filter, ID: "tmf-1", Title: "web"}, {Kind: Filter, ID: "tmf-2", Title: "Web!"}, {Kind: Filter, ID: "tmf-3", Title: "web tmf 1"},
		{Kind: Target, ID: "tmt-1", Title: "web"}, {Kind: Filter, ID: "tmf-4", Title: "dns"}, {Kind: Filter, ID: "tmf-1", Title: "web", Region: "eu-west-1"},
	}
	got := map[string]bool{}
	name(objects, "old_")
	for _, o := range objects {
		if got[o.Address()] || !hcl.IsIdentifier(o.Name) || !strings.HasPrefix(o.Name, "old_") {
			t.Errorf("%s of %+v", o.Address(), o)
		}
		got[o.Address()] = true
	}
	for _, want := range []string{"trafficmirror_filter.old_web_tmf_2", "trafficmirror_target.old_web", "trafficmirror_filter.old_dns"} {
		if !got[want] {
			t.Errorf("no object is %s: %v", want, got)
		}
	}
}

// Values of each type of Terraform are written.
func TestExpression(t *testing.T) {
	t.Parallel()
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"yes": tftypes.Bool, "no": tftypes.String, "list": tftypes.List{ElementType: tftypes.String}, "map": tftypes.Map{ElementType: tftypes.Number}}}
	items, err := expression(tftypes.NewValue(of, map[string]tftypes.Value{
		"yes": tftypes.NewValue(tftypes.Bool, true), "no": tftypes.NewValue(tftypes.String, nil),
		"list": tftypes.NewValue(of.AttributeTypes["list"], []tftypes.Value{text("a"), text("${b}")}),
		"map":  tftypes.NewValue(of.AttributeTypes["map"], map[string]tftypes.Value{"200": tftypes.NewValue(tftypes.Number, 2), "30": tftypes.NewValue(tftypes.Number, 0.5)}),
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := hcl.Block{Type: "x", Items: items.(hcl.Object)}.String()
	want := "x {\n  list = [\"a\", \"$${b}\"]\n  map = {\n    \"30\"  = 0.5\n    \"200\" = 2\n  }\n  yes = true\n}\n"
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if _, err := expression(tftypes.NewValue(tftypes.DynamicPseudoType, nil)); err == nil {
		t.Error("a value of an unexpected type is written")
	}
}
