package mirror

import (
	"fmt"
	"slices"
	"strings"
)

// stoppedStates are the states of an instance that has no network traffic.
var stoppedStates = []string{"shutting-down", "stopped", "stopping", "terminated"}

// IsStopped reports whether an instance in a state has no network traffic. A state that is not
// known is no such state.
func IsStopped(state string) bool { return slices.Contains(stoppedStates, state) }

// The states of an endpoint service and of an endpoint
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceConfiguration.html,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html).
// EC2 writes those of an endpoint in several ways.
var (
	ServiceStates  = []string{"Pending", "Available", "Deleting", "Deleted", "Failed"}
	EndpointStates = []string{"pendingAcceptance", "pending", "available", "deleting", "deleted", "rejected", "failed", "expired", "partial"}
)

// IsAvailable reports whether a Gateway Load Balancer endpoint in a state passes packets on. EC2
// writes the state in several ways.
func IsAvailable(state string) bool { return strings.EqualFold(state, "available") }

// A Receiver is a network interface that backs a target. An unknown fact is empty.
type Receiver struct {
	Interface     Interface
	InstanceState string // of the instance that it is attached to
}

// Obstacle returns why the interface receives no copies now, as a verb phrase, or "". An
// unknown fact is no obstacle.
func (r Receiver) Obstacle() string {
	switch i := r.Interface; {
	case i.ID == "":
		return ""
	case i.InstanceID == "" && !i.RequesterManaged:
		return "is attached to no instance now"
	case i.InstanceID != "" && IsStopped(r.InstanceState):
		return fmt.Sprintf("is attached to %s, which is %s", i.InstanceID, r.InstanceState)
	}
	return ""
}
