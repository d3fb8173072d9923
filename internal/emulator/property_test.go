package emulator_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// What a client creates at random comes back as it went in: in the answer to the
// create and in a describe, decoded by a client that shares no code with the
// emulator.
func TestRandomObjectsComeBack(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			c := newClient(newEmulator(t))
			g := generator{rand.New(rand.NewPCG(seed, 0))}
			filter := g.checkFilter(t, c)
			for range 5 {
				g.checkRule(t, c, filter)
			}
			target := g.checkTarget(t, c)
			for n := range 3 {
				g.checkSession(t, c, filter, target, int32(n+1))
			}
		})
	}
}

type generator struct{ *rand.Rand }

func (g generator) text(max int) *string {
	const alphabet = "aA0 -_.:/=+@<>&'\"\t\n\r]ż日🦊"
	runes := []rune(alphabet)
	var b strings.Builder
	for range 1 + g.IntN(max) {
		b.WriteRune(runes[g.IntN(len(runes))])
	}
	return aws.String(b.String())
}

// sometimes returns a value or nil.
func sometimes[T any](g generator, v *T) *T {
	if g.IntN(2) == 0 {
		return nil
	}
	return v
}

func (g generator) tags(kind types.ResourceType) ([]types.TagSpecification, []types.Tag) {
	tags := []types.Tag{}
	for n := range g.IntN(4) {
		tags = append(tags, types.Tag{Key: aws.String(fmt.Sprint(n, *g.text(20))), Value: g.text(40)})
	}
	if len(tags) == 0 {
		return nil, tags
	}
	return []types.TagSpecification{{ResourceType: kind, Tags: tags}}, tags
}

func (g generator) prefix(v6 bool) *string {
	var b [16]byte
	for i := range b {
		b[i] = byte(g.IntN(256))
	}
	addr := netip.AddrFrom4([4]byte(b[:4]))
	if v6 {
		b[0] = 0x20 // not an IPv4 address in disguise
		addr = netip.AddrFrom16(b)
	}
	prefix, err := addr.Prefix(g.IntN(addr.BitLen() + 1))
	if err != nil {
		panic(err)
	}
	return aws.String(prefix.String())
}

func (g generator) ports() (*types.TrafficMirrorPortRangeRequest, *types.TrafficMirrorPortRange) {
	from := g.Int32N(65536)
	to := from + g.Int32N(65536-from)
	return &types.TrafficMirrorPortRangeRequest{FromPort: &from, ToPort: &to}, &types.TrafficMirrorPortRange{FromPort: &from, ToPort: &to}
}

func (g generator) checkFilter(t *testing.T, c *ec2.Client) *string {
	t.Helper()
	want := types.TrafficMirrorFilter{
		Description: sometimes(g, g.text(200)), IngressFilterRules: []types.TrafficMirrorFilterRule{}, EgressFilterRules: []types.TrafficMirrorFilterRule{},
		NetworkServices: []types.TrafficMirrorNetworkService{},
	}
	var spec []types.TagSpecification
	spec, want.Tags = g.tags(types.ResourceTypeTrafficMirrorFilter)
	made, err := c.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{Description: want.Description, TagSpecifications: spec})
	fatal(t, err)
	want.TrafficMirrorFilterId = made.TrafficMirrorFilter.TrafficMirrorFilterId
	read, err := c.DescribeTrafficMirrorFilters(t.Context(), &ec2.DescribeTrafficMirrorFiltersInput{TrafficMirrorFilterIds: []string{*want.TrafficMirrorFilterId}})
	fatal(t, err)
	same(t, *made.TrafficMirrorFilter, want)
	same(t, read.TrafficMirrorFilters[0], want)
	return want.TrafficMirrorFilterId
}

func (g generator) checkRule(t *testing.T, c *ec2.Client, filter *string) {
	t.Helper()
	v6 := g.IntN(2) == 0
	in := ec2.CreateTrafficMirrorFilterRuleInput{
		TrafficMirrorFilterId: filter,
		RuleNumber:            aws.Int32(1 + g.Int32N(32766)),
		TrafficDirection:      types.TrafficDirectionIngress.Values()[g.IntN(2)],
		RuleAction:            types.TrafficMirrorRuleActionAccept.Values()[g.IntN(2)],
		SourceCidrBlock:       g.prefix(v6),
		DestinationCidrBlock:  g.prefix(v6),
		Description:           sometimes(g, g.text(50)),
		Protocol:              sometimes(g, aws.Int32(g.Int32N(256))),
	}
	var source, destination *types.TrafficMirrorPortRange
	if g.IntN(2) == 0 {
		in.Protocol = aws.Int32([]int32{6, 17}[g.IntN(2)])
		in.SourcePortRange, source = g.ports()
		in.DestinationPortRange, destination = g.ports()
	}
	var tags []types.Tag
	in.TagSpecifications, tags = g.tags(types.ResourceTypeTrafficMirrorFilterRule)
	made, err := c.CreateTrafficMirrorFilterRule(t.Context(), &in)
	fatal(t, err)
	want := types.TrafficMirrorFilterRule{
		TrafficMirrorFilterRuleId: made.TrafficMirrorFilterRule.TrafficMirrorFilterRuleId,
		TrafficMirrorFilterId:     filter,
		RuleNumber:                in.RuleNumber,
		TrafficDirection:          in.TrafficDirection,
		RuleAction:                in.RuleAction,
		SourceCidrBlock:           in.SourceCidrBlock,
		DestinationCidrBlock:      in.DestinationCidrBlock,
		Description:               in.Description,
		Protocol:                  in.Protocol,
		SourcePortRange:           source,
		DestinationPortRange:      destination,
		Tags:                      tags,
	}
	read, err := c.DescribeTrafficMirrorFilterRules(t.Context(), &ec2.DescribeTrafficMirrorFilterRulesInput{TrafficMirrorFilterRuleIds: []string{*want.TrafficMirrorFilterRuleId}})
	fatal(t, err)
	same(t, *made.TrafficMirrorFilterRule, want)
	same(t, read.TrafficMirrorFilterRules[0], want)
}

