package provider_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// acceptance runs the steps of a test in parallel with other tests. terraform-plugin-testing
// runs the CLI eight times or more for a step that applies. Steps that need no more than an
// apply and a plan make do with these two, but for a sample of the tests.
func acceptance(t *testing.T, c resource.TestCase) {
	t.Helper()
	if !arePlain(c.Steps) || c.TerraformVersionChecks != nil || !haveForEach(c.Steps) && sample.Has(t, 20) {
		for i := range c.Steps {
			if s := &c.Steps[i]; s.Config != "" && s.ExpectError == nil && !s.ExpectNonEmptyPlan && !s.PlanOnly {
				s.ConfigPlanChecks.PostApplyPostRefresh = append(s.ConfigPlanChecks.PostApplyPostRefresh, plancheck.ExpectEmptyPlan())
			}
		}
		resource.ParallelTest(t, c)
		return
	}
	w := newWorkspace(t)
	for i, s := range c.Steps {
		if s.PreConfig != nil {
			s.PreConfig()
		}
		if s.Config != "" {
			w.write(t, s.Config)
		}
		if err := judge(s, w.step(t, s)); err != nil {
			t.Fatalf("step %d of %d: %v", i+1, len(c.Steps), err)
		}
	}
	if len(w.state(t, stateFile).RootModule().Resources) > 0 {
		w.run(t, "destroy -auto-approve -refresh=false") // as terraform-plugin-testing does
	}
	if c.CheckDestroy != nil {
		if err := c.CheckDestroy(nil); err != nil {
			t.Error(err)
		}
	}
}

// haveForEach reports whether a configuration has resources with keys, whose state terraform-plugin-testing cannot check.
func haveForEach(steps []resource.TestStep) bool {
	return slices.ContainsFunc(steps, func(s resource.TestStep) bool { return strings.Contains(s.Config, "for_each") })
}

// changesError says that a plan has changes, and shows it.
type changesError struct{ plan string }

func (e changesError) Error() string { return "the plan is not empty:\n" + e.plan }

// judge returns what is wrong with the result of a step. A plan with changes is no error that
// a step expects: it shows the warnings of the provider, which can have the same words.
func judge(s resource.TestStep, err error) error {
	var changes changesError
	switch {
	case s.ExpectError == nil:
		return err
	case err == nil:
		return errors.New("expected an error")
	case errors.As(err, &changes) || !s.ExpectError.MatchString(err.Error()):
		return fmt.Errorf("expected an error that matches %s, got %w", s.ExpectError, err)
	}
	return nil
}

