package mirror

import "strings"

// partitions are the groups of Regions with ARNs of their own, by the beginning of the
// names of their Regions. Every other Region is in "aws".
//
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
var partitions = []struct{ prefix, id string }{
	{"cn-", "aws-cn"},
	{"us-gov-", "aws-us-gov"},
	{"eusc-", "aws-eusc"},
	{"us-iso-", "aws-iso"},
	{"us-isob-", "aws-iso-b"},
	{"eu-isoe-", "aws-iso-e"},
	{"us-isof-", "aws-iso-f"},
}

// PartitionOf returns the partition of a Region, as it is in ARNs.
func PartitionOf(region string) string {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.prefix) {
			return p.id
		}
	}
	return "aws"
}

// EndpointServicePrefix returns the beginning of the names of the endpoint services that
// accounts make in a Region. The rest is an ID. In China the name begins with "cn".
//
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
// https://docs.amazonaws.cn/en_us/vpc/latest/privatelink/create-endpoint-service.html
func EndpointServicePrefix(region string) string {
	prefix := "com.amazonaws.vpce." + region + ".vpce-svc-"
	if PartitionOf(region) == "aws-cn" {
		return "cn." + prefix
	}
	return prefix
}
