package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// resourceNames has the Terraform resource type of each kind of object.
var resourceNames = map[mirror.Kind]string{
	mirror.KindTarget:     "trafficmirror_target",
	mirror.KindFilter:     "trafficmirror_filter",
	mirror.KindFilterRule: "trafficmirror_filter_rule",
	mirror.KindSession:    "trafficmirror_session",
}

// reportFindings turns findings of a plan into diagnostics.
func reportFindings(diags *diag.Diagnostics, known failures, findings []check.Finding) {
	for _, f := range findings {
		if f.Cause != nil {
			known.report(diags, f.Summary, f.Cause)
			continue
		}
		reportFinding(diags, f)
	}
}

func reportFinding(diags *diag.Diagnostics, f check.Finding) {
	at, text := path.Empty(), f.Detail
	if f.Field != "" {
		at = path.Root(f.Field)
	}
	if f.InTheWay != (check.Reference{}) {
		text += " " + importHint(f.InTheWay.Kind, f.InTheWay.ID)
	}
	if f.Replaced != (mirror.Kind{}) {
		text += " " + replacementHint(f.Replaced)
	}
	if f.Silence != "" {
		text += " To silence this warning, set warnings = { silence = [\"" + f.Silence + "\"] } in the provider block."
	}
	if f.Severity == check.Error {
		if !f.OfDelete {
			text += destroyHint
		}
		addError(diags, at, f.Summary, text)
		return
	}
	addWarning(diags, at, f.Summary, text)
}

// destroyHint says how to destroy despite an error of a plan: terraform destroy plans first.
const destroyHint = "\n\nTo destroy existing objects despite this error:\n\n  terraform destroy -refresh=false"

// importHint shows how to import an existing object that has the number or the backing
// resource of another.
func importHint(kind mirror.Kind, id string) string {
	return fmt.Sprintf("To manage %s with this configuration, import it:\n\n  import {\n    to = %s.NAME\n    id = %[1]q\n  }", id, resourceNames[kind])
}

// replacementHint shows the line that lets Terraform replace an object that sessions use.
func replacementHint(kind mirror.Kind) string {
	hint := fmt.Sprintf("Let Terraform replace the sessions too, if the configuration does not do so yet. Add this line to each of them:\n\n"+
		"  lifecycle { replace_triggered_by = [%s.NAME.description] }", resourceNames[kind])
	if kind == mirror.KindTarget {
		hint += "\n\nDo not set create_before_destroy for the target or for these sessions: an interface or a load balancer can back only one target, so the apply would fail."
	}
	if kind == mirror.KindFilter {
		hint += "\n\nOr keep the sessions. Add this line to the filter, so that Terraform creates the new filter first:\n\n  lifecycle { create_before_destroy = true }"
	}
	return hint
}
