package provider_test

import (
	"strings"
	"testing"
)

const aFilter = `
resource "trafficmirror_filter" "x" {}
`

// An apply that failed leaves nothing that a destroy stumbles over.
func TestAccDestroy_afterFailure(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	space.write(t, endpointBlock(ec2.url)+`
resource "trafficmirror_target" "other" { network_interface_id = "`+sensor+`" }
`)
	space.run(t, "apply -auto-approve -state=other.tfstate")
	space.write(t, endpointBlock(ec2.url)+oneOfEach)
	output, code := space.try(t, "apply -auto-approve")
	if code == 0 || !strings.Contains(output, "Warning: This network interface already has a traffic mirror target") || !strings.Contains(output, "InterfaceInUseByTrafficMirrorTarget") {
		t.Fatalf("exit %d\n%s", code, output)
	}
	ec2.has(t, 1, 1, 1, 0)
	space.run(t, "destroy -auto-approve")
	ec2.has(t, 1, 0, 0, 0)
}

// An error of a plan, also about what was never created, ends a destroy too. It
// says how to get past it, and that way leads to the end.
func TestAccDestroy_inSpiteOfErrors(t *testing.T) {
	t.Parallel()
	session := func(source, target string) string {
		return `
resource "trafficmirror_session" "wrong" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = ` + target + `
  traffic_mirror_filter_id = trafficmirror_filter.x.id
}`
	}
	for name, c := range map[string]struct{ arguments, before, wrong, message string }{
		"no such interface": {"", "", session("eni-00000000000000099", `"tmt-00000000000000099"`), "The network interface does not exist"},
		"no such target":    {"", "", session(source, `"tmt-00000000000000099"`), "The target does not exist"},
		"guard": {
			`guard = { target_owner_ids = ["111122223333"] }`, `resource "trafficmirror_target" "x" { network_interface_id = "` + sensor + `" }`,
			session(source, "trafficmirror_target.x.id"), "The guard refuses the target",
		},
		"collision": {"", "", `
resource "trafficmirror_target" "wrong" {
  count                = 2
  network_interface_id = "` + sensor + `"
  depends_on           = [trafficmirror_filter.x] // so that the plan has an existing object before
}`, "Two targets on one interface or load balancer"},
	} {
		t.Run(name, func(t *testing.T) {
			space, ec2 := newWorkspace(t), newRelay(t)
			block := strings.Replace(endpointBlock(ec2.url), "{\n", "{\n"+c.arguments+"\n", 1)
			space.write(t, block+aFilter+c.before)
			space.run(t, "apply -auto-approve")
			space.write(t, block+aFilter+c.before+c.wrong)
			for _, command := range []string{"plan", "destroy -auto-approve"} {
				output, code := space.try(t, command)
				if code == 0 || !strings.Contains(output, "Error: "+c.message) || !strings.Contains(output, "terraform destroy -refresh=false") {
					t.Fatalf("%s: exit %d\n%s", command, code, output)
				}
			}
			space.run(t, "destroy -auto-approve -refresh=false")
			ec2.has(t, 0, 0, 0, 0)
		})
	}
}
