package emulator

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// launch is a request for instances.
type launch struct {
	least, most int
	instance    // what they have in common
	profileName string
	network     []launchInterface
	devices     []deviceMapping
	tags        map[string]map[string]string // by the type of the resource
}

// How many instances a request launches, and how many interfaces, addresses and volumes
// they have together. The numbers bound how long a request takes (A0155).
const (
	maxLaunch      = 100
	maxLaunchParts = 1000
)

// defaultInstanceType is the type of a request without one
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html).
const defaultInstanceType = "m1.small"

// image is the kind of the images that requests name. Each ID of the right form is that
// of an image (A0151).
var image = kind{mirror.KindImage, "InvalidAMIID.Malformed", "InvalidAMIID.NotFound", "image id"}

// runInstances launches instances. Of launch templates, Spot Instances and public
// addresses it knows nothing.
func runInstances(q *query.Query) operation {
	l := launch{least: q.NeedInt("MinCount"), most: q.NeedInt("MaxCount")}
	refuseCounts(q, l)
	l.instance = readLaunched(q)
	readPlacement(q, &l.instance)
	l.profileName = readProfile(q, &l.instance)
	l.network = readNetwork(q, l.most)
	l.devices = readDeviceMappings(q)
	l.tags = readLaunchTags(q)
	repeat := readIdempotency(q)
	l.ClientToken = repeat.token
	return func(t *tx, x *query.Writer) error {
		made := false
		exists := func(id string) bool { return instancesByReservation.firstBelow(t, id) != "" }
		id, err := repeat.once(t, exists, func() (string, error) { made = true; return l.run(t) })
		if err != nil {
			return err
		}
		var list []instance
		for _, id := range instancesByReservation.idsBelow(t, id) {
			v, ok := instances.get(t, id)
			if !ok {
				continue
			}
			if made {
				v.State, v.StateReason = statePending, reasonPending
			}
			list = append(list, v)
		}
		writeReservation(x, t, id, list)
		forgetInstances(t)
		return nil
	}
}

// refuseCounts refuses a number of instances that cannot be (A0154).
func refuseCounts(q *query.Query, l launch) {
	switch {
	case l.least < 1:
		q.Fail(query.InvalidValue("MinCount", strconv.Itoa(l.least), "Write 1 or more."))
	case l.most < l.least:
		q.Fail(query.Refuse("InvalidParameterValue", "MinCount %d is more than MaxCount %d", l.least, l.most))
	case l.least > maxLaunch:
		q.Fail(query.Refuse("InstanceLimitExceeded", "You have requested more instances (%d) than the embedded EC2 launches at once (%d).", l.least, maxLaunch))
	}
}

// readLaunched reads what the instances of a request have in common.
func readLaunched(q *query.Query) instance {
	v := instance{Instance: topology.Instance{ImageID: image.needID(q, "ImageId"), KeyName: q.Text("KeyName"), InstanceType: defaultInstanceType}}
	if q.Has("InstanceType") {
		v.InstanceType = readInstanceType(q, "InstanceType")
	}
	v.UserData = readUserData(q, "UserData")
	v.Monitored = q.Bool("Monitoring.Enabled")
	v.EBSOptimized = q.Bool("EbsOptimized")
	v.DisableAPIStop, v.DisableAPITerminate = q.Bool("DisableApiStop"), q.Bool("DisableApiTermination")
	v.ShutdownBehavior = readChoice(q, "InstanceInitiatedShutdownBehavior", shutdownStops, shutdownTerminates)
	v.CPUCredits = readChoice(q, "CreditSpecification.CpuCredits", creditsStandard, creditsUnlimited)
	if v.CPUCredits != "" && !isBurstable(v.InstanceType) {
		q.Fail(notBurstable(v.InstanceType))
	}
	v.CoreCount, v.ThreadsPerCore = readCount(q, "CpuOptions.CoreCount"), readCount(q, "CpuOptions.ThreadsPerCore")
	v.Enclave, v.Hibernation = q.Bool("EnclaveOptions.Enabled"), q.Bool("HibernationOptions.Configured")
	v.AutoRecovery = readChoice(q, "MaintenanceOptions.AutoRecovery", disabled, "default")
	v.CapacityPreference = readChoice(q, "CapacityReservationSpecification.CapacityReservationPreference", "capacity-reservations-only", "open", "none")
	v.BandwidthWeighting = readChoice(q, "NetworkPerformanceOptions.BandwidthWeighting", "default", "vpc-1", "ebs-1")
	v.HostnameType = readChoice(q, "PrivateDnsNameOptions.HostnameType", hostnameByAddress, hostnameByInstance)
	v.ARecord, v.AAAARecord = q.Bool("PrivateDnsNameOptions.EnableResourceNameDnsARecord"), q.Bool("PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord")
	v.metadataOptions = readMetadataOptions(q, "MetadataOptions.")
	q.Text("AdditionalInfo") // reserved
	return v
}

func readPlacement(q *query.Query, v *instance) {
	v.AvailabilityZone = q.Text("Placement.AvailabilityZone")
	v.PlacementGroup = q.Text("Placement.GroupName")
	v.PartitionNumber = readCount(q, "Placement.PartitionNumber")
	v.Tenancy = readChoice(q, "Placement.Tenancy", defaultTenancy, "dedicated")
}

// readProfile reads an instance profile, of which it returns the name if the request does
// not have the ARN.
func readProfile(q *query.Query, v *instance) (name string) {
	v.IAMInstanceProfile, name = q.Text("IamInstanceProfile.Arn"), q.Text("IamInstanceProfile.Name")
	if v.IAMInstanceProfile != "" && name != "" {
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'"))
	}
	return name
}

