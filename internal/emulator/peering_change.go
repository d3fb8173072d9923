package emulator

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// createPeering requests a connection. One to a VPC of this account and Region that does
// not exist, or whose blocks overlap, has failed. What another account or Region has is
// unknown here: such a request waits to be accepted there (A0213)
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcPeeringConnection.html).
func createPeering(q *query.Query) operation {
	own, peer := vpcs.needID(q, "VpcId"), vpcs.needID(q, "PeerVpcId")
	owner, region := q.Text("PeerOwnerId"), q.Text("PeerRegion")
	if owner != "" && !mirror.AccountIDs.MatchString(owner) {
		q.Fail(query.InvalidValue("peerOwnerId", owner, "Write the twelve digits of an account."))
	}
	return peeringDescriber.create(q, "vpcPeeringConnection", func(t *tx) (string, error) {
		if err := needVPC(t, own); err != nil {
			return "", err
		}
		v := peering{Changed: t.now.UTC(), Expires: t.now.UTC().Add(peeringWait)}
		v.Requester = mirror.PeeredVPC{VPCID: own, OwnerID: t.account, Region: t.region}
		v.Accepter = mirror.PeeredVPC{VPCID: peer, OwnerID: cmp.Or(owner, t.account), Region: cmp.Or(region, t.region)}
		v.State = peeringPending
		if isOwnPeer(t, v.Accepter) && !canPeer(t, own, peer) {
			v.State = peeringFailed
		}
		if err := checkNewPeering(t, v); err != nil {
			return "", err
		}
		v.ID = peerings.freshID(t)
		peerings.put(t, v.ID, v)
		return v.ID, nil
	})
}

// isOwnPeer reports whether a VPC of a connection is one of this account and Region.
func isOwnPeer(t *tx, v mirror.PeeredVPC) bool {
	return cmp.Or(v.OwnerID, t.account) == t.account && cmp.Or(v.Region, t.region) == t.region
}

// canPeer reports whether the VPCs exist and their blocks do not overlap.
func canPeer(t *tx, own, peer string) bool {
	a, _ := vpcs.get(t, own)
	b, ok := vpcs.get(t, peer)
	if !ok || own == peer {
		return false
	}
	for _, block := range append(a.Blocks(true), a.Blocks(false)...) {
		if slices.ContainsFunc(b.Blocks(block.Addr().Is4()), block.Overlaps) {
			return false
		}
	}
	return true
}

// maxPeerings is how many active connections a VPC can have
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).
const maxPeerings = 50

// checkNewPeering refuses a second connection of two VPCs, and too many of one.
func checkNewPeering(t *tx, v peering) error {
	n := 0
	for _, id := range peeringsByVPC.idsBelow(t, v.Requester.VPCID) {
		other, ok := peerings.get(t, id)
		if !ok || other.isEnded(t) {
			continue
		}
		n++
		if v.State == peeringPending && (other.Accepter.VPCID == v.Accepter.VPCID || other.Requester.VPCID == v.Accepter.VPCID) {
			return query.Refuse("VpcPeeringConnectionAlreadyExists", "The VPC peering connection '%s' between '%s' and '%s' already exists", id, v.Requester.VPCID, v.Accepter.VPCID)
		}
	}
	if n >= maxPeerings {
		return query.Refuse("VpcPeeringConnectionsPerVpcLimitExceeded", "The maximum number of VPC peering connections of the vpc '%s', %d, has been reached", v.Requester.VPCID, maxPeerings)
	}
	return nil
}

// changePeering returns the operation of a request that changes the state of a connection.
func changePeering(q *query.Query, to string, from []string, check func(*tx, peering) error, answer func(*tx, *query.Writer, peering)) operation {
	id := peerings.needID(q, "VpcPeeringConnectionId")
	return func(t *tx, x *query.Writer) error {
		v, err := peerings.need(t, id)
		if err != nil {
			return err
		}
		was, allowed := v.state(t), false
		for _, state := range from {
			allowed = allowed || state == was
		}
		if !allowed {
			return query.Refuse("InvalidStateTransition", "Invalid state transition for %s, attempted to transition from %s to %s", id, was, to)
		}
		if err := check(t, v); err != nil {
			return err
		}
		v.State, v.Changed = to, t.now.UTC()
		peerings.put(t, id, v)
		if v.isEnded(t) {
			setTags(t, id, nil) // nothing would remove them when the connection is forgotten
		}
		answer(t, x, v)
		return nil
	}
}

