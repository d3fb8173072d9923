package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// reportFindings turns findings of a plan into diagnostics.
func reportFindings(diags *diag.Diagnostics, known failures, findings []check.Finding) {
	for _, f := range findings {
		if f.Cause != nil {
			known.report(diags, f.Summary, f.Cause)
			continue
		}
		reportFinding(diags, known, f)
	}
}

func reportFinding(diags *diag.Diagnostics, known failures, f check.Finding) {
	at, text := path.Empty(), f.Detail
	if f.Field != "" {
		at = path.Root(f.Field)
	}
	if f.Holder != (check.Reference{}) {
		text += " " + known.importHint(f.Holder.Kind, f.Holder.ID)
	}
	if f.Replaced != (mirror.Kind{}) {
		text += " " + replacementHint(f.Replaced)
	}
	if f.Silence != "" {
		text += silenceHint(f.Silence, f.About)
	}
	if f.Severity == check.Error {
		if !f.OfDelete && f.HasExisting {
			text += destroyHint
		}
		addError(diags, at, f.Summary, text)
		return
	}
	addWarning(diags, at, f.Summary, text)
}

// destroyHint says how to destroy despite an error of a plan: terraform destroy plans first.
const destroyHint = "\n\nTo destroy existing objects despite this error:\n\n  terraform destroy -refresh=false"

// silenceHint says how to silence a finding: for every object, and for the one that it is about.
func silenceHint(name string, about []string) string {
	hint := " To silence this warning, set warnings = { silence = [\"" + name + "\"] } in the provider block."
	for _, id := range about {
		if check.IsException(name, id) {
			return hint + fmt.Sprintf(" To silence it only for %s, write { finding = %q, id = %[1]q, because = \"...\" } there instead of the name.", id, name)
		}
	}
	return hint
}

// importHint shows how to import an existing object that has the number or the backing
// resource of another. In the embedded EC2, a test run that was killed may have left it.
func (f failures) importHint(kind mirror.Kind, id string) string {
	hint := fmt.Sprintf("To manage %s with this configuration, import it:\n\n  import {\n    to = %s.NAME\n    id = %q\n  }", id, check.ResourceType(kind), id+f[importSuffix].advice)
	if store := f[emulatorPath].advice; store != "" {
		hint += fmt.Sprintf("\n\n%s is in the embedded EC2. If a test run that was killed has left it, remove the file %s instead: the next run begins with a new one. All objects in it are gone then.", id, store)
	}
	return hint
}

// replacementHint shows the lines that let Terraform replace an object that sessions use.
func replacementHint(kind mirror.Kind) string {
	name := check.ResourceType(kind)
	hint := fmt.Sprintf("Unless the configuration does so already, let Terraform replace the sessions too. Add this line to each session in the same module:\n\n"+
		"  lifecycle { replace_triggered_by = [%s.NAME.description] }\n\n", name)
	if kind == mirror.KindFilter {
		return hint + "Or keep the sessions, also those in other modules, to which that line cannot refer. Add this line to the filter, so that Terraform creates the new filter first:\n\n  lifecycle { create_before_destroy = true }"
	}
	return hint + "A session in another module cannot refer to the target. Pass the description to that module as a variable, and add these lines there:\n\n" +
		"  resource \"terraform_data\" \"description\" { input = var.description }\n\n" +
		"  lifecycle { replace_triggered_by = [terraform_data.description] }\n\n" +
		"Do not set create_before_destroy for the target or for these sessions: an interface or a load balancer can back only one target, so the apply would fail."
}
