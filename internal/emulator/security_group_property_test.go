package emulator_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// After random authorizations and revocations a group has the permissions that a set of
// texts has: what a describe shows, and which of the requests were refused.
func TestRandomSecurityGroupRules(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			e := newEmulator(t)
			random := rand.New(rand.NewPCG(seed, 1))
			id := makeGroup(t, e, worldVPC, "g")
			must(t, e, "RevokeSecurityGroupEgress", "GroupId="+id+ipRange("-1", 0, 0, "0.0.0.0/0"))
			model := map[string]map[string]bool{"Ingress": {}, "Egress": {}}
			for range 60 {
				direction := []string{"Ingress", "Egress"}[random.IntN(2)]
				protocol := []string{"tcp", "6", "17", "-1", "50"}[random.IntN(5)]
				block := []string{"10.0.0.0/8", "10.1.2.3/8", "9.0.0.0/8", "::/0"}[random.IntN(4)]
				port := random.IntN(2)
				rule := canonicalRule(protocol, port, block)
				action, want := "Authorize", ""
				there := model[direction][rule]
				if random.IntN(2) == 0 {
					action = "Revoke"
				}
				switch {
				case action == "Authorize" && there:
					want = "InvalidPermission.Duplicate"
				case action == "Authorize":
					model[direction][rule] = true
				case !there:
					want = "InvalidPermission.NotFound"
				default:
					delete(model[direction], rule)
				}
				refused(t, e, action+"SecurityGroup"+direction, "GroupId="+id+ipRange(protocol, port, port, block), want)
				checkGroupModel(t, describeGroup(t, e, id), model)
			}
		})
	}
}

func canonicalRule(protocol string, port int, block string) string {
	protocol = map[string]string{"6": "tcp", "17": "udp"}[protocol] + map[string]string{"tcp": "tcp", "-1": "-1", "50": "50"}[protocol]
	ports := fmt.Sprintf("%d-%d", port, port)
	if protocol == "-1" || protocol == "50" {
		ports = "-"
	}
	if block == "10.1.2.3/8" {
		block = "10.0.0.0/8"
	}
	return protocol + " " + ports + " " + block
}

func checkGroupModel(t *testing.T, group node, model map[string]map[string]bool) {
	t.Helper()
	for direction, set := range map[string]string{"Ingress": "ipPermissions", "Egress": "ipPermissionsEgress"} {
		var got []string
		for _, p := range group.all(set + "/item") {
			for _, block := range slices.Concat(p.texts("ipRanges/item/cidrIp"), p.texts("ipv6Ranges/item/cidrIpv6")) {
				got = append(got, p.text("ipProtocol")+" "+p.text("fromPort")+"-"+p.text("toPort")+" "+block)
			}
		}
		slices.Sort(got)
		if want := slices.Sorted(maps.Keys(model[direction])); !slices.Equal(got, want) {
			t.Errorf("%s: the group has %q, want %q", direction, got, want)
		}
	}
}
