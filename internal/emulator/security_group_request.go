package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// wantedRule is a rule of a security group as a request describes it.
type wantedRule struct {
	permission         // without the group that it refers to
	peer        *peer  // the group; nil: it refers to addresses
	description string // of the rule
}

// peer is how a request names the group that a rule refers to.
type peer struct {
	groupRef
	owner      string // "": this account
	prefixList string // instead of a group
}

// resolve returns what the rule allows, with the ID of the group that it refers to. EC2
// finds a group of another VPC only if a peering connection is active between the two
// (A0160). Prefix lists are those of topology files.
func (w wantedRule) resolve(t *tx, in securityGroup) (permission, error) {
	p := w.permission
	switch {
	case w.peer == nil:
		return p, nil
	case w.peer.prefixList != "":
		p.List = w.peer.prefixList
		return p, needPrefixList(t, p.List)
	}
	v, err := w.peer.need(t)
	if err != nil {
		return p, err
	}
	if v.VPCID != in.VPCID && !isPeered(t, in.VPCID, v.VPCID) || w.peer.owner != "" && w.peer.owner != t.account {
		return p, errOtherNetwork(v.ID)
	}
	p.Group = v.ID
	return p, nil
}

// readWantedRules reads rules from the parameter IpPermissions. An ingress rule can be
// given by older parameters instead
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html).
func readWantedRules(q *query.Query, direction mirror.Direction) []wantedRule {
	var wanted []wantedRule
	for _, member := range q.Members("IpPermissions") {
		peers := readPeers(q, member)
		if len(peers) == 0 {
			q.Fail(query.Refuse("MissingParameter", "Missing source specification: include source security group or CIDR information"))
		}
		traffic := readTraffic(q, member+".")
		for _, w := range peers {
			w.Protocol, w.From, w.To = traffic.Protocol, traffic.From, traffic.To
			wanted = append(wanted, w)
		}
	}
	if direction == mirror.Egress {
		return wanted
	}
	older := readOlderRules(q)
	if wanted != nil && older != nil {
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter IpPermissions cannot be used with CidrIp or SourceSecurityGroupName"))
	}
	return append(wanted, older...)
}

func needRules(q *query.Query, wanted []wantedRule) {
	if wanted == nil {
		q.Fail(query.Missing("IpPermissions"))
	}
}

// readPeers reads the peers of a permission.
func readPeers(q *query.Query, permission string) []wantedRule {
	var peers []wantedRule
	read := func(list string, read func(below string, w *wantedRule)) {
		for _, member := range q.Members(permission + "." + list) {
			w := wantedRule{description: q.Text(member + ".Description")}
			q.Fail(checkGroupText("Description", w.description))
			read(member+".", &w)
			peers = append(peers, w)
		}
	}
	read("IpRanges", func(below string, w *wantedRule) { w.CIDR = readPeerBlock(q, below+"CidrIp", false) })
	read("Ipv6Ranges", func(below string, w *wantedRule) { w.CIDR = readPeerBlock(q, below+"CidrIpv6", true) })
	read("Groups", func(below string, w *wantedRule) { w.peer = readPeerGroup(q, below) })
	read("PrefixListIds", func(below string, w *wantedRule) { w.peer = &peer{prefixList: q.NeedText(below + "PrefixListId")} })
	return peers
}

// readPeerGroup reads a group that a rule refers to. Clients send what a describe
// answered, so that the ID prevails over the name. The parameters about a connection
// change nothing, because a group of another VPC is of this account.
func readPeerGroup(q *query.Query, below string) *peer {
	p := &peer{groupRef: groupRef{securityGroups.readID(q, below+"GroupId"), q.Text(below + "GroupName")}, owner: q.Text(below + "UserId")}
	if p.groupRef == (groupRef{}) {
		q.Fail(query.Missing(below + "GroupId"))
	}
	for _, name := range []string{"VpcId", "VpcPeeringConnectionId", "PeeringStatus"} {
		q.Text(below + name)
	}
	return p
}

// readOlderRules reads the rules of a request without IpPermissions. One that names a
// source group allows all of TCP, UDP and ICMP.
func readOlderRules(q *query.Query) []wantedRule {
	source, owner := q.Text("SourceSecurityGroupName"), q.Text("SourceSecurityGroupOwnerId")
	switch {
	case source != "" && q.Has("CidrIp"):
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter SourceSecurityGroupName cannot be used with the parameter CidrIp"))
	case source != "":
		from := &peer{groupRef: groupRef{name: source}, owner: owner}
		highest := int(mirror.Ports.Max)
		return []wantedRule{
			{permission: permission{Protocol: mirror.TCP.String(), To: highest}, peer: from},
			{permission: permission{Protocol: mirror.UDP.String(), To: highest}, peer: from},
			{permission: permission{Protocol: mirror.ICMP.String(), From: -1, To: -1}, peer: from},
		}
	case q.Has("CidrIp") || q.Has("IpProtocol"):
		w := wantedRule{permission: readTraffic(q, "")}
		w.CIDR = readPeerBlock(q, "CidrIp", false)
		return []wantedRule{w}
	}
	return nil
}

func needPrefixList(t *tx, id string) error {
	if prefixLists.has(t, id) {
		return nil
	}
	return noPrefixList(id)
}

func noPrefixList(id string) error {
	return query.Refuse("InvalidPrefixListId.NotFound", "The prefix list ID '%s' does not exist", id)
}
