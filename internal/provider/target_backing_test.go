package provider_test

import (
	"sync/atomic"
	"testing"
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
		again, free := make(chan struct{}), make(chan struct{})
		wait := func(until <-chan struct{}) {
			select {
			case <-until:
			case <-t.Context().Done(): // the apply has ended without it
			}
		}
		var asked atomic.Int32
		ec2.stepIn(steps{
			before: func(c change) {
				switch {
				case c.values.Get("NetworkInterfaceId") == sensor:
					// The second create for the backing reaches EC2 when the backing is free, however long that takes.
					if asked.Add(1) == 2 {
						close(again)
						wait(free)
					}
				case c.action == "DeleteTrafficMirrorTarget" && step.want == 2:
					// The other target is there until a create for the backing has failed.
					wait(again)
				}
			},
			after: func(c change) {
				if c.action == "DeleteTrafficMirrorTarget" {
					close(free)
				}
			},
		})
		space.write(t, endpointBlock(ec2.url)+step.config)
		space.run(t, "apply -auto-approve")
		space.planIsEmpty(t)
		ec2.has(t, step.want, 0, 0, 0)
		if tries := int(asked.Load()); tries != step.want {
			t.Errorf("EC2 was asked %d times for the backing, want %d", tries, step.want)
		}
	}
}
