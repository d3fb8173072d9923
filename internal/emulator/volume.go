package emulator

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// volume is an EBS volume. Volumes come with a launch. The volumes of instances that exist
// by a topology file are not known.
type volume struct {
	ID                  string    `json:"id"`
	InstanceID          string    `json:"instance_id,omitempty"` // "": attached to none
	Device              string    `json:"device,omitempty"`
	AvailabilityZone    string    `json:"availability_zone,omitempty"`
	Created             time.Time `json:"create_time,omitzero"`
	Size                int       `json:"size"` // in GiB
	Type                string    `json:"volume_type"`
	IOPS                int       `json:"iops,omitempty"`
	Throughput          int       `json:"throughput,omitempty"` // in MiB/s
	Encrypted           bool      `json:"encrypted,omitempty"`
	KMSKeyID            string    `json:"kms_key_id,omitempty"`
	SnapshotID          string    `json:"snapshot_id,omitempty"`
	DeleteOnTermination bool      `json:"delete_on_termination,omitempty"`
}

func (v volume) attached() bool { return v.InstanceID != "" }

func (v volume) status() string {
	if v.attached() {
		return "in-use"
	}
	return "available"
}

// ofAttachment returns a fact of the attachment of a volume, if it has one.
func ofAttachment(value func(volume) string) func(*tx, volume) []string {
	return func(_ *tx, v volume) []string {
		if !v.attached() {
			return nil
		}
		return oneValue(value(v))
	}
}

// volumeDescriber has all documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html).
var volumeDescriber = describer[volume]{
	of:      volumes,
	set:     "volumeSet",
	ids:     "VolumeId",
	idField: "volume-id",
	fields: []field[volume]{
		{"attachment.attach-time", ofAttachment(func(v volume) string { return timeText(v.Created) })},
		{"attachment.delete-on-termination", ofAttachment(func(v volume) string { return strconv.FormatBool(v.DeleteOnTermination) })},
		{"attachment.device", ofAttachment(func(v volume) string { return v.Device })},
		{"attachment.instance-id", ofAttachment(func(v volume) string { return v.InstanceID })},
		{"attachment.status", ofAttachment(func(volume) string { return "attached" })},
		{"availability-zone", func(_ *tx, v volume) []string { return oneValue(v.AvailabilityZone) }},
		{"availability-zone-id", func(t *tx, v volume) []string { return oneValue(zoneIDOf(v.AvailabilityZone)) }},
		{"create-time", func(_ *tx, v volume) []string { return oneValue(timeText(v.Created)) }},
		{"encrypted", func(_ *tx, v volume) []string { return flagText(v.Encrypted) }},
		{"fast-restored", func(*tx, volume) []string { return flagText(false) }},
		{"multi-attach-enabled", func(*tx, volume) []string { return flagText(false) }},
		{"operator.managed", func(*tx, volume) []string { return flagText(false) }},
		{"operator.principal", func(*tx, volume) []string { return nil }},
		{"size", func(_ *tx, v volume) []string { return oneValue(strconv.Itoa(v.Size)) }},
		{"snapshot-id", func(_ *tx, v volume) []string { return oneValue(v.SnapshotID) }},
		{"status", func(_ *tx, v volume) []string { return oneValue(v.status()) }},
		{"volume-type", func(_ *tx, v volume) []string { return oneValue(v.Type) }},
	},
	finders: map[string]func(*tx, string) []string{"attachment.instance-id": idsIn(volumesByInstance)},
	write:   func(t *tx, x *query.Writer, _ string, v volume) { writeVolume(x, t, v) },
}

func keysOfVolume(_ *tx, id string, v volume) []key {
	if !v.attached() {
		return nil
	}
	return oneKey(v.InstanceID, v.Device, id)
}

