package emulator

import (
	"maps"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// Each VPC has a default security group, a default network ACL and a main route table.
// Clients look for them after they create a VPC. Here they can be described and not
// changed.

// vpcDefault is one kind of the default resources of a VPC.
type vpcDefault struct {
	set    string // of the answer
	ids    string // the parameter that lists IDs
	prefix string // of its ID
	fields map[string]func(id string, v vpc) []string
	write  func(t *tx, x *query.Writer, id string, v vpc)
}

func ofVPC(_ string, v vpc) []string { return oneValue(v.ID) }

func always(value string) func(string, vpc) []string {
	return func(string, vpc) []string { return oneValue(value) }
}

func itself(id string, _ vpc) []string { return oneValue(id) }

var defaultGroup = vpcDefault{
	set: "securityGroupInfo", ids: "GroupId", prefix: "sg-",
	fields: map[string]func(string, vpc) []string{"vpc-id": ofVPC, "group-id": itself, "group-name": always("default")},
	write: func(t *tx, x *query.Writer, id string, v vpc) {
		x.Text("groupId", id)
		x.Text("groupName", "default")
		x.Text("groupDescription", "default VPC security group")
		x.Text("ownerId", t.account)
		x.Text("vpcId", v.ID)
		x.In("ipPermissions", func() {})
		x.In("ipPermissionsEgress", func() {})
		writeTagSet(x, nil)
	},
}

var defaultACL = vpcDefault{
	set: "networkAclSet", ids: "NetworkAclId", prefix: "acl-",
	fields: map[string]func(string, vpc) []string{"vpc-id": ofVPC, "network-acl-id": itself, "default": always("true")},
	write: func(t *tx, x *query.Writer, id string, v vpc) {
		x.Text("networkAclId", id)
		x.Text("vpcId", v.ID)
		x.Text("ownerId", t.account)
		x.Bool("default", true)
		x.In("entrySet", func() {})
		x.In("associationSet", func() {})
		writeTagSet(x, nil)
	},
}

var mainRoutes = vpcDefault{
	set: "routeTableSet", ids: "RouteTableId", prefix: "rtb-",
	fields: map[string]func(string, vpc) []string{"vpc-id": ofVPC, "route-table-id": itself, "association.main": always("true")},
	write: func(t *tx, x *query.Writer, id string, v vpc) {
		x.Text("routeTableId", id)
		x.Text("vpcId", v.ID)
		x.Text("ownerId", t.account)
		x.In("routeSet", func() {})
		x.In("associationSet", func() {
			x.In("item", func() {
				x.Text("routeTableAssociationId", derivedID("rtbassoc-", v.ID))
				x.Text("routeTableId", id)
				x.Bool("main", true)
			})
		})
		writeTagSet(x, nil)
	},
}

// idOf returns the ID of the default resource of a VPC.
func (c vpcDefault) idOf(vpcID string) string { return derivedID(c.prefix, vpcID) }

func (c vpcDefault) describe(q *query.Query) operation {
	l := q.Listing()
	l.Allow(q, slices.Collect(maps.Keys(c.fields)), false)
	ids := q.List(c.ids)
	return func(t *tx, x *query.Writer) error {
		match := func(v vpc) bool {
			id := c.idOf(v.ID)
			return (ids == nil || slices.Contains(ids, id)) && l.Matches(func(name string) []string { return c.fields[name](id, v) })
		}
		query.WritePage(x, l, c.set, vpcs.all(t, l.After), match, func(v vpc) { c.write(t, x, c.idOf(v.ID), v) })
		return nil
	}
}
