package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// The lines that the warning about a replacement shows do what it says.
func TestAccInUse_description(t *testing.T) {
	a := newAccount(t)
	config := func(description string) string {
		return a.config(`
resource "trafficmirror_target" "x" {
  network_interface_id = %[1]q
  description          = %[3]q
}
resource "trafficmirror_filter" "x" {
  description = %[3]q
  lifecycle { create_before_destroy = true }
}
resource "trafficmirror_session" "x" {
  network_interface_id     = %[2]q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  lifecycle { replace_triggered_by = [trafficmirror_target.x.description] }
}`, sensor, source, description)
	}
	filterOnly := func(description string) string {
		return a.config(`
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_filter" "x" {
  description = %q
  lifecycle { create_before_destroy = true }
}
resource "trafficmirror_session" "x" {
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
}`, sensor, description, source)
	}
	var id string
	a.test(t,
		resource.TestStep{Config: config("one"), Check: a.counts(1, 1, 1)},
		resource.TestStep{Config: config("two"), Check: a.counts(1, 1, 1)},
		resource.TestStep{Destroy: true, Config: config("two")},
		resource.TestStep{Config: filterOnly("one"), Check: remember(&id, sessionX, "id")},
		resource.TestStep{Config: filterOnly("two"), Check: resource.ComposeTestCheckFunc(isStill(&id, sessionX, "id"), a.counts(1, 1, 1))},
	)
}

// What the pages of a target and of a filter say about create_before_destroy: sessions get
// another target and filter in the apply that removes the old ones.
func TestAccInUse_createBeforeDestroy(t *testing.T) {
	a := newAccount(t)
	config := func(second bool) string {
		return a.config(`
locals { second = %t }
resource "trafficmirror_target" "one" {
  count                = local.second ? 0 : 1
  network_interface_id = %q
  lifecycle { create_before_destroy = true }
}
resource "trafficmirror_target" "two" {
  count                     = local.second ? 1 : 0
  network_load_balancer_arn = %q
}
resource "trafficmirror_filter" "one" {
  count = local.second ? 0 : 1
  lifecycle { create_before_destroy = true }
}
resource "trafficmirror_filter" "two" { count = local.second ? 1 : 0 }
resource "trafficmirror_session" "x" {
  network_interface_id     = %q
  traffic_mirror_target_id = try(trafficmirror_target.two[0].id, trafficmirror_target.one[0].id)
  traffic_mirror_filter_id = try(trafficmirror_filter.two[0].id, trafficmirror_filter.one[0].id)
}`, second, sensor, sensors, source)
	}
	var id string
	a.test(t,
		resource.TestStep{Config: config(false), Check: remember(&id, sessionX, "id")},
		resource.TestStep{Config: config(true), Check: resource.ComposeTestCheckFunc(isStill(&id, sessionX, "id"), a.counts(1, 1, 1))},
	)
}

// What the warning about a replaced target says to sessions in another module.
func TestAccInUse_otherModule(t *testing.T) {
	a := newAccount(t)
	config := func(description string) string {
		return a.config(`
resource "trafficmirror_target" "x" {
  network_interface_id = %q
  description          = %[2]q
}
resource "trafficmirror_filter" "x" {}
resource "terraform_data" "description" { input = %[2]q }
resource "trafficmirror_session" "x" {
  network_interface_id     = %[3]q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  lifecycle { replace_triggered_by = [terraform_data.description] }
}`, sensor, description, source)
	}
	a.test(t,
		resource.TestStep{Config: config("one"), Check: a.counts(1, 1, 1)},
		resource.TestStep{Config: config("two"), Check: a.counts(1, 1, 1)},
	)
}

// A replacement that EC2 refuses says the line that is missing, and with it the next apply works. A target
// whose sessions have the line still gets another backing resource under them.
func TestAccInUse_replaced(t *testing.T) {
	const config = `
resource "trafficmirror_target" "x" {
  description               = "TARGET"
  network_interface_id      = BACKING == "interface" ? "` + sensor + `" : null
  network_load_balancer_arn = BACKING == "interface" ? null : "` + sensors + `"
}
resource "trafficmirror_filter" "x" {
  description = "FILTER"
  #filter
}
resource "trafficmirror_session" "x" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  #session
}
`
	for name, c := range map[string]struct{ changed, comment, line, want string }{
		"target": {"TARGET", "#session", "lifecycle { replace_triggered_by = [trafficmirror_target.x.description] }",
			"To replace it, because its description changes: write lifecycle { replace_triggered_by = [trafficmirror_target.NAME.description] } in its sessions."},
		"filter": {"FILTER", "#filter", "lifecycle { create_before_destroy = true }",
			"To replace it, because its description changes: write lifecycle { create_before_destroy = true } in it."},
	} {
		t.Run(name, func(t *testing.T) {
			space, ec2 := newWorkspace(t), newRelay(t)
			first := endpointBlock(ec2.url) + strings.ReplaceAll(config, "BACKING", `"interface"`)
			space.write(t, first)
			space.run(t, "apply -auto-approve")
			space.write(t, strings.Replace(first, c.changed, "changed", 1))
			output, code := space.try(t, "apply -auto-approve")
			if code == 0 || !strings.Contains(words(output), c.want) {
				t.Fatalf("exit %d, and the apply does not say %q:\n%s", code, c.want, output)
			}
			if _, refused, _ := strings.Cut(output, "Error deleting"); name == "target" && strings.Contains(refused, "create_before_destroy") {
				t.Errorf("the apply advises what fails for a target:\n%s", output)
			}
			second := strings.NewReplacer(c.changed, "changed", c.comment, c.line).Replace(first)
			space.write(t, second)
			space.run(t, "apply -auto-approve")
			space.write(t, strings.ReplaceAll(second, `"interface" ==`, `"balancer" ==`))
			if output := space.run(t, "apply -auto-approve"); strings.Contains(output, "trafficmirror_session.x") && strings.Contains(output, "Destroying") {
				t.Errorf("another backing resource replaces the session:\n%s", output)
			}
			space.planIsEmpty(t)
			ec2.has(t, 1, 1, 0, 1)
		})
	}
}

