package emulator_test

import (
	"strconv"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// mirrored is an emulator with a session of number 7 from interface 1 to a target
// on interface 20, and a second target on a Network Load Balancer.
type mirrored struct {
	*emulator.Emulator
	filter, target, balanced, session string
}

func newMirrored(t *testing.T, parameters string) mirrored {
	t.Helper()
	e := newEmulator(t)
	m := mirrored{Emulator: e, filter: makeFilter(t, e, "")}
	m.target = makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	m.balanced = makeTarget(t, e, "NetworkLoadBalancerArn="+loadBalancer)
	m.session = makeSession(t, e, sessionOn(eni(1), m.target, m.filter, 7)+parameters).text("trafficMirrorSessionId")
	return m
}

// modify changes the session, and checks that the answer is what a describe says.
func (m mirrored) modify(t *testing.T, parameters string) node {
	t.Helper()
	answer := must(t, m, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+m.session+"&"+parameters).all("trafficMirrorSession")[0]
	read := must(t, m, "DescribeTrafficMirrorSessions", "TrafficMirrorSessionId.1="+m.session).all("trafficMirrorSessionSet/item")[0]
	for _, element := range []string{"trafficMirrorTargetId", "trafficMirrorFilterId", "packetLength", "sessionNumber", "virtualNetworkId", "description"} {
		if answer.text(element) != read.text(element) {
			t.Errorf("%s: the modify says %s is %q, a describe %q", parameters, element, answer.text(element), read.text(element))
		}
	}
	return read
}

func TestSessionDefaults(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "")
	for n, test := range []struct{ target, length string }{
		{"NetworkInterfaceId=" + eni(20), ""},
		{"GatewayLoadBalancerEndpointId=" + gatewayEndpoint, ""},
		{"NetworkLoadBalancerArn=" + loadBalancer, "8500"},
	} {
		made := makeSession(t, e, sessionOn(eni(1), makeTarget(t, e, test.target), f, n+1))
		if got := made.text("packetLength"); got != test.length {
			t.Errorf("%s: packet length by default %q, want %q", test.target, got, test.length)
		}
		if vni, err := strconv.Atoi(made.text("virtualNetworkId")); err != nil || vni < 1 || vni > 1<<24-1 {
			t.Errorf("%s: VNI by default %q", test.target, made.text("virtualNetworkId"))
		}
	}
}

