package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// aclAssociationPrefix begins the IDs of associations of subnets with network ACLs.
const aclAssociationPrefix = "aclassoc-"

// createACL creates a network ACL without entries of its own: it denies everything.
func createACL(q *query.Query) operation {
	in := vpcs.needID(q, "VpcId")
	return aclDescriber.createOnce(q, "networkAcl", func(t *tx) (string, error) {
		if err := needVPC(t, in); err != nil {
			return "", err
		}
		if aclsByVPC.countBelow(t, in) >= maxACLs {
			return "", query.Refuse("NetworkAclLimitExceeded", "The maximum number of network ACLs of the vpc '%s', %d, has been reached", in, maxACLs)
		}
		v := networkACL{ID: networkACLs.freshID(t), VPCID: in, Entries: []mirror.NetworkACLEntry{}}
		networkACLs.put(t, v.ID, v)
		return v.ID, nil
	})
}

func deleteACL(q *query.Query) operation {
	id := networkACLs.needID(q, "NetworkAclId")
	return func(t *tx, x *query.Writer) error {
		v, err := networkACLs.need(t, id)
		switch {
		case err != nil:
			return err
		case isDefaultACL(t, v):
			return query.Refuse("InvalidParameterValue", "cannot delete default network ACL %s", id)
		case subnetsByACL.firstBelow(t, id) != "":
			return dependencyViolation("networkAcl", id)
		}
		networkACLs.del(t, id)
		x.Bool("return", true)
		return nil
	}
}

// replaceACLAssociation gives the subnet of an association another network ACL, and the
// association another ID.
func replaceACLAssociation(q *query.Query) operation {
	old, id := q.NeedText("AssociationId"), networkACLs.needID(q, "NetworkAclId")
	return func(t *tx, x *query.Writer) error {
		v, err := networkACLs.need(t, id)
		if err != nil {
			return err
		}
		in, ok := subnets.get(t, subnetsByAssociation.get(t, old))
		switch {
		case !ok || in.aclAssociationID() != old:
			return associationNotFound(old)
		case in.VPCID != v.VPCID:
			return otherNetworks("network ACL", id, "subnet", in.ID)
		}
		setACL(t, in, v)
		in, _ = subnets.get(t, in.ID)
		x.Text("newAssociationId", in.aclAssociationID())
		return nil
	}
}

// setACL associates a subnet with a network ACL of its VPC.
func setACL(t *tx, in subnet, v networkACL) {
	in.NetworkACLID, in.ACLAssociation = v.ID, freshAssociation(t, aclAssociationPrefix)
	if isDefaultACL(t, v) {
		in.NetworkACLID = ""
	}
	subnets.put(t, in.ID, in)
}

// freshAssociation returns the ID of a new association.
func freshAssociation(t *tx, prefix string) string {
	for {
		if id := t.newID(prefix); subnetsByAssociation.get(t, id) == "" {
			return id
		}
	}
}

func associationNotFound(id string) error {
	return query.Refuse("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", id)
}

// otherNetworks refuses to connect objects of different VPCs. The code and the message
// are those that clients report for routes
// (https://github.com/smoketurner/serverless-vpc-plugin/issues/147).
func otherNetworks(noun, id, otherNoun, other string) error {
	return query.Refuse("InvalidParameterValue", "%s %s and %s %s belong to different networks", noun, id, otherNoun, other)
}
