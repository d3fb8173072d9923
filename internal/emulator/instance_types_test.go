package emulator

import (
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The families whose virtual machines can be mirrored, as the user guide lists them
// since 28 August 2025, in its order and its spelling
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

// The types on which a target takes 100 sources, as the quotas page lists them in
// April 2026, families before a size and sizes of one family with a plus
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-quotas.html).
const quotaTypes = `
	m5/m5d/m5dn/m5n.24xlarge m5zn.12xlarge m6a.48xlarge m6g/m6gd.16xlarge m6i/m6id/m6idn/m6in.32xlarge m7a/m7i.48xlarge m8a.48xlarge
	m8azn.24xlarge m8g/m8gd.48xlarge m8gb/m8gn.24+48xlarge m8i/m8id.96xlarge
	c5/c5d.18+24xlarge c5n.18xlarge c6a.48xlarge c6g/c6gd/c6gn.16xlarge c6i/c6id/c6in.32xlarge c7a.48xlarge c7gn.16xlarge c7i.48xlarge
	c8a.48xlarge c8g/c8gd.48xlarge c8gb/c8gn.24+48xlarge c8i/c8id.96xlarge
	r5/r5b/r5d/r5dn/r5n.24xlarge r6a.48xlarge r6g/r6gd.16xlarge r6i/r6id/r6idn/r6in.32xlarge r7a/r7i.48xlarge r7iz.32xlarge r8a.48xlarge
	r8g/r8gd.48xlarge r8gb/r8gn.24+48xlarge r8i/r8id.96xlarge
	u-6tb1.56+112xlarge u-9tb1/u-12tb1/u-18tb1/u-24tb1.112xlarge u7i-6tb/u7i-8tb.112xlarge
	u7i-12tb/u7in-16tb/u7in-24tb/u7in-32tb.224xlarge u7inh-32tb.480xlarge
	x2gd.16xlarge x2idn/x2iedn.32xlarge x2iezn.12xlarge x8g.48xlarge x8aedz.24xlarge x8i.96xlarge z1d.12xlarge
	i3en.24xlarge i4g.16xlarge i4i.32xlarge i7i/i7ie/i8g/i8ge.48xlarge im4gn.16xlarge
	dl1/dl2q.24xlarge f2.48xlarge g5.48xlarge g5g.16xlarge g6.48xlarge g6e/g7e.12+24+48xlarge inf1.24xlarge inf2.48xlarge
	p3dn/p4d/p4de.24xlarge p5.4+48xlarge p5e/p5en.48xlarge p6-b200/p6-b300.48xlarge p6e-gb200.36xlarge trn1/trn1n.32xlarge
	trn2.3+48xlarge trn2u.48xlarge vt1.24xlarge
	hpc6a.48xlarge hpc6id.32xlarge hpc7a.12+24+48+96xlarge hpc7g.4+8+16xlarge hpc8a.96xlarge`

func TestLargeTypes(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for entry := range strings.FieldsSeq(quotaTypes) {
		families, sizes, _ := strings.Cut(strings.TrimSuffix(entry, "xlarge"), ".")
		for family := range strings.SplitSeq(families, "/") {
			for size := range strings.SplitSeq(sizes, "+") {
				listed[family+"."+size+"xlarge"] = true
			}
		}
	}
	for name := range listed {
		if !isLarge(name) {
			t.Errorf("%s takes no more sources than others", name)
		}
	}
	for name := range largeTypes {
		if !listed[name] {
			t.Errorf("%s takes more sources, and the page does not list it", name)
		}
	}
	for _, name := range []string{"", "m5.large", "m5.12xlarge", "m5.metal", "c5.9xlarge", "t3.24xlarge", "p5.8xlarge", "g6e.48", "M5.24xlarge"} {
		if isLarge(name) {
			t.Errorf("%q takes more sources", name)
		}
	}
}
