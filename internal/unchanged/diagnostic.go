package unchanged

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// diagnostics returns diagnostics as Terraform gets them.
func diagnostics(all diag.Diagnostics) []*tfprotov6.Diagnostic {
	var sent []*tfprotov6.Diagnostic
	for _, d := range all {
		to := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: d.Summary(), Detail: d.Detail()}
		if d.Severity() == diag.SeverityError {
			to.Severity = tfprotov6.DiagnosticSeverityError
		}
		if at, has := d.(diag.DiagnosticWithPath); has {
			to.Attribute = attributePath(at.Path())
		}
		sent = append(sent, to)
	}
	return sent
}

// attributePaths returns paths, each once.
func attributePaths(all path.Paths) []*tftypes.AttributePath {
	var sent []*tftypes.AttributePath
	seen := map[string]bool{}
	for _, p := range all {
		if !seen[p.String()] {
			seen[p.String()] = true
			sent = append(sent, attributePath(p))
		}
	}
	return sent
}

// attributePath returns a path down to the first element of a set, which has no name.
func attributePath(p path.Path) *tftypes.AttributePath {
	at := tftypes.NewAttributePath()
	for _, step := range p.Steps() {
		switch s := step.(type) {
		case path.PathStepAttributeName:
			at = at.WithAttributeName(string(s))
		case path.PathStepElementKeyString:
			at = at.WithElementKeyString(string(s))
		case path.PathStepElementKeyInt:
			at = at.WithElementKeyInt(int(s))
		default:
			return at
		}
	}
	return at
}
