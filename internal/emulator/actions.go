package emulator

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"

// operation carries out a request whose parameters have been read, and writes what
// the answer holds.
type operation func(*tx, *query.Writer) error

// action reads the parameters of a request. It looks nothing up, so that the
// store is open only while an operation runs.
type action struct {
	writes bool
	read   func(*query.Query) operation
}

// actions are what the emulated EC2 can do.
var actions = map[string]action{
	"CreateTrafficMirrorTarget":     {true, createTarget},
	"CreateTrafficMirrorFilter":     {true, createFilter},
	"CreateTrafficMirrorFilterRule": {true, createRule},
	"CreateTrafficMirrorSession":    {true, createSession},

	"ModifyTrafficMirrorFilterNetworkServices": {true, modifyNetworkServices},
	"ModifyTrafficMirrorFilterRule":            {true, modifyRule},
	"ModifyTrafficMirrorSession":               {true, modifySession},

	"DeleteTrafficMirrorTarget":     {true, deleteTarget},
	"DeleteTrafficMirrorFilter":     {true, deleteFilter},
	"DeleteTrafficMirrorFilterRule": {true, deleteRule},
	"DeleteTrafficMirrorSession":    {true, deleteSession},

	"DescribeTrafficMirrorTargets":     {false, targetShelf.describe},
	"DescribeTrafficMirrorFilters":     {false, filterShelf.describe},
	"DescribeTrafficMirrorFilterRules": {false, describeRules},
	"DescribeTrafficMirrorSessions":    {false, sessionShelf.describe},

	"CreateTags":   {true, createTags},
	"DeleteTags":   {true, deleteTags},
	"DescribeTags": {false, describeTags},

	"CreateVpc":            {true, createVPC},
	"DeleteVpc":            {true, deleteVPC},
	"DescribeVpcs":         {false, vpcShelf.describe},
	"DescribeVpcAttribute": {false, describeVPCAttribute},
	"ModifyVpcAttribute":   {true, modifyVPCAttribute},
	"ModifyVpcTenancy":     {true, modifyVPCTenancy},

	"CreateSubnet":          {true, createSubnet},
	"DeleteSubnet":          {true, deleteSubnet},
	"DescribeSubnets":       {false, subnetShelf.describe},
	"ModifySubnetAttribute": {true, modifySubnetAttribute},

	"AssociateVpcCidrBlock":       {true, associateVPCBlock},
	"DisassociateVpcCidrBlock":    {true, disassociateVPCBlock},
	"AssociateSubnetCidrBlock":    {true, associateSubnetBlock},
	"DisassociateSubnetCidrBlock": {true, disassociateSubnetBlock},

	"CreateNetworkInterface":          {true, createInterface},
	"DeleteNetworkInterface":          {true, deleteInterface},
	"AttachNetworkInterface":          {true, attachInterface},
	"DetachNetworkInterface":          {true, detachInterface},
	"ModifyNetworkInterfaceAttribute": {true, modifyInterfaceAttribute},
	"AssignPrivateIpAddresses":        {true, assignPrivateAddresses},
	"UnassignPrivateIpAddresses":      {true, unassignPrivateAddresses},
	"AssignIpv6Addresses":             {true, assignIPv6Addresses},
	"UnassignIpv6Addresses":           {true, unassignIPv6Addresses},

	"DescribeSecurityGroups": {false, defaultGroup.describe},
	"DescribeNetworkAcls":    {false, defaultACL.describe},
	"DescribeRouteTables":    {false, mainRoutes.describe},

	"DescribeInstances":     {false, instanceShelf.describe},
	"DescribeInstanceTypes": {false, describeInstanceTypes},

	"DescribeNetworkInterfaces": {false, interfaceShelf.describe},

	"CreateVpcEndpoint":    {true, createEndpoint},
	"DeleteVpcEndpoints":   {true, deleteEndpoints},
	"DescribeVpcEndpoints": {false, endpointShelf.describe},
	"DescribePrefixLists":  {false, describePrefixLists},
}
