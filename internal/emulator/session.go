package emulator

import (
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var sessionDescriber = describer[mirror.Session]{
	of:      sessions,
	set:     "trafficMirrorSessionSet",
	ids:     "TrafficMirrorSessionId",
	idField: "traffic-mirror-session-id",
	fields: []field[mirror.Session]{
		{"description", func(_ *tx, v mirror.Session) []string { return oneValue(v.Description) }},
		{"network-interface-id", func(_ *tx, v mirror.Session) []string { return oneValue(v.InterfaceID) }},
		{"owner-id", func(_ *tx, v mirror.Session) []string { return oneValue(v.OwnerID) }},
		{"packet-length", func(_ *tx, v mirror.Session) []string { return optNumber(v.PacketLength) }},
		{"session-number", func(_ *tx, v mirror.Session) []string { return oneValue(strconv.Itoa(v.Number)) }},
		{"traffic-mirror-filter-id", func(_ *tx, v mirror.Session) []string { return oneValue(v.FilterID) }},
		{"traffic-mirror-target-id", func(_ *tx, v mirror.Session) []string { return oneValue(v.TargetID) }},
		{"virtual-network-id", func(_ *tx, v mirror.Session) []string { return optNumber(v.VirtualNetworkID) }},
	},
	finders: map[string]func(*tx, string) []string{
		"network-interface-id":     idsIn(sessionsByInterface),
		"traffic-mirror-target-id": idsIn(sessionsByTarget),
		"traffic-mirror-filter-id": idsIn(sessionsByFilter),
	},
	write: func(t *tx, x *query.Writer, id string, v mirror.Session) { writeSession(x, v, tagsOf(t, id)) },
}

func optNumber(n *int) []string {
	if n == nil {
		return nil
	}
	return oneValue(strconv.Itoa(*n))
}

func writeSession(x *query.Writer, v mirror.Session, tags map[string]string) {
	x.Text("trafficMirrorSessionId", v.ID)
	x.Text("trafficMirrorTargetId", v.TargetID)
	x.Text("trafficMirrorFilterId", v.FilterID)
	x.Text("networkInterfaceId", v.InterfaceID)
	x.Text("ownerId", v.OwnerID)
	x.OptInt("packetLength", v.PacketLength)
	x.Int("sessionNumber", v.Number)
	x.OptInt("virtualNetworkId", v.VirtualNetworkID)
	x.OptText("description", v.Description)
	writeTagSet(x, tags)
}

// createSession accepts each packet length in the range of the reference. The user
// guide has a higher minimum (A0072).
func createSession(q *query.Query) operation {
	v := mirror.Session{
		InterfaceID:      interfaces.needID(q, "NetworkInterfaceId"),
		TargetID:         targets.needID(q, "TrafficMirrorTargetId"),
		FilterID:         filters.needID(q, "TrafficMirrorFilterId"),
		Number:           q.NeedInt("SessionNumber"),
		PacketLength:     q.Int("PacketLength"),
		VirtualNetworkID: q.Int("VirtualNetworkId"),
		Description:      q.Text("Description"),
	}
	q.Check(v.Validate())
	return sessionDescriber.createOnce(q, "trafficMirrorSession", func(t *tx) (string, error) {
		v := v
		if err := checkNewSession(t, v); err != nil {
			return "", err
		}
		v.ID, v.OwnerID = sessions.freshID(t), t.account
		sessions.put(t, v.ID, withDefaults(t, v))
		return v.ID, nil
	})
}

func checkNewSession(t *tx, v mirror.Session) error {
	source, err := interfaces.need(t, v.InterfaceID)
	if err != nil {
		return err
	}
	if err := checkSource(t, source); err != nil {
		return err
	}
	if err := checkSessionParts(t, v, mirror.Session{}); err != nil {
		return err
	}
	switch {
	case sessionsByInterface.countBelow(t, v.InterfaceID) >= t.quotas.SessionsPerInterface:
		return query.Refuse("TrafficMirrorSessionsPerInterfaceLimitExceeded", "The limit of %d sessions on the network interface '%s' has been reached", t.quotas.SessionsPerInterface, v.InterfaceID)
	case sessions.count(t) >= t.quotas.SessionsPerAccount:
		return query.Refuse("TrafficMirrorSessionLimitExceeded", "The limit of %d traffic mirror sessions has been reached", t.quotas.SessionsPerAccount)
	}
	return nil
}

// checkSessionParts checks that the target and the filter of a session exist, and that
// its number, its VNI and a place on the target are free. The resource behind the
// target need not exist any more (A0075). Before is the session before the change, zero
// for a new one.
func checkSessionParts(t *tx, v, before mirror.Session) error {
	target, err := targets.need(t, v.TargetID)
	if err != nil {
		return err
	}
	if _, err := filters.need(t, v.FilterID); err != nil {
		return err
	}
	if err := checkNumber(t, v, before); err != nil {
		return err
	}
	if err := checkNetwork(t, v, before); err != nil {
		return err
	}
	if before.TargetID == v.TargetID {
		return nil
	}
	return checkSourcesOf(t, target, v)
}

// checkNumber refuses a number that another session of the interface has, unless a
// variant allows it (A0050). A session that had the number before keeps it.
func checkNumber(t *tx, v, before mirror.Session) error {
	if before.Number == v.Number || t.variants.RepeatedSessionNumbers {
		return nil
	}
	taken := sessionsByInterface.firstBelow(t, v.InterfaceID, numberKey(v.Number))
	if taken == "" {
		return nil
	}
	return query.Refuse("InvalidParameterValue", "Session number %d is already being used by %s", v.Number, taken)
}

// checkSourcesOf refuses a source beyond the quota of a target on an interface. The
// quota counts interfaces, or in a variant sessions (A0051). AWS publishes no
// other quota of sessions per target (A0077). On a target that another account shares, the
// sources of other accounts are not known here.
func checkSourcesOf(t *tx, target mirror.Target, v mirror.Session) error {
	if target.Type() != mirror.NetworkInterface {
		return nil
	}
	sources, last := 0, ""
	for key := range sessionsByTarget.below(t, target.ID) {
		switch {
		case t.variants.SessionsPerTarget:
			sources++
		case key[0] == v.InterfaceID:
			return nil
		case key[0] != last:
			sources, last = sources+1, key[0]
		}
	}
	limit := sourcesAllowed(t, target.InterfaceID)
	if sources < limit {
		return nil
	}
	return query.Refuse("TrafficMirrorSourcesPerTargetLimitExceeded", "Sources per interface-target limit reached (%d)", sources+1)
}

// withDefaults sets what EC2 chooses: the packet length for a Network Load Balancer
// target, and the VNI. A VNI that was removed is chosen anew (A0079).
func withDefaults(t *tx, v mirror.Session) mirror.Session {
	target, _ := targets.get(t, v.TargetID)
	if v.PacketLength == nil && target.Type() == mirror.NetworkLoadBalancer {
		v.PacketLength = new(mirror.LoadBalancerPacketLength)
	}
	if v.VirtualNetworkID == nil {
		v.VirtualNetworkID = new(freeNetwork(t))
	}
	return v
}

// freeNetwork draws a VNI that no session of the account has. Clients may choose the
// VNI of another session, unless a variant forbids it (A0052).
func freeNetwork(t *tx) int {
	for {
		vni := t.draw(mirror.VirtualNetworkIDs)
		if sessionsByNetwork.firstBelow(t, numberKey(vni)) == "" {
			return vni
		}
	}
}

// needOwn returns a session that is to be changed. An account sees the sessions of
// others on its targets, but cannot change them. The code is an assumption (A0066).
func needOwn(t *tx, id string) (mirror.Session, error) {
	v, err := sessions.need(t, id)
	if err == nil && v.OwnerID != t.account {
		err = query.Refuse("UnauthorizedOperation", "The traffic mirror session '%s' belongs to account %s. Only that account can change it.", id, v.OwnerID)
	}
	return v, err
}

func deleteSession(q *query.Query) operation {
	id := sessions.needID(q, "TrafficMirrorSessionId")
	return func(t *tx, x *query.Writer) error {
		if _, err := needOwn(t, id); err != nil {
			return err
		}
		sessions.del(t, id)
		x.Text("trafficMirrorSessionId", id)
		return nil
	}
}

func modifySession(q *query.Query) operation {
	id := sessions.needID(q, "TrafficMirrorSessionId")
	change := readSessionChange(q)
	q.Check(change(anySession).ValidateSettings())
	return func(t *tx, x *query.Writer) error {
		old, err := needOwn(t, id)
		if err != nil {
			return err
		}
		v := change(old)
		if err := checkSessionParts(t, v, old); err != nil {
			return err
		}
		v = withDefaults(t, v)
		sessions.put(t, id, v)
		x.In("trafficMirrorSession", func() { writeSession(x, v, tagsOf(t, id)) })
		return nil
	}
}

// anySession has valid settings.
var anySession = mirror.Session{Number: 1}

// sessionRemovals are the values of RemoveField, with the parameters that exclude
// them.
var sessionRemovals = []removal{
	{"packet-length", []string{"PacketLength"}},
	{"description", []string{"Description"}},
	{"virtual-network-id", []string{"VirtualNetworkId"}},
}

// readSessionChange reads the changes of a ModifyTrafficMirrorSession. A packet length
// that is removed, or was never set, becomes the default of the new target. One that
// was set, even by default, stays (A0053).
func readSessionChange(q *query.Query) func(mirror.Session) mirror.Session {
	removed := readRemovals(q, sessionRemovals)
	target, filter := targets.optID(q, "TrafficMirrorTargetId"), filters.optID(q, "TrafficMirrorFilterId")
	number, description := q.Int("SessionNumber"), q.OptText("Description")
	length, network := q.Int("PacketLength"), q.Int("VirtualNetworkId")
	return func(v mirror.Session) mirror.Session {
		replace(&v.TargetID, target)
		replace(&v.FilterID, filter)
		replace(&v.Number, number)
		replace(&v.Description, description)
		replacePointer(&v.PacketLength, length, removed.has("packet-length"))
		replacePointer(&v.VirtualNetworkID, network, removed.has("virtual-network-id"))
		if removed.has("description") {
			v.Description = ""
		}
		return v
	}
}
