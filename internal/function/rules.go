package function

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ruleResult is a rule of a map of rules.
type ruleResult struct {
	Action          string `json:"rule_action"`
	SourceCIDR      string `json:"source_cidr_block"`
	DestinationCIDR string `json:"destination_cidr_block"`
	Description     string `json:"description"`
}

const rulesText = "The rules are for either direction: use them as `ingress_rules`, as `egress_rules`, or as both. "

var mirrorAll = pure{
	name:        "mirror_all",
	summary:     "Rules that accept everything",
	description: "Returns the rules of a filter that mirrors every packet, IPv4 and IPv6, as a map by rule number: 100 for IPv4 and 200 for IPv6.\n\n" + rulesText + "To mirror Amazon DNS too, set `network_services = [\"amazon-dns\"]` in the filter.",
	result:      typeOf(reflect.TypeFor[map[string]ruleResult]()),
	run: func([]attr.Value) (attr.Value, error) {
		return show(numbered(acceptAll())), nil
	},
}

var mirrorExternal = pure{
	name:    "mirror_external",
	summary: "Rules that accept all but internal traffic",
	description: "Returns the rules of a filter that mirrors every packet, IPv4 and IPv6, except those whose source and destination both are in the given CIDR blocks. The result is a map by rule number.\n\n" + rulesText +
		"They reject the traffic between each two of the blocks, and then accept everything. Blocks that contain each other, or that together are a larger block, count as one. " +
		fmt.Sprintf("n blocks of a family need n * n + 1 rules. A filter can have %d rules, ingress and egress together. It is an error if one direction needs more. ", maxRules) +
		"To mirror Amazon DNS too, set `network_services = [\"amazon-dns\"]` in the filter.",
	parameters: []function.Parameter{dynamic("cidrs", "The CIDR blocks of internal addresses, IPv4 and IPv6, such as `[\"10.0.0.0/8\", \"2001:db8::/32\"]`.")},
	result:     typeOf(reflect.TypeFor[map[string]ruleResult]()),
	run: func(arguments []attr.Value) (attr.Value, error) {
		var r reader
		inside := readPrefixes(&r, arguments[0])
		if err := r.err(0); err != nil || r.unknown {
			return nil, err
		}
		rules, err := externalRules(inside)
		if err != nil {
			return nil, err
		}
		return show(numbered(rules)), nil
	},
}

var maxRules = mirror.DefaultQuotas().RulesPerFilter

func acceptAll() []ruleResult {
	return []ruleResult{accept(mirror.EveryIPv4), accept(mirror.EveryIPv6)}
}

func accept(every netip.Prefix) ruleResult {
	family := "IPv6"
	if every.Addr().Is4() {
		family = "IPv4"
	}
	return ruleResult{string(mirror.Accept), every.String(), every.String(), "all " + family}
}

// externalRules returns the rules that accept all but traffic from a prefix to a prefix.
func externalRules(inside []netip.Prefix) ([]ruleResult, error) {
	var rejects, accepts []ruleResult
	inside = aggregate(inside)
	for _, every := range []netip.Prefix{mirror.EveryIPv4, mirror.EveryIPv6} {
		if slices.Contains(inside, every) {
			continue // nothing of the family is external
		}
		own := slices.DeleteFunc(slices.Clone(inside), func(p netip.Prefix) bool { return p.Addr().Is4() != every.Addr().Is4() })
		for _, from := range own {
			for _, to := range own {
				rejects = append(rejects, ruleResult{string(mirror.Reject), from.String(), to.String(), fmt.Sprintf("internal: %s to %s", from, to)})
			}
		}
		accepts = append(accepts, accept(every))
	}
	if n := len(rejects) + len(accepts); n > maxRules {
		return nil, wrongArgument(0, mirror.Problems{{
			Kind: mirror.Limit, Wrong: fmt.Sprintf("These CIDR blocks take %d rules in a direction, and a filter can have %d, ingress and egress together", n, maxRules),
			Fix: `Write fewer or larger CIDR blocks. n blocks of a family take n * n + 1 rules, and a family without a block takes 1; with "::/0" or "0.0.0.0/0", nothing of that family is mirrored, and it takes none.`,
		}})
	}
	return append(rejects, accepts...), nil
}

// numbered returns rules by their numbers, with room between them.
func numbered(rules []ruleResult) map[string]ruleResult {
	byNumber := map[string]ruleResult{}
	for i, r := range rules {
		byNumber[strconv.Itoa(100*(i+1))] = r
	}
	return byNumber
}

// readPrefixes reads a list of CIDR blocks.
func readPrefixes(r *reader, v attr.Value) []netip.Prefix {
	var all []netip.Prefix
	for i, text := range r.texts("", v, `Write a list of CIDR blocks such as ["10.0.0.0/8", "2001:db8::/32"].`) {
		at := fmt.Sprintf("[%d]", i)
		prefix, problems := mirror.ParseCIDR(at, text)
		if problems == nil {
			for _, p := range (mirror.Space{SourceCIDR: prefix}).Validate() {
				p.Field = at
				problems = append(problems, p)
			}
		}
		r.add(problems...)
		all = append(all, prefix)
	}
	return all
}

// aggregate returns the fewest prefixes with the same addresses.
func aggregate(prefixes []netip.Prefix) []netip.Prefix {
	var all []netip.Prefix // of which none lies in another
	for _, p := range slices.SortedFunc(slices.Values(prefixes), comparePrefixes) {
		if len(all) > 0 && all[len(all)-1].Overlaps(p) {
			continue
		}
		all = append(all, p)
		for n := len(all); n > 1; n = len(all) {
			a, b := all[n-2], all[n-1]
			if a.Bits() != b.Bits() || a.Bits() == 0 {
				break
			}
			parent := netip.PrefixFrom(a.Addr(), a.Bits()-1).Masked()
			if a.Addr() != parent.Addr() || !parent.Contains(b.Addr()) {
				break
			}
			all = append(all[:n-2], parent)
		}
	}
	return all
}

// comparePrefixes orders by address, and a larger prefix before those that lie in it.
func comparePrefixes(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return a.Bits() - b.Bits()
}
