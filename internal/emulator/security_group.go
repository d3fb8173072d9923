package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// securityGroup is a security group. Its rules are objects of their own.
type securityGroup struct {
	ID          string `json:"id"`
	VPCID       string `json:"vpc_id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	OwnerID     string `json:"owner_id,omitempty"` // "": this account
}

// defaultGroupName is the name of the group that a VPC comes with, and of no other.
const defaultGroupName = "default"

func (v securityGroup) isDefault() bool { return v.Name == defaultGroupName }

// nameKey is the key of the name. Names of a VPC differ in more than upper and lower
// case
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html).
func (v securityGroup) nameKey() key { return key{v.VPCID, strings.ToLower(v.Name)} }

// groupDescriber finds a group by the filters about rules if any rules of it, not
// necessarily one rule, have all the values
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html).
var groupDescriber = describer[securityGroup]{
	of:      securityGroups,
	set:     "securityGroupInfo",
	ids:     "GroupId",
	idField: "group-id",
	fields: append([]field[securityGroup]{
		{"description", func(_ *tx, v securityGroup) []string { return oneValue(v.Description) }},
		{"group-name", func(_ *tx, v securityGroup) []string { return oneValue(v.Name) }},
		{"owner-id", func(t *tx, v securityGroup) []string { return oneValue(cmp.Or(v.OwnerID, t.account)) }},
		{"vpc-id", func(_ *tx, v securityGroup) []string { return oneValue(v.VPCID) }},
	}, slices.Concat(permissionFields("ip-permission.", mirror.Ingress), permissionFields("egress.ip-permission.", mirror.Egress))...),
	finders: map[string]func(*tx, string) []string{"vpc-id": idsIn(groupsByName)},
	write:   func(t *tx, x *query.Writer, _ string, v securityGroup) { writeGroup(x, t, v) },
}

// describeGroups has one more parameter than other describes: names of groups of the
// default VPC.
func describeGroups(q *query.Query) operation {
	r := groupDescriber.read(q)
	names := q.List("GroupName")
	return func(t *tx, x *query.Writer) error {
		named := r
		named.ids = slices.Clone(r.ids)
		for _, name := range names {
			v, err := groupRef{name: name}.need(t)
			if err != nil {
				return err
			}
			named.ids = append(named.ids, v.ID)
		}
		return groupDescriber.page(named)(t, x)
	}
}

func groupARN(t *tx, id string) string {
	return mirror.KindGroup.ARN(mirror.PartitionOf(t.region), t.region, t.account, id)
}

func writeGroup(x *query.Writer, t *tx, v securityGroup) {
	x.Text("ownerId", cmp.Or(v.OwnerID, t.account))
	x.Text("groupId", v.ID)
	x.Text("groupName", v.Name)
	x.Text("groupDescription", v.Description)
	x.Text("vpcId", v.VPCID)
	x.Text("securityGroupArn", groupARN(t, v.ID))
	x.In("ipPermissions", func() { writePermissions(x, t, rulesOf(t, v.ID, mirror.Ingress)) })
	x.In("ipPermissionsEgress", func() { writePermissions(x, t, rulesOf(t, v.ID, mirror.Egress)) })
	writeTagSet(x, tagsOf(t, v.ID))
}

// groupText is the form of the names and of the descriptions of groups, and of the
// descriptions of rules
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html).
var groupText = regexp.MustCompile(`^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}$`)

func checkGroupText(parameter, text string) error {
	if groupText.MatchString(text) {
		return nil
	}
	return query.InvalidValue(parameter, text, "Write at most 255 of the characters a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*")
}

func checkGroupName(name string) error {
	switch {
	case strings.HasPrefix(name, mirror.KindGroup.Prefix):
		return query.InvalidValue("GroupName", name, "Group names may not be in the format sg-*.")
	case strings.EqualFold(name, defaultGroupName):
		return query.Refuse("InvalidGroup.Reserved", "The security group name '%s' is reserved", name)
	}
	return checkGroupText("GroupName", name)
}

func createGroup(q *query.Query) operation {
	v := securityGroup{Name: q.NeedText("GroupName"), Description: q.NeedText("GroupDescription"), VPCID: vpcs.readID(q, "VpcId")}
	q.Fail(checkGroupName(v.Name))
	q.Fail(checkGroupText("GroupDescription", v.Description))
	tagged := readTagSpecification(q, mirror.KindGroup)
	return func(t *tx, x *query.Writer) error {
		v := v
		if v.VPCID == "" {
			v.VPCID = defaultVPC(t)
		}
		if v.VPCID == "" {
			return query.Refuse("VPCIdNotSpecified", "No default VPC for this user")
		}
		in, err := vpcs.need(t, v.VPCID)
		if err != nil {
			return err
		}
		if groupsByName.get(t, v.nameKey()...) != "" {
			return query.Refuse("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", v.Name, v.VPCID)
		}
		v.ID = securityGroups.freshID(t)
		securityGroups.put(t, v.ID, v)
		for _, open := range openEgress(in) {
			putGroupRule(t, groupRule{GroupID: v.ID, Direction: mirror.Egress, permission: open})
		}
		setTags(t, v.ID, tagged)
		x.Bool("return", true)
		x.Text("groupId", v.ID)
		x.Text("securityGroupArn", groupARN(t, v.ID))
		writeTagSet(x, tagged)
		return nil
	}
}

func deleteGroup(q *query.Query) operation {
	group := readGroup(q)
	return func(t *tx, x *query.Writer) error {
		v, err := group.need(t)
		switch {
		case err != nil:
			return err
		case v.isDefault():
			return query.Refuse("CannotDelete", `the specified group: "%s" name: "%s" cannot be deleted by a user`, v.ID, v.Name)
		case isGroupUsed(t, v.ID):
			return query.Refuse("DependencyViolation", "resource %s has a dependent object", v.ID)
		}
		dropGroup(t, v.ID)
		x.Bool("return", true)
		x.Text("groupId", v.ID)
		return nil
	}
}

// dropGroup deletes a group with its rules.
func dropGroup(t *tx, id string) {
	for _, rule := range groupRulesByGroup.idsBelow(t, id) {
		groupRules.del(t, rule)
	}
	securityGroups.del(t, id)
}

// isGroupUsed reports whether an interface or a rule of another group needs the group.
func isGroupUsed(t *tx, id string) bool {
	for _, rule := range groupRulesByReference.idsBelow(t, id) {
		if v, _ := groupRules.get(t, rule); v.GroupID != id {
			return true
		}
	}
	for _, v := range interfaces.all(t, "") {
		if slices.Contains(v.GroupIDs, id) {
			return true
		}
	}
	return false
}

// groupRef is how a request names a security group: by its ID, or by its name in the
// default VPC.
type groupRef struct{ id, name string }

// readGroup reads the group that a request is about.
func readGroup(q *query.Query) groupRef {
	r := groupRef{securityGroups.readID(q, "GroupId"), q.Text("GroupName")}
	switch {
	case r == groupRef{}:
		q.Fail(query.Missing("GroupId"))
	case r.id != "" && r.name != "":
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter GroupName cannot be used with the parameter GroupId"))
	}
	return r
}

// need returns the group, or EC2's error for one that does not exist.
func (r groupRef) need(t *tx) (securityGroup, error) {
	if r.id != "" {
		return securityGroups.need(t, r.id)
	}
	in := defaultVPC(t)
	id := groupsByName.get(t, securityGroup{VPCID: in, Name: r.name}.nameKey()...)
	if in == "" || id == "" {
		return securityGroup{}, query.Refuse("InvalidGroup.NotFound", "The security group '%s' does not exist in default VPC '%s'", r.name, in)
	}
	return securityGroups.need(t, id)
}

func checkLoadedGroup(t *tx, v securityGroup) error {
	if err := needVPC(t, v.VPCID); err != nil {
		return err
	}
	if other := groupsByName.get(t, v.nameKey()...); other != "" && other != v.ID {
		return fmt.Errorf("%s has its name %q in the VPC", other, v.Name)
	}
	if !v.isDefault() && v.ID == derivedID(mirror.KindGroup.Prefix, v.VPCID) {
		return errors.New("it is a default group, and has another name")
	}
	return nil
}
