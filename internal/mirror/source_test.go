package mirror_test

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func TestSource(t *testing.T) {
	t.Parallel()
	ordinary := mirror.Interface{ID: "eni-1", Type: mirror.OrdinaryInterface, SubnetID: "subnet-1", InstanceID: "i-1"}
	managed := func(by string) mirror.Interface {
		i := ordinary
		i.RequesterManaged, i.RequesterID = true, by
		return i
	}
	for name, c := range map[string]struct {
		source mirror.Source
		want   mirror.Obstacle
		says   string
	}{
		"nothing told":          {mirror.Source{}, "", ""},
		"no instance":           {mirror.Source{Interface: ordinary}, "", ""},
		"a mirrored family":     {mirror.Source{Interface: ordinary, InstanceType: "m7i-flex.large"}, "", ""},
		"a family not mirrored": {mirror.Source{Interface: ordinary, InstanceType: "t2.micro"}, mirror.UnmirroredInstances, "i-1 has the type t2.micro"},
		"metal":                 {mirror.Source{Interface: ordinary, InstanceType: "m5.metal"}, "", ""},
		"metal not mirrored":    {mirror.Source{Interface: ordinary, InstanceType: "m6i.metal"}, mirror.UnmirroredInstances, "m6i.metal"},
		"metal of some size":    {mirror.Source{Interface: ordinary, InstanceType: "m7i.metal-24xl"}, mirror.UnmirroredInstances, "m7i.metal-24xl"},
		"another type":          {mirror.Source{Interface: mirror.Interface{Type: "nat_gateway"}}, mirror.WrongInterfaceType, "type nat_gateway"},
		"of RDS":                {mirror.Source{Interface: managed("amazon-rds")}, "", ""},
		"of another requester":  {mirror.Source{Interface: managed("amazon-elb")}, mirror.ManagedByOther, "managed by amazon-elb"},
		"no IPv4 in the subnet": {mirror.Source{Interface: ordinary, IPv6Only: true}, mirror.IPv6OnlySubnet, "subnet-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, why := c.source.Obstacle()
			if got != c.want || !strings.Contains(why, c.says) {
				t.Errorf("got %q, %q; want %q, and %q in it", got, why, c.want, c.says)
			}
		})
	}
}
