package emulator

import (
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// loadGroups loads the security groups of a topology with their rules, which take the place
// of those that the groups have.
func loadGroups(t *tx, f *topology.File) {
	for _, v := range f.SecurityGroups {
		loadGroup(t, v)
	}
	for _, v := range f.SecurityGroups {
		loadGroupRules(t, v)
	}
}

// loadGroup loads a security group. A default one takes the place of that which its VPC has,
// also on the interfaces and in the rules that name it.
func loadGroup(t *tx, v mirror.SecurityGroup) {
	made := securityGroup{ID: v.ID, VPCID: v.VPCID, Name: v.Name, Description: v.Description}
	if v.OwnerID != t.account {
		made.OwnerID = v.OwnerID
	}
	if made.Name == "" {
		made.Name = v.ID
	}
	was := defaultGroupOf(t, v.VPCID)
	replaces := made.isDefault() && was != v.ID
	if replaces {
		dropGroup(t, was)
	}
	securityGroups.put(t, v.ID, made)
	addTags(t, v.ID, v.Tags)
	if replaces {
		renameGroup(t, was, v.ID)
	}
}

// renameGroup gives interfaces and rules another group in the place of one.
func renameGroup(t *tx, was, now string) {
	var changed []networkInterface
	for _, v := range interfaces.all(t, "") {
		uses := false
		for i, id := range v.GroupIDs {
			if id == was {
				v.GroupIDs[i], uses = now, true
			}
		}
		if uses {
			changed = append(changed, v)
		}
	}
	for _, v := range changed {
		interfaces.put(t, v.ID, v)
	}
	for _, id := range groupRulesByReference.idsBelow(t, was) {
		v, _ := groupRules.get(t, id)
		v.Group = now
		groupRules.put(t, id, v)
	}
}

func loadGroupRules(t *tx, in mirror.SecurityGroup) {
	for _, id := range groupRulesByGroup.idsBelow(t, in.ID) {
		groupRules.del(t, id)
	}
	for _, r := range in.Rules {
		v := groupRule{ID: r.ID, GroupID: in.ID, Direction: r.Direction, Description: r.Description, permission: loadedPermission(r)}
		if v.ID == "" {
			v.ID = derivedID(mirror.KindGroupRule.Prefix, in.ID+" "+string(v.Direction)+" "+v.String())
		}
		groupRules.put(t, v.ID, v)
		addTags(t, v.ID, r.Tags)
	}
}

// loadedPermission returns what a rule allows as it is stored.
func loadedPermission(r mirror.SecurityGroupRule) permission {
	p := permission{CIDR: r.CIDR, Group: r.GroupID, List: r.PrefixListID}
	p.Protocol, _ = groupProtocol(strconv.Itoa(r.Protocol)) // the topology has a number from its range
	p.From, p.To = r.FromPort, r.ToPort
	if !p.isICMP() {
		p.From, p.To = wholePorts(r.Protocol, r.FromPort, r.ToPort)
	}
	return p
}
