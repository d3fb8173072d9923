package emulator

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"

// maxInterfaceGroups is how many security groups an interface can have
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).
const maxInterfaceGroups = 5

// readGroups reads the security groups of an interface.
func readGroups(q *query.Query) []string { return securityGroups.readIDs(q, "SecurityGroupId") }

// groupsFor returns the security groups of an interface in a VPC for which a client names
// these: without any, the default group. Each must exist and be in the VPC. The code for
// a group of another VPC is one that clients report (A0160).
func groupsFor(t *tx, vpcID string, ids []string) ([]string, error) {
	if ids == nil {
		if vpcID == "" {
			return nil, nil
		}
		return oneValue(defaultGroupOf(t, vpcID)), nil
	}
	return ids, checkGroups(t, vpcID, ids, func(id string) error {
		return query.Refuse("InvalidParameter", "Security group %s and the subnet of VPC '%s' belong to different networks.", id, vpcID)
	})
}

// checkGroups refuses security groups that an interface in a VPC cannot have. Foreign
// returns the error for a group of another VPC.
func checkGroups(t *tx, vpcID string, ids []string, foreign func(id string) error) error {
	if len(ids) > maxInterfaceGroups {
		return query.Refuse("SecurityGroupsPerInterfaceLimitExceeded", "The maximum number of security groups per interface, %d, has been reached", maxInterfaceGroups)
	}
	for _, id := range ids {
		v, err := securityGroups.need(t, id)
		if err != nil {
			return err
		}
		if v.VPCID != vpcID {
			return foreign(id)
		}
	}
	return nil
}

// errOtherNetwork is the error for a group of another VPC where no subnet is named
// (A0160).
func errOtherNetwork(string) error {
	return query.Refuse("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")
}

// groupNames returns the names of security groups. An interface of an older store can
// name groups that do not exist, which have none (A0091).
func groupNames(t *tx, ids []string) []string {
	var names []string
	for _, id := range ids {
		if v, ok := securityGroups.get(t, id); ok {
			names = append(names, v.Name)
		}
	}
	return names
}

// writeGroupSet writes the security groups of an interface.
func writeGroupSet(x *query.Writer, t *tx, ids []string) {
	x.In("groupSet", func() {
		for _, id := range ids {
			x.In("item", func() {
				x.Text("groupId", id)
				v, _ := securityGroups.get(t, id)
				x.OptText("groupName", v.Name)
			})
		}
	})
}
