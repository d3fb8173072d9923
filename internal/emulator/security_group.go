package emulator

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"

// readGroups reads the security groups of an interface. Only the default groups of VPCs
// are emulated. Any other ID is accepted (A0091).
func readGroups(q *query.Query) []string { return securityGroup.readIDs(q, "SecurityGroupId") }

// groupsFor returns the security groups of an interface in a VPC for which a client names
// these: without any, the default group.
func groupsFor(_ *tx, vpcID string, ids []string) ([]string, error) {
	if ids == nil {
		ids = oneValue(defaultGroup.idOf(vpcID))
	}
	return ids, nil
}
