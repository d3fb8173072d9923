package emulator

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// groupRule is a rule of a security group.
type groupRule struct {
	ID        string           `json:"id"`
	GroupID   string           `json:"group_id"`
	Direction mirror.Direction `json:"direction"`
	permission
	Description string `json:"description,omitempty"`
}

// place is the key of the rule. No two rules of a group and a direction allow the same.
func (v groupRule) place() key { return key{v.GroupID, string(v.Direction), v.String()} }

// maxGroupRules is how many rules a group can have in a direction, counted for IPv4 and
// for IPv6 apart
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).
const maxGroupRules = 60

var groupRuleDescriber = describer[groupRule]{
	of:      groupRules,
	set:     "securityGroupRuleSet",
	ids:     "SecurityGroupRuleId",
	idField: "security-group-rule-id",
	fields: []field[groupRule]{
		{"group-id", func(_ *tx, v groupRule) []string { return oneValue(v.GroupID) }},
	},
	finders: map[string]func(*tx, string) []string{"group-id": idsIn(groupRulesByGroup)},
	write:   func(t *tx, x *query.Writer, _ string, v groupRule) { writeGroupRule(x, t, v) },
}

func writeGroupRule(x *query.Writer, t *tx, v groupRule) {
	writeGroupRulePart(x, v)
	x.Text("groupOwnerId", t.account)
	if v.Group != "" {
		// Without userId, because hashicorp/aws must not ask for its account here, and takes
		// the group for one of another account otherwise (A0166).
		x.In("referencedGroupInfo", func() { x.Text("groupId", v.Group) })
	}
	x.Text("securityGroupRuleArn", mirror.KindGroupRule.ARN(mirror.PartitionOf(t.region), t.region, t.account, v.ID))
	writeTagSet(x, tagsOf(t, v.ID))
}

// writeGroupRulePart writes what the answer to a revocation has too.
func writeGroupRulePart(x *query.Writer, v groupRule) {
	x.Text("securityGroupRuleId", v.ID)
	x.Text("groupId", v.GroupID)
	x.Bool("isEgress", v.Direction == mirror.Egress)
	v.writeTraffic(x)
	if isIPv4Block(v.permission) {
		x.Text("cidrIpv4", v.CIDR.String())
	}
	if isIPv6Block(v.permission) {
		x.Text("cidrIpv6", v.CIDR.String())
	}
	x.OptText("prefixListId", v.List)
	x.OptText("description", v.Description)
}

// rulesOf returns the rules of a group in a direction, in the order of permissions.
func rulesOf(t *tx, group string, direction mirror.Direction) []groupRule {
	var rules []groupRule
	for _, id := range groupRulesByGroup.idsBelow(t, group, string(direction)) {
		v, _ := groupRules.get(t, id)
		rules = append(rules, v)
	}
	sort.Slice(rules, func(i, j int) bool { return rules[i].compare(rules[j].permission) < 0 })
	return rules
}

// findRule returns the rule of a group and a direction that allows something.
func findRule(rules []groupRule, p permission) (groupRule, bool) {
	i := slices.IndexFunc(rules, func(v groupRule) bool { return v.permission == p })
	if i < 0 {
		return groupRule{}, false
	}
	return rules[i], true
}

// putGroupRule stores a new rule, and returns it with its ID.
func putGroupRule(t *tx, v groupRule) groupRule {
	if v.ID == "" {
		v.ID = groupRules.freshID(t)
	}
	groupRules.put(t, v.ID, v)
	return v
}

func authorizeIngress(q *query.Query) operation {
	return authorize(q, mirror.Ingress, readWantedRules(q, mirror.Ingress))
}

func authorizeEgress(q *query.Query) operation {
	return authorize(q, mirror.Egress, readWantedRules(q, mirror.Egress))
}

func authorize(q *query.Query, direction mirror.Direction, wanted []wantedRule) operation {
	group, tagged := readGroup(q), readTagSpecification(q, mirror.KindGroupRule)
	needRules(q, wanted)
	return func(t *tx, x *query.Writer) error {
		in, err := group.need(t)
		if err != nil {
			return err
		}
		added, err := newRules(t, in, direction, wanted)
		if err != nil {
			return err
		}
		x.Bool("return", true)
		x.In("securityGroupRuleSet", func() {
			for _, v := range added {
				v = putGroupRule(t, v)
				setTags(t, v.ID, tagged)
				x.In("item", func() { writeGroupRule(x, t, v) })
			}
		})
		return nil
	}
}

