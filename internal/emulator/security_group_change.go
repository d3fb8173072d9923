package emulator

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// modifyGroupRules replaces what rules allow, and their descriptions. A rule keeps the
// type of its peer (A0164).
func modifyGroupRules(q *query.Query) operation {
	group := groupRef{id: securityGroups.needID(q, "GroupId")}
	changes := map[string]wantedRule{}
	var ids []string
	for _, member := range q.Members("SecurityGroupRule") {
		id := groupRules.needID(q, member+".SecurityGroupRuleId")
		if _, twice := changes[id]; twice {
			q.Fail(query.InvalidValue("SecurityGroupRuleId", id, "Name each rule once."))
		}
		changes[id] = readRuleUpdate(q, member+".SecurityGroupRule.")
		ids = append(ids, id)
	}
	if ids == nil {
		q.Fail(query.Missing("SecurityGroupRule"))
	}
	return func(t *tx, x *query.Writer) error {
		in, err := group.need(t)
		if err != nil {
			return err
		}
		var changed []groupRule
		for _, id := range ids {
			v, err := changeGroupRule(t, in, id, changes[id])
			if err != nil {
				return err
			}
			other := groupRulesByGroup.get(t, v.place()...)
			if _, moves := changes[other]; other != "" && !moves || hasPlace(changed, v) {
				return duplicatePermission(v.permission)
			}
			changed = append(changed, v)
		}
		for _, v := range changed {
			groupRules.put(t, v.ID, v)
		}
		x.Bool("return", true)
		return nil
	}
}

func hasPlace(rules []groupRule, v groupRule) bool {
	return slices.ContainsFunc(rules, func(other groupRule) bool { return slices.Equal(other.place(), v.place()) })
}

// changeGroupRule returns a rule of a group with another content.
func changeGroupRule(t *tx, in securityGroup, id string, w wantedRule) (groupRule, error) {
	v, err := groupRules.need(t, id)
	if err == nil && v.GroupID != in.ID {
		err = groupRules.notFoundError(id)
	}
	if err != nil {
		return v, err
	}
	p, err := w.resolve(t, in)
	if err != nil {
		return v, err
	}
	if isIPv4Block(v.permission) != isIPv4Block(p) || isIPv6Block(v.permission) != isIPv6Block(p) {
		return v, query.Refuse("InvalidParameterValue", "The source or destination of the rule '%s' cannot become one of another type", id)
	}
	v.permission, v.Description = p, w.description
	return v, nil
}

// readRuleUpdate reads the new content of a rule. Exactly one of the peers must be given.
func readRuleUpdate(q *query.Query, below string) wantedRule {
	w := wantedRule{permission: readTraffic(q, below), description: q.Text(below + "Description")}
	q.Fail(checkGroupText("Description", w.description))
	given := 0
	for _, name := range []string{"CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId"} {
		if !q.Has(below + name) {
			continue
		}
		given++
		switch name {
		case "PrefixListId":
			w.peer = &peer{prefixList: q.NeedText(below + name)}
		case "ReferencedGroupId":
			w.peer = &peer{groupRef: groupRef{id: securityGroups.needID(q, below+name)}}
		default:
			w.CIDR = readPeerBlock(q, below+name, name == "CidrIpv6")
		}
	}
	if given != 1 {
		q.Fail(query.Refuse("InvalidParameterCombination", "%sCidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId: give exactly one, not %d", below, given))
	}
	return w
}

func describeIngressRules(q *query.Query) operation { return updateDescriptions(q, mirror.Ingress) }

func describeEgressRules(q *query.Query) operation { return updateDescriptions(q, mirror.Egress) }

// updateDescriptions sets the descriptions of rules that are given by their IDs or by
// what they allow. A description that is left out is removed.
func updateDescriptions(q *query.Query, direction mirror.Direction) operation {
	group := readGroup(q)
	wanted := readWantedRules(q, mirror.Egress) // there are no older parameters
	texts := map[string]string{}
	var ids []string
	for _, member := range q.Members("SecurityGroupRuleDescription") {
		id := groupRules.needID(q, member+".SecurityGroupRuleId")
		texts[id] = q.Text(member + ".Description")
		q.Fail(checkGroupText("Description", texts[id]))
		ids = append(ids, id)
	}
	switch {
	case ids == nil:
		needRules(q, wanted)
	case wanted != nil:
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter SecurityGroupRuleDescription cannot be used with the parameter IpPermissions"))
	}
	return func(t *tx, x *query.Writer) error {
		in, err := group.need(t)
		if err != nil {
			return err
		}
		changed, err := rulesByID(t, in, direction, ids)
		if err != nil {
			return err
		}
		for i := range changed {
			changed[i].Description = texts[changed[i].ID]
		}
		found, err := findRules(t, in, direction, wanted)
		if err != nil {
			return err
		}
		for i, w := range wanted {
			found[i].Description = w.description
		}
		for _, v := range append(changed, found...) {
			groupRules.put(t, v.ID, v)
		}
		x.Bool("return", true)
		return nil
	}
}
