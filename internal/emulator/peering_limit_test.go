package emulator_test

import (
	"fmt"
	"testing"
)

// A VPC has at most 50 connections. Those that have ended do not count.
func TestPeering_limit(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	to := func(n int) string { return fmt.Sprintf("vpc-%017x", 0xa000+n) }
	const elsewhere = "&PeerOwnerId=" + otherAccount
	last := ""
	for n := range 50 {
		last, _ = requestPeering(t, e, worldVPC, to(n), elsewhere)
	}
	another := "VpcId=" + worldVPC + "&PeerVpcId=" + to(50) + elsewhere
	refused(t, e, "CreateVpcPeeringConnection", another, "VpcPeeringConnectionsPerVpcLimitExceeded")
	must(t, e, "DeleteVpcPeeringConnection", "VpcPeeringConnectionId="+last)
	refused(t, e, "CreateVpcPeeringConnection", another, "")
}
