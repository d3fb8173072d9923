package emulator

import (
	"slices"
)

// A VPC comes with a security group, a network ACL and a route table. Clients look
// for them when they have made a VPC; here they can be seen and not changed.

// companion is one of the things that a VPC comes with.
type companion struct {
	set    string // of the answer
	ids    string // the parameter that lists IDs
	prefix string // of its ID
	fields map[string]func(id string, v vpc) []string
	write  func(t *tx, x *xmlWriter, id string, v vpc)
}

var ofVPC = func(_ string, v vpc) []string { return one(v.ID) }

func always(value string) func(string, vpc) []string {
	return func(string, vpc) []string { return one(value) }
}

func itself(id string, _ vpc) []string { return one(id) }

var defaultGroup = companion{
	set: "securityGroupInfo", ids: "GroupId", prefix: "sg-",
	fields: map[string]func(string, vpc) []string{"vpc-id": ofVPC, "group-id": itself, "group-name": always("default")},
	write: func(t *tx, x *xmlWriter, id string, v vpc) {
		x.text("groupId", id)
		x.text("groupName", "default")
		x.text("groupDescription", "default VPC security group")
		x.text("ownerId", t.account)
		x.text("vpcId", v.ID)
		x.in("ipPermissions", func() {})
		x.in("ipPermissionsEgress", func() {})
		writeTagSet(x, nil)
	},
}

var defaultACL = companion{
	set: "networkAclSet", ids: "NetworkAclId", prefix: "acl-",
	fields: map[string]func(string, vpc) []string{"vpc-id": ofVPC, "network-acl-id": itself, "default": always("true")},
	write: func(t *tx, x *xmlWriter, id string, v vpc) {
		x.text("networkAclId", id)
		x.text("vpcId", v.ID)
		x.text("ownerId", t.account)
		x.flag("default", true)
		x.in("entrySet", func() {})
		x.in("associationSet", func() {})
		writeTagSet(x, nil)
	},
}

var mainRoutes = companion{
	set: "routeTableSet", ids: "RouteTableId", prefix: "rtb-",
	fields: map[string]func(string, vpc) []string{"vpc-id": ofVPC, "route-table-id": itself, "association.main": always("true")},
	write: func(t *tx, x *xmlWriter, id string, v vpc) {
		x.text("routeTableId", id)
		x.text("vpcId", v.ID)
		x.text("ownerId", t.account)
		x.in("routeSet", func() {})
		x.in("associationSet", func() {
			x.in("item", func() {
				x.text("routeTableAssociationId", derivedID("rtbassoc-", v.ID))
				x.text("routeTableId", id)
				x.flag("main", true)
			})
		})
		writeTagSet(x, nil)
	},
}

// idOf returns the ID of what comes with a VPC.
func (c companion) idOf(vpcID string) string { return derivedID(c.prefix, vpcID) }

func (c companion) describe(action string) func(*query) operation {
	return func(q *query) operation {
		l := q.listing(action)
		var names []string
		for name := range c.fields {
			names = append(names, name)
		}
		l.allow(q, names, false)
		ids := q.list(c.ids)
		return func(t *tx, x *xmlWriter) error {
			items := func(yield func(string, vpc) bool) {
				for id := range vpcs.idsAfter(t, l.after) {
					if v, ok := vpcs.get(t, id); ok && !yield(id, v) {
						return
					}
				}
			}
			match := func(v vpc) bool {
				id := c.idOf(v.ID)
				return (ids == nil || slices.Contains(ids, id)) && l.matches(func(name string) []string { return c.fields[name](id, v) })
			}
			writePage(x, l, c.set, items, match, func(v vpc) { c.write(t, x, c.idOf(v.ID), v) })
			return nil
		}
	}
}
