package mirror

import (
	"strings"
	"testing"
)

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
		if !IsLargeTargetType(name) {
			t.Errorf("%s takes no more sources than others", name)
		}
	}
	for name := range largeTypes {
		if !listed[name] {
			t.Errorf("%s takes more sources, and the page does not list it", name)
		}
	}
	for _, name := range []string{"", "m5.large", "m5.12xlarge", "m5.metal", "c5.9xlarge", "t3.24xlarge", "p5.8xlarge", "g6e.48", "M5.24xlarge"} {
		if IsLargeTargetType(name) {
			t.Errorf("%q takes more sources", name)
		}
	}
}
