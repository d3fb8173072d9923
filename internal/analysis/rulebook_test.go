package analysis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// filterOf reads a filter: "dns", or rules such as "10 accept ingress tcp any > any:22". "any"
// is every IPv4 address in a rule.
func filterOf(t *testing.T, lines ...string) mirror.Filter {
	t.Helper()
	var f mirror.Filter
	for _, line := range lines {
		if line == "dns" {
			f.NetworkServices = mirror.NetworkServices
			continue
		}
		words := strings.SplitN(line, " ", 3)
		r := spaceOf(t, words[2]).Rules(mirror.Action(words[1]))[0]
		if _, err := fmt.Sscan(words[0], &r.Number); err != nil {
			t.Fatal(err)
		}
		f.Rules = append(f.Rules, r)
	}
	if ps := f.Validate(); ps != nil {
		t.Fatal(ps)
	}
	return f
}

func spaceOf(t *testing.T, text string) mirror.Space {
	t.Helper()
	s, ps := mirror.ParseSpace(text)
	if ps != nil {
		t.Fatal(ps)
	}
	return s
}

func decision(d analysis.Decision) string {
	switch {
	case d.Never:
		return "never"
	case d.Service != "":
		return fmt.Sprintf("%s %v", d.Service, d.Mirrored)
	case d.Rule == nil:
		return "no rule"
	}
	return fmt.Sprint(d.Rule.Action, " by ", d.Rule.Number)
}

func witness(w *analysis.Witness) string {
	if w == nil {
		return "-"
	}
	return fmt.Sprintf("%s %s (%s)", w.Packet.Direction, w.Packet, decision(w.Decision))
}

var everything = []string{
	"1 accept ingress any any > any", "2 accept ingress any ::/0 > ::/0", "1 accept egress any any > any", "2 accept egress any ::/0 > ::/0", "dns",
}

func TestMirrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		filter []string
		space  string
		want   string
	}{
		"no rules":                 {nil, "tcp any > any:22", "none, -, ingress tcp 10.1.2.3:50000 > 10.0.1.10:22 (no rule)"},
		"everything":               {everything, "any any > any", "all, ingress tcp 10.1.2.3:50000 > 10.0.1.10:443 (accept by 1), -"},
		"but no DNS":               {everything[:4], "any any > any", "some, ingress tcp 10.1.2.3:50000 > 10.0.1.10:443 (accept by 1), ingress tcp 10.1.2.3:50000 > 169.254.169.253:53 (amazon-dns false)"},
		"only DNS":                 {[]string{"dns"}, "egress udp any > 169.254.169.253/32:53", "all, egress udp 10.0.1.10:50000 > 169.254.169.253:53 (amazon-dns true), -"},
		"IPv6 is forgotten":        {[]string{"1 accept ingress tcp any > any:443"}, "ingress tcp any > any:443", "some, ingress tcp 10.1.2.3:50000 > 10.0.1.10:443 (accept by 1), ingress tcp [2001:db8:2::3]:50000 > [2001:db8:1::10]:443 (no rule)"},
		"SSH is rejected":          {[]string{"10 reject ingress tcp any > any:22", "20 accept ingress any any > any"}, "ingress tcp 0.0.0.0/0 > any:22", "none, -, ingress tcp 10.1.2.3:50000 > 10.0.1.10:22 (reject by 10)"},
		"SSH is rejected too late": {[]string{"10 accept ingress any any > any", "20 reject ingress tcp any > any:22"}, "ingress tcp 0.0.0.0/0 > any:22", "all, ingress tcp 10.1.2.3:50000 > 10.0.1.10:22 (accept by 10), -"},
		"every port is not all":    {[]string{"10 accept ingress tcp any > any:0-65535", "dns"}, "ingress tcp 0.0.0.0/0 > any", "some, ingress tcp 10.1.2.3:50000 > 10.0.1.10:443 (accept by 10), ingress tcp 10.1.2.3 > 10.0.1.10, later fragment (no rule)"},
		"metadata":                 {everything, "egress tcp any > 169.254.169.254/32:80", "none, -, egress tcp 10.0.1.10:50000 > 169.254.169.254:80 (never)"},
		"time over IPv6":           {everything, "udp fd00:ec2::123/128 > any", "none, -, ingress udp [fd00:ec2::123]:50000 > [2001:db8:1::10]:443 (never)"},
		"Windows activation":       {everything, "tcp any > 169.254.169.250/31:1688", "none, -, ingress tcp 10.1.2.3:50000 > 169.254.169.250:1688 (never)"},
		"DHCP":                     {everything, "udp 0.0.0.0/0:67-68 > any:67-68", "none, -, ingress udp 10.1.2.3:67 > 10.0.1.10:67 (never)"},
		"DHCPv6 is not 67":         {everything, "ingress udp [::/0]:67-68 > [::/0]:67-68", "all, ingress udp [2001:db8:2::3]:67 > [2001:db8:1::10]:67 (accept by 2), -"},
		"an answer":                {everything, "egress tcp 0.0.0.0/0:443 > any", "all, egress tcp 10.0.1.10:443 > 10.1.2.3:50000 (accept by 1), -"},
		"hosts of a network":       {everything, "ingress icmp 192.0.2.0/24 > 192.0.2.0/30", "all, ingress icmp 192.0.2.20 > 192.0.2.1 (accept by 1), -"},
		"no other address":         {everything, "ingress tcp 192.0.2.255/32 > 224.0.0.0/4:0", "all, ingress tcp 192.0.2.255:50000 > 224.0.0.0:0 (accept by 1), -"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			share, err := analysis.Mirrors(filterOf(t, c.filter...), spaceOf(t, c.space))
			if got := fmt.Sprintf("%s, %s, %s", share.Amount, witness(share.Mirrored), witness(share.NotMirrored)); got != c.want || err != nil {
				t.Errorf("%v\ngot  %s\nwant %s", err, got, c.want)
			}
		})
	}
}