func writeVolume(x *query.Writer, t *tx, v volume) {
	x.Text("volumeId", v.ID)
	x.Int("size", v.Size)
	x.Text("snapshotId", v.SnapshotID)
	x.OptText("availabilityZone", v.AvailabilityZone)
	x.OptText("availabilityZoneId", zoneIDOf(v.AvailabilityZone))
	x.Text("status", v.status())
	x.Text("createTime", timeText(v.Created))
	x.In("attachmentSet", func() {
		if !v.attached() {
			return
		}
		x.In("item", func() {
			x.Text("volumeId", v.ID)
			x.Text("instanceId", v.InstanceID)
			x.Text("device", v.Device)
			x.Text("status", "attached")
			x.Text("attachTime", timeText(v.Created))
			x.Bool("deleteOnTermination", v.DeleteOnTermination)
		})
	})
	writeTagSet(x, tagsOf(t, v.ID))
	x.Text("volumeType", v.Type)
	if v.IOPS != 0 {
		x.Int("iops", v.IOPS)
	}
	if v.Throughput != 0 {
		x.Int("throughput", v.Throughput)
	}
	x.Bool("encrypted", v.Encrypted)
	x.OptText("kmsKeyId", v.KMSKeyID)
	x.Bool("multiAttachEnabled", false)
}

// The types of volume, and what the ones with a number of operations have by default
// (https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html).
var volumeTypes = []string{"standard", "io1", "io2", "gp2", "sc1", "st1", "gp3"}

const (
	defaultVolumeType = "gp2"
	rootVolumeSize    = 8 // that of the images of Amazon Linux (A0151)

	baseIOPS       = 3000 // of gp3
	baseThroughput = 125  // of gp3
	leastIOPS      = 100  // of gp2
	mostIOPS       = 16000
)

// fill gives a volume the values that a launch leaves to EC2.
func (v *volume) fill() {
	v.Type = cmp.Or(v.Type, defaultVolumeType)
	v.Size = cmp.Or(v.Size, rootVolumeSize)
	switch v.Type {
	case "gp3":
		v.IOPS, v.Throughput = cmp.Or(v.IOPS, baseIOPS), cmp.Or(v.Throughput, baseThroughput)
	case "gp2":
		v.IOPS = min(max(3*v.Size, leastIOPS), mostIOPS)
	}
}

// deviceMapping is a BlockDeviceMapping of a launch.
type deviceMapping struct {
	volume
	sized bool
}

// readDeviceMappings reads the volumes of a launch
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlockDeviceMapping.html).
// Volumes of an instance store, and a device that is taken out of the image, are not
// emulated.
func readDeviceMappings(q *query.Query) []deviceMapping {
	var list []deviceMapping
	for _, member := range q.Members("BlockDeviceMapping") {
		ebs := member + ".Ebs."
		m := deviceMapping{volume: volume{
			Device: q.NeedText(member + ".DeviceName"), Type: readChoice(q, ebs+"VolumeType", volumeTypes...),
			SnapshotID: q.Text(ebs + "SnapshotId"), KMSKeyID: q.Text(ebs + "KmsKeyId"), Encrypted: q.Bool(ebs + "Encrypted"),
			DeleteOnTermination: true,
		}}
		replace(&m.DeleteOnTermination, q.OptBool(ebs+"DeleteOnTermination"))
		m.Size, m.IOPS, m.Throughput = readCount(q, ebs+"VolumeSize"), readCount(q, ebs+"Iops"), readCount(q, ebs+"Throughput")
		m.sized = m.Size != 0 || m.SnapshotID != ""
		if slices.ContainsFunc(list, func(other deviceMapping) bool { return other.Device == m.Device }) {
			q.Fail(query.Refuse("InvalidBlockDeviceMapping", "The device '%s' is used in more than one block-device mapping", m.Device))
		}
		list = append(list, m)
	}
	return list
}

// readCount reads a number above 0, 0 if it is not given.
func readCount(q *query.Query, name string) int {
	n := q.Int(name)
	switch {
	case n == nil:
		return 0
	case *n < 1:
		q.Fail(query.InvalidValue(name, strconv.Itoa(*n), "Write a number above 0."))
	}
	return *n
}

func describeVolumes(q *query.Query) operation {
	readManaged(q)
	return volumeDescriber.describe(q)
}

func deleteVolume(q *query.Query) operation {
	id := volumes.needID(q, "VolumeId")
	return func(t *tx, x *query.Writer) error {
		v, err := volumes.need(t, id)
		if err != nil {
			return err
		}
		if v.attached() {
			return query.Refuse("VolumeInUse", "Volume %s is currently attached to %s", id, v.InstanceID)
		}
		volumes.del(t, id)
		x.Bool("return", true)
		return nil
	}
}
