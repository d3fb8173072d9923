package emulator

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"

// vpcAttributes are the attributes of a VPC that are described and modified one at a
// time.
var vpcAttributes = []struct {
	name string // of the attribute; its parameter begins in upper case
	get  func(vpc) bool
	set  func(*vpc, bool)
}{
	{"enableDnsHostnames", func(v vpc) bool { return v.DNSHostnames }, func(v *vpc, on bool) { v.DNSHostnames = on }},
	{"enableDnsSupport", func(v vpc) bool { return !v.NoDNSSupport }, func(v *vpc, on bool) { v.NoDNSSupport = !on }},
	{"enableNetworkAddressUsageMetrics", func(v vpc) bool { return v.UsageMetrics }, func(v *vpc, on bool) { v.UsageMetrics = on }},
}

func describeVPCAttribute(q *query.Query) operation {
	id, name := vpcs.needID(q, "VpcId"), q.NeedText("Attribute")
	for _, attribute := range vpcAttributes {
		if attribute.name != name {
			continue
		}
		return func(t *tx, x *query.Writer) error {
			v, err := vpcs.need(t, id)
			if err != nil {
				return err
			}
			x.Text("vpcId", id)
			x.In(name, func() { x.Bool("value", attribute.get(v)) })
			return nil
		}
	}
	q.Fail(query.InvalidValue("Attribute", name, "Write the name of an attribute, such as enableDnsSupport."))
	return nil
}

// needOneChange refuses a request that does not change exactly one attribute. The code
// is an assumption (A0093).
func needOneChange(q *query.Query, n int) {
	if n != 1 {
		q.Fail(query.Refuse("InvalidParameterCombination", "The request changes %d attributes. Change one at a time.", n))
	}
}

func modifyVPCAttribute(q *query.Query) operation {
	id := vpcs.needID(q, "VpcId")
	var changes []func(*vpc)
	for _, attribute := range vpcAttributes {
		on := q.OptBool("E" + attribute.name[1:] + ".Value")
		if on != nil {
			changes = append(changes, func(v *vpc) { attribute.set(v, *on) })
		}
	}
	needOneChange(q, len(changes))
	return func(t *tx, x *query.Writer) error {
		v, err := vpcs.need(t, id)
		if err != nil {
			return err
		}
		changes[0](&v)
		vpcs.put(t, id, v)
		x.Bool("return", true)
		return nil
	}
}

// modifyVPCTenancy can only end dedicated tenancy
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcTenancy.html).
func modifyVPCTenancy(q *query.Query) operation {
	id := vpcs.needID(q, "VpcId")
	if tenancy := q.NeedText("InstanceTenancy"); tenancy != defaultTenancy {
		q.Fail(query.InvalidValue("InstanceTenancy", tenancy, "Write "+defaultTenancy+": the tenancy of a VPC cannot become dedicated."))
	}
	return func(t *tx, x *query.Writer) error {
		v, err := vpcs.need(t, id)
		if err != nil {
			return err
		}
		v.Tenancy = defaultTenancy
		vpcs.put(t, id, v)
		x.Bool("return", true)
		return nil
	}
}