func TestMirrorsOutside(t *testing.T) {
	t.Parallel()
	web := []string{"1 accept ingress tcp any > 10.0.1.0/24:443", "dns"}
	for name, c := range map[string]struct {
		filter []string
		space  string
		want   string
	}{
		"nothing is outside":  {everything, "any any > any", "none, -, -"},
		"DNS is outside":      {web, "ingress tcp 0.0.0.0/0 > 10.0.0.0/16:443", "some, ingress tcp 10.1.2.3:50000 > 169.254.169.253:53 (amazon-dns true), ingress tcp 10.1.2.3:50000 > 1.0.0.10:443 (no rule)"},
		"without DNS":         {web[:1], "ingress tcp 0.0.0.0/0 > 10.0.0.0/16:443", "none, -, ingress tcp 10.1.2.3:50000 > 1.0.0.10:443 (no rule)"},
		"the other direction": {everything, "ingress any any > any", "all, egress tcp 10.0.1.10:50000 > 10.1.2.3:443 (accept by 1), -"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			share, err := analysis.MirrorsOutside(filterOf(t, c.filter...), spaceOf(t, c.space))
			if got := fmt.Sprintf("%s, %s, %s", share.Amount, witness(share.Mirrored), witness(share.NotMirrored)); got != c.want || err != nil {
				t.Errorf("%v\ngot  %s\nwant %s", err, got, c.want)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b []string
		want string
	}{
		"equal in other words": {[]string{"1 accept ingress any any > any"}, []string{"5 accept ingress any 0.0.0.0/1 > any", "6 accept ingress any 128.0.0.0/1 > any"}, ""},
		"no rule is a reject":  {nil, []string{"1 reject ingress any any > any"}, ""},
		"a reject is dropped": {
			[]string{"10 reject ingress tcp any > any:22", "20 accept ingress any any > any"}, []string{"20 accept ingress any any > any"},
			"ingress tcp 10.1.2.3:50000 > 10.0.1.10:22: reject by 10, accept by 20",
		},
		"a service": {nil, []string{"dns"}, "ingress tcp 10.1.2.3:50000 > 169.254.169.253:53: amazon-dns false, amazon-dns true; egress tcp 10.0.1.10:50000 > 169.254.169.253:53: amazon-dns false, amazon-dns true"},
		"a rule about the resolver decides nothing": {nil, []string{"1 accept egress udp any > 169.254.169.253/32:53"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			differences, err := analysis.Compare(filterOf(t, c.a...), filterOf(t, c.b...))
			texts := make([]string, len(differences))
			for i, d := range differences {
				texts[i] = fmt.Sprintf("%s %s: %s, %s", d.Packet.Direction, d.Packet, decision(d.A), decision(d.B))
			}
			if got := strings.Join(texts, "; "); got != c.want || err != nil {
				t.Errorf("%v\ngot  %s\nwant %s", err, got, c.want)
			}
		})
	}
}

func TestOneWayFlows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		filter []string
		want   string
	}{
		"both ways":      {[]string{"1 accept ingress tcp any > any:443", "1 accept egress tcp any:443 > any"}, ""},
		"no answers":     {[]string{"1 accept ingress tcp any > any:443"}, "ingress tcp 10.1.2.3:50000 > 10.0.1.10:443 (accept by 1), egress tcp 10.0.1.10:443 > 10.1.2.3:50000 (no rule)"},
		"the wrong port": {[]string{"1 accept egress tcp any > any:443"}, "egress tcp 10.0.1.10:50000 > 10.1.2.3:443 (accept by 1), ingress tcp 10.1.2.3:443 > 10.0.1.10:50000 (no rule)"},
		"DNS":            {[]string{"dns"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flows, err := analysis.OneWayFlows(filterOf(t, c.filter...))
			texts := make([]string, len(flows))
			for i, f := range flows {
				texts[i] = witness(&f.Packet) + ", " + witness(&f.Reply)
			}
			if got := strings.Join(texts, "; "); got != c.want || err != nil {
				t.Errorf("%v\ngot  %s\nwant %s", err, got, c.want)
			}
		})
	}
}

