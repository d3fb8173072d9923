package account

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Subnet has the facts of a subnet that matter for its interfaces.
type Subnet struct {
	ID       string
	VPCID    string
	Zone     string // name of the Availability Zone
	OwnerID  string
	IPv6Only bool
	HasIPv6  bool           // it has an IPv6 CIDR block
	CIDRs    []netip.Prefix // the IPv4 block, then IPv6 blocks
	Tags     map[string]string

	IsDefault bool // the default subnet of its zone

	// What new interfaces and instances get.
	AssignsIPv6, MapsPublicIP, DNS64, ARecord, AAAARecord bool
	HostnameType                                          string // ip-name or resource-name
}

// Subnet returns a subnet.
func (a *Account) Subnet(ctx context.Context, id string) (Subnet, error) {
	found, err := readOne[Subnet](ctx, a, subnetSource, id)
	return found.Noun, err
}

func subnetOf(s types.Subnet) (Subnet, error) {
	subnet := Subnet{
		ID: aws.ToString(s.SubnetId), VPCID: aws.ToString(s.VpcId), Zone: aws.ToString(s.AvailabilityZone), OwnerID: aws.ToString(s.OwnerId),
		IPv6Only: aws.ToBool(s.Ipv6Native), HasIPv6: len(s.Ipv6CidrBlockAssociationSet) > 0, Tags: tagsOf(s.Tags), IsDefault: aws.ToBool(s.DefaultForAz),
	}
	subnet.AssignsIPv6, subnet.MapsPublicIP, subnet.DNS64 = aws.ToBool(s.AssignIpv6AddressOnCreation), aws.ToBool(s.MapPublicIpOnLaunch), aws.ToBool(s.EnableDns64)
	if o := s.PrivateDnsNameOptionsOnLaunch; o != nil {
		subnet.HostnameType, subnet.ARecord, subnet.AAAARecord = string(o.HostnameType), aws.ToBool(o.EnableResourceNameDnsARecord), aws.ToBool(o.EnableResourceNameDnsAAAARecord)
	}
	blocks := []*string{s.CidrBlock}
	for _, b := range s.Ipv6CidrBlockAssociationSet {
		blocks = append(blocks, b.Ipv6CidrBlock)
	}
	var err error
	if subnet.CIDRs, err = prefixesOf(blocks...); err != nil {
		return Subnet{}, fmt.Errorf("subnet %s: %w", subnet.ID, err)
	}
	return subnet, nil
}

// Instance has the facts of an instance that matter for its interfaces.
type Instance struct {
	ID    string
	Type  string
	State string
	VPCID string
	Zone  string // name of the Availability Zone
	Tags  map[string]string

	ImageID, KeyName string
	Profile          string // ARN of the IAM instance profile; empty: it has none
	Launched         time.Time
	PrivateAddress   netip.Addr // the primary one; not valid: unknown
	InterfaceID      string     // of the primary network interface; empty: unknown

	DetailedMonitoring, EBSOptimized bool
	Metadata                         MetadataOptions
}

// MetadataOptions are how an instance reaches its metadata, as EC2 shows it. What is empty is unknown.
type MetadataOptions struct {
	HTTPTokens   string
	HopLimit     int
	HTTPEndpoint string
	HTTPIPv6     string
	MetadataTags string
}

// Instance returns an instance.
func (a *Account) Instance(ctx context.Context, id string) (Instance, error) {
	found, err := readOne[Instance](ctx, a, instanceSource, id)
	return found.Noun, err
}

func instanceOf(i types.Instance) Instance {
	instance := Instance{
		ID: aws.ToString(i.InstanceId), Type: string(i.InstanceType), VPCID: aws.ToString(i.VpcId), Tags: tagsOf(i.Tags),
		ImageID: aws.ToString(i.ImageId), KeyName: aws.ToString(i.KeyName), Launched: aws.ToTime(i.LaunchTime),
	}
	if i.State != nil {
		instance.State = string(i.State.Name)
	}
	if i.Placement != nil {
		instance.Zone = aws.ToString(i.Placement.AvailabilityZone)
	}
	if i.IamInstanceProfile != nil {
		instance.Profile = aws.ToString(i.IamInstanceProfile.Arn)
	}
	instance.EBSOptimized = aws.ToBool(i.EbsOptimized)
	if i.Monitoring != nil {
		instance.DetailedMonitoring = i.Monitoring.State == types.MonitoringStateEnabled || i.Monitoring.State == types.MonitoringStatePending
	}
	if m := i.MetadataOptions; m != nil {
		instance.Metadata = MetadataOptions{string(m.HttpTokens), int(aws.ToInt32(m.HttpPutResponseHopLimit)), string(m.HttpEndpoint), string(m.HttpProtocolIpv6), string(m.InstanceMetadataTags)}
	}
	instance.PrivateAddress, _ = netip.ParseAddr(aws.ToString(i.PrivateIpAddress))
	for _, n := range i.NetworkInterfaces {
		if a := n.Attachment; a != nil && a.DeviceIndex != nil && *a.DeviceIndex == 0 && aws.ToInt32(a.NetworkCardIndex) == 0 {
			instance.InterfaceID = aws.ToString(n.NetworkInterfaceId)
		}
	}
	return instance
}
