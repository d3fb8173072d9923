package emulator

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// instanceAttribute is an attribute that DescribeInstanceAttribute and
// ModifyInstanceAttribute name.
type instanceAttribute struct {
	name    string // its parameter begins in upper case
	write   func(t *tx, x *query.Writer, v instance)
	stopped bool                                                              // it can be changed only while the instance is stopped
	read    func(q *query.Query, parameter string) func(*tx, *instance) error // nil: it cannot be changed
}

// valueOf writes an attribute as a text.
func valueOf(get func(instance) string) func(*tx, *query.Writer, instance) {
	return func(_ *tx, x *query.Writer, v instance) { x.OptText("value", get(v)) }
}

func flagOf(get func(instance) bool) func(*tx, *query.Writer, instance) {
	return func(_ *tx, x *query.Writer, v instance) { x.Bool("value", get(v)) }
}

// setFlag reads the change of an attribute that is true or false.
func setFlag(field func(*instance) *bool) func(*query.Query, string) func(*tx, *instance) error {
	return func(q *query.Query, parameter string) func(*tx, *instance) error {
		on := q.Bool(parameter)
		return func(_ *tx, v *instance) error { *field(v) = on; return nil }
	}
}

// instanceAttributes are the attributes of an instance that are described and modified one
// at a time
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html).
// Instances here have no kernel, no RAM disk and no product code. The security groups are
// in the parameter GroupId.
var instanceAttributes = []instanceAttribute{
	{name: "disableApiStop", write: flagOf(func(v instance) bool { return v.DisableAPIStop }), read: setFlag(func(v *instance) *bool { return &v.DisableAPIStop })},
	{name: "disableApiTermination", write: flagOf(func(v instance) bool { return v.DisableAPITerminate }), read: setFlag(func(v *instance) *bool { return &v.DisableAPITerminate })},
	{name: "ebsOptimized", stopped: true, write: flagOf(func(v instance) bool { return v.EBSOptimized }), read: setFlag(func(v *instance) *bool { return &v.EBSOptimized })},
	{name: "enaSupport", stopped: true, write: flagOf(func(v instance) bool { return !v.NoENA }), read: func(q *query.Query, parameter string) func(*tx, *instance) error {
		on := q.Bool(parameter)
		return func(_ *tx, v *instance) error { v.NoENA = !on; return nil }
	}},
	{name: "enclaveOptions", write: func(_ *tx, x *query.Writer, v instance) { x.Bool("enabled", v.Enclave) }},
	{name: "instanceInitiatedShutdownBehavior", write: valueOf(func(v instance) string { return cmp.Or(v.ShutdownBehavior, shutdownStops) }), read: setShutdown},
	{name: "instanceType", stopped: true, write: valueOf(func(v instance) string { return v.InstanceType }), read: setType},
	{name: "kernel", write: valueOf(func(instance) string { return "" })},
	{name: "productCodes", write: func(*tx, *query.Writer, instance) {}},
	{name: "ramdisk", write: valueOf(func(instance) string { return "" })},
	{name: "rootDeviceName", write: valueOf(instance.rootDevice)},
	{name: "sourceDestCheck", write: writeSourceCheck, read: setSourceCheck},
	{name: "sriovNetSupport", write: valueOf(func(instance) string { return "" })},
	{name: "userData", stopped: true, write: valueOf(func(v instance) string { return v.UserData }), read: setUserData},
}

// The values of instanceInitiatedShutdownBehavior.
const (
	shutdownStops      = "stop"
	shutdownTerminates = "terminate"
)

func attributeNamed(name string) (instanceAttribute, bool) {
	i := slices.IndexFunc(instanceAttributes, func(a instanceAttribute) bool { return a.name == name })
	if i < 0 {
		return instanceAttribute{}, false
	}
	return instanceAttributes[i], true
}

func invalidAttribute(name string) error {
	return query.InvalidValue("Attribute", name, "Write the name of an attribute, such as instanceType.")
}

func describeInstanceAttribute(q *query.Query) operation {
	id, name := instances.needID(q, "InstanceId"), q.NeedText("Attribute")
	attribute, known := attributeNamed(name)
	if !known && name != "groupSet" && name != "blockDeviceMapping" {
		q.Fail(invalidAttribute(name))
	}
	return func(t *tx, x *query.Writer) error {
		v, err := instances.need(t, id)
		if err != nil {
			return err
		}
		x.Text("instanceId", id)
		switch name {
		case "groupSet":
			primary, _ := primaryOf(t, id)
			writeGroupSet(x, t, primary.GroupIDs)
		case "blockDeviceMapping":
			x.In(name, func() { writeBlockDevices(x, t, v) })
		default:
			x.In(name, func() { attribute.write(t, x, v) })
		}
		return nil
	}
}

// modifyInstanceAttribute changes one attribute. It is given by a parameter of its own, or
// by Attribute and Value.
func modifyInstanceAttribute(q *query.Query) operation {
	id := instances.needID(q, "InstanceId")
	var changes []func(*tx, *instance) error
	if name := q.Text("Attribute"); name != "" {
		changes = append(changes, readNamed(q, name))
	}
	for _, attribute := range instanceAttributes {
		parameter := strings.ToUpper(attribute.name[:1]) + attribute.name[1:] + ".Value"
		if attribute.read != nil && q.Has(parameter) {
			changes = append(changes, attribute.change(q, parameter))
		}
	}
	if groups := securityGroups.readIDs(q, "GroupId"); groups != nil {
		changes = append(changes, func(t *tx, v *instance) error { return setGroups(t, v, groups) })
	}
	if devices := q.Members("BlockDeviceMapping"); devices != nil {
		changes = append(changes, readDeviceChange(q, devices))
	}
	needOneChange(q, len(changes))
	return changeInstance(id, func(t *tx, x *query.Writer, v *instance) error {
		x.Bool("return", true)
		return changes[0](t, v)
	})
}