func TestNeverTakes(t *testing.T) {
	t.Parallel()
	web, all, none, dns := []string{"1 accept ingress tcp any > any:443"}, everything[:4], []string(nil), []string{"dns"}
	for name, c := range map[string]struct {
		filters [][]string
		want    []int
	}{
		"the same filter twice": {[][]string{web, web}, []int{1}},
		"the narrow one first":  {[][]string{web, all}, nil},
		"the wide one first":    {[][]string{all, web, web}, []int{1, 2}},
		"two halves":            {[][]string{{"1 accept ingress tcp 0.0.0.0/1 > any"}, {"1 accept ingress tcp 128.0.0.0/1 > any"}, web}, []int{2}},
		"DNS is left":           {[][]string{all, dns, dns}, []int{2}},
		"nothing to take":       {[][]string{all, none}, nil},
		"only metadata":         {[][]string{all, {"1 accept egress tcp any > 169.254.169.254/32"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var filters []mirror.Filter
			for _, f := range c.filters {
				filters = append(filters, filterOf(t, f...))
			}
			if got, err := analysis.NeverTakes(filters); !slices.Equal(got, c.want) || err != nil {
				t.Errorf("got %v (%v), want %v", got, err, c.want)
			}
		})
	}
}

// The example of E. Al-Shaer and H. Hamed, "Modeling and Management of Firewall Policies",
// 2004, as the tool https://github.com/martimy/firewall_policy_analyzer has it. They report
// that rule 4 is shadowed (by rules 2 and 3; rule 3 decides none of its packets), that rule 7
// is redundant to rule 6, and rule 9 to rule 10. Here, rules 8 and 12 are redundant too,
// because EC2 mirrors nothing without a rule.
func TestAlShaerHamed(t *testing.T) {
	t.Parallel()
	f := filterOf(t,
		"1 reject ingress tcp 140.192.37.20/32 > any:80", "2 accept ingress tcp 140.192.37.0/24 > any:80", "3 accept ingress tcp any > 161.120.33.40/32:80",
		"4 reject ingress tcp 140.192.37.0/24 > 161.120.33.40/32:80", "5 reject ingress tcp 140.192.37.30/32 > any:21", "6 accept ingress tcp 140.192.37.0/24 > any:21",
		"7 accept ingress tcp 140.192.37.0/24 > 161.120.33.40/32:21", "8 reject ingress tcp any > any", "9 accept ingress udp 140.192.37.0/24 > 161.120.33.40/32:53",
		"10 accept ingress udp any > 161.120.33.40/32:53", "11 accept ingress udp 140.192.38.0/24 > 161.120.35.0/24", "12 reject ingress udp any > any",
	)
	covered, err := analysis.Unreachable(f.Rules)
	if got := coveredText(covered); got != "4 by 2 (another action), 7 by 6" || err != nil {
		t.Errorf("unreachable: %s, %v", got, err)
	}
	redundant, err := analysis.Redundant(f.Rules)
	if got := numbersText(redundant); got != "4 7 8 9 12" || err != nil {
		t.Errorf("redundant: %s, %v", got, err)
	}
	// Rules 1 and 3 are correlated: they match some packets in common, and the first decides.
	for _, c := range []struct{ space, want string }{
		{"ingress tcp 140.192.37.20/32 > 161.120.33.40/32:80", "1"}, {"ingress tcp 140.192.37.0/24 > 161.120.33.40/32:80", "1 2"}, {"ingress udp any > any:53", "10 9 11 12"},
	} {
		touching, err := analysis.Touching(f, spaceOf(t, c.space))
		want := strings.Fields(c.want)
		got := strings.Fields(numbersText(touching))
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) || err != nil {
			t.Errorf("touching %s: %v, %v", c.space, got, err)
		}
	}
}

