package emulator

import (
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// tracking is how long the connections of an interface are tracked, in seconds; 0 is the
// default of EC2, which no answer has.
type tracking struct {
	TCPEstablished int `json:"tcp_established_timeout,omitempty"`
	UDPStream      int `json:"udp_stream_timeout,omitempty"`
	UDP            int `json:"udp_timeout,omitempty"`
}

// trackingTimeouts are the timeouts with their documented ranges
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ConnectionTrackingSpecificationRequest.html).
var trackingTimeouts = []struct {
	name    string
	seconds mirror.Range
	of      func(*tracking) *int
}{
	{"TcpEstablishedTimeout", mirror.Range{Min: 60, Max: 432000}, func(v *tracking) *int { return &v.TCPEstablished }},
	{"UdpStreamTimeout", mirror.Range{Min: 60, Max: 180}, func(v *tracking) *int { return &v.UDPStream }},
	{"UdpTimeout", mirror.Range{Min: 30, Max: 60}, func(v *tracking) *int { return &v.UDP }},
}

// readTracking reads the timeouts of a request; nil: it has none.
func readTracking(q *query.Query) *tracking {
	const parameter = "ConnectionTrackingSpecification"
	if !q.HasBelow(parameter) {
		return nil
	}
	read := &tracking{}
	for _, timeout := range trackingTimeouts {
		name := parameter + "." + timeout.name
		n := q.Int(name)
		if n == nil {
			continue
		}
		if !timeout.seconds.Contains(int64(*n)) {
			q.Fail(query.InvalidValue(name, fmt.Sprint(*n), fmt.Sprintf("Write a number of seconds from %s.", timeout.seconds)))
		}
		*timeout.of(read) = *n
	}
	return read
}

func writeTracking(x *query.Writer, v *tracking) {
	if v == nil {
		return
	}
	x.In("connectionTrackingConfiguration", func() {
		for _, timeout := range trackingTimeouts {
			if n := *timeout.of(v); n != 0 {
				x.Int(strings.ToLower(timeout.name[:1])+timeout.name[1:], n)
			}
		}
	})
}

// checkPrimaryIPv6 refuses a primary IPv6 address where there is none. The rule is
// documented, and the code is an assumption (A0174).
func (v networkInterface) checkPrimaryIPv6() error {
	if v.PrimaryIPv6 && len(v.IPv6Addresses) == 0 {
		return query.Refuse("InvalidParameterValue", "The network interface has no IPv6 address that could be the primary one")
	}
	return nil
}

// interfaceChange is a change of one attribute of an interface.
type interfaceChange func(t *tx, v *networkInterface) error

// modifyInterfaceAttribute changes one attribute. EC2 accepts no more in a request.
func modifyInterfaceAttribute(q *query.Query) operation {
	id := interfaces.needID(q, "NetworkInterfaceId")
	changes := readInterfaceChanges(q)
	needOneChange(q, len(changes))
	return func(t *tx, x *query.Writer) error {
		v, err := ownInterface(t, id)
		if err != nil {
			return err
		}
		if err := changes[0](t, &v); err != nil {
			return err
		}
		interfaces.put(t, id, v)
		x.Bool("return", true)
		return nil
	}
}

func readInterfaceChanges(q *query.Query) []interfaceChange {
	var changes []interfaceChange
	if description := q.OptText("Description.Value"); description != nil {
		changes = append(changes, func(_ *tx, v *networkInterface) error { v.Description = *description; return nil })
	}
	if check := q.OptBool("SourceDestCheck.Value"); check != nil {
		changes = append(changes, func(_ *tx, v *networkInterface) error { v.NoSourceCheck = !*check; return nil })
	}
	if groups := readGroups(q); groups != nil {
		changes = append(changes, func(t *tx, v *networkInterface) error {
			v.GroupIDs = groups
			return checkGroups(t, v.VPCID, groups, errOtherNetwork)
		})
	}
	if timeouts := readTracking(q); timeouts != nil {
		changes = append(changes, func(_ *tx, v *networkInterface) error { v.Tracking = timeouts; return nil })
	}
	if q.HasBelow("Attachment") {
		changes = append(changes, readAttachmentChange(q))
	}
	if on := q.OptBool("EnablePrimaryIpv6"); on != nil {
		changes = append(changes, func(_ *tx, v *networkInterface) error { return v.setPrimaryIPv6(*on) })
	}
	// There are no public addresses: an interface never gets one.
	if public := q.OptBool("AssociatePublicIpAddress"); public != nil {
		if *public {
			q.Fail(query.Refuse("UnsupportedOperation", "The embedded EC2 has no public IP addresses. Write AssociatePublicIpAddress=false, or leave it out."))
		}
		changes = append(changes, func(*tx, *networkInterface) error { return nil })
	}
	refuseHardware(q, "")
	if q.HasBelow("AssociatedSubnetId") {
		q.Fail(query.Refuse("UnsupportedOperation", "The embedded EC2 does not associate further subnets with a network interface. Leave out AssociatedSubnetId."))
	}
	return changes
}

// readAttachmentChange reads what becomes of the interface when its instance is terminated.
func readAttachmentChange(q *query.Query) interfaceChange {
	id, deleted := q.NeedText("Attachment.AttachmentId"), q.OptBool("Attachment.DeleteOnTermination")
	if deleted == nil {
		q.Fail(query.Missing("Attachment.DeleteOnTermination"))
	}
	refuseHardware(q, "Attachment.")
	return func(_ *tx, v *networkInterface) error {
		if v.attachmentID() != id {
			return noAttachment(id)
		}
		v.DeleteOnTermination = *deleted
		return nil
	}
}

// setPrimaryIPv6 makes the first IPv6 address the primary one. It stays so until the
// interface is detached. The code for a change back is an assumption (A0174).
func (v *networkInterface) setPrimaryIPv6(on bool) error {
	if v.PrimaryIPv6 && !on {
		return query.Refuse("InvalidParameterValue", "The network interface '%s' has a primary IPv6 address, which stays until the interface is detached", v.ID)
	}
	v.PrimaryIPv6 = on
	return v.checkPrimaryIPv6()
}

// interfaceAttributes are the attributes of an interface that are described one at a time
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaceAttribute.html).
var interfaceAttributes = map[string]func(x *query.Writer, t *tx, v networkInterface){
	"description": func(x *query.Writer, _ *tx, v networkInterface) {
		x.In("description", func() { x.Text("value", v.Description) })
	},
	"groupSet": func(x *query.Writer, t *tx, v networkInterface) { writeGroupSet(x, t, v.GroupIDs) },
	"sourceDestCheck": func(x *query.Writer, _ *tx, v networkInterface) {
		x.In("sourceDestCheck", func() { x.Bool("value", !v.NoSourceCheck) })
	},
	"attachment": writeAttachment,
	"associatePublicIpAddress": func(x *query.Writer, _ *tx, _ networkInterface) {
		x.Bool("associatePublicIpAddress", false)
	},
}

func describeInterfaceAttribute(q *query.Query) operation {
	id, name := interfaces.needID(q, "NetworkInterfaceId"), q.NeedText("Attribute")
	write, known := interfaceAttributes[name]
	if !known {
		q.Fail(query.InvalidValue("Attribute", name, "Write the name of an attribute, such as sourceDestCheck."))
	}
	return func(t *tx, x *query.Writer) error {
		v, err := interfaces.need(t, id)
		if err != nil {
			return err
		}
		x.Text("networkInterfaceId", id)
		write(x, t, v)
		return nil
	}
}