// readNamed reads a change that is given by Attribute and Value.
func readNamed(q *query.Query, name string) func(*tx, *instance) error {
	attribute, known := attributeNamed(name)
	q.NeedText("Value")
	if !known || attribute.read == nil {
		q.Fail(invalidAttribute(name))
		return nil
	}
	return attribute.change(q, "Value")
}

func (a instanceAttribute) change(q *query.Query, parameter string) func(*tx, *instance) error {
	set := a.read(q, parameter)
	return func(t *tx, v *instance) error {
		if a.stopped && stateOf(*v) != stateStopped {
			return query.Refuse("IncorrectInstanceState", "The instance '%s' is not in the 'stopped' state.", v.ID)
		}
		return set(t, v)
	}
}

func setShutdown(q *query.Query, parameter string) func(*tx, *instance) error {
	behavior := readChoice(q, parameter, shutdownStops, shutdownTerminates)
	return func(_ *tx, v *instance) error { v.ShutdownBehavior = behavior; return nil }
}

// setType keeps the sessions of the interfaces, also if the new type cannot be mirrored
// (A0087). The number of cores is that of the new type.
func setType(q *query.Query, parameter string) func(*tx, *instance) error {
	name := readInstanceType(q, parameter)
	return func(_ *tx, v *instance) error {
		if name != v.InstanceType {
			v.CoreCount, v.ThreadsPerCore, v.CPUCredits = 0, 0, ""
		}
		v.InstanceType = name
		return nil
	}
}

func readInstanceType(q *query.Query, parameter string) string {
	name := q.NeedText(parameter)
	if _, known := instanceType(name); !known && name != "" {
		q.Fail(query.Refuse("InvalidParameterValue", "Invalid value '%s' for InstanceType.", name))
	}
	return name
}

func setUserData(q *query.Query, parameter string) func(*tx, *instance) error {
	data := readUserData(q, parameter)
	return func(_ *tx, v *instance) error { v.UserData = data; return nil }
}

// maxUserData is the number of bytes before they are encoded
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html).
const maxUserData = 16384

func readUserData(q *query.Query, parameter string) string {
	text := q.Text(parameter)
	data, err := base64.StdEncoding.DecodeString(text)
	switch {
	case err != nil:
		q.Fail(query.Refuse("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data."))
	case len(data) > maxUserData:
		q.Fail(query.Refuse("InvalidParameterValue", "User data is limited to %d bytes", maxUserData))
	}
	return text
}

func writeSourceCheck(t *tx, x *query.Writer, v instance) {
	if primary, ok := primaryOf(t, v.ID); ok {
		x.Bool("value", !primary.NoSourceCheck)
	}
}

func setSourceCheck(q *query.Query, parameter string) func(*tx, *instance) error {
	on := q.Bool(parameter)
	return func(t *tx, v *instance) error {
		i, err := onlyInterface(t, v.ID)
		if err != nil {
			return err
		}
		i.NoSourceCheck = !on
		interfaces.put(t, i.ID, i)
		return nil
	}
}

func setGroups(t *tx, v *instance, groups []string) error {
	i, err := onlyInterface(t, v.ID)
	if err != nil {
		return err
	}
	if err := checkGroups(t, i.VPCID, groups, errOtherNetwork); err != nil {
		return err
	}
	i.GroupIDs = groups
	interfaces.put(t, i.ID, i)
	return nil
}

// onlyInterface returns the interface of an instance that has one. With more, EC2 wants
// the ID of an interface. The code is that of support threads (A0154).
func onlyInterface(t *tx, instanceID string) (networkInterface, error) {
	list := interfacesOf(t, instanceID)
	if len(list) == 0 {
		return networkInterface{}, query.Refuse("InvalidInstanceID", "The instance '%s' has no network interface.", instanceID)
	}
	if len(list) != 1 {
		return networkInterface{}, query.Refuse("InvalidInstanceID",
			"There are multiple interfaces attached to instance '%s'. Please specify an interface ID for the operation instead.", instanceID)
	}
	return list[0], nil
}

// readDeviceChange reads which volumes are deleted with the instance.
func readDeviceChange(q *query.Query, members []string) func(*tx, *instance) error {
	goes := map[string]*bool{}
	for _, member := range members {
		goes[q.NeedText(member+".DeviceName")] = q.OptBool(member + ".Ebs.DeleteOnTermination")
		volumes.readID(q, member+".Ebs.VolumeId")
	}
	return func(t *tx, v *instance) error {
		found := 0
		for _, disk := range volumesOf(t, v.ID) {
			change, named := goes[disk.Device]
			if !named {
				continue
			}
			found++
			replace(&disk.DeleteOnTermination, change)
			volumes.put(t, disk.ID, disk)
		}
		if found < len(goes) {
			return query.Refuse("InvalidInstanceAttributeValue", "No device is currently mapped at one of the names")
		}
		return nil
	}
}

// readChoice reads a parameter with one of some values, "" if it is not given.
func readChoice(q *query.Query, name string, values ...string) string {
	text := q.Text(name)
	if text != "" && !slices.Contains(values, text) {
		q.Fail(query.InvalidValue(name, text, "Write one of "+strings.Join(values, ", ")+"."))
	}
	return text
}
