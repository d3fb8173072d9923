package provider_test

import (
	"sync/atomic"
	"testing"
	"time"
)

// A target takes the backing that another one gives up in the same apply, by moving
// or by going, and nothing orders the two: it waits.
func TestAccTarget_takesOver(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	target := func(name, backing string) string {
		return "\nresource \"trafficmirror_target\" \"" + name + "\" { network_interface_id = \"" + backing + "\" }\n"
	}
	for _, step := range []struct {
		config string
		want   int
	}{
		{target("a", sensor), 1},
		{target("a", sensor2) + target("b", sensor), 2},
		{target("c", sensor) + target("a", sensor2), 2},
	} {
		again := make(chan struct{})
		var asked atomic.Int32
		ec2.before = func(c change) {
			switch {
			case c.values.Get("NetworkInterfaceId") == sensor:
				if asked.Add(1) == 2 {
					close(again)
				}
			case c.action == "DeleteTrafficMirrorTarget" && step.want == 2:
				// The other target is there until a create for the backing has failed.
				select {
				case <-again:
				case <-time.After(patience):
					t.Error("nobody waits for the backing")
				}
			}
		}
		space.write(t, endpointBlock(ec2.url)+step.config)
		space.run(t, "apply -auto-approve")
		space.planIsEmpty(t)
		ec2.has(t, step.want, 0, 0, 0)
	}
}
