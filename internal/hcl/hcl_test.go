package hcl_test

import (
	"math/big"
	"testing"
	"unicode/utf8"

	hashicorp "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/hcl"
)

// Each kind of value, in the form that `terraform fmt` leaves as it is.
func TestBlock(t *testing.T) {
	t.Parallel()
	rule := hcl.Object{
		{"rule_action", "accept"}, {"protocol", "tcp"}, {"source_cidr_block", "10.0.0.0/8"},
		{"destination_port_range", hcl.Object{{"from_port", 1}, {"to_port", big.NewFloat(65535)}}},
	}
	got := hcl.Block{Type: "resource", Labels: []string{"trafficmirror_filter", "web"}, Items: hcl.Object{
		{"description", `the "web"`}, {"network_services", hcl.List{"amazon-dns"}}, {"enabled", false},
		{"ingress_rules", hcl.Object{{"100", rule}, {"20", hcl.Object{}}}}, {"egress_rules", hcl.Object{}},
		{"target", hcl.Expression("trafficmirror_target.x.id")},
		{"tags", hcl.Object{{"for", "${a}"}, {"é", "b"}, {"", "%{c}"}, {"kubernetes.io/name", "d"}, {"plain-key", "\t\r\n\\ $ % $${ {"}}},
	}}.String()
	const want = `resource "trafficmirror_filter" "web" {
  description      = "the \"web\""
  network_services = ["amazon-dns"]
  enabled          = false
  ingress_rules = {
    "100" = {
      rule_action            = "accept"
      protocol               = "tcp"
      source_cidr_block      = "10.0.0.0/8"
      destination_port_range = { from_port = 1, to_port = 65535 }
    }
    "20" = {}
  }
  egress_rules = {}
  target       = trafficmirror_target.x.id
  tags = {
    "for"                = "$${a}"
    "é"                  = "b"
    ""                   = "%%{c}"
    "kubernetes.io/name" = "d"
    plain-key            = "\t\r\n\\ $ % $\u0024{ {"
  }
}
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if formatted := string(hclwrite.Format([]byte(got))); formatted != got {
		t.Errorf("terraform fmt makes of it\n%s", formatted)
	}
}

// HCL reads a quoted text as the same text, as a value and as a key.
func FuzzQuote(f *testing.F) {
	for _, text := range []string{
		"", `"`, `\`, "${", "$${", "$$${", "%{", "%%{", "%%%{if}", "$", "${\"}", "\\${x}", "\n\r\t\x00\x7f", "EOT\n", "\u00a0\u200d\u202e\ufeff\u2028", "\U0001f469\u200d\U0001f680", "e\u0301", "//#/*", "{$", "\xff",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			hcl.Quote(text) // does not panic
			return
		}
		source := hcl.Block{Type: "x", Items: hcl.Object{{"value", text}, {"map", hcl.Object{{text, "value"}}}}}.String()
		file, diags := hclsyntax.ParseConfig([]byte(source), "x.tf", hashicorp.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("%s\n%v", source, diags)
		}
		block := file.Body.(*hclsyntax.Body).Blocks[0].Body
		value, diags := block.Attributes["value"].Expr.Value(nil)
		if diags.HasErrors() || !value.RawEquals(cty.StringVal(text)) {
			t.Errorf("%q is read as %#v (%v)\n%s", text, value, diags, source)
		}
		value, diags = block.Attributes["map"].Expr.Value(nil)
		if diags.HasErrors() || !value.Type().HasAttribute(cty.StringVal(text).AsString()) {
			t.Errorf("the key %q is read as %#v (%v)\n%s", text, value, diags, source)
		}
	})
}
