package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// internetGateway is an internet gateway. It can be attached to one VPC, and then be
// associated with a route table.
type internetGateway struct {
	ID               string `json:"id"`
	VPCID            string `json:"vpc_id,omitempty"` // "": it is not attached
	RouteTableID     string `json:"route_table_id,omitempty"`
	RouteAssociation string `json:"route_table_association_id,omitempty"`
}

// internetGatewayDescriber has all documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInternetGateways.html).
var internetGatewayDescriber = describer[internetGateway]{
	of:      internetGateways,
	set:     "internetGatewaySet",
	ids:     "InternetGatewayId",
	idField: "internet-gateway-id",
	fields: []field[internetGateway]{
		{"attachment.state", func(_ *tx, v internetGateway) []string { return oneValue(v.attachmentState()) }},
		{"attachment.vpc-id", func(_ *tx, v internetGateway) []string { return oneValue(v.VPCID) }},
		{"owner-id", func(t *tx, _ internetGateway) []string { return oneValue(t.account) }},
	},
	finders: map[string]func(*tx, string) []string{"attachment.vpc-id": idsIn(gatewaysByVPC)},
	write:   func(t *tx, x *query.Writer, _ string, v internetGateway) { writeInternetGateway(x, t, v) },
}

// attachmentState returns the state of the attachment, "" without one
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html).
func (v internetGateway) attachmentState() string {
	if v.VPCID == "" {
		return ""
	}
	return "available"
}

func keysByAttachment(_ *tx, id string, v internetGateway) []key {
	if v.VPCID == "" {
		return nil
	}
	return oneKey(v.VPCID, id)
}

func keysByGatewayTable(_ *tx, id string, v internetGateway) []key {
	if v.RouteTableID == "" {
		return nil
	}
	return oneKey(v.RouteTableID, id, v.RouteAssociation)
}

func keysByGatewayAssociation(_ *tx, _ string, v internetGateway) []key {
	if v.RouteAssociation == "" {
		return nil
	}
	return oneKey(v.RouteAssociation)
}

func writeInternetGateway(x *query.Writer, t *tx, v internetGateway) {
	x.Text("internetGatewayId", v.ID)
	x.Text("ownerId", t.account)
	x.In("attachmentSet", func() {
		if v.VPCID == "" {
			return
		}
		x.In("item", func() {
			x.Text("vpcId", v.VPCID)
			x.Text("state", v.attachmentState())
		})
	})
	writeTagSet(x, tagsOf(t, v.ID))
}

func createInternetGateway(q *query.Query) operation {
	return internetGatewayDescriber.create(q, "internetGateway", func(t *tx) (string, error) {
		v := internetGateway{ID: internetGateways.freshID(t)}
		internetGateways.put(t, v.ID, v)
		return v.ID, nil
	})
}

func deleteInternetGateway(q *query.Query) operation {
	id := internetGateways.needID(q, "InternetGatewayId")
	return func(t *tx, x *query.Writer) error {
		v, err := internetGateways.need(t, id)
		if err != nil {
			return err
		}
		if v.VPCID != "" {
			return dependencyViolation("internetGateway", id)
		}
		internetGateways.del(t, id)
		x.Bool("return", true)
		return nil
	}
}

// attachInternetGateway attaches a gateway to a VPC, which has no more than one
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html).
func attachInternetGateway(q *query.Query) operation {
	id, to := internetGateways.needID(q, "InternetGatewayId"), vpcs.needID(q, "VpcId")
	return func(t *tx, x *query.Writer) error {
		v, err := internetGateways.need(t, id)
		if err != nil {
			return err
		}
		if err := needVPC(t, to); err != nil {
			return err
		}
		if v.VPCID != "" {
			return query.Refuse("Resource.AlreadyAssociated", "resource %s is already attached to network %s", id, v.VPCID)
		}
		if gatewaysByVPC.firstBelow(t, to) != "" {
			return query.Refuse("InvalidParameterValue", "Network %s already has an internet gateway attached", to)
		}
		v.VPCID = to
		internetGateways.put(t, id, v)
		x.Bool("return", true)
		return nil
	}
}

// detachInternetGateway also ends the association with a route table. Routes to the
// gateway stay as blackholes (A0212).
func detachInternetGateway(q *query.Query) operation {
	id, from := internetGateways.needID(q, "InternetGatewayId"), vpcs.needID(q, "VpcId")
	return func(t *tx, x *query.Writer) error {
		v, err := internetGateways.need(t, id)
		switch {
		case err != nil:
			return err
		case v.VPCID != from:
			return query.Refuse("Gateway.NotAttached", "resource %s is not attached to network %s", id, from)
		}
		internetGateways.put(t, id, internetGateway{ID: id})
		x.Bool("return", true)
		return nil
	}
}
