package function_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func TestUnreachableRules(t *testing.T) {
	t.Parallel()
	filter := object{
		"ingress_rules": object{
			"100":  rule("accept", "source_cidr_block", "0.0.0.0/1"),
			"200":  rule("accept", "source_cidr_block", "128.0.0.0/1"),
			"1000": rule("reject", "protocol", "tcp"),
		},
		"egress_rules": object{"1": rule("accept")},
	}
	const want = `[{"covered_by":[100,200],"different_action":true,"never_mirrored":false,"network_service":false,"rule_number":1000,"traffic_direction":"ingress"}]`
	if got := answer(t, "unreachable_rules", filter); got != want && !strings.Contains(got, `"covered_by":[100,200],"different_action":true`) {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := answer(t, "unreachable_rules", ssh()); got != "[]" {
		t.Errorf("got %s", got)
	}
	if got := answer(t, "unreachable_rules", with(ssh(), "egress_rules", unknown{})); got != "unknown" {
		t.Errorf("got %s", got)
	}
}

func TestCompareFilters(t *testing.T) {
	t.Parallel()
	all := object{"ingress_rules": object{"1000": rule("accept")}}
	type decision struct {
		Mirrored   bool
		RuleNumber *int `json:"rule_number"`
	}
	var got struct {
		Equal, Gained, Lost bool
		Differences         []struct {
			Change string
			A, B   decision
			Packet map[string]any
		}
	}
	if err := json.Unmarshal([]byte(answer(t, "compare_filters", ssh(), all)), &got); err != nil {
		t.Fatal(err)
	}
	if got.Equal || !got.Gained || got.Lost || len(got.Differences) != 1 {
		t.Fatalf("the comparison is %+v", got)
	}
	d := got.Differences[0]
	if d.Change != "gained" || d.A.Mirrored || *d.A.RuleNumber != 100 || !d.B.Mirrored || *d.B.RuleNumber != 1000 {
		t.Errorf("the difference is %+v", d)
	}
	// The packet of a difference is an argument of other functions.
	for _, f := range []struct {
		filter object
		want   string
	}{{ssh(), `"mirrored":false`}, {all, `"mirrored":true`}} {
		packet := object{}
		for name, v := range d.Packet {
			packet[name] = v
		}
		if text := answer(t, "verdict", f.filter, packet); !strings.Contains(text, f.want) {
			t.Errorf("%v: %s", d.Packet, text)
		}
	}
	if text := answer(t, "compare_filters", ssh(), ssh()); !strings.Contains(text, `"equal":true`) || !strings.Contains(text, `"differences":[]`) {
		t.Errorf("the comparison of a filter with itself is %s", text)
	}
	if text := answer(t, "compare_filters", ssh(), object{"ingress_rules": unknown{}}); text != "unknown" {
		t.Errorf("the comparison is %s", text)
	}
	if _, wrong := call(t, "compare_filters", ssh(), object{}); wrong == nil || *wrong.FunctionArgument != 1 {
		t.Errorf("the error is %v", wrong)
	}
}

func TestMirrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		space any
		want  string
	}{
		"text":               {"ingress tcp any > any:22", "none"},
		"object":             {object{"traffic_direction": "ingress", "protocol": 6, "destination_port_range": ports(22, 22)}, "none"},
		"more than the rule": {object{"traffic_direction": "ingress", "protocol": "tcp", "source_cidr_block": "10.0.0.0/8"}, "some"},
		"all":                {"ingress tcp 10.0.0.0/8 > 10.0.0.0/8:443", "all"},
		"unknown":            {object{"protocol": unknown{}}, "unknown"},
	} {
		got := answer(t, "mirrors", ssh(), test.space)
		if got == test.want {
			continue
		}
		var r struct{ Amount string }
		if err := json.Unmarshal([]byte(got), &r); err != nil || r.Amount != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
	for want, space := range map[string]any{
		`protcol is not an attribute that exists here.`:                        object{"protcol": "tcp"},
		`source_port_range is set without a protocol.`:                         object{"source_port_range": ports(1, 2)},
		`source_cidr_block is "10.0.0.1/8", which has bits set after the`:      object{"source_cidr_block": "10.0.0.1/8"},
		`space is "ingress", without ">" between the source and the destinati`: "ingress",
	} {
		if _, wrong := call(t, "mirrors", ssh(), space); wrong == nil || *wrong.FunctionArgument != 1 || !strings.HasPrefix(wrong.Text, want) {
			t.Errorf("got %v, want %s", wrong, want)
		}
	}
}

