package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// subnetFlags are the attributes of a subnet that are true or false.
var subnetFlags = []struct {
	name string // of the parameter
	set  func(*subnet, bool)
}{
	{"AssignIpv6AddressOnCreation", func(v *subnet, on bool) { v.AssignIPv6 = on }},
	{"EnableDns64", func(v *subnet, on bool) { v.DNS64 = on }},
	{"EnableResourceNameDnsAAAARecordOnLaunch", func(v *subnet, on bool) { v.AAAARecord = on }},
	{"EnableResourceNameDnsARecordOnLaunch", func(v *subnet, on bool) { v.ARecord = on }},
	{"MapPublicIpOnLaunch", func(v *subnet, on bool) { v.MapPublicIP = on }},
}

// outpostAttributes are those of subnets on an Outpost. There are no Outposts here.
var outpostAttributes = []string{"CustomerOwnedIpv4Pool", "DisableLniAtDeviceIndex", "EnableLniAtDeviceIndex", "MapCustomerOwnedIpOnLaunch"}

// modifySubnetAttribute changes one attribute. EC2 accepts no more in a request.
func modifySubnetAttribute(q *query.Query) operation {
	id := subnets.needID(q, "SubnetId")
	refuseOutposts(q)
	var changes []func(*subnet)
	for _, flag := range subnetFlags {
		on := q.OptBool(flag.name + ".Value")
		if on != nil {
			changes = append(changes, func(v *subnet) { flag.set(v, *on) })
		}
	}
	if kind := q.Text("PrivateDnsHostnameTypeOnLaunch"); kind != "" {
		if kind != hostnameByAddress && kind != hostnameByInstance {
			q.Fail(query.InvalidValue("PrivateDnsHostnameTypeOnLaunch", kind, "Write "+hostnameByAddress+" or "+hostnameByInstance+"."))
		}
		changes = append(changes, func(v *subnet) { v.HostnameType = kind })
	}
	needOneChange(q, len(changes))
	return func(t *tx, x *query.Writer) error {
		v, err := subnets.need(t, id)
		if err != nil {
			return err
		}
		changes[0](&v)
		if err := v.checkAttributes(); err != nil {
			return err
		}
		subnets.put(t, id, v)
		x.Bool("return", true)
		return nil
	}
}

func refuseOutposts(q *query.Query) {
	for _, name := range outpostAttributes {
		if q.HasBelow(name) {
			q.Fail(query.Refuse("UnsupportedOperation", "The parameter %s is for subnets on an Outpost. The embedded EC2 has no Outposts.", name))
		}
	}
}

// checkAttributes refuses attributes that do not fit the addresses of the subnet. The
// rules are documented, and the code is an assumption (A0093).
func (v subnet) checkAttributes() error {
	switch {
	case v.AssignIPv6 && !v.IPv6CIDRBlock.IsValid():
		return query.Refuse("InvalidParameterValue", "Subnet '%s' has no IPv6 CIDR block to assign addresses of. Associate one first.", v.ID)
	case v.IPv6Native && v.HostnameType == hostnameByAddress:
		return query.Refuse("InvalidParameterValue", "Subnet '%s' is IPv6-only: its PrivateDnsHostnameTypeOnLaunch is %s", v.ID, hostnameByInstance)
	case v.IPv6Native && v.ARecord:
		return query.Refuse("InvalidParameterValue", "Subnet '%s' is IPv6-only: it has no DNS A records", v.ID)
	}
	return nil
}
