package mirror

import (
	"fmt"
	"regexp"
)

// Kind is a kind of EC2 object with IDs of its own.
type Kind struct {
	Resource string // as in ARNs and in the resource type of tags
	Prefix   string // of its IDs
	noun     string // with its article
}

// The kinds of object: those of Traffic Mirroring, and those that they use.
var (
	KindTarget     = Kind{"traffic-mirror-target", "tmt-", "a traffic mirror target"}
	KindFilter     = Kind{"traffic-mirror-filter", "tmf-", "a traffic mirror filter"}
	KindFilterRule = Kind{"traffic-mirror-filter-rule", "tmfr-", "a traffic mirror filter rule"}
	KindSession    = Kind{"traffic-mirror-session", "tms-", "a traffic mirror session"}
	KindInterface  = Kind{"network-interface", "eni-", "a network interface"}
	KindEndpoint   = Kind{"vpc-endpoint", "vpce-", "a Gateway Load Balancer endpoint"}
	KindVPC        = Kind{"vpc", "vpc-", "a VPC"}
	KindSubnet     = Kind{"subnet", "subnet-", "a subnet"}
	KindInstance   = Kind{"instance", "i-", "an EC2 instance"}
	KindVolume     = Kind{"volume", "vol-", "an EBS volume"}
	KindImage      = Kind{"image", "ami-", "an Amazon Machine Image"}
	KindGroup      = Kind{"security-group", "sg-", "a security group"}
	KindGroupRule  = Kind{"security-group-rule", "sgr-", "a security group rule"}
	KindNetworkACL = Kind{"network-acl", "acl-", "a network ACL"}
	KindRouteTable = Kind{"route-table", "rtb-", "a route table"}

	KindEndpointService = Kind{"vpc-endpoint-service", "vpce-svc-", "a VPC endpoint service"}
	KindInternetGateway = Kind{"internet-gateway", "igw-", "an internet gateway"}
	KindPeering         = Kind{"vpc-peering-connection", "pcx-", "a VPC peering connection"}
	KindPrefixList      = Kind{"prefix-list", "pl-", "a prefix list"}
	KindTransitGateway  = Kind{"transit-gateway", "tgw-", "a transit gateway"}

	// Associations are no resources of their own.
	KindACLAssociation   = Kind{"", "aclassoc-", "an association of a network ACL"}
	KindRouteAssociation = Kind{"", "rtbassoc-", "an association of a route table"}
)

var idDigits = regexp.MustCompile(`^([0-9a-f]{8}|[0-9a-f]{17})$`)

// AccountIDs is the form of AWS account IDs.
var AccountIDs = regexp.MustCompile(`^[0-9]{12}$`)

// CheckAccountID returns a problem unless id has the form of an AWS account ID.
func CheckAccountID(field, id string) Problems {
	if AccountIDs.MatchString(id) {
		return nil
	}
	return Problems{{Kind: Malformed, Field: field, Wrong: fmt.Sprintf("is %q", id), Fix: "Write the 12 digits of an AWS account ID."}}
}

// Is reports whether id has the form of an ID of the kind: its prefix and 17 (for old
// objects 8) hexadecimal digits.
func (k Kind) Is(id string) bool {
	return len(id) > len(k.Prefix) && id[:len(k.Prefix)] == k.Prefix && idDigits.MatchString(id[len(k.Prefix):])
}

// Check returns a problem unless id has the form of an ID of the kind.
func (k Kind) Check(field, id string) Problems {
	fix := fmt.Sprintf(`Write the ID of %s: "%s" and 17 hexadecimal digits.`, k.noun, k.Prefix)
	switch {
	case id == "":
		return Problems{{Kind: Missing, Field: field, Wrong: "is missing", Fix: fix}}
	case !k.Is(id):
		return Problems{{Kind: Malformed, Field: field, Wrong: fmt.Sprintf("is %q", id), Fix: fix}}
	}
	return nil
}

// ARN returns the Amazon Resource Name of an EC2 object.
func (k Kind) ARN(partition, region, account, id string) string {
	return fmt.Sprintf("arn:%s:ec2:%s:%s:%s/%s", partition, region, account, k.Resource, id)
}