// readLaunchTags reads the tags of what a launch makes, by the type of the resource.
func readLaunchTags(q *query.Query) map[string]map[string]string {
	types := []string{mirror.KindInstance.Resource, mirror.KindVolume.Resource, mirror.KindInterface.Resource}
	tagged := map[string]map[string]string{}
	for _, spec := range q.Members("TagSpecification") {
		resource := q.NeedText(spec + ".ResourceType")
		if !slices.Contains(types, resource) {
			q.Fail(query.Refuse("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", resource))
		}
		if tagged[resource] != nil {
			q.Fail(query.Refuse("InvalidParameterValue", "There is more than one TagSpecification for the resource type '%s'", resource))
		}
		tagged[resource] = tagMap(readTags(q, spec+".Tag"))
		q.Fail(refuseTags(tagged[resource]))
	}
	return tagged
}

// run launches the instances, and returns the ID of their reservation. It launches fewer
// than the most that are asked for if the subnet has no more addresses.
func (l launch) run(t *tx) (string, error) {
	var err error
	if l.network, err = l.inDefaultSubnets(t); err != nil {
		return "", err
	}
	if err := l.check(t); err != nil {
		return "", err
	}
	l.ReservationID = t.newID("r-")
	var ids []string
	for range min(l.most, maxLaunch) {
		ids = append(ids, instances.freshID(t))
	}
	slices.Sort(ids) // the order of their launch indexes
	for n, id := range ids {
		err := l.launchOne(t, id, n)
		if err == nil {
			continue
		}
		if n < l.least || !isShort(err) {
			return "", err
		}
		break
	}
	return l.ReservationID, nil
}

// isShort reports whether an error says that a subnet has no more addresses.
func isShort(err error) bool {
	var refusal *query.Error
	return errors.As(err, &refusal) && refusal.Code == insufficientAddresses
}

const insufficientAddresses = "InsufficientFreeAddressesInSubnet"

// launchOne launches an instance. It leaves nothing if it fails.
func (l launch) launchOne(t *tx, id string, n int) error {
	v := l.instance
	v.ID, v.LaunchIndex, v.LaunchTime, v.State = id, n, t.now.UTC(), stateRunning
	v.RootDevice = v.rootDevice()
	if l.profileName != "" {
		v.IAMInstanceProfile = "arn:" + mirror.PartitionOf(t.region) + ":iam::" + t.account + ":instance-profile/" + l.profileName
	}
	in, err := attachLaunched(t, id, l.network, l.tags[mirror.KindInterface.Resource])
	if err != nil {
		return err
	}
	v.AvailabilityZone = in.zone(t)
	v.HostnameType = cmp.Or(v.HostnameType, in.hostnameType())
	v.ARecord, v.AAAARecord = v.ARecord || in.ARecord, v.AAAARecord || in.AAAARecord
	network, _ := vpcs.get(t, in.VPCID)
	v.Tenancy = cmp.Or(v.Tenancy, network.Tenancy)
	instances.put(t, id, v)
	setTags(t, id, l.tags[mirror.KindInstance.Resource])
	for _, disk := range l.disks(v) {
		disk.ID = volumes.freshID(t)
		volumes.put(t, disk.ID, disk)
		setTags(t, disk.ID, l.tags[mirror.KindVolume.Resource])
	}
	return nil
}

// disks returns the volumes of an instance: the root volume, and those of the request.
func (l launch) disks(v instance) []volume {
	list := []volume{{Device: v.rootDevice(), DeleteOnTermination: true, SnapshotID: rootSnapshot(v.imageID())}}
	for _, m := range l.devices {
		if m.Device == list[0].Device {
			m.SnapshotID = cmp.Or(m.SnapshotID, list[0].SnapshotID)
			list[0] = m.volume
			continue
		}
		list = append(list, m.volume)
	}
	for n := range list {
		list[n].InstanceID, list[n].AvailabilityZone, list[n].Created = v.ID, v.AvailabilityZone, v.LaunchTime
		list[n].fill()
	}
	return list
}

// check refuses a launch whose parts do not fit together.
func (l launch) check(t *tx) error {
	for _, m := range l.devices {
		if m.Device != l.rootDevice() && !m.sized {
			return query.Refuse("MissingParameter", "The request must contain the parameter size or snapshotId")
		}
	}
	if err := l.refuseMany(); err != nil {
		return err
	}
	return l.checkZone(t)
}

// refuseMany refuses more interfaces than instances of the type take (A0158), and more
// parts of instances than a request can make.
func (l launch) refuseMany() error {
	if err := refuseInterfaces(l.InstanceType, len(l.network)); err != nil {
		return err
	}
	parts := len(l.devices)
	for _, v := range l.network {
		parts += 1 + len(v.addresses()) + v.secondary + v.ipv6
	}
	if n := min(l.most, maxLaunch); n*parts > maxLaunchParts {
		return query.Refuse("InstanceLimitExceeded", "%d instances have %d network interfaces, addresses and volumes. The embedded EC2 makes at most %d in a request.", n, n*parts, maxLaunchParts)
	}
	return nil
}

// refuseInterfaces refuses more interfaces than an instance of a type takes, where the
// number is known (A0158).
func refuseInterfaces(typeName string, n int) error {
	known, ok := instanceType(typeName)
	if !ok {
		return nil
	}
	if most := known.number("interfaces"); most > 0 && n > most {
		return query.Refuse("AttachmentLimitExceeded", "Interface count %d exceeds the limit for %s", n, typeName)
	}
	return nil
}