// The steps of a test fail where they must: a warning is no error, and a change is no empty
// plan.
func TestAccJudge(t *testing.T) {
	w := newWorkspace(t)
	w.write(t, fmt.Sprintf(`
provider "trafficmirror" {
  region   = "us-east-1"
  emulator = { path = %q }
}
resource "trafficmirror_filter" "a" {}
`, filepath.ToSlash(filepath.Join(t.TempDir(), "ec2.db"))))
	for name, test := range map[string]struct {
		step resource.TestStep
		want string
	}{
		"a warning with the words of the error": {resource.TestStep{PlanOnly: true, ExpectError: regexp.MustCompile("(?i)embedded EC2")}, "expected an error that matches"},
		"changes":                               {resource.TestStep{PlanOnly: true}, "the plan is not empty"},
		"changes that the step expects":         {resource.TestStep{PlanOnly: true, ExpectNonEmptyPlan: true}, ""},
		"an error that does not come":           {resource.TestStep{PlanOnly: true, ExpectNonEmptyPlan: true, ExpectError: regexp.MustCompile(".")}, "expected an error"},
	} {
		err := judge(test.step, w.step(t, test.step))
		if got := fmt.Sprint(err); test.want == "" && err != nil || !strings.Contains(got, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.run(t, "apply -auto-approve")
	if err := w.step(t, resource.TestStep{PlanOnly: true, ExpectNonEmptyPlan: true}); err == nil {
		t.Error("an empty plan has the changes that the step expects")
	}
}

func arePlain(steps []resource.TestStep) bool {
	for _, s := range steps {
		if s.Query || s.Taint != nil || s.SkipFunc != nil || s.PostApplyFunc != nil || s.ImportStateKind != resource.ImportCommandWithID || s.ImportStateCheck != nil ||
			s.ConfigPlanChecks.PostApplyPreRefresh != nil || s.ConfigPlanChecks.PostApplyPostRefresh != nil || s.Destroy && s.Check != nil {
			return false
		}
	}
	return true
}

// step applies the configuration of the workspace, or destroys what it has, and plans again.
func (w *workspace) step(t *testing.T, s resource.TestStep) error {
	t.Helper()
	plan := "plan -detailed-exitcode"
	switch {
	case s.PlanOnly:
	case s.ImportState:
		return w.importAndCompare(t, s)
	case s.RefreshState:
		if _, err := w.output(t, "apply -refresh-only -auto-approve"); err != nil {
			return err
		}
		if s.Check != nil {
			if err := s.Check(w.state(t, stateFile)); err != nil {
				return err
			}
		}
	case s.Destroy:
		plan += " -destroy"
		if _, err := w.output(t, "destroy -auto-approve"); err != nil {
			return err
		}
	default:
		if err := w.applyAndCheck(t, s); err != nil {
			return err
		}
	}
	shown, err := w.output(t, plan)
	var exit *exec.ExitError
	switch {
	case err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 2): // 2: the plan is not empty
		return err
	case err != nil && !s.ExpectNonEmptyPlan:
		return changesError{shown}
	case err == nil && s.ExpectNonEmptyPlan:
		return errors.New("the plan is empty")
	}
	return nil
}

func (w *workspace) applyAndCheck(t *testing.T, s resource.TestStep) error {
	t.Helper()
	apply := "apply -auto-approve"
	if s.ConfigPlanChecks.PreApply != nil {
		apply = "apply planned"
		if _, err := w.output(t, "plan -out=planned"); err != nil {
			return err
		}
		var plan tfjson.Plan
		if err := w.show(t, "planned", &plan); err != nil {
			return err
		}
		for _, c := range s.ConfigPlanChecks.PreApply {
			var resp plancheck.CheckPlanResponse
			if c.CheckPlan(t.Context(), plancheck.CheckPlanRequest{Plan: &plan}, &resp); resp.Error != nil {
				return resp.Error
			}
		}
	}
	if _, err := w.output(t, apply); err != nil {
		return err
	}
	if s.Check != nil {
		if err := s.Check(w.state(t, stateFile)); err != nil {
			return err
		}
	}
	if s.ConfigStateChecks == nil {
		return nil
	}
	var state tfjson.State
	state.UseJSONNumber(true)
	if err := w.show(t, "", &state); err != nil {
		return err
	}
	for _, c := range s.ConfigStateChecks {
		var resp statecheck.CheckStateResponse
		if c.CheckState(t.Context(), statecheck.CheckStateRequest{State: &state}, &resp); resp.Error != nil {
			return resp.Error
		}
	}
	return nil
}

// importAndCompare imports an object into a state of its own, and compares it with that of the
// workspace.
func (w *workspace) importAndCompare(t *testing.T, s resource.TestStep) error {
	t.Helper()
	state := w.state(t, stateFile)
	id := s.ImportStateId
	if id == "" {
		id = state.RootModule().Resources[s.ResourceName].Primary.ID
	}
	if s.ImportStateIdFunc != nil {
		var err error
		if id, err = s.ImportStateIdFunc(state); err != nil {
			return err
		}
	}
	file := fmt.Sprintf("imported-%d.tfstate", time.Now().UnixNano())
	if _, err := w.output(t, "import -state="+file+" "+s.ResourceName+" "+id); err != nil {
		return err
	}
	if !s.ImportStateVerify {
		return nil
	}
	compared := func(state *terraform.State) map[string]string {
		attributes := state.RootModule().Resources[s.ResourceName].Primary.Attributes
		maps.DeleteFunc(attributes, func(key, value string) bool {
			isEmpty := value == "0" && (strings.HasSuffix(key, ".#") || strings.HasSuffix(key, ".%"))
			return isEmpty || slices.ContainsFunc(append(s.ImportStateVerifyIgnore, "timeouts"), func(ignored string) bool { return strings.HasPrefix(key, ignored) })
		})
		return attributes
	}
	if was, is := compared(state), compared(w.state(t, file)); !maps.Equal(was, is) {
		return fmt.Errorf("imported is\n%v, want\n%v", is, was)
	}
	return nil
}

// show reads what the CLI shows of a plan, or of the state.
func (w *workspace) show(t *testing.T, file string, into json.Unmarshaler) error {
	t.Helper()
	text, err := w.output(t, "show -json "+file)
	if err != nil {
		return err
	}
	_, object, _ := strings.Cut(text, "{") // after the warning of what is overridden
	return into.UnmarshalJSON([]byte("{" + object))
}

const stateFile = "terraform.tfstate"

// state reads a state file of the workspace as terraform-plugin-testing has a state.
func (w *workspace) state(t *testing.T, name string) *terraform.State {
	t.Helper()
	var file struct {
		Outputs   map[string]struct{ Value any }
		Resources []struct {
			Module, Mode, Type, Name string
			Instances                []struct {
				Index      any `json:"index_key"`
				Deposed    string
				Attributes map[string]any
			}
		}
	}
	root := &terraform.ModuleState{Path: []string{"root"}, Resources: map[string]*terraform.ResourceState{}, Outputs: map[string]*terraform.OutputState{}}
	state := &terraform.State{Modules: []*terraform.ModuleState{root}}
	text, err := os.ReadFile(filepath.Join(w.folder, name))
	if errors.Is(err, os.ErrNotExist) {
		return state
	}
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	for name, output := range file.Outputs {
		root.Outputs[name] = &terraform.OutputState{Value: output.Value}
	}
	for _, r := range file.Resources {
		for _, i := range r.Instances {
			address := strings.TrimPrefix(r.Mode+".", "managed.") + r.Type + "." + r.Name
			if i.Index != nil {
				address += fmt.Sprintf(".%v", i.Index)
			}
			if r.Module != "" || i.Deposed != "" {
				address = r.Module + "." + address + "." + i.Deposed
			}
			flat := map[string]string{}
			flatten(flat, "", i.Attributes)
			root.Resources[address] = &terraform.ResourceState{Type: r.Type, Primary: &terraform.InstanceState{ID: flat["id"], Attributes: flat}}
		}
	}
	return state
}

// flatten writes attributes as the checks of terraform-plugin-testing read them: "a.#" is
// the length of a list, and "a.%" that of a map.
func flatten(into map[string]string, key string, value any) {
	switch value := value.(type) {
	case nil:
	case map[string]any:
		prefix := ""
		if key != "" {
			prefix = key + "."
			into[prefix+"%"] = fmt.Sprint(len(value))
		}
		for name, v := range value {
			flatten(into, prefix+name, v)
		}
	case []any:
		into[key+".#"] = fmt.Sprint(len(value))
		for i, v := range value {
			flatten(into, fmt.Sprintf("%s.%d", key, i), v)
		}
	default:
		into[key] = fmt.Sprint(value)
	}
}
