// Package diagram draws who is mirrored to where: from network interfaces by their sessions and
// the filters of these to targets, load balancers and appliances. It reads a plan or a state
// (package planfile) or an account (package inventory), and writes Mermaid, DOT or SVG. The web
// console draws its map with it. It opens no file and asks nobody.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-how-it-works.html
package diagram

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A World is what can be drawn.
type World struct {
	Title      string
	Interfaces []*Interface
	Filters    map[string]*Filter // by ID. One that is not here is drawn all the same
	Targets    map[string]*Target
	Notes      []string // sentences for the reader of the picture
	HasIDs     bool     // IDs and places are written into the boxes
	IsPlan     bool     // it is said how many objects change
}

// An Object is what is said of every object.
type Object struct {
	ID      string // or its address while it has no ID
	Name    string // what people call it; "": the ID
	Address string // in a configuration; "": it is in none
	Href    string // the page of it; "": it has none
	Hidden  string // why nothing is known of it, such as "EC2 does not show it"; "": it is known

	Change Change
	Old    []string // what changes: "session_number 1 -> 2"
}

// Change is what a plan does with an object.
type Change string

// The changes.
const (
	Unchanged Change = ""
	Created   Change = "create"
	Updated   Change = "update"
	Replaced  Change = "replace"
	Deleted   Change = "delete"
	Forgotten Change = "forget"
)

// Tone is how a box is colored. The words of the box say the same.
type Tone string

// The tones.
const (
	Neutral Tone = ""
	Good    Tone = "good"
	Warn    Tone = "warn"
	Bad     Tone = "bad"
)

// An Interface is a network interface, with its sessions in the order in which they are tried.
type Interface struct {
	Object
	VPCID, SubnetID, InstanceID string // "": unknown, or there is none
	Tags                        map[string]string
	Word                        string // how much of its traffic is copied: "mirrored"; "": not known
	Tone                        Tone
	Reason                      string // a sentence
	Sessions                    []*Session
}

// A Session of an interface.
type Session struct {
	Object
	Number       int // 0: unknown
	VNI          *int
	PacketLength *int
	FilterID     string
	TargetID     string
	Word         string // a status that is not "active", or why it is idle
	Tone         Tone
	Reason       string // a sentence
}

// Rules are how many rules a filter has in a direction.
type Rules struct{ Accept, Reject int }

// A Filter is a filter, with how many rules it has.
type Filter struct {
	Object
	Ingress, Egress Rules
	HasDNS          bool   // Amazon DNS is mirrored
	Unknown         string // why the rules are not known; "": they are
}

// A Target is a target, with what receives its copies.
type Target struct {
	Object
	Type     mirror.TargetType // "": unknown
	Backing  string            // the ID or the ARN of what backs it; "": unknown
	Endpoint *mirror.Endpoint  // nil: unknown
	Receiver *Receiver         // of a target with an interface

	Gateway    string                    // the address of the endpoint in a configuration
	Balancer   Object                    // as far as it is known
	Registered map[string]*Object        // what is registered behind a load balancer, by registration, as far as it is known
	Leaving    []mirror.RegisteredTarget // what a plan deregisters. Registered has them too
	IsOpen     bool                      // others can be registered
}

// A Receiver is the interface that backs a target.
type Receiver struct {
	Object
	InstanceID string
	Address    string
	Down       string // why it receives no copies, as a verb phrase; "": nothing is known
}

// title is what people call the object.
func (o *Object) title() string {
	if o.Name != "" {
		return o.Name
	}
	return o.ID
}