// The analysis proves about every packet, in either direction, that the rules of
// mirror_external mirror it if and only if not both ends are in the blocks. Amazon DNS is
// decided by the network service instead, and packets that EC2 never mirrors do not count.
func TestMirrorExternal_proof(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		inside := []netip.Prefix{
			netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(r.IntN(256)), byte(r.IntN(256))}), 1+r.IntN(16)).Masked(),
			netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(r.IntN(256)), byte(r.IntN(256))}), 1+r.IntN(16)).Masked(),
			netip.PrefixFrom(netip.AddrFrom16([16]byte{byte(r.IntN(256)), byte(r.IntN(256))}), 1+r.IntN(16)).Masked(),
		}
		var texts []any
		for _, p := range inside {
			texts = append(texts, p.String())
		}
		rules, wrong := call(t, "mirror_external", texts)
		if wrong != nil {
			t.Fatal(wrong)
		}
		filter := mirror.Filter{NetworkServices: mirror.NetworkServices}
		for number, r := range rules.(types.Map).Elements() {
			n, _ := mirror.ParseRuleNumber(number)
			text := func(name string) string { return r.(types.Object).Attributes()[name].(types.String).ValueString() }
			for _, d := range mirror.Directions {
				filter.Rules = append(filter.Rules, mirror.Rule{
					Direction: d, Number: n, Action: mirror.Action(text("rule_action")),
					SourceCIDR: netip.MustParsePrefix(text("source_cidr_block")), DestinationCIDR: netip.MustParsePrefix(text("destination_cidr_block")),
				})
			}
		}
		if err := filter.Validate().Err(); err != nil {
			t.Fatal(err)
		}
		outside := slicesOutside(inside)
		for _, from := range append(inside, outside...) {
			for _, to := range append(inside, outside...) {
				if from.Addr().Is4() != to.Addr().Is4() {
					continue
				}
				want, judged := analysis.All, filter
				if contains(inside, from) && contains(inside, to) {
					want, judged.NetworkServices = analysis.None, nil
				}
				share, err := analysis.Mirrors(judged, mirror.Space{SourceCIDR: from, DestinationCIDR: to})
				hasNone := share.NotMirrored != nil && share.NotMirrored.Decision.Never && share.Mirrored == nil
				if err != nil || share.Amount != want && !hasNone {
					t.Fatalf("%v: %s of the packets from %s to %s are mirrored, want %s: %v\n%+v", inside, share.Amount, from, to, want, err, share)
				}
			}
		}
	}
}

func contains(prefixes []netip.Prefix, p netip.Prefix) bool {
	for _, q := range prefixes {
		if q.Bits() <= p.Bits() && q.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

// slicesOutside cuts all addresses that are in none of the prefixes into prefixes.
func slicesOutside(inside []netip.Prefix) []netip.Prefix {
	var outside []netip.Prefix
	var cut func(p netip.Prefix)
	cut = func(p netip.Prefix) {
		overlaps := false
		for _, q := range inside {
			overlaps = overlaps || q.Overlaps(p)
		}
		switch {
		case contains(inside, p):
		case !overlaps:
			outside = append(outside, p)
		default:
			half := netip.PrefixFrom(p.Addr(), p.Bits()+1)
			upper := p.Addr().AsSlice()
			upper[p.Bits()/8] |= 0x80 >> (p.Bits() % 8)
			a, _ := netip.AddrFromSlice(upper)
			cut(half)
			cut(netip.PrefixFrom(a, half.Bits()))
		}
	}
	cut(mirror.EveryIPv4)
	cut(mirror.EveryIPv6)
	return outside
}