const (
	targetOnSensor  = "resource \"trafficmirror_target\" \"a\" {\n  count = NEW ? 0 : 1\n  network_interface_id = \"" + sensor + "\"\n}\n"
	targetOnSensors = "resource \"trafficmirror_target\" \"b\" {\n  count = NEW ? 1 : 0\n  network_load_balancer_arn = \"" + sensors + "\"\n}\n"
	oneOrTheOther   = `
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_session" "x" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = try(trafficmirror_target.b[0].id, trafficmirror_target.a[0].id)
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = 1
}
`
	createFirst = "  lifecycle { create_before_destroy = true }\n"
)

// If the plan destroys a target or filter and points its session elsewhere, Terraform
// deletes first, and EC2 refuses. The plan says so, and what it advises works.
func TestAccInUse_deletedFirst(t *testing.T) {
	twoTargets := targetOnSensor + targetOnSensors + oneOrTheOther
	before, after := strings.ReplaceAll(twoTargets, "NEW", "false"), strings.ReplaceAll(twoTargets, "NEW", "true")
	kept := strings.Replace(after, "true ? 0 : 1", "1", 1)
	ordered := func(config string) string { return strings.ReplaceAll(config, "  count", createFirst+"  count") }
	oneTarget := strings.NewReplacer("try(trafficmirror_target.b[0].id, trafficmirror_target.a[0].id)", "trafficmirror_target.a.id").Replace(oneOrTheOther) + `
resource "trafficmirror_target" "a" {
  network_interface_id      = NEW ? null : "` + sensor + `"
  network_load_balancer_arn = NEW ? "` + sensors + `" : null
}
`
	const keyed = `
resource "trafficmirror_target" "x" { network_interface_id = "` + sensor + `" }
resource "trafficmirror_filter" "x" { for_each = toset(["KEY"]) }
resource "trafficmirror_session" "x" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x["KEY"].id
  session_number           = 1
}
`
	moved := "moved {\n  from = trafficmirror_filter.x[\"a\"]\n  to = trafficmirror_filter.x[\"b\"]\n}\n"
	named := strings.NewReplacer(`"x" { for_each = toset(["KEY"]) }`, `"KEY" {}`, `filter.x["KEY"]`, `filter.KEY`).Replace(keyed)
	for name, c := range map[string]struct {
		steps []string
		fails bool // in the last step
	}{
		"a target by count":            {[]string{before, after}, true},
		"it is kept for one apply":     {[]string{before, kept, after}, false},
		"ordered from the beginning":   {[]string{ordered(before), ordered(after)}, false},
		"ordered too late":             {[]string{before, ordered(after)}, true},
		"one target":                   {[]string{strings.ReplaceAll(oneTarget, "NEW", "false"), strings.ReplaceAll(oneTarget, "NEW", "true")}, false},
		"a filter by key":              {[]string{strings.ReplaceAll(keyed, "KEY", "a"), strings.ReplaceAll(keyed, "KEY", "b")}, true},
		"a filter by key, moved":       {[]string{strings.ReplaceAll(keyed, "KEY", "a"), strings.ReplaceAll(keyed, "KEY", "b") + moved}, false},
		"a filter by name, one by one": {[]string{strings.ReplaceAll(named, "KEY", "a"), strings.ReplaceAll(named, "KEY", "b")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			sample.SkipUnless(t, 2)
			flags := " -auto-approve"
			if name == "a filter by name, one by one" {
				flags += " -parallelism=1"
			}
			space, ec2 := newWorkspace(t), newRelay(t)
			for i, step := range c.steps {
				space.write(t, endpointBlock(ec2.url)+step)
				output, code := space.try(t, "apply"+flags)
				fails := c.fails && i == len(c.steps)-1
				if failed := code != 0; failed != fails {
					t.Fatalf("step %d: exit %d\n%s", i+1, code, output)
				}
				if !fails {
					continue
				}
				noun := "target"
				if strings.HasPrefix(name, "a filter") {
					noun = "filter"
				}
				for _, want := range []string{"To remove the " + noun + ": keep this trafficmirror_" + noun + " in the configuration", "is deleted while a session uses it", "in the configuration for this apply, and remove it in the next one.", "Terraform deletes an object before it changes what uses it."} {
					if !strings.Contains(words(output), want) {
						t.Errorf("the apply does not say %q:\n%s", want, output)
					}
				}
			}
			if !c.fails {
				space.planIsEmpty(t)
				ec2.has(t, 1, 1, 0, 1)
			}
		})
	}
}
