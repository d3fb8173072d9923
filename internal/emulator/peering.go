package emulator

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// peering is a VPC peering connection.
type peering struct {
	mirror.PeeringConnection
	Expires time.Time `json:"expiration_time,omitzero"` // if nobody accepts it
	Changed time.Time `json:"state_changed,omitzero"`
}

// The states of a connection
// (https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html).
const (
	peeringPending  = "pending-acceptance"
	peeringActive   = "active"
	peeringRejected = "rejected"
	peeringDeleted  = "deleted"
	peeringFailed   = "failed"
	peeringExpired  = "expired"
)

// How long a request waits, and how long a connection is visible that has ended.
const (
	peeringWait    = 7 * 24 * time.Hour
	peeringVisible = 2 * time.Hour
)

// peeringMessages are what EC2 says of the states.
var peeringMessages = map[string]string{
	peeringActive:   "Active",
	peeringRejected: "Inactive",
	peeringDeleted:  "Deleted",
	peeringExpired:  "Expired",
	peeringFailed:   "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range",
}

// state returns the state now: a request expires.
func (v peering) state(t *tx) string {
	if v.State == peeringPending && !v.Expires.IsZero() && t.now.After(v.Expires) {
		return peeringExpired
	}
	return cmp.Or(v.State, peeringActive)
}

func (v peering) message(t *tx) string {
	if v.state(t) == peeringPending {
		return "Pending Acceptance by " + v.Accepter.OwnerID
	}
	return peeringMessages[v.state(t)]
}

// isEnded reports whether nothing can come of the connection any more.
func (v peering) isEnded(t *tx) bool {
	state := v.state(t)
	return state != peeringActive && state != peeringPending
}

// isForgottenPeering reports whether a connection has ended so long ago that EC2 does not
// show it any more. One of a topology file stays.
func isForgottenPeering(t *tx, v peering) bool {
	ended := v.Changed
	if v.state(t) == peeringExpired && v.State == peeringPending {
		ended = v.Expires
	}
	return v.isEnded(t) && !ended.IsZero() && t.now.After(ended.Add(peeringVisible))
}

func keysByPeer(_ *tx, id string, v peering) []key {
	keys := oneKey(v.Requester.VPCID, id)
	if v.Accepter.VPCID != v.Requester.VPCID {
		keys = append(keys, key{v.Accepter.VPCID, id})
	}
	return keys
}

// peeringDescriber has all documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcPeeringConnections.html).
var peeringDescriber = describer[peering]{
	of:      peerings,
	set:     "vpcPeeringConnectionSet",
	ids:     "VpcPeeringConnectionId",
	idField: "vpc-peering-connection-id",
	fields: []field[peering]{
		{"accepter-vpc-info.cidr-block", func(t *tx, v peering) []string { return blockTexts(peerBlocks(t, v.Accepter), false) }},
		{"accepter-vpc-info.owner-id", func(_ *tx, v peering) []string { return oneValue(v.Accepter.OwnerID) }},
		{"accepter-vpc-info.vpc-id", func(_ *tx, v peering) []string { return oneValue(v.Accepter.VPCID) }},
		{"expiration-time", func(t *tx, v peering) []string { return oneValue(v.expiration(t)) }},
		{"requester-vpc-info.cidr-block", func(t *tx, v peering) []string { return blockTexts(peerBlocks(t, v.Requester), false) }},
		{"requester-vpc-info.owner-id", func(_ *tx, v peering) []string { return oneValue(v.Requester.OwnerID) }},
		{"requester-vpc-info.vpc-id", func(_ *tx, v peering) []string { return oneValue(v.Requester.VPCID) }},
		{"status-code", func(t *tx, v peering) []string { return oneValue(v.state(t)) }},
		{"status-message", func(t *tx, v peering) []string { return oneValue(v.message(t)) }},
	},
	finders: map[string]func(*tx, string) []string{
		"accepter-vpc-info.vpc-id":  idsIn(peeringsByVPC),
		"requester-vpc-info.vpc-id": idsIn(peeringsByVPC),
	},
	write: func(t *tx, x *query.Writer, _ string, v peering) { writePeering(x, t, v) },
}

// expiration returns when a request ends that waits to be accepted.
func (v peering) expiration(t *tx) string {
	if v.state(t) != peeringPending || v.Expires.IsZero() {
		return ""
	}
	return timeText(v.Expires)
}

func blockTexts(blocks []netip.Prefix, v6 bool) []string {
	var all []string
	for _, p := range blocks {
		all = append(all, oneValue(blockOfFamily(p, v6))...)
	}
	return all
}

// peerBlocks returns the blocks of a VPC of a connection: those that it has now, if it is
// one of this store.
func peerBlocks(t *tx, v mirror.PeeredVPC) []netip.Prefix {
	in, ok := vpcs.get(t, v.VPCID)
	if !ok {
		return v.CIDRs
	}
	blocks := slices.Clone(v.CIDRs)
	for _, r := range localRoutes(in) {
		if !slices.Contains(blocks, r.Destination) {
			blocks = append(blocks, r.Destination)
		}
	}
	return blocks
}

func writePeering(x *query.Writer, t *tx, v peering) {
	x.Text("vpcPeeringConnectionId", v.ID)
	x.In("requesterVpcInfo", func() { writePeer(x, t, v, v.Requester, isSet(v.RequesterDNS)) })
	x.In("accepterVpcInfo", func() { writePeer(x, t, v, v.Accepter, isSet(v.AccepterDNS)) })
	x.In("status", func() {
		x.Text("code", v.state(t))
		x.Text("message", v.message(t))
	})
	x.OptText("expirationTime", v.expiration(t))
	writeTagSet(x, tagsOf(t, v.ID))
}

// writePeer writes a VPC of a connection. The owner of the other VPC sees its blocks from
// the acceptance on.
func writePeer(x *query.Writer, t *tx, of peering, v mirror.PeeredVPC, dns bool) {
	x.Text("vpcId", v.VPCID)
	x.Text("ownerId", cmp.Or(v.OwnerID, t.account))
	x.Text("region", cmp.Or(v.Region, t.region))
	blocks := peerBlocks(t, v)
	if v4 := blockTexts(blocks, false); v4 != nil {
		x.Text("cidrBlock", v4[0])
		writeBlocks(x, "cidrBlockSet", "cidrBlock", v4)
	}
	if v6 := blockTexts(blocks, true); v6 != nil {
		writeBlocks(x, "ipv6CidrBlockSet", "ipv6CidrBlock", v6)
	}
	if of.state(t) == peeringActive {
		x.In("peeringOptions", func() { writePeeringOptions(x, dns) })
	}
}

func writeBlocks(x *query.Writer, set, element string, blocks []string) {
	x.In(set, func() {
		for _, block := range blocks {
			x.In("item", func() { x.Text(element, block) })
		}
	})
}

func writePeeringOptions(x *query.Writer, dns bool) {
	x.Text("allowDnsResolutionFromRemoteVpc", strconv.FormatBool(dns))
	x.Bool("allowEgressFromLocalClassicLinkToRemoteVpc", false)
	x.Bool("allowEgressFromLocalVpcToRemoteClassicLink", false)
}

// isPeered reports whether a connection between two VPCs of the store is active.
func isPeered(t *tx, a, b string) bool {
	for _, id := range peeringsByVPC.idsBelow(t, a) {
		v, _ := peerings.get(t, id)
		if v.state(t) == peeringActive && (v.Requester.VPCID == b || v.Accepter.VPCID == b) {
			return true
		}
	}
	return false
}
