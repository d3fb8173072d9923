package emulator

import (
	"cmp"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// instance is an instance with what a launch and its changes give it. Its subnet, its
// addresses and its security groups are those of its primary interface.
type instance struct {
	topology.Instance
	ReservationID string    `json:"reservation_id,omitempty"`
	LaunchIndex   int       `json:"ami_launch_index,omitempty"`
	ClientToken   string    `json:"client_token,omitempty"`
	StateReason   string    `json:"state_reason,omitempty"` // a code
	StateChanged  time.Time `json:"state_changed,omitzero"` // by a client
	RootDevice    string    `json:"root_device_name,omitempty"`

	UserData            string `json:"user_data,omitempty"` // in base64
	EBSOptimized        bool   `json:"ebs_optimized,omitempty"`
	NoENA               bool   `json:"disable_ena_support,omitempty"`
	DisableAPIStop      bool   `json:"disable_api_stop,omitempty"`
	DisableAPITerminate bool   `json:"disable_api_termination,omitempty"`
	ShutdownBehavior    string `json:"instance_initiated_shutdown_behavior,omitempty"`
	CPUCredits          string `json:"cpu_credits,omitempty"`
	CoreCount           int    `json:"core_count,omitempty"`
	ThreadsPerCore      int    `json:"threads_per_core,omitempty"`
	Enclave             bool   `json:"enclave_enabled,omitempty"`
	Hibernation         bool   `json:"hibernation_configured,omitempty"`
	HostnameType        string `json:"private_dns_hostname_type,omitempty"`
	ARecord             bool   `json:"enable_resource_name_dns_a_record,omitempty"`
	AAAARecord          bool   `json:"enable_resource_name_dns_aaaa_record,omitempty"`
	instanceOptions
	metadataOptions
}

// instanceOptions are the options of an instance of which an empty one has the default
// value.
type instanceOptions struct {
	Monitored          bool   `json:"monitoring,omitempty"`
	Tenancy            string `json:"tenancy,omitempty"`
	PlacementGroup     string `json:"placement_group,omitempty"`
	PartitionNumber    int    `json:"placement_partition_number,omitempty"`
	AutoRecovery       string `json:"auto_recovery,omitempty"`
	CapacityPreference string `json:"capacity_reservation_preference,omitempty"`
	BandwidthWeighting string `json:"bandwidth_weighting,omitempty"`
}

// The states of an instance. A change of state is complete when the next request reads
// it. Only the answer to the change has the state in between (A0152).
const (
	statePending      = "pending"
	stateRunning      = "running"
	stateShuttingDown = "shutting-down"
	stateTerminated   = "terminated"
	stateStopping     = "stopping"
	stateStopped      = "stopped"
)

// stateCodes are the codes of the states of an instance.
var stateCodes = map[string]int{statePending: 0, stateRunning: 16, stateShuttingDown: 32, stateTerminated: 48, stateStopping: 64, stateStopped: 80}

func stateOf(v instance) string { return cmp.Or(v.State, stateRunning) }

// terminatedLifetime is how long a terminated instance is described
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html).
const terminatedLifetime = time.Hour

// isForgotten reports whether an instance has been terminated for so long that it is not
// described any more. One that a topology file calls terminated stays.
func isForgotten(t *tx, v instance) bool {
	return stateOf(v) == stateTerminated && !v.StateChanged.IsZero() && t.now.Sub(v.StateChanged) > terminatedLifetime
}

// forgetInstances deletes what isForgotten finds. It deletes only some at a time, so that
// no request is slow.
func forgetInstances(t *tx) {
	ends := t.bucket(instancesByEnd.bucket)
	limit := ageKey(t.now.Add(-terminatedLifetime))
	for range maxLaunch {
		k, _ := ends.Cursor().First()
		if k == nil || string(k) >= limit {
			return
		}
		_, id, _ := strings.Cut(string(k), "/")
		instances.del(t, id)
	}
}

func keysByEnd(_ *tx, id string, v instance) []key {
	if stateOf(v) != stateTerminated || v.StateChanged.IsZero() {
		return nil
	}
	return oneKey(ageKey(v.StateChanged), id)
}

// What every instance has and a topology file can leave out follows from the ID
// (A0150).

func (v instance) reservationID() string { return cmp.Or(v.ReservationID, derivedID("r-", v.ID)) }

func (v instance) imageID() string {
	return cmp.Or(v.ImageID, derivedID(mirror.KindImage.Prefix, v.ID))
}

// unknownTime is when an instance of a topology file was launched that does not say it, and
// when its endpoints were made (A0150, A0173).
var unknownTime = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

func (v instance) launched() time.Time {
	if v.LaunchTime.IsZero() {
		return unknownTime
	}
	return v.LaunchTime
}

// rootDevice is the name that the images of Amazon Linux have.
func (v instance) rootDevice() string { return cmp.Or(v.RootDevice, "/dev/xvda") }

// loadInstance adds an instance of a topology file, or updates one. What a client changed
// stays, except what the file has keys for.
func loadInstance(t *tx, v topology.Instance) {
	addTags(t, v.ID, v.Tags)
	v.Tags = nil
	known, _ := instances.read(t, v.ID)
	if before := stateOf(known); before != stateOf(instance{Instance: v}) {
		known.StateReason, known.StateChanged = "", time.Time{}
	}
	replace(&known.Monitored, v.DetailedMonitoring)
	replace(&known.EBSOptimized, v.EBSOptimized)
	if m := v.MetadataOptions; m != nil {
		known.metadataOptions = known.with(metadataOptions(*m))
	}
	v.DetailedMonitoring, v.EBSOptimized, v.MetadataOptions = nil, nil, nil
	known.Instance = v
	instances.put(t, v.ID, known)
}

// keysByReservation orders the instances of a reservation by their IDs, which is the order
// of their launch indexes.
func keysByReservation(_ *tx, id string, v instance) []key { return oneKey(v.reservationID(), id) }

// interfacesOf returns the interfaces of an instance by their device indexes.
func interfacesOf(t *tx, instanceID string) []networkInterface {
	var list []networkInterface
	for _, id := range interfacesByInstance.idsBelow(t, instanceID) {
		if v, ok := interfaces.get(t, id); ok {
			list = append(list, v)
		}
	}
	return list
}

// primaryOf returns the interface of an instance with device index 0.
func primaryOf(t *tx, instanceID string) (networkInterface, bool) {
	list := interfacesOf(t, instanceID)
	if len(list) == 0 || list[0].DeviceIndex != 0 {
		return networkInterface{}, false
	}
	return list[0], true
}

func volumesOf(t *tx, instanceID string) []volume {
	var list []volume
	for _, id := range volumesByInstance.idsBelow(t, instanceID) {
		if v, ok := volumes.get(t, id); ok {
			list = append(list, v)
		}
	}
	return list
}

// instanceZone returns the Availability Zone of an instance, "" if it is not known.
func instanceZone(t *tx, v instance) string {
	first, _ := interfaces.get(t, interfacesByInstance.firstBelow(t, v.ID))
	return cmp.Or(zoneOf(t, first), v.AvailabilityZone)
}