func writeReturn(_ *tx, x *query.Writer, _ peering) { x.Bool("return", true) }

// needAccepter refuses what only the owner of the accepter VPC can do, in its Region. The
// message for another Region is one that clients report
// (https://github.com/hashicorp/terraform-provider-aws/issues/6730).
func needAccepter(verb string) func(*tx, peering) error {
	return func(t *tx, v peering) error {
		switch a := v.Accepter; {
		case cmp.Or(a.OwnerID, t.account) != t.account:
			return query.Refuse("OperationNotPermitted", "User %s cannot %s peering %s", t.account, verb, v.ID)
		case cmp.Or(a.Region, t.region) != t.region:
			return query.Refuse("OperationNotPermitted", "Incorrect region (%s) specified for this request. VPC peering connection %s must be %sed in region %s", t.region, v.ID, verb, a.Region)
		}
		return nil
	}
}

func acceptPeering(q *query.Query) operation {
	return changePeering(q, peeringActive, []string{peeringPending}, needAccepter("accept"), func(t *tx, x *query.Writer, v peering) {
		x.In("vpcPeeringConnection", func() { writePeering(x, t, v) })
	})
}

func rejectPeering(q *query.Query) operation {
	return changePeering(q, peeringRejected, []string{peeringPending}, needAccepter("reject"), writeReturn)
}

// deletePeering ends a connection. The routes to it become blackholes.
func deletePeering(q *query.Query) operation {
	return changePeering(q, peeringDeleted, []string{peeringPending, peeringActive}, func(*tx, peering) error { return nil }, writeReturn)
}

// peeringOptions are the options of one side of a connection; nil: they stay.
type peeringOptions struct{ dns *bool }

// readPeeringOptions reads the options of a side. There is no ClassicLink any more, and so
// nothing that the options about it could allow.
func readPeeringOptions(q *query.Query, side string) peeringOptions {
	for _, name := range []string{"AllowEgressFromLocalClassicLinkToRemoteVpc", "AllowEgressFromLocalVpcToRemoteClassicLink"} {
		if q.Bool(side + "." + name) {
			q.Fail(query.Refuse("InvalidParameterValue", "The parameter %s.%s is for ClassicLink, which is not there any more", side, name))
		}
	}
	return peeringOptions{q.OptBool(side + ".AllowDnsResolutionFromRemoteVpc")}
}

func modifyPeeringOptions(q *query.Query) operation {
	id := peerings.needID(q, "VpcPeeringConnectionId")
	accepter, requester := readPeeringOptions(q, "AccepterPeeringConnectionOptions"), readPeeringOptions(q, "RequesterPeeringConnectionOptions")
	return func(t *tx, x *query.Writer) error {
		v, err := peerings.need(t, id)
		if err != nil {
			return err
		}
		if v.state(t) != peeringActive {
			return query.Refuse("OperationNotPermitted", "Peering %s is not active. Peering options can be added only to active peerings.", id)
		}
		for _, side := range []struct {
			noun    string
			of      mirror.PeeredVPC
			options peeringOptions
			dns     **bool
			element string
		}{
			{"Accepter", v.Accepter, accepter, &v.AccepterDNS, "accepterPeeringConnectionOptions"},
			{"Requester", v.Requester, requester, &v.RequesterDNS, "requesterPeeringConnectionOptions"},
		} {
			if side.options.dns == nil {
				continue
			}
			if !isOwnPeer(t, side.of) {
				return query.Refuse("OperationNotPermitted", "%s's VPC Peering connection options cannot be modified for a different region or account", side.noun)
			}
			*side.dns = side.options.dns
			x.In(side.element, func() { writePeeringOptions(x, **side.dns) })
		}
		peerings.put(t, id, v)
		return nil
	}
}
