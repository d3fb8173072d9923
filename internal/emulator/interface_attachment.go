package emulator

import (
	"strconv"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// isAttached reports whether the interface is attached to an instance of the account, or to
// a resource of the requester that manages it.
func (v networkInterface) isAttached() bool { return v.InstanceID != "" || v.RequesterManaged }

// deviceIndex returns the device index. That of an interface that a requester manages is
// the one that clients see (A0176).
func (v networkInterface) deviceIndex() int {
	if v.InstanceID == "" {
		return 1
	}
	return v.DeviceIndex
}

// attachmentOwner returns who owns what the interface is attached to.
func (v networkInterface) attachmentOwner() string {
	if v.InstanceID == "" {
		return v.RequesterID
	}
	return v.OwnerID
}

func (v networkInterface) attachmentID() string {
	suffix := strings.TrimPrefix(v.ID, mirror.KindInterface.Prefix)
	switch {
	case v.InstanceID != "":
		return "eni-attach-" + suffix
	case v.RequesterManaged:
		return requesterAttachment + suffix
	}
	return ""
}

// requesterAttachment begins the IDs of attachments that only a requester manages.
const requesterAttachment = "ela-attach-"

// ofAttachment returns a text about the attachment, if there is one.
func (v networkInterface) ofAttachment(text string) []string {
	if !v.isAttached() {
		return nil
	}
	return oneValue(text)
}

// attachTimeOf returns when an interface was attached. What a topology file attaches was
// there when its instance was launched (A0150).
func attachTimeOf(t *tx, v networkInterface) time.Time {
	if !v.AttachTime.IsZero() {
		return v.AttachTime
	}
	owner, _ := instances.get(t, v.InstanceID)
	return owner.launched()
}

func timeText(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

func writeAttachment(x *query.Writer, t *tx, v networkInterface) {
	if !v.isAttached() {
		return
	}
	x.In("attachment", func() {
		x.Text("attachmentId", v.attachmentID())
		x.OptText("instanceId", v.InstanceID)
		x.OptText("instanceOwnerId", v.attachmentOwner())
		x.Int("deviceIndex", v.deviceIndex())
		x.Int("networkCardIndex", 0)
		x.Text("status", "attached")
		x.Text("attachTime", timeText(attachTimeOf(t, v)))
		x.Bool("deleteOnTermination", v.DeleteOnTermination)
	})
}

// attach attaches an interface now. It stays when the instance is terminated, unless the
// client changes that
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network-interface-attachments.html).
func (v *networkInterface) attach(t *tx, instanceID string, device int) {
	v.InstanceID, v.DeviceIndex, v.AttachTime, v.DeleteOnTermination = instanceID, device, t.now.UTC(), false
}

// detach takes an interface off its instance. It has a primary IPv6 address no longer than
// it is attached
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html).
func (v *networkInterface) detach() {
	v.InstanceID, v.DeviceIndex, v.AttachTime, v.DeleteOnTermination, v.PrimaryIPv6 = "", 0, time.Time{}, false, false
}

// otherHardware are the parameters of an attachment for hardware that is not emulated.
var otherHardware = []string{"EnaSrdSpecification", "EnaQueueCount", "DefaultEnaQueueCount"}

func refuseHardware(q *query.Query, prefix string) {
	for _, name := range otherHardware {
		if q.HasBelow(prefix + name) {
			q.Fail(query.Refuse("UnsupportedOperation", "The embedded EC2 does not support %s. Leave it out.", prefix+name))
		}
	}
}

func attachInterface(q *query.Query) operation {
	id, instance := interfaces.needID(q, "NetworkInterfaceId"), instances.needID(q, "InstanceId")
	device := q.NeedInt("DeviceIndex")
	if device < 0 {
		q.Fail(query.InvalidValue("DeviceIndex", strconv.Itoa(device), "Write 0 or more."))
	}
	if card := q.Int("NetworkCardIndex"); card != nil && *card != 0 {
		q.Fail(query.InvalidValue("NetworkCardIndex", strconv.Itoa(*card), "The instances of the embedded EC2 have one network card, 0."))
	}
	refuseHardware(q, "")
	return func(t *tx, x *query.Writer) error {
		v, err := interfaces.need(t, id)
		if err != nil {
			return err
		}
		to, err := instances.need(t, instance)
		if err != nil {
			return err
		}
		if v.isAttached() {
			return interfaceInUse(id)
		}
		// The code is an assumption (A0172).
		if state := stateOf(to); state != stateRunning && state != stateStopped {
			return query.Refuse("IncorrectState", "Instance '%s' is %s. A network interface can be attached to an instance that is running or stopped.", instance, state)
		}
		if err := checkDevice(t, instance, device); err != nil {
			return err
		}
		if err := refuseInterfaces(to.InstanceType, interfacesByInstance.countBelow(t, instance)+1); err != nil {
			return err
		}
		if err := checkZone(t, v, instance); err != nil {
			return err
		}
		v.attach(t, instance, device)
		interfaces.put(t, id, v)
		x.Text("attachmentId", v.attachmentID())
		x.Int("networkCardIndex", 0)
		return nil
	}
}

// checkDevice refuses a device index that another interface of the instance has. Clients
// report the code and the message
// (https://github.com/cilium/cilium/pull/42512).
func checkDevice(t *tx, instance string, device int) error {
	if interfacesByInstance.firstBelow(t, instance, numberKey(device)) != "" {
		return query.Refuse("InvalidParameterValue", "Instance '%s' already has an interface attached at device index '%d'.", instance, device)
	}
	return nil
}

// checkZone refuses an interface in another Availability Zone than the instance, which is in
// that of its interfaces. It may be in another VPC. Where a zone is unknown, everything
// fits. The rule is documented, and the code is an assumption (A0171)
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network-interface-attachments.html).
func checkZone(t *tx, v networkInterface, instance string) error {
	owner, _ := instances.get(t, instance)
	here, there := instanceZone(t, owner), zoneOf(t, v)
	if here == there || here == "" || there == "" {
		return nil
	}
	return query.Refuse("InvalidParameterCombination", "You may not attach a network interface to an instance if they are not in the same availability zone")
}

// detachInterface keeps the sessions of the interface, as EC2 documents. Clients report the
// codes and the messages for the primary interface and for one that a requester manages
// (https://github.com/getmoto/moto/issues/7678, https://github.com/boto/boto3/issues/2218).
func detachInterface(q *query.Query) operation {
	attachment := q.NeedText("AttachmentId")
	q.OptBool("Force")
	return func(t *tx, x *query.Writer) error {
		for id, v := range interfaces.all(t, "") {
			if v.attachmentID() != attachment {
				continue
			}
			if v.InstanceID == "" {
				return query.Refuse("OperationNotPermitted", "You are not allowed to manage 'ela-attach' attachments.")
			}
			if v.DeviceIndex == 0 {
				return query.Refuse("OperationNotPermitted", "The network interface at device index 0 and networkCard index 0 cannot be detached.")
			}
			v.detach()
			interfaces.put(t, id, v)
			x.Bool("return", true)
			return nil
		}
		return noAttachment(attachment)
	}
}

func noAttachment(id string) error {
	return query.Refuse("InvalidAttachmentID.NotFound", "The attachment '%s' does not exist", id)
}
