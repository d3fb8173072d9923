package provider_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// acceptance runs the steps of a test in parallel with other tests. terraform-plugin-testing
// runs the CLI eight times or more for a step that applies. Steps that need no more than an
// apply and a plan make do with these two, but for a sample of the tests.
func acceptance(t *testing.T, c resource.TestCase) {
	t.Helper()
	if !arePlain(c.Steps) || c.TerraformVersionChecks != nil || inSample(t, 20) {
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
		w.write(t, s.Config)
		err := w.step(t, s)
		switch {
		case s.ExpectError == nil && err != nil:
			t.Fatalf("step %d of %d: %v", i+1, len(c.Steps), err)
		case s.ExpectError != nil && err == nil:
			t.Fatalf("step %d of %d: expected an error", i+1, len(c.Steps))
		case s.ExpectError != nil && !s.ExpectError.MatchString(err.Error()):
			t.Fatalf("step %d of %d: expected an error that matches %s, got %v", i+1, len(c.Steps), s.ExpectError, err)
		}
	}
	if len(w.state(t).RootModule().Resources) > 0 {
		w.run(t, "destroy -auto-approve")
	}
	if c.CheckDestroy != nil {
		if err := c.CheckDestroy(nil); err != nil {
			t.Error(err)
		}
	}
}

func arePlain(steps []resource.TestStep) bool {
	for _, s := range steps {
		if s.Config == "" || s.ImportState || s.RefreshState || s.Query || s.Taint != nil || s.SkipFunc != nil || s.PostApplyFunc != nil ||
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
		return fmt.Errorf("the plan is not empty:\n%s", shown)
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
		if err := s.Check(w.state(t)); err != nil {
			return err
		}
	}
	if s.ConfigStateChecks == nil {
		return nil
	}
	var state tfjson.State
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

// state reads the state file of the workspace as terraform-plugin-testing has a state.
func (w *workspace) state(t *testing.T) *terraform.State {
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
	text, err := os.ReadFile(filepath.Join(w.folder, "terraform.tfstate"))
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