func numbersText(rules []mirror.Rule) string {
	texts := make([]string, len(rules))
	for i, r := range rules {
		texts[i] = fmt.Sprint(r.Number)
	}
	return strings.Join(texts, " ")
}

func coveredText(covered []analysis.Covered) string {
	texts := make([]string, len(covered))
	for i, c := range covered {
		texts[i] = fmt.Sprint(c.Rule.Number, " by ", numbersText(c.By))
		if c.DifferentAction {
			texts[i] += " (another action)"
		}
		if c.Never {
			texts[i] += " (never)"
		}
		if c.Service {
			texts[i] += " (service)"
		}
	}
	return strings.Join(texts, ", ")
}

func TestUnreachable_undecided(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules []string
		want  string
	}{
		"metadata":                       {[]string{"1 accept egress tcp any > 169.254.169.254/32:80"}, "1 by  (never)"},
		"Windows activation":             {[]string{"1 accept egress tcp any > 169.254.169.250/31"}, "1 by  (never)"},
		"DHCP":                           {[]string{"1 accept egress udp any:68 > any:67"}, "1 by  (never)"},
		"DNS":                            {[]string{"1 accept egress udp any > 169.254.169.253/32:53"}, "1 by  (never) (service)"},
		"fragments to the resolver":      {[]string{"1 accept egress udp any > 169.254.169.253/32"}, ""},
		"a rule and DNS":                 {[]string{"1 reject egress udp any > any:54", "2 accept egress udp any > 169.254.169.253/32:53-54"}, "2 by 1 (another action) (never) (service)"},
		"a rule before covers it too":    {[]string{"1 accept egress any any > any", "2 reject egress tcp any > 169.254.169.254/32:80"}, "2 by  (never)"},
		"the fewest":                     {[]string{"1 accept egress tcp any > any:22", "2 reject egress tcp any > any:23", "3 accept egress tcp any > any:1-1024", "4 accept egress tcp any > any:20-30"}, "4 by 3"},
		"one that decides nothing of it": {[]string{"1 accept egress tcp 0.0.0.0/1 > any:22", "2 accept egress tcp 128.0.0.0/1 > any:22", "3 reject egress tcp any > any:22-23", "4 accept egress tcp 0.0.0.0/0 > any:22"}, "4 by 1 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			covered, err := analysis.Unreachable(filterOf(t, c.rules...).Rules)
			if got := coveredText(covered); got != c.want || err != nil {
				t.Errorf("got %s (%v), want %s", got, err, c.want)
			}
		})
	}
}
