package function_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	framework "github.com/hashicorp/terraform-plugin-framework/function"
)

func TestMirrorAll(t *testing.T) {
	t.Parallel()
	rules, wrong := call(t, "mirror_all")
	if wrong != nil {
		t.Fatal(wrong)
	}
	checkMirrors(t, rules, func(netip.Addr, netip.Addr) bool { return true }, edges(nil))
}

// checkMirrors asks the function verdict about packets between each two of the addresses, in
// both directions.
func checkMirrors(t *testing.T, rules attr.Value, want func(from, to netip.Addr) bool, addrs []netip.Addr) {
	t.Helper()
	for _, from := range addrs {
		for _, to := range addrs {
			if from.Is4() != to.Is4() {
				continue
			}
			for _, direction := range []string{"ingress", "egress"} {
				var r struct{ Mirrored bool }
				packet := fmt.Sprintf("%s gre %s > %s", direction, from, to)
				text := answer(t, "verdict", object{direction + "_rules": rules}, packet)
				if err := json.Unmarshal([]byte(text), &r); err != nil {
					t.Fatal(err)
				}
				if r.Mirrored != want(from, to) {
					t.Fatalf("%s: %s by the rules %s", packet, text, show(t, rules))
				}
			}
		}
	}
}

// edges returns the first and the last address of each prefix, the address before and the one
// behind it, and a few others.
func edges(prefixes []netip.Prefix) []netip.Addr {
	all := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8:ffff::1")}
	for _, p := range prefixes {
		last := p.Addr().AsSlice()
		for i := p.Bits(); i < p.Addr().BitLen(); i++ {
			last[i/8] |= 0x80 >> (i % 8)
		}
		end, _ := netip.AddrFromSlice(last)
		for _, a := range []netip.Addr{p.Addr().Prev(), p.Addr(), end, end.Next()} {
			if a.IsValid() && !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// The rules mirror exactly what does not have both ends in the blocks, or there is an error
// that says how many rules it takes.
func TestMirrorExternal(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	answered, refused := 0, 0
	for range 40 {
		var prefixes []netip.Prefix
		var texts []any
		for range r.IntN(7) {
			a := netip.AddrFrom4([4]byte{10, byte(r.IntN(6)), byte(r.IntN(4) << 6), 0})
			bits := 15 + r.IntN(4)
			if r.IntN(3) == 0 {
				a = netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0, byte(r.IntN(4))})
				bits = 44 + r.IntN(6)
			}
			p := netip.PrefixFrom(a, bits).Masked()
			prefixes, texts = append(prefixes, p), append(texts, p.String())
		}
		rules, wrong := call(t, "mirror_external", texts)
		if wrong != nil {
			refused++
			continue
		}
		answered++
		inside := func(a netip.Addr) bool {
			return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
		}
		checkMirrors(t, rules, func(from, to netip.Addr) bool { return !inside(from) || !inside(to) }, edges(prefixes))
	}
	if answered < 15 || refused < 3 {
		t.Errorf("%d are answered, and %d refused", answered, refused)
	}
}

func TestMirrorExternal_shape(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cidrs any
		want  int // rules
	}{
		"none":                 {[]any{}, 2},
		"one of each family":   {[]any{"10.0.0.0/8", "2001:db8::/32"}, 4},
		"one in another":       {[]any{"10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8"}, 3},
		"two that make one":    {[]any{"10.0.0.0/9", "10.128.0.0/9"}, 3},
		"four that make one":   {[]any{"10.128.0.0/10", "10.0.0.0/9", "10.192.0.0/11", "10.224.0.0/11"}, 3},
		"neighbours of no one": {[]any{"10.64.0.0/10", "10.128.0.0/10"}, 6},
		"all of IPv4":          {[]any{"0.0.0.0/0", "10.0.0.0/8"}, 1},
	} {
		var rules map[string]map[string]string
		if err := json.Unmarshal([]byte(answer(t, "mirror_external", test.cidrs)), &rules); err != nil || len(rules) != test.want {
			t.Errorf("%s: %d rules, want %d: %v", name, len(rules), test.want, rules)
		}
	}
	if got := answer(t, "mirror_external", []any{"10.0.0.0/8", unknown{}}); got != "unknown" {
		t.Errorf("with an unknown block, the rules are %s", got)
	}
	for want, cidrs := range map[string]any{
		`These CIDR blocks take 11 rules in a direction, and a filter can have 10, ingress and egress together. Write fewer or larger CIDR blocks. n blocks of a family take n * n + 1 rules, and a family without a block takes 1; with "::/0" or "0.0.0.0/0", nothing of that family is mirrored, and it takes none`: []any{"10.0.0.0/16", "10.2.0.0/16", "10.4.0.0/16"},
		`cidrs[1] is "10.0.0.1/8", which has bits set after the prefix length. Write "10.0.0.0/8"`:   []any{"192.0.2.0/24", "10.0.0.1/8"},
		`cidrs is "10.0.0.0/8". Write a list of CIDR blocks such as ["10.0.0.0/8", "2001:db8::/32"]`: "10.0.0.0/8",
	} {
		var wrong *framework.FuncError
		if _, wrong = call(t, "mirror_external", cidrs); wrong == nil || wrong.Text != want {
			t.Errorf("got %v, want %s", wrong, want)
		}
	}
}