func TestSessionModify(t *testing.T) {
	t.Parallel()
	m := newMirrored(t, "&VirtualNetworkId=100&Description=d&PacketLength=64")
	other := makeFilter(t, m, "")
	got := m.modify(t, "SessionNumber=8&PacketLength=128&VirtualNetworkId=200&Description=e&TrafficMirrorTargetId="+m.balanced+"&TrafficMirrorFilterId="+other)
	for element, want := range map[string]string{
		"sessionNumber": "8", "packetLength": "128", "virtualNetworkId": "200", "description": "e",
		"trafficMirrorTargetId": m.balanced, "trafficMirrorFilterId": other, "networkInterfaceId": eni(1), "ownerId": "123456789012",
	} {
		if got.text(element) != want {
			t.Errorf("%s is %q, want %q", element, got.text(element), want)
		}
	}
	// The old values of the session are free, and the new ones are in use.
	makeSession(t, m, sessionOn(eni(1), m.balanced, other, 7))
	must(t, m, "DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+m.target)
	must(t, m, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+m.filter)
	refused(t, m, "DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+m.balanced, "TrafficMirrorTargetInUseException")
	refused(t, m, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+other, "TrafficMirrorFilterInUse")
}

func TestSessionRemoveField(t *testing.T) {
	t.Parallel()
	m := newMirrored(t, "&VirtualNetworkId=100&Description=d&PacketLength=64")
	got := m.modify(t, "RemoveField.1=description&RemoveField.2=packet-length&RemoveField.3=virtual-network-id")
	if got.text("description") != "" || got.text("packetLength") != "" {
		t.Errorf("description %q and packet length %q are still there", got.text("description"), got.text("packetLength"))
	}
	if vni := got.text("virtualNetworkId"); vni == "" || vni == "100" {
		t.Errorf("the VNI is %q, want a new one (A0079)", vni)
	}
}

func TestSessionPacketLengthFollowsTarget(t *testing.T) {
	t.Parallel()
	m := newMirrored(t, "")
	for _, step := range []struct{ parameters, want string }{
		{"TrafficMirrorTargetId=" + m.balanced, "8500"},                             // unset, repointed to a load balancer
		{"TrafficMirrorTargetId=" + m.target, "8500"},                               // away from one: stays
		{"RemoveField.1=packet-length", ""},                                         // default of an interface
		{"PacketLength=100&TrafficMirrorTargetId=" + m.balanced, "100"},             // set
		{"RemoveField.1=packet-length", "8500"},                                     // default of a load balancer
		{"RemoveField.1=packet-length&TrafficMirrorTargetId=" + m.target, ""},       // both at once: the target it has afterwards
		{"TrafficMirrorTargetId=" + m.balanced + "&PacketLength=50", "50"},          // set and repointed
		{"TrafficMirrorTargetId=" + m.target + "&Description=unrelated", "50"},      // set: stays
		{"RemoveField.1=packet-length&TrafficMirrorTargetId=" + m.balanced, "8500"}, // the other way round
	} {
		if got := m.modify(t, step.parameters).text("packetLength"); got != step.want {
			t.Errorf("after %s: packet length %q, want %q (A0053)", step.parameters, got, step.want)
		}
	}
}

func TestSessionRefusals(t *testing.T) {
	t.Parallel()
	m := newMirrored(t, "")
	makeSession(t, m, sessionOn(eni(1), m.target, m.filter, 9))
	for _, test := range []struct{ parameters, code string }{
		{"SessionNumber=0", "InvalidParameterValue"},
		{"SessionNumber=32767", "InvalidParameterValue"},
		{"SessionNumber=32766", ""},
		{"SessionNumber=9", assumed("A0050", "InvalidParameterValue")},
		{"PacketLength=0", "InvalidParameterValue"},
		{"PacketLength=8501", "InvalidParameterValue"},
		{"PacketLength=1", assumed("A0072", "")},
		{"PacketLength=8500", ""},
		{"VirtualNetworkId=0", assumed("A0002", "InvalidParameterValue")},
		{"VirtualNetworkId=-1", "InvalidParameterValue"},
		{"VirtualNetworkId=16777216", "InvalidParameterValue"},
		{"VirtualNetworkId=16777215", ""},
		{"VirtualNetworkId=1", ""},
		{"NetworkInterfaceId=" + eni(3), "UnknownParameter"},
		{"RemoveField.1=session-number", "InvalidParameterValue"},
		{"RemoveField.1=packet-length&PacketLength=100", assumed("A0047", "InvalidParameterCombination")},
		{"RemoveField.1=virtual-network-id&RemoveField.2=virtual-network-id", ""},
		{"TrafficMirrorTargetId=", "MissingParameter"},
		{"TrafficMirrorTargetId=" + goneTarget, "InvalidTrafficMirrorTargetId.NotFound"},
		{"TrafficMirrorFilterId=" + goneFilter, "InvalidTrafficMirrorFilterId.NotFound"},
		{"", ""},
	} {
		refused(t, m, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+m.session+"&"+test.parameters, test.code)
	}
	refused(t, m, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+goneSession, "InvalidTrafficMirrorSessionId.NotFound")
	refused(t, m, "DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+goneSession, "InvalidTrafficMirrorSessionId.NotFound")
	refused(t, m, "CreateTrafficMirrorSession", sessionOn(eni(2), goneTarget, m.filter, 1), "InvalidTrafficMirrorTargetId.NotFound")
	refused(t, m, "CreateTrafficMirrorSession", sessionOn(eni(2), m.target, goneFilter, 1), "InvalidTrafficMirrorFilterId.NotFound")
	refused(t, m, "CreateTrafficMirrorSession", sessionOn(eni(2), m.target, m.filter, 1)+"&PacketLength=9000", "InvalidParameterValue")
	refused(t, m, "CreateTrafficMirrorSession", sessionOn(eni(2), m.target, m.filter, 1)+"&VirtualNetworkId=1", assumed("A0052", "")) // taken above, and may repeat

	got := call(t, m, "CreateTrafficMirrorSession", sessionOn(eni(1), m.balanced, m.filter, 32766))
	if want := "Session number 32766 is already being used by " + m.session; got.code() != "InvalidParameterValue" || got.message() != want {
		t.Errorf("got %q %q, want %q", got.code(), got.message(), want)
	}
}

// A session that is deleted leaves nothing behind.
func TestSessionDelete(t *testing.T) {
	t.Parallel()
	m := newMirrored(t, "&TagSpecification.1.ResourceType=traffic-mirror-session&TagSpecification.1.Tag.1.Key=k")
	refused(t, m, "CreateTrafficMirrorTarget", "NetworkInterfaceId="+eni(1), "InterfaceInUseByTrafficMirrorSession")
	if got := must(t, m, "DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+m.session).text("trafficMirrorSessionId"); got != m.session {
		t.Errorf("the answer names %q", got)
	}
	if left := must(t, m, "DescribeTags", "").all("tagSet/item"); len(left) > 0 {
		t.Error("its tags are still there")
	}
	must(t, m, "DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+m.target)
	must(t, m, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+m.filter)
	makeTarget(t, m, "NetworkInterfaceId="+eni(1))
}
