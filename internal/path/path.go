// Package path says whether the copies of a network interface can reach a target: it goes hop by
// hop, and names what blocks them by its ID and rule. Judge is pure: facts in, hops out. Read
// gets the facts from an account. The package says nothing about filters and sessions, which
// decide what is copied: packages dataplane and analysis do that.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-connection.html
package path

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Outcome is what happens to copies at a hop, or on the whole path.
type Outcome string

// The outcomes.
const (
	Passes  Outcome = "passes"
	Blocked Outcome = "blocked"
	Partly  Outcome = "partly" // of a whole path, never of a hop
	Unknown Outcome = "unknown"
	Skipped Outcome = "skipped" // of an appliance, never of a whole path
)

// Outcomes lists the outcomes, with what each means.
var Outcomes = []struct {
	Outcome Outcome
	Meaning string
}{
	{Passes, "every hop passes or is skipped, so copies get through"},
	{Blocked, "no copy gets through"},
	{Partly, "the copies for some appliances are lost, and those for others get through or may get through; no hop has this outcome"},
	{Unknown, "nothing shows whether copies get through"},
	{Skipped, "the load balancer sends no copies to this appliance, so none is lost there; no whole path has this outcome"},
}

// Stage is what a hop is.
type Stage string

// The stages.
const (
	SourceInterface   Stage = "source_interface"
	Route             Stage = "route"
	ACLEgress         Stage = "network_acl_egress"
	Peering           Stage = "vpc_peering_connection"
	ACLIngress        Stage = "network_acl_ingress"
	GroupIngress      Stage = "security_group_ingress"
	TargetReceiver    Stage = "target"
	ServiceHop        Stage = "vpc_endpoint_service"
	ListenerHop       Stage = "listener"
	TargetGroupHop    Stage = "target_group"
	ZoneHop           Stage = "zone"
	GroupEgress       Stage = "security_group_egress"
	ApplianceReceiver Stage = "appliance"
	MTUHop            Stage = "mtu"
)

// Stages lists the stages in the order of the path, with what each is.
var Stages = []struct {
	Stage   Stage
	Meaning string
}{
	{SourceInterface, "the network interface whose packets are copied"},
	{Route, "the route that copies take from the subnet of the source"},
	{ACLEgress, "the outbound rules of the network ACL of a subnet that copies leave"},
	{Peering, "the VPC peering connection that the route leads to"},
	{ACLIngress, "the inbound rules of the network ACL of a subnet that copies enter"},
	{GroupIngress, "the inbound rules of the security groups of what receives copies"},
	{TargetReceiver, "what backs the target: it exists, and its instance runs, its load balancer is active, or its endpoint is available"},
	{ServiceHop, "the endpoint service that leads a Gateway Load Balancer endpoint to its load balancer"},
	{ListenerHop, "the listener of the load balancer"},
	{TargetGroupHop, "the target group of the listener, its registered targets, and their health"},
	{ZoneHop, "the Availability Zone of the load balancer's node, and cross-zone load balancing"},
	{GroupEgress, "the outbound rules of the security groups of the load balancer"},
	{ApplianceReceiver, "an appliance behind the load balancer: its network interface, the state of its instance, and its health. Each registered appliance has this hop"},
	{MTUHop, "the longest packet whose copy arrives whole; a copy that is cut arrives, so it passes"},
}

// A Hop is one thing that decides whether copies get through.
type Hop struct {
	What    Stage   `json:"hop" doc:"What decides: source_interface, route, network_acl_egress, vpc_peering_connection, network_acl_ingress, security_group_ingress, target, vpc_endpoint_service, listener, target_group, zone, security_group_egress, appliance or mtu."`
	At      string  `json:"at" doc:"ID of what the copies leave or enter there, such as a subnet or a network interface; an ARN or an address if it has no ID."`
	Outcome Outcome `json:"outcome" doc:"passes, blocked or unknown; skipped for an appliance to which the load balancer sends no copies."`
	By      string  `json:"by" doc:"ID or ARN of the object that decides; empty if it is not known, or if nothing decides."`
	Rule    string  `json:"rule" doc:"What of the object decides: the number of an entry of a network ACL, the ID of a security group rule, the destination of a route, or a state. It is empty if no rule matches."`
	Reason  string  `json:"reason" doc:"Why, in a sentence."`
	Fix     string  `json:"fix" doc:"What to change if copies are blocked, cut or sent elsewhere, or which permission is missing; otherwise empty."`
}

// A Result is the answer for a source and a target.
type Result struct {
	From string `json:"from" doc:"ID of the source interface."`
	To   string `json:"to" doc:"What the copies are sent to, as it was asked for: an ID or an ARN."`
	Answer
}

// An Answer says whether copies get through, and what decides.
type Answer struct {
	Outcome Outcome `json:"outcome" doc:"passes: every hop passes or is skipped. blocked: no copy gets through. partly: copies for some appliances are lost, and those for others get through or may get through. unknown: none of these is known."`
	Reason  string  `json:"reason" doc:"The reason of the hop that decides, with the hops that do likewise counted; if copies get through cut, how long they are."`
	Hops    []Hop   `json:"hops" doc:"The hops in the order of the path."`
}

// why returns the reason for the outcome.
func (r *Result) why(all possible) string {
	lost := r.counted(Blocked, "more hop blocks copies", "more hops block copies")
	if lost == "" { // each node loses other copies
		lost = "Each node of the load balancer loses copies in another way. " + r.counted(Unknown, "more hop is unknown", "more hops are unknown")
	}
	switch r.Outcome {
	case Blocked:
		return lost
	case Partly:
		if all.blocked {
			return "Some copies are lost. Whether others get through is not known. " + lost
		}
		return "Some copies are lost, and others get through. " + lost
	case Unknown:
		text := r.counted(Unknown, "more hop is unknown", "more hops are unknown")
		if text == "" { // a node without an appliance has no hop
			text = "Not every node of the load balancer has an appliance, and AWS does not document which node gets the copies."
		}
		return text
	}
	text := fmt.Sprintf("Nothing that is known blocks copies from %s to %s.", r.From, r.To)
	for _, h := range r.Hops {
		if h.What == MTUHop && h.Fix != "" {
			text += " " + h.Reason
		}
	}
	return text
}

// counted returns the first reason of the hops with an outcome, and how many more there are.
func (r *Result) counted(outcome Outcome, one, many string) string {
	reasons := r.reasons(outcome)
	if len(reasons) < 2 {
		return strings.Join(reasons, "")
	}
	return fmt.Sprintf("%s %s.", reasons[0], counted(len(reasons)-1, one, many))
}

// reasons returns the reasons of the hops with an outcome, each once.
func (r *Result) reasons(outcome Outcome) (all []string) {
	for _, h := range r.Hops {
		if h.Outcome == outcome && !slices.Contains(all, h.Reason) {
			all = append(all, h.Reason)
		}
	}
	return all
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func itoa(n int) string { return strconv.Itoa(n) }
