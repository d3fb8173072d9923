package emulator

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"

// operation carries out a request whose parameters have been read, and writes what
// the answer holds.
type operation func(*tx, *query.Writer) error

// action is what EC2 can be asked for. Read looks nothing up, so that the store is open
// only while an operation runs.
type action struct {
	class *class
	read  func(*query.Query) operation
}

// actions lists what the emulated EC2 can do.
var actions = map[string]action{
	"CreateTrafficMirrorTarget":     {changing, createTarget},
	"CreateTrafficMirrorFilter":     {changing, createFilter},
	"CreateTrafficMirrorFilterRule": {changing, createRule},
	"CreateTrafficMirrorSession":    {changing, createSession},

	"ModifyTrafficMirrorFilterNetworkServices": {changing, modifyNetworkServices},
	"ModifyTrafficMirrorFilterRule":            {changing, modifyRule},
	"ModifyTrafficMirrorSession":               {changing, modifySession},

	"DeleteTrafficMirrorTarget":     {changing, deleteTarget},
	"DeleteTrafficMirrorFilter":     {changing, deleteFilter},
	"DeleteTrafficMirrorFilterRule": {changing, deleteRule},
	"DeleteTrafficMirrorSession":    {changing, deleteSession},

	"DescribeTrafficMirrorTargets":     {reading, targetDescriber.describe},
	"DescribeTrafficMirrorFilters":     {reading, filterDescriber.describe},
	"DescribeTrafficMirrorFilterRules": {reading, describeRules},
	"DescribeTrafficMirrorSessions":    {reading, sessionDescriber.describe},

	"CreateTags":   {tagging, createTags},
	"DeleteTags":   {tagging, deleteTags},
	"DescribeTags": {reading, describeTags},

	"CreateVpc":            {changing, createVPC},
	"CreateDefaultVpc":     {changing, createDefaultVPC},
	"DeleteVpc":            {changing, deleteVPC},
	"DescribeVpcs":         {reading, vpcDescriber.describe},
	"DescribeVpcAttribute": {reading, describeVPCAttribute},
	"ModifyVpcAttribute":   {changing, modifyVPCAttribute},
	"ModifyVpcTenancy":     {changing, modifyVPCTenancy},

	"CreateSubnet":          {changing, createSubnet},
	"CreateDefaultSubnet":   {changing, createDefaultSubnet},
	"DeleteSubnet":          {changing, deleteSubnet},
	"DescribeSubnets":       {reading, subnetDescriber.describe},
	"ModifySubnetAttribute": {changing, modifySubnetAttribute},

	"DescribeRegions":           {reading, describeRegions},
	"DescribeAvailabilityZones": {reading, describeZones},

	"AssociateVpcCidrBlock":       {changing, associateVPCBlock},
	"DisassociateVpcCidrBlock":    {changing, disassociateVPCBlock},
	"AssociateSubnetCidrBlock":    {changing, associateSubnetBlock},
	"DisassociateSubnetCidrBlock": {changing, disassociateSubnetBlock},

	"CreateNetworkInterface":          {changingInterfaces, createInterface},
	"DeleteNetworkInterface":          {changingInterfaces, deleteInterface},
	"AttachNetworkInterface":          {changing, attachInterface},
	"DetachNetworkInterface":          {changing, detachInterface},
	"ModifyNetworkInterfaceAttribute": {changingInterfaces, modifyInterfaceAttribute},
	"AssignPrivateIpAddresses":        {changingInterfaces, assignPrivateAddresses},
	"UnassignPrivateIpAddresses":      {changingInterfaces, unassignPrivateAddresses},
	"AssignIpv6Addresses":             {changingInterfaces, assignIPv6Addresses},
	"UnassignIpv6Addresses":           {changing, unassignIPv6Addresses},

	"CreateSecurityGroup":                        {changing, createGroup},
	"DeleteSecurityGroup":                        {changing, deleteGroup},
	"DescribeSecurityGroups":                     {reading, describeGroups},
	"DescribeSecurityGroupRules":                 {reading, groupRuleDescriber.describe},
	"AuthorizeSecurityGroupIngress":              {changing, authorizeIngress},
	"AuthorizeSecurityGroupEgress":               {changing, authorizeEgress},
	"RevokeSecurityGroupIngress":                 {changing, revokeIngress},
	"RevokeSecurityGroupEgress":                  {changing, revokeEgress},
	"ModifySecurityGroupRules":                   {changing, modifyGroupRules},
	"UpdateSecurityGroupRuleDescriptionsIngress": {changing, describeIngressRules},
	"UpdateSecurityGroupRuleDescriptionsEgress":  {changing, describeEgressRules},

	"CreateNetworkAcl":             {changing, createACL},
	"DeleteNetworkAcl":             {changing, deleteACL},
	"CreateNetworkAclEntry":        {changing, createACLEntry},
	"ReplaceNetworkAclEntry":       {changing, replaceACLEntry},
	"DeleteNetworkAclEntry":        {changing, deleteACLEntry},
	"ReplaceNetworkAclAssociation": {changing, replaceACLAssociation},
	"DescribeNetworkAcls":          {reading, aclDescriber.describe},

	"CreateRouteTable":             {changing, createRouteTable},
	"DeleteRouteTable":             {changing, deleteRouteTable},
	"AssociateRouteTable":          {changing, associateRouteTable},
	"DisassociateRouteTable":       {changing, disassociateRouteTable},
	"ReplaceRouteTableAssociation": {changing, replaceRouteTableAssociation},
	"CreateRoute":                  {changing, createRoute},
	"ReplaceRoute":                 {changing, replaceRoute},
	"DeleteRoute":                  {changing, deleteRoute},
	"DescribeRouteTables":          {reading, routeTableDescriber.describe},

	"CreateInternetGateway":    {changing, createInternetGateway},
	"DeleteInternetGateway":    {changing, deleteInternetGateway},
	"AttachInternetGateway":    {changing, attachInternetGateway},
	"DetachInternetGateway":    {changing, detachInternetGateway},
	"DescribeInternetGateways": {reading, internetGatewayDescriber.describe},

	"CreateVpcPeeringConnection":        {changing, createPeering},
	"AcceptVpcPeeringConnection":        {changing, acceptPeering},
	"RejectVpcPeeringConnection":        {changing, rejectPeering},
	"DeleteVpcPeeringConnection":        {changing, deletePeering},
	"ModifyVpcPeeringConnectionOptions": {changing, modifyPeeringOptions},
	"DescribeVpcPeeringConnections":     {reading, peeringDescriber.describe},

	"RunInstances":       {launching, runInstances},
	"StartInstances":     {launching, startInstances},
	"StopInstances":      {changing, stopInstances},
	"RebootInstances":    {changing, rebootInstances},
	"TerminateInstances": {changingInterfaces, terminateInstances},
	"MonitorInstances":   {changing, monitor(true, "pending")},
	"UnmonitorInstances": {changing, monitor(false, "disabling")},

	"ModifyInstanceAttribute":                     {changing, modifyInstanceAttribute},
	"ModifyInstanceCapacityReservationAttributes": {changing, modifyCapacityPreference},
	"ModifyInstanceCreditSpecification":           {changing, modifyCredits},
	"ModifyInstanceMaintenanceOptions":            {changing, modifyMaintenanceOptions},
	"ModifyInstanceMetadataOptions":               {changing, modifyMetadataOptions},
	"ModifyPrivateDnsNameOptions":                 {changing, modifyHostname},

	"DescribeInstances":                    {reading, describeInstances},
	"DescribeInstanceAttribute":            {reading, describeInstanceAttribute},
	"DescribeInstanceCreditSpecifications": {reading, describeCredits},
	"DescribeInstanceStatus":               {reading, describeInstanceStatus},

	"DescribeImages":  {reading, describeImages},
	"DescribeVolumes": {reading, describeVolumes},
	"DeleteVolume":    {changing, deleteVolume},

	"DescribeInstanceTypes":         {reading, describeInstanceTypes},
	"DescribeInstanceTypeOfferings": {reading, describeInstanceTypeOfferings},

	"DescribeNetworkInterfaces":         {reading, describeInterfaces},
	"DescribeNetworkInterfaceAttribute": {reading, describeInterfaceAttribute},

	"CreateVpcEndpoint":    {creatingEndpoints, createEndpoint},
	"DeleteVpcEndpoints":   {changing, deleteEndpoints},
	"DescribeVpcEndpoints": {reading, endpointDescriber.describe},
	"DescribePrefixLists":  {reading, describePrefixLists},

	"DescribeManagedPrefixLists":  {reading, prefixListDescriber.describe},
	"GetManagedPrefixListEntries": {reading, prefixListEntries},

	"CreateVpcEndpointServiceConfiguration":    {changing, createService},
	"ModifyVpcEndpointServiceConfiguration":    {changing, modifyService},
	"DeleteVpcEndpointServiceConfigurations":   {changing, deleteServices},
	"DescribeVpcEndpointServiceConfigurations": {reading, serviceDescriber.describe},
	"DescribeVpcEndpointServices":              {reading, describeServicesByName},
	"DescribeVpcEndpointServicePermissions":    {reading, describePermissions},
	"ModifyVpcEndpointServicePermissions":      {changing, modifyPermissions},
	"DescribeVpcEndpointConnections":           {reading, describeConnections},
	"AcceptVpcEndpointConnections":             {changing, setConnections(endpointAvailable)},
	"RejectVpcEndpointConnections":             {changing, setConnections(endpointRejected)},
}
