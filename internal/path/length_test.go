package path_test

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const sessionID = "tms-00000000000000001"

// A session whose packet length and encapsulation are more than the target gets has its copies cut: the
// hop says to how much. 54 bytes around IPv4 and 74 around IPv6 are documented.
func TestJudge_packetLength(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		world   func() path.Facts
		change  func(*path.Facts)
		length  int // 0: whole packets
		says    string
		isCut   bool
		outcome path.Outcome
	}{
		{"fits", toInterface, func(f *path.Facts) { f.Backing.MTU = 1500 }, 1460, sessionID + " copies at most 1460 bytes of a frame, and all of them arrive: with the encapsulation, they are 1500 bytes, and the MTU of " + targetID + " is 1500.", false, path.Passes},
		{"a byte more", toInterface, func(f *path.Facts) { f.Backing.MTU = 1500 }, 1461, sessionID + " copies up to 1461 bytes of a frame, and copies arrive cut to 1460 of them: the MTU of " + targetID + " is 1500.", true, path.Passes},
		{"a byte more, and short packets", toInterface, func(f *path.Facts) { f.Backing.MTU, f.Source.MTU = 1500, 1446 }, 1461, "Copies arrive whole", false, path.Passes},
		{"whole packets", toInterface, func(f *path.Facts) { f.Backing.MTU = 1500 }, 0, sessionID + " copies whole packets, and copies arrive cut to 1460 bytes of a frame.", true, path.Passes},
		{"IPv6", toInterface, func(f *path.Facts) { f.Backing.MTU, f.Backing.Address = 1500, addr("2001:db8::1") }, 1460, "cut to 1440 of them", true, path.Passes},
		{"MTU not known", toInterface, func(f *path.Facts) { f.Backing.MTU = 0 }, 1460, "copies at most 1460 bytes of a frame, which makes 1500 bytes with the encapsulation", false, path.Passes},
		{"gateway", toGateway, func(*path.Facts) {}, 8500, sessionID + " copies up to 8500 bytes of a frame, and copies arrive cut to 8460 of them: the MTU of a Gateway Load Balancer is 8500.", true, path.Passes},
		{"gateway, short copies", toGateway, func(f *path.Facts) { f.Appliances[0].Node.MTU = 1622 }, 1514, "copies at most 1514 bytes", false, path.Passes},
		{"gateway, small appliance", toGateway, func(f *path.Facts) { f.Appliances[0].Node.MTU = 1621 }, 1514, "copies have up to 1622 bytes", true, path.Unknown},
		{"load balancer, short copies", toBalancer, func(f *path.Facts) { f.Appliances[0].Node.MTU = 1500 }, 1460, "Copies have up to 1500 bytes.", false, path.Passes},
		{"load balancer, small appliance", toBalancer, func(f *path.Facts) { f.Appliances[0].Node.MTU = 1500 }, 0, "copies have up to 8540 bytes", true, path.Unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := test.world()
			test.change(&f)
			f.Sessions = []mirror.Session{{ID: sessionID}}
			if test.length != 0 {
				f.Sessions[0].PacketLength = &test.length
			}
			texts, isCut := "", false
			for _, h := range path.Judge(f).Hops {
				if h.What == path.MTUHop {
					texts, isCut = texts+h.Reason+"\n", isCut || h.Fix != ""
				}
			}
			if !strings.Contains(texts, test.says) || isCut != test.isCut {
				t.Errorf("%s\nwant %s", texts, test.says)
			}
			if test.name != "IPv6" { // the address of the rest of the world is of IPv4
				if r := path.Judge(f); r.Outcome != test.outcome {
					t.Error(r.Text())
				}
			}
		})
	}
}

// Each session from the source to the target is judged. Without a session, or without the permission, the
// answer is about whole packets.
func TestRead_sessions(t *testing.T) {
	t.Parallel()
	length := 1461
	change := func(f *topology.File) {
		f.NetworkInterfaces[1].MTU = 1500
		f.Targets = []topology.TaggedTarget{{Target: mirror.Target{ID: tmt, InterfaceID: targetID}}, {Target: mirror.Target{ID: "tmt-00000000000000002", LoadBalancerARN: sensorsARN}}}
		f.Filters = []topology.TaggedFilter{{Filter: mirror.Filter{ID: "tmf-00000000000000001"}}}
		for i, target := range f.Targets {
			s := mirror.Session{ID: "tms-0000000000000000" + string(rune('1'+i)), InterfaceID: sourceID, TargetID: target.ID, FilterID: f.Filters[0].ID, Number: i + 1, PacketLength: &length, VirtualNetworkID: &length}
			f.Sessions = append(f.Sessions, topology.TaggedSession{Session: s})
		}
	}
	for name, test := range map[string]struct {
		refused []string
		says    string
	}{
		"one of two":     {nil, sessionID + " copies up to 1461 bytes of a frame, and copies arrive cut to 1460 of them"},
		"no permission":  {[]string{"DescribeTrafficMirrorSessions"}, "EC2 does not show the MTU"},
		"nothing to ask": {[]string{"DescribeVolumes"}, sessionID + " copies at most 1461 bytes of a frame"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := judged(t, planted(t, change, test.refused...), sourceID, tmt).Text()
			if !strings.Contains(text, test.says) || strings.Contains(text, "tms-00000000000000002") {
				t.Error(text)
			}
		})
	}
}
