package mirror_test

import (
	"slices"
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
		"nothing told":                {mirror.Source{}, "", ""},
		"A0061: no instance":          {mirror.Source{Interface: ordinary}, "", ""},
		"a mirrored family":           {mirror.Source{Interface: ordinary, InstanceType: "m7i-flex.large"}, "", ""},
		"a family not mirrored":       {mirror.Source{Interface: ordinary, InstanceType: "t2.micro"}, mirror.UnmirroredInstances, "i-1 has the type t2.micro"},
		"metal":                       {mirror.Source{Interface: ordinary, InstanceType: "m5.metal"}, "", ""},
		"metal not mirrored":          {mirror.Source{Interface: ordinary, InstanceType: "m6i.metal"}, mirror.UnmirroredInstances, "m6i.metal"},
		"metal of some size":          {mirror.Source{Interface: ordinary, InstanceType: "m7i.metal-24xl"}, mirror.UnmirroredInstances, "m7i.metal-24xl"},
		"another type":                {mirror.Source{Interface: mirror.Interface{Type: "nat_gateway"}}, mirror.WrongInterfaceType, "type nat_gateway"},
		"A0060: of RDS":               {mirror.Source{Interface: managed("amazon-rds")}, "", ""},
		"A0060: of another requester": {mirror.Source{Interface: managed("amazon-elb")}, mirror.ManagedByOther, "managed by amazon-elb"},
		"no IPv4 in the subnet":       {mirror.Source{Interface: ordinary, IPv6Only: true}, mirror.IPv6OnlySubnet, "subnet-1"},
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

// The families whose virtual machines can be mirrored, as the user guide lists them
// since 28 August 2025, in its order and with its names
// (https://docs.aws.amazon.com/vpc/latest/mirroring/what-is-traffic-mirroring.html).
const guideFamilies = `
	A1 M4 M5 M5a M5ad M5d M5dn M5n M5zn M6a M6g M6gd M6i M6id M6idn M6in M7a M7g M7gd M7i M7i-flex
	Mac1 Mac2 Mac2-m1ultra Mac2-m2 Mac2-m2pro T3 T3a T4g
	C4 C5 C5a C5ad C5d C5n C6a C6g C6gd C6gn C6i C6id C6in C7a C7g C7gd C7i C7i-flex
	R4 R5 R5a R5ad R5b R5d R5dn R5n R6a R6g R6gd R6i R6id R6idn R6in R7a R7g R7gd R7i R7iz
	U-3tb1 U-6tb1 U-9tb1 U-12tb1 U-18tb1 U-24tb1 U7i-6tb U7i-8tb U7i-12tb U7in-16tb U7in-24tb U7in-32tb U7inh-32tb
	X1 X1e X2gd X2idn X2iedn X2iezn z1d
	D2 D3 D3en H1 I3 I3en I4g I4i I7i Im4gn Is4gen
	DL1 DL2q F1 F2 G3 G4ad G4dn G5 G5g G6 G6e G6f Gr6 Gr6f Inf1 Inf2 P3 P3dn P4d P4de P5 P5e Trn1 Trn1n VT1
	Hpc6a Hpc6id Hpc7a`

// The families of which the same page lists bare metal.
const guideMetal = `M5 M5d M6g M6gd Mac1 Mac2 Mac2-m1ultra Mac2-m2 Mac2-m2pro A1 C5 C5d C6g C6gd R5 R5b R5d R6g R6gd X2gd z1d I3 G5g`

// Families that the page does not list.
const otherFamilies = `
	t1 t2 m1 m2 m3 m8g m8gd m8a m8i c1 c3 c7gn c8g c8gd c8gn c8i r3 r8g r8gd r8i x8g i2 i7ie i8g i8ge g2 g7e g4 p2 p5en p6-b200 trn2 trn2u hpc7g hpc8a
	m5-flex m7 c r5x u-1tb1 mac3`

func canBeSource(instanceType string) bool {
	obstacle, _ := mirror.Source{InstanceType: instanceType}.Obstacle()
	return obstacle == ""
}

func TestSourceTypes(t *testing.T) {
	t.Parallel()
	metal := strings.Fields(strings.ToLower(guideMetal))
	for _, family := range strings.Fields(strings.ToLower(guideFamilies)) {
		for _, size := range []string{"nano", "large", "xlarge", "24xlarge"} {
			if !canBeSource(family + "." + size) {
				t.Errorf("%s.%s cannot be mirrored", family, size)
			}
		}
		for _, size := range []string{"metal", "metal-24xl", "metal-48xl"} {
			if got, want := canBeSource(family+"."+size), slices.Contains(metal, family); got != want {
				t.Errorf("%s.%s can be mirrored: %t, want %t", family, size, got, want)
			}
		}
	}
	for _, family := range strings.Fields(otherFamilies) {
		for _, size := range []string{"large", "metal"} {
			if canBeSource(family + "." + size) {
				t.Errorf("%s.%s can be mirrored", family, size)
			}
		}
	}
	for _, text := range []string{"M5.large", ".large", "large", "m5large", " m5.large"} {
		if canBeSource(text) {
			t.Errorf("%q can be mirrored", text)
		}
	}
}
