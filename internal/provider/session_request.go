package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func createSessionInput(s mirror.Session) *ec2.CreateTrafficMirrorSessionInput {
	return &ec2.CreateTrafficMirrorSessionInput{
		NetworkInterfaceId:    aws.String(s.InterfaceID),
		TrafficMirrorTargetId: aws.String(s.TargetID),
		TrafficMirrorFilterId: aws.String(s.FilterID),
		SessionNumber:         aws.Int32(int32(s.Number)),
		PacketLength:          intRequest(s.PacketLength),
		VirtualNetworkId:      intRequest(s.VirtualNetworkID),
		Description:           textRequest(s.Description),
	}
}

// modifySessionInput asks EC2 to make the present session like the wanted one, or
// is nil if it is so already. A packet length or a description that is not wanted
// is removed; a VNI only when it shall be drawn anew, because EC2 never goes
// without one.
func modifySessionInput(present, wanted mirror.Session, drawVNI bool) *ec2.ModifyTrafficMirrorSessionInput {
	in := &ec2.ModifyTrafficMirrorSessionInput{
		TrafficMirrorSessionId: aws.String(present.ID),
		TrafficMirrorTargetId:  aws.String(wanted.TargetID),
		TrafficMirrorFilterId:  aws.String(wanted.FilterID),
		SessionNumber:          aws.Int32(int32(wanted.Number)),
		PacketLength:           intRequest(wanted.PacketLength),
		VirtualNetworkId:       intRequest(wanted.VirtualNetworkID),
		Description:            textRequest(wanted.Description),
	}
	remove := func(field types.TrafficMirrorSessionField, condition bool) {
		if condition {
			in.RemoveFields = append(in.RemoveFields, field)
		}
	}
	remove(types.TrafficMirrorSessionFieldPacketLength, wanted.PacketLength == nil && present.PacketLength != nil)
	remove(types.TrafficMirrorSessionFieldDescription, wanted.Description == "" && present.Description != "")
	remove(types.TrafficMirrorSessionFieldVirtualNetworkId, drawVNI)
	unchanged := wanted.TargetID == present.TargetID && wanted.FilterID == present.FilterID &&
		wanted.Number == present.Number && wanted.Description == present.Description &&
		(wanted.PacketLength == nil || same(wanted.PacketLength, present.PacketLength)) &&
		(wanted.VirtualNetworkID == nil || same(wanted.VirtualNetworkID, present.VirtualNetworkID))
	if unchanged && in.RemoveFields == nil {
		return nil
	}
	return in
}

// stepAside gives a session another number for a while. The noun follows.
func (c *Client) stepAside(ctx context.Context, s *mirror.Session, number int) error {
	_, err := c.modifySession(ctx, &ec2.ModifyTrafficMirrorSessionInput{TrafficMirrorSessionId: &s.ID, SessionNumber: aws.Int32(int32(number))})
	if err == nil {
		s.Number = number
	}
	return err
}

// createNumberedSession creates a session with the lowest number that is free on
// its interface. Sessions that this process creates on one interface take turns;
// for what others create at the same time, the next number is tried.
func (c *Client) createNumberedSession(ctx context.Context, in *ec2.CreateTrafficMirrorSessionInput, _ ...func(*ec2.Options)) (*ec2.CreateTrafficMirrorSessionOutput, error) {
	interfaceID := aws.ToString(in.NetworkInterfaceId)
	defer c.turns.take(interfaceID)()
	sessions, err := c.Inventory.Sessions(ctx, account.Where{Name: "network-interface-id", Values: []string{interfaceID}})
	if err != nil {
		return nil, err
	}
	taken := map[int64]bool{}
	for _, s := range sessions {
		taken[int64(s.Number)] = true
	}
	for n := mirror.SessionNumbers.Min; n <= mirror.SessionNumbers.Max; n++ {
		if taken[n] {
			continue
		}
		// One client token for each number, also when the target is not seen yet: the
		// answer to an earlier try may have been lost.
		in.SessionNumber, in.ClientToken = aws.Int32(int32(n)), nil
		var out *ec2.CreateTrafficMirrorSessionOutput
		err := c.seen(ctx, func() (err error) {
			out, err = c.createSession(ctx, in)
			return err
		}, aws.ToString(in.TrafficMirrorTargetId), aws.ToString(in.TrafficMirrorFilterId))
		if !isNumberTaken(err) {
			return out, err
		}
	}
	return nil, fmt.Errorf("network interface %s has no free session number", interfaceID)
}

// isNumberTaken reports whether EC2 refuses a session number because another
// session has it. There is no code of its own for that (assumption A0050).
func isNumberTaken(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "InvalidParameterValue" && strings.Contains(api.ErrorMessage(), "already being used")
}

// pinned remembers in private state which numbers the configuration set when
// it was last applied, so that removing one can be told from never having had one.
type pinned struct {
	PacketLength     bool `json:"packet_length"`
	VirtualNetworkID bool `json:"virtual_network_id"`
}

const pinnedKey = "pinned"

func pinnedBy(config sessionModel) pinned {
	return pinned{
		PacketLength:     !config.PacketLength.IsNull(),
		VirtualNetworkID: !config.VirtualNetworkID.IsNull(),
	}
}