// newRules returns rules that a group does not have yet.
func newRules(t *tx, in securityGroup, direction mirror.Direction, wanted []wantedRule) ([]groupRule, error) {
	rules := rulesOf(t, in.ID, direction)
	var added []groupRule
	for _, w := range wanted {
		p, err := w.resolve(t, in)
		if err != nil {
			return nil, err
		}
		if _, twice := findRule(added, p); twice {
			return nil, query.Refuse("InvalidParameterValue", "The same permission must not appear multiple times")
		}
		if _, there := findRule(rules, p); there {
			return nil, duplicatePermission(p)
		}
		added = append(added, groupRule{GroupID: in.ID, Direction: direction, permission: p, Description: w.description})
		if len(added) > 2*maxGroupRules {
			break // the limit refuses them
		}
	}
	return added, checkGroupRuleLimit(slices.Concat(rules, added))
}

func duplicatePermission(p permission) error {
	return query.Refuse("InvalidPermission.Duplicate", `the specified rule "%s" already exists`, p)
}

// checkGroupRuleLimit refuses rules of a direction beyond the quota. A rule that refers
// to a group counts for IPv4 and for IPv6.
func checkGroupRuleLimit(rules []groupRule) error {
	v4, v6 := 0, 0
	for _, v := range rules {
		if !isIPv6Block(v.permission) {
			v4++
		}
		if !isIPv4Block(v.permission) {
			v6++
		}
	}
	if max(v4, v6) > maxGroupRules {
		return query.Refuse("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group, %d, has been reached.", maxGroupRules)
	}
	return nil
}

func revokeIngress(q *query.Query) operation {
	return revoke(q, mirror.Ingress, readWantedRules(q, mirror.Ingress))
}

func revokeEgress(q *query.Query) operation {
	return revoke(q, mirror.Egress, readWantedRules(q, mirror.Egress))
}

// revoke deletes rules by their IDs or by what they allow. That a request names them in
// one way is an assumption (A0162).
func revoke(q *query.Query, direction mirror.Direction, wanted []wantedRule) operation {
	group, ids := readGroup(q), groupRules.readIDs(q, "SecurityGroupRuleId")
	switch {
	case ids == nil:
		needRules(q, wanted)
	case wanted != nil:
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter SecurityGroupRuleId cannot be used with the parameter IpPermissions"))
	}
	return func(t *tx, x *query.Writer) error {
		in, err := group.need(t)
		if err != nil {
			return err
		}
		revoked, err := rulesByID(t, in, direction, ids)
		if err != nil {
			return err
		}
		found, err := findRules(t, in, direction, wanted)
		if err != nil {
			return err
		}
		x.Bool("return", true)
		x.In("revokedSecurityGroupRuleSet", func() {
			for _, v := range append(revoked, found...) {
				if !groupRules.has(t, v.ID) {
					continue // it is in the request twice
				}
				groupRules.del(t, v.ID)
				x.In("item", func() {
					writeGroupRulePart(x, v)
					x.OptText("referencedGroupId", v.Group)
				})
			}
		})
		x.In("unknownIpPermissionSet", func() {})
		return nil
	}
}

// rulesByID returns rules of a group and a direction by their IDs. A rule of another one
// does not exist for the request (A0163).
func rulesByID(t *tx, in securityGroup, direction mirror.Direction, ids []string) ([]groupRule, error) {
	var found []groupRule
	for _, id := range ids {
		v, err := groupRules.need(t, id)
		if err == nil && (v.GroupID != in.ID || v.Direction != direction) {
			err = groupRules.notFoundError(id)
		}
		if err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	return found, nil
}

// findRules returns for each rule that is wanted the one of a group and a direction that
// allows the same.
func findRules(t *tx, in securityGroup, direction mirror.Direction, wanted []wantedRule) ([]groupRule, error) {
	rules := rulesOf(t, in.ID, direction)
	var found []groupRule
	for _, w := range wanted {
		p, err := w.resolve(t, in)
		if err != nil {
			return nil, err
		}
		v, ok := findRule(rules, p)
		if !ok {
			return nil, query.Refuse("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		found = append(found, v)
	}
	return found, nil
}

func keysByReference(_ *tx, id string, v groupRule) []key {
	if v.Group == "" {
		return nil
	}
	return oneKey(v.Group, id)
}

// peers counts the peers. A group that a topology file names can be one of another VPC or
// account, which the store does not have.
func (p permission) peers() int {
	n := 0
	for _, given := range []bool{p.CIDR.IsValid(), p.Group != "", p.List != ""} {
		if given {
			n++
		}
	}
	return n
}

func checkLoadedGroupRule(t *tx, v groupRule) error {
	_, err := securityGroups.need(t, v.GroupID)
	switch {
	case err != nil:
		return err
	case !slices.Contains(mirror.Directions, v.Direction):
		return fmt.Errorf("it has the direction %q", v.Direction)
	case v.peers() != 1:
		return errors.New("it has no peer, or two")
	}
	if other := groupRulesByGroup.get(t, v.place()...); other != "" && other != v.ID {
		return duplicatePermission(v.permission)
	}
	return v.check()
}
