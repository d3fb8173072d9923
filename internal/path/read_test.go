package path_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// planted returns an account on the embedded AWS, whose topology is that of the tests with a
// change. Requests with one of the refused actions are denied.
func planted(t *testing.T, change func(*topology.File), refused ...string) *account.Account {
	t.Helper()
	text, err := os.ReadFile("testdata/topology.json")
	if err != nil {
		t.Fatal(err)
	}
	file, err := topology.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(file)
		if text, err = json.Marshal(file); err != nil {
			t.Fatal(err)
		}
		if file, err = topology.Parse(text); err != nil {
			t.Fatal(err)
		}
	}
	e, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(refuse(e, refused))
	t.Cleanup(server.Close)
	config := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	return account.New(config, optionsFor(server.URL, e, refused == nil))
}

// refuse denies some actions, as EC2 and Elastic Load Balancing do.
func refuse(h http.Handler, actions []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := readForm(r)
		for _, action := range actions {
			if body.Get("Action") != action {
				continue
			}
			w.WriteHeader(http.StatusForbidden)
			text := `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>1</RequestID></Response>`
			if body.Get("Version") != "2016-11-15" {
				text = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>`
			}
			_, _ = w.Write([]byte(text))
			return
		}
		h.ServeHTTP(w, r)
	})
}

func judged(t *testing.T, a *account.Account, from, to string) path.Result {
	t.Helper()
	facts, err := path.Read(t.Context(), a, from, to)
	if err != nil {
		t.Fatal(err)
	}
	return path.Judge(facts)
}

const (
	peerID = "eni-00000000000000009"

	balancing       = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	sensorsARN      = balancing + "loadbalancer/net/sensors/0123456789abcdef"
	sensorsListener = balancing + "listener/net/sensors/0123456789abcdef/0000000000000001"
	sensorsGroup    = balancing + "targetgroup/sensors/0123456789abcdef"
)

// A world is a source and what receives its copies; a change of it plants an obstacle.
type world struct {
	name    string
	to      string
	change  func(*topology.File)
	outcome path.Outcome
	what    path.Stage
	by      string
	rule    string
	says    string
}

// closedGroup is a security group without a rule.
const closedGroup = "sg-00000000000000004"

// closeSecond gives it to the second appliance.
func closeSecond(f *topology.File) {
	closed := f.SecurityGroups[2]
	closed.ID, closed.Name, closed.Rules = closedGroup, "closed", []mirror.SecurityGroupRule{}
	f.SecurityGroups = append(f.SecurityGroups, closed)
	f.NetworkInterfaces[3].SecurityGroups = []string{closedGroup}
}

const listID = "pl-00000000000000001"

// byList gives the rule of the target a prefix list with a CIDR block.
func byList(block string) func(*topology.File) {
	return func(f *topology.File) {
		f.PrefixLists = []mirror.PrefixList{{ID: listID, Entries: []mirror.PrefixListEntry{{CIDR: prefix(block)}, {CIDR: prefix("192.168.0.0/24")}}}}
		rule := &f.SecurityGroups[1].Rules[1]
		rule.CIDR, rule.PrefixListID = netip.Prefix{}, listID
	}
}

var worlds = []world{
	{"clean", targetID, nil, path.Passes, "", "", "", ""},
	{"clean, peered", peerID, nil, path.Passes, "", "", "", ""},
	{"security group without UDP 4789", targetID, func(f *topology.File) { f.SecurityGroups[1].Rules = f.SecurityGroups[1].Rules[:1] }, path.Blocked, path.GroupIngress, targetGroup, "", "no inbound rule for UDP port 4789"},
	{"security group from the wrong source", targetID, func(f *topology.File) { f.SecurityGroups[1].Rules[1].CIDR = prefix("10.0.7.0/24") }, path.Blocked, path.GroupIngress, targetGroup, targetRule, "only from 10.0.7.0/24"},
	{"network ACL at the source, outbound", targetID, func(f *topology.File) {
		f.NetworkACLs[0].Entries = append(f.NetworkACLs[0].Entries, entry(90, true, false, 17, "10.0.2.0/24"))
	}, path.Blocked, path.ACLEgress, sourceACL, "90", "denies"},
	{"network ACL at the target, inbound", targetID, func(f *topology.File) { f.NetworkACLs[1].Entries[0].CIDR = prefix("10.0.7.0/24") }, path.Blocked, path.ACLIngress, otherACL, "*", "allows UDP port 4789 from 10.0.1.10"},
	{"no route", peerID, func(f *topology.File) { f.RouteTables[0].Routes = f.RouteTables[0].Routes[:1] }, path.Blocked, path.Route, table, "", "no route to 10.9.1.10"},
	{"blackhole route", peerID, func(f *topology.File) { f.PeeringConnections[0].State = "deleted" }, path.Blocked, path.Route, table, "10.9.0.0/16", "blackhole"},
	{"peering not shown", peerID, func(f *topology.File) { f.PeeringConnections = nil }, path.Unknown, path.Peering, pcx, "", "does not show"},
	{"target stopped", targetID, func(f *topology.File) { f.Instances[1].State = "stopped" }, path.Blocked, path.TargetReceiver, "i-00000000000000002", "stopped", "stopped"},
	{"target unattached", targetID, func(f *topology.File) { f.NetworkInterfaces[1].InstanceID = "" }, path.Blocked, path.TargetReceiver, targetID, "", "attached to no instance"},
	{"target deleted", "eni-0000000000000000f", nil, path.Blocked, path.TargetReceiver, "eni-0000000000000000f", "", "does not exist in Region us-east-1, or another account owns it."},
	{"peering not accepted", peerID, func(f *topology.File) { f.PeeringConnections[0].State = "pending-acceptance" }, path.Blocked, path.Route, table, "10.9.0.0/16", pcx + " is pending-acceptance"},
	{"transit gateway", peerID, func(f *topology.File) { f.RouteTables[0].Routes[1].Target = "tgw-00000000000000001" }, path.Unknown, path.Route, table, "10.9.0.0/16", "transit gateway"},
	{"clean, load balancer", sensorsARN, nil, path.Passes, "", "", "", ""},
	{"no listener", sensorsARN, func(f *topology.File) { f.LoadBalancers[0].Listeners = []mirror.Listener{} }, path.Blocked, path.ListenerHop, sensorsARN, "", "does not listen on UDP port 4789"},
	{"listener on another port", sensorsARN, func(f *topology.File) { f.LoadBalancers[0].Listeners[0].Port = 4790 }, path.Blocked, path.ListenerHop, sensorsListener, "UDP 4790", "only on UDP 4790"},
	{"listener with TCP", sensorsARN, func(f *topology.File) { f.LoadBalancers[0].Listeners[0].Protocol = "TCP" }, path.Blocked, path.ListenerHop, sensorsListener, "TCP 4789", "only on TCP 4789"},
	{"no target", sensorsARN, func(f *topology.File) { f.TargetGroups[0].Targets = []mirror.RegisteredTarget{} }, path.Blocked, path.TargetGroupHop, sensorsGroup, "", "has no registered target"},
	{"unhealthy targets", sensorsARN, func(f *topology.File) {
		f.TargetGroups[0].Targets[0].Health, f.TargetGroups[0].Targets[1].Health = mirror.TargetUnhealthy, mirror.TargetUnhealthy
	}, path.Unknown, path.TargetGroupHop, sensorsGroup, "", "has no healthy target"},
	{"cross-zone off", sensorsARN, func(f *topology.File) {
		f.LoadBalancers[0].CrossZone, f.TargetGroups[0].Targets = ptr(false), f.TargetGroups[0].Targets[1:]
	}, path.Unknown, path.ZoneHop, sensorsARN, "cross-zone load balancing off", "us-east-1a"},
	{"appliances without UDP 4789", sensorsARN, func(f *topology.File) { f.SecurityGroups[2].Rules[0].FromPort = 6081 }, path.Blocked, path.GroupIngress, applianceGroup, "", "no inbound rule for UDP port 4789"},
	{"clean, endpoint", vpce, nil, path.Passes, "", "", "", ""},
	{"endpoint not accepted", vpce, func(f *topology.File) { f.GatewayLoadBalancerEndpoints[0].State = "pendingAcceptance" }, path.Blocked, path.TargetReceiver, vpce, "pendingAcceptance", "pendingAcceptance"},
	{"appliances without UDP 6081", vpce, func(f *topology.File) { f.SecurityGroups[2].Rules[0].ToPort = 4789 }, path.Blocked, path.GroupIngress, applianceGroup, "", "no inbound rule for UDP port 6081"},
	{"prefix list that has the source", targetID, byList("10.0.1.0/24"), path.Passes, "", "", "", ""},
	{"prefix list that has another network", targetID, byList("10.0.7.0/24"), path.Blocked, path.GroupIngress, targetGroup, targetRule, "only from the addresses of prefix list " + listID},
	{"prefix list that is not there", targetID, func(f *topology.File) {
		byList("10.0.1.0/24")(f)
		f.PrefixLists = nil
	}, path.Unknown, path.GroupIngress, targetGroup, targetRule, "EC2 shows no prefix list " + listID},
	{"route by a prefix list", peerID, func(f *topology.File) {
		byList("10.0.0.0/8")(f)
		f.RouteTables[0].Routes[1].Destination, f.RouteTables[0].Routes[1].PrefixListID = netip.Prefix{}, listID
	}, path.Passes, "", "", "", ""},
	{"MTU", targetID, func(f *topology.File) { f.NetworkInterfaces[1].MTU = 1500 }, path.Passes, path.MTUHop, targetID, "1500", "longer than 1446 bytes arrive cut"},
	{"MTU of the source is lower", targetID, func(f *topology.File) { f.NetworkInterfaces[0].MTU, f.NetworkInterfaces[1].MTU = 1446, 1500 }, path.Passes, "", "", "", ""},
	{"MTU of the source is the same", targetID, func(f *topology.File) { f.NetworkInterfaces[0].MTU = 9001 }, path.Passes, path.MTUHop, targetID, "9001", "longer than 8947 bytes arrive cut"},
	{"MTU of an appliance", vpce, func(f *topology.File) { f.NetworkInterfaces[2].MTU = 1500 }, path.Unknown, path.MTUHop, "eni-00000000000000003", "1500", "copies have up to 8568 bytes"},
	{"MTU of an appliance is enough for the source", vpce, func(f *topology.File) { f.NetworkInterfaces[0].MTU, f.NetworkInterfaces[2].MTU = 1500, 1622 }, path.Passes, "", "", "", ""},
	{"one of two appliances closed", sensorsARN, closeSecond, path.Partly, path.GroupIngress, closedGroup, "", "has no inbound rule"},
	{"one of two appliances closed, behind an endpoint", vpce, closeSecond, path.Partly, path.GroupIngress, closedGroup, "", "has no inbound rule"},
	{"one of two appliances closed, cross-zone off", sensorsARN, func(f *topology.File) {
		closeSecond(f)
		f.LoadBalancers[0].CrossZone = ptr(false)
	}, path.Unknown, path.GroupIngress, closedGroup, "", "through the node in us-east-1b only"},
	{"both appliances closed, cross-zone off", sensorsARN, func(f *topology.File) {
		f.SecurityGroups[2].Rules, f.LoadBalancers[0].CrossZone = nil, ptr(false)
	}, path.Blocked, path.GroupIngress, applianceGroup, "", "has no inbound rule"},
	{"one of two target groups empty", sensorsARN, func(f *topology.File) {
		empty := f.TargetGroups[0]
		empty.ARN, empty.Targets = balancing+"targetgroup/empty/0123456789abcde1", []mirror.RegisteredTarget{}
		f.TargetGroups = append(f.TargetGroups, empty)
		f.LoadBalancers[0].Listeners[0].TargetGroups = append(f.LoadBalancers[0].Listeners[0].TargetGroups, empty.ARN)
	}, path.Partly, path.TargetGroupHop, balancing + "targetgroup/empty/0123456789abcde1", "", "has no registered target"},
	{"the source is an appliance", sensorsARN, func(f *topology.File) { f.TargetGroups[0].Targets[0].ID = "i-00000000000000001" }, path.Partly, path.ApplianceReceiver, "i-00000000000000001", "", "is the source of the copies"},
	{"appliance in a peered VPC", sensorsARN, func(f *topology.File) {
		f.TargetGroups[0].TargetType, f.TargetGroups[0].Targets = "ip", []mirror.RegisteredTarget{{ID: "10.9.1.10", Port: 4789, Zone: "all", Health: mirror.TargetHealthy}}
	}, path.Unknown, path.ApplianceReceiver, peerID, "", "which has the address 10.9.1.10, is in vpc-00000000000000002"},
	{"target of another type", targetID, func(f *topology.File) { f.NetworkInterfaces[1].Type = "efa" }, path.Blocked, path.TargetReceiver, targetID, "", "is of type efa"},
	{"network ACL of one node", sensorsARN, func(f *topology.File) {
		closed := openACL("acl-00000000000000008", zoneASubnet)
		closed.Entries[0].Allow = false
		f.NetworkACLs[1].Subnets = slices.DeleteFunc(f.NetworkACLs[1].Subnets, func(id string) bool { return id == zoneASubnet })
		f.NetworkACLs = append(f.NetworkACLs, closed)
	}, path.Partly, path.ACLIngress, "acl-00000000000000008", "100", "through the node in us-east-1a only"},
	{"health unavailable", sensorsARN, func(f *topology.File) {
		f.TargetGroups[0].Targets[0].Health, f.TargetGroups[0].Targets[1].Health = mirror.TargetUnavailable, mirror.TargetUnavailable
	}, path.Unknown, path.TargetGroupHop, sensorsGroup, "UDP 4789", "0 registered targets of " + sensorsGroup + " are healthy. It is not known whether copies reach"},
	{"one of two unhealthy", sensorsARN, func(f *topology.File) { f.TargetGroups[0].Targets[1].Health = mirror.TargetUnhealthy }, path.Passes, "", "", "", ""},
	{"nodes of a gateway not known", vpce, func(f *topology.File) {
		f.GatewayLoadBalancerEndpoints[0].ServiceName = ""
		f.GatewayLoadBalancerEndpoints[0].Appliances = []topology.Appliance{{IPAddress: addr("10.0.3.10")}}
		f.SecurityGroups[2].Rules[0].CIDR = prefix("0.0.0.0/0")
	}, path.Unknown, path.ACLIngress, "", "", "addresses of the load balancer are not known"},
}

// Each obstacle that is planted in the embedded AWS is named, and nothing else is.
func TestRead_obstacles(t *testing.T) {
	t.Parallel()
	for _, w := range worlds {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			r := judged(t, planted(t, w.change), sourceID, w.to)
			if r.Outcome != w.outcome {
				t.Errorf("%s: %s, want %s\n%s", r.Outcome, r.Reason, w.outcome, r.Text())
			}
			found := distinct(r.Hops)
			if w.what == "" && len(found) == 0 {
				return
			}
			if len(found) != 1 {
				t.Fatalf("%d hops do not pass: %s", len(found), r.Text())
			}
			if h := found[0]; h.What != w.what || h.By != w.by || h.Rule != w.rule || !strings.Contains(h.Reason, w.says) {
				t.Errorf("%s by %q rule %q: %s\nwant %s by %q rule %q: %s", h.What, h.By, h.Rule, h.Reason, w.what, w.by, w.rule, w.says)
			}
		})
	}
}

// A missing permission makes its hops unknown, and is named. Nothing else changes.
func TestRead_denied(t *testing.T) {
	t.Parallel()
	for action, test := range map[string]struct {
		what path.Stage
		to   string
	}{
		"DescribeSecurityGroups": {path.GroupIngress, targetID}, "DescribeNetworkAcls": {path.ACLIngress, targetID},
		"DescribeRouteTables": {path.Route, targetID}, "DescribeVpcPeeringConnections": {path.Peering, peerID}, "DescribeInstances": {path.TargetReceiver, targetID},
		"DescribeNetworkInterfaces": {path.TargetReceiver, targetID}, "GetManagedPrefixListEntries": {path.GroupIngress, targetID},

		"DescribeLoadBalancers": {path.TargetReceiver, sensorsARN}, "DescribeListeners": {path.ListenerHop, sensorsARN}, "DescribeTargetGroups": {path.TargetGroupHop, sensorsARN},
		"DescribeTargetHealth": {path.TargetGroupHop, sensorsARN}, "DescribeLoadBalancerAttributes": {path.ZoneHop, sensorsARN},
		"DescribeTargetGroupAttributes": {path.ZoneHop, sensorsARN},
		"DescribeVpcEndpoints":          {path.TargetReceiver, vpce}, "DescribeVpcEndpointServiceConfigurations": {path.ListenerHop, vpce},
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			var change func(*topology.File)
			switch action {
			case "GetManagedPrefixListEntries":
				change = byList("10.0.1.0/24")
			case "DescribeLoadBalancerAttributes", "DescribeTargetGroupAttributes": // which decide nothing while each zone has an appliance
				if r := judged(t, planted(t, nil, action), sourceID, test.to); r.Outcome != path.Passes {
					t.Errorf("with an appliance in each zone: %s", r.Text())
				}
				change = func(f *topology.File) { f.TargetGroups[0].Targets = f.TargetGroups[0].Targets[1:] }
			}
			r := judged(t, planted(t, change, action), sourceID, test.to)
			if r.Outcome != path.Unknown {
				t.Errorf("%s", r.Text())
			}
			named := false
			for _, h := range r.Hops {
				named = named || h.What == test.what && h.Outcome == path.Unknown && strings.Contains(h.Fix, ":"+action)
				if strings.Contains(h.Fix, "elasticloadbalancing:") && h.What != path.TargetReceiver && !strings.Contains(h.Fix, "try again") {
					t.Errorf("the fix takes no answer for a refusal: %s", h.Fix)
				}
			}
			if !named {
				t.Errorf("no hop %s names %s:\n%s", test.what, action, r.Text())
			}
		})
	}
}

// A source whose instance may not be read is unknown, also if nothing else needs the permission.
func TestRead_sourceUnknown(t *testing.T) {
	t.Parallel()
	change := func(f *topology.File) {
		f.Instances[0].State, f.Instances[0].InstanceType = "stopped", "t2.micro"
		f.NetworkInterfaces[1].InstanceID, f.NetworkInterfaces[1].RequesterManaged, f.NetworkInterfaces[1].RequesterID = "", true, "amazon-rds"
	}
	r := judged(t, planted(t, change, "DescribeInstances"), sourceID, targetID)
	found := distinct(r.Hops)
	if r.Outcome != path.Unknown || len(found) != 1 || found[0].What != path.SourceInterface || found[0].Fix != "Allow ec2:DescribeInstances." {
		t.Error(r.Text())
	}
}

// Without the permission for the IDs of rules, the rules decide as before, and have no ID.
func TestRead_rulesWithoutID(t *testing.T) {
	t.Parallel()
	r := judged(t, planted(t, nil, "DescribeSecurityGroupRules"), sourceID, targetID)
	if at := slices.IndexFunc(r.Hops, func(h path.Hop) bool { return h.What == path.GroupIngress }); r.Outcome != path.Passes || r.Hops[at].By != targetGroup || r.Hops[at].Rule != "" {
		t.Error(r.Text())
	}
}

// What to do about a listener names the load balancer, the listener and the target group that is free.
func TestRead_listenerFix(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*topology.File)
		want   string
	}{
		"none": {
			func(f *topology.File) { f.LoadBalancers[0].Listeners = []mirror.Listener{} },
			"Create a listener of " + sensorsARN + " with protocol UDP and port 4789 that forwards to the target group " + sensorsGroup + ".",
		},
		"TCP": {
			func(f *topology.File) {
				f.LoadBalancers[0].Listeners[0].Protocol, f.LoadBalancers[0].Listeners[0].TargetGroups = "TCP", nil
			},
			"Change the protocol of the listener " + sensorsListener + " from TCP to UDP, and let it forward to the target group " + sensorsGroup + ".",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := judged(t, planted(t, test.change), sourceID, sensorsARN)
			if found := distinct(r.Hops); len(found) != 1 || found[0].Fix != test.want {
				t.Errorf("%s\nwant %s", r.Text(), test.want)
			}
		})
	}
}

// A load balancer of another account may exist: nobody shows it here. One of another Region is none for
// this source. What is not there is named with its account and Region.
func TestRead_elsewhere(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]struct {
		outcome   path.Outcome
		says, fix string
	}{
		strings.Replace(sensorsARN, "123456789012", "210987654321", 1): {path.Unknown, "Account 210987654321 owns the load balancer, and Elastic Load Balancing shows it only there.", ""},
		strings.Replace(sensorsARN, "us-east-1", "eu-west-1", 1):       {path.Blocked, "is in Region eu-west-1, and the source is in Region us-east-1.", "Write the ARN of a Network Load Balancer in Region us-east-1."},
		strings.Replace(sensorsARN, "/sensors/", "/other/", 1):         {path.Blocked, "does not exist in Region us-east-1.", "Create it, or write the ARN of another Network Load Balancer."},
		"eni-0000000000000000f":                                        {path.Blocked, "does not exist in Region us-east-1, or another account owns it.", "Write the ID of what exists in this account and Region, or the ID of a target, tmt-..., that the other account shares."},
		"vpce-0000000000000000f":                                       {path.Blocked, "does not exist in Region us-east-1, or another account owns it.", "Write the ID of what exists in this account and Region, or the ID of a target, tmt-..., that the other account shares."},
	} {
		r := judged(t, planted(t, nil), sourceID, to)
		if found := distinct(r.Hops); r.Outcome != want.outcome || len(found) == 0 || !strings.Contains(found[0].Reason, want.says) || found[0].Fix != want.fix {
			t.Errorf("%s: %s", to, r.Text())
		}
	}
}

// An interface that is a source cannot back a target, and one that backs a target cannot be a source. Without
// the permission to see that, it is not known.
func TestRead_uses(t *testing.T) {
	t.Parallel()
	a := planted(t, nil)
	target, err := a.CreateTarget(t.Context(), mirror.Target{InterfaceID: targetID}, nil, account.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	filter, err := a.CreateFilter(t.Context(), "", nil, account.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	session, err := a.CreateSession(t.Context(), mirror.Session{InterfaceID: sourceID, TargetID: target.Noun.ID, FilterID: filter.Noun.ID, Number: 1}, nil, account.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		from, to string
		outcome  path.Outcome
		by       string
	}{
		{sourceID, targetID, path.Passes, ""},
		{sourceID, target.Noun.ID, path.Passes, ""},
		{"eni-00000000000000003", sourceID, path.Blocked, session.Noun.ID},
		{targetID, "eni-00000000000000003", path.Blocked, target.Noun.ID},
	} {
		r := judged(t, a, test.from, test.to)
		isNamed := test.by == "" || slices.ContainsFunc(r.Hops, func(h path.Hop) bool { return h.Outcome == path.Blocked && h.By == test.by })
		if r.Outcome != test.outcome || !isNamed {
			t.Errorf("%s by %q: %s", test.outcome, test.by, r.Text())
		}
	}
	for action, what := range map[string]path.Stage{"DescribeTrafficMirrorTargets": path.SourceInterface, "DescribeTrafficMirrorSessions": path.TargetReceiver} {
		r := judged(t, planted(t, nil, action), sourceID, targetID)
		if at := slices.IndexFunc(r.Hops, func(h path.Hop) bool { return h.Fix == "Allow ec2:"+action+"." }); at < 0 || r.Hops[at].What != what || r.Outcome != path.Unknown {
			t.Errorf("%s: %s", action, r.Text())
		}
	}
}
