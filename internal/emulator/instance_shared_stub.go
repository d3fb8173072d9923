package emulator

import (
	"maps"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// What instances share with interfaces, subnets and security groups.

func keysByInstance(_ *tx, id string, v networkInterface) []key {
	if v.InstanceID == "" {
		return nil
	}
	return oneKey(v.InstanceID, numberKey(v.DeviceIndex), id)
}

func (v *networkInterface) detach() {
	v.InstanceID, v.DeviceIndex, v.AttachTime, v.DeleteOnTermination = "", 0, time.Time{}, false
}

func (v subnet) zone(*tx) string { return v.AvailabilityZone }

func defaultSubnet(*tx, string) string { return "" }

func timeText(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// attachTimeOf returns when an interface was attached. What a topology file attaches was
// there when its instance was launched (A0150).
func attachTimeOf(t *tx, v networkInterface) time.Time {
	if !v.AttachTime.IsZero() {
		return v.AttachTime
	}
	owner, _ := instances.get(t, v.InstanceID)
	return owner.launched()
}

// zoneIDOf returns the ID of an Availability Zone of the Region, "" for another name.
func zoneIDOf(t *tx, name string) string {
	letter, ok := strings.CutPrefix(name, t.region)
	if !ok || len(letter) != 1 || letter < "a" || letter > "i" {
		return ""
	}
	return zone{t.region, letter[0]}.id()
}

// internalDomain is the domain of the private hostnames of a Region
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-naming.html).
func internalDomain(t *tx) string {
	if t.region == "us-east-1" {
		return "ec2.internal"
	}
	return t.region + ".compute.internal"
}

// addressHostname returns the hostname that follows from an IPv4 address, "" without one.
func addressHostname(t *tx, a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return "ip-" + strings.ReplaceAll(a.String(), ".", "-") + "." + internalDomain(t)
}

func interfaceHostname(t *tx, v networkInterface, a netip.Addr) string {
	if in, ok := vpcs.get(t, v.VPCID); !ok || !in.DNSHostnames {
		return ""
	}
	return addressHostname(t, a)
}

func addTags(t *tx, id string, more map[string]string) {
	tagged := maps.Clone(tagsOf(t, id))
	if tagged == nil {
		tagged = map[string]string{}
	}
	maps.Copy(tagged, more)
	setTags(t, id, tagged)
}

func init() {
	interfaceDescriber.fields = append(interfaceDescriber.fields, []field[networkInterface]{
		{"addresses.primary", func(_ *tx, v networkInterface) []string {
			list := []string{}
			for i := range v.privateAddresses() {
				list = append(list, strconv.FormatBool(i == 0))
			}
			return list
		}},
		{"attachment.attach-time", func(t *tx, v networkInterface) []string { return oneValue(timeText(attachTimeOf(t, v))) }},
		{"attachment.delete-on-termination", func(_ *tx, v networkInterface) []string { return flagText(v.DeleteOnTermination) }},
		{"attachment.instance-owner-id", func(_ *tx, v networkInterface) []string { return oneValue(v.OwnerID) }},
		{"attachment.status", func(*tx, networkInterface) []string { return oneValue("attached") }},
		{"operator.managed", func(*tx, networkInterface) []string { return flagText(false) }},
		{"private-dns-name", func(t *tx, v networkInterface) []string { return oneValue(interfaceHostname(t, v, v.PrivateIPAddress)) }},
	}...)
}