func (g generator) checkTarget(t *testing.T, c *ec2.Client) *string {
	t.Helper()
	want := types.TrafficMirrorTarget{OwnerId: aws.String("123456789012"), Description: sometimes(g, g.text(100))}
	switch want.Type = types.TrafficMirrorTargetTypeNetworkInterface.Values()[g.IntN(3)]; want.Type {
	case types.TrafficMirrorTargetTypeNetworkInterface:
		want.NetworkInterfaceId = aws.String(eni(20))
	case types.TrafficMirrorTargetTypeNetworkLoadBalancer:
		want.NetworkLoadBalancerArn = aws.String(loadBalancer)
	default:
		want.GatewayLoadBalancerEndpointId = aws.String(gatewayEndpoint)
	}
	var spec []types.TagSpecification
	spec, want.Tags = g.tags(types.ResourceTypeTrafficMirrorTarget)
	made, err := c.CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{
		NetworkInterfaceId: want.NetworkInterfaceId, NetworkLoadBalancerArn: want.NetworkLoadBalancerArn,
		GatewayLoadBalancerEndpointId: want.GatewayLoadBalancerEndpointId, Description: want.Description, TagSpecifications: spec,
	})
	fatal(t, err)
	want.TrafficMirrorTargetId = made.TrafficMirrorTarget.TrafficMirrorTargetId
	read, err := c.DescribeTrafficMirrorTargets(t.Context(), &ec2.DescribeTrafficMirrorTargetsInput{TrafficMirrorTargetIds: []string{*want.TrafficMirrorTargetId}})
	fatal(t, err)
	same(t, *made.TrafficMirrorTarget, want)
	same(t, read.TrafficMirrorTargets[0], want)
	return want.TrafficMirrorTargetId
}

func (g generator) checkSession(t *testing.T, c *ec2.Client, filter, target *string, number int32) {
	t.Helper()
	want := types.TrafficMirrorSession{
		NetworkInterfaceId: aws.String(eni(1)), TrafficMirrorFilterId: filter, TrafficMirrorTargetId: target, SessionNumber: &number,
		OwnerId: aws.String("123456789012"), Description: sometimes(g, g.text(100)),
		PacketLength: aws.Int32(1 + g.Int32N(8500)), VirtualNetworkId: sometimes(g, aws.Int32(1+g.Int32N(1<<24-1))),
	}
	var spec []types.TagSpecification
	spec, want.Tags = g.tags(types.ResourceTypeTrafficMirrorSession)
	made, err := c.CreateTrafficMirrorSession(t.Context(), &ec2.CreateTrafficMirrorSessionInput{
		NetworkInterfaceId: want.NetworkInterfaceId, TrafficMirrorFilterId: filter, TrafficMirrorTargetId: target, SessionNumber: &number,
		PacketLength: want.PacketLength, VirtualNetworkId: want.VirtualNetworkId, Description: want.Description, TagSpecifications: spec,
	})
	fatal(t, err)
	want.TrafficMirrorSessionId = made.TrafficMirrorSession.TrafficMirrorSessionId
	if want.VirtualNetworkId == nil {
		want.VirtualNetworkId = made.TrafficMirrorSession.VirtualNetworkId
	}
	read, err := c.DescribeTrafficMirrorSessions(t.Context(), &ec2.DescribeTrafficMirrorSessionsInput{TrafficMirrorSessionIds: []string{*want.TrafficMirrorSessionId}})
	fatal(t, err)
	same(t, *made.TrafficMirrorSession, want)
	same(t, read.TrafficMirrorSessions[0], want)
}

func fatal(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the object that came back is another one:\n got %+v\nwant %+v", got, want)
	}
}

// The SDK's paginators end, and see everything once.
func TestPaginators(t *testing.T) {
	t.Parallel()
	c := newClient(newEmulator(t))
	for range 12 {
		if _, err := c.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	pages := ec2.NewDescribeTrafficMirrorFiltersPaginator(c, &ec2.DescribeTrafficMirrorFiltersInput{MaxResults: aws.Int32(5)})
	n := 0
	for ; pages.HasMorePages(); n++ {
		page, err := pages.NextPage(context.Background())
		fatal(t, err)
		for _, f := range page.TrafficMirrorFilters {
			seen[*f.TrafficMirrorFilterId] = true
		}
	}
	if len(seen) != 12 || n != 3 {
		t.Errorf("%d filters on %d pages, want 12 on 3", len(seen), n)
	}
}
