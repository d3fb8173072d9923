package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// An operation is one action of EC2, as the SDK has it.
type operation[In, Out any] = func(context.Context, *In, ...func(*ec2.Options)) (*Out, error)

// operations are the actions that this package uses.
//
// They are method values, because a client that reflection can reach makes the
// linker keep all of its 780 operations: 52 MB of program instead of 23.
type operations struct {
	describeTargets    operation[ec2.DescribeTrafficMirrorTargetsInput, ec2.DescribeTrafficMirrorTargetsOutput]
	describeFilters    operation[ec2.DescribeTrafficMirrorFiltersInput, ec2.DescribeTrafficMirrorFiltersOutput]
	describeRules      operation[ec2.DescribeTrafficMirrorFilterRulesInput, ec2.DescribeTrafficMirrorFilterRulesOutput]
	describeSessions   operation[ec2.DescribeTrafficMirrorSessionsInput, ec2.DescribeTrafficMirrorSessionsOutput]
	describeInterfaces operation[ec2.DescribeNetworkInterfacesInput, ec2.DescribeNetworkInterfacesOutput]
	describeEndpoints  operation[ec2.DescribeVpcEndpointsInput, ec2.DescribeVpcEndpointsOutput]
	describeVPCs       operation[ec2.DescribeVpcsInput, ec2.DescribeVpcsOutput]
	describeSubnets    operation[ec2.DescribeSubnetsInput, ec2.DescribeSubnetsOutput]
	describeInstances  operation[ec2.DescribeInstancesInput, ec2.DescribeInstancesOutput]

	describeVPCAttribute operation[ec2.DescribeVpcAttributeInput, ec2.DescribeVpcAttributeOutput]

	describeGroups             operation[ec2.DescribeSecurityGroupsInput, ec2.DescribeSecurityGroupsOutput]
	describeGroupRules         operation[ec2.DescribeSecurityGroupRulesInput, ec2.DescribeSecurityGroupRulesOutput]
	describeNetworkACLs        operation[ec2.DescribeNetworkAclsInput, ec2.DescribeNetworkAclsOutput]
	describeInternetGateways   operation[ec2.DescribeInternetGatewaysInput, ec2.DescribeInternetGatewaysOutput]
	describeRouteTables        operation[ec2.DescribeRouteTablesInput, ec2.DescribeRouteTablesOutput]
	describePeerings           operation[ec2.DescribeVpcPeeringConnectionsInput, ec2.DescribeVpcPeeringConnectionsOutput]
	prefixListEntries          operation[ec2.GetManagedPrefixListEntriesInput, ec2.GetManagedPrefixListEntriesOutput]
	describeServices           operation[ec2.DescribeVpcEndpointServiceConfigurationsInput, ec2.DescribeVpcEndpointServiceConfigurationsOutput]
	describeServicePermissions operation[ec2.DescribeVpcEndpointServicePermissionsInput, ec2.DescribeVpcEndpointServicePermissionsOutput]

	createTarget operation[ec2.CreateTrafficMirrorTargetInput, ec2.CreateTrafficMirrorTargetOutput]
	deleteTarget operation[ec2.DeleteTrafficMirrorTargetInput, ec2.DeleteTrafficMirrorTargetOutput]

	createFilter   operation[ec2.CreateTrafficMirrorFilterInput, ec2.CreateTrafficMirrorFilterOutput]
	modifyServices operation[ec2.ModifyTrafficMirrorFilterNetworkServicesInput, ec2.ModifyTrafficMirrorFilterNetworkServicesOutput]
	deleteFilter   operation[ec2.DeleteTrafficMirrorFilterInput, ec2.DeleteTrafficMirrorFilterOutput]

	createRule operation[ec2.CreateTrafficMirrorFilterRuleInput, ec2.CreateTrafficMirrorFilterRuleOutput]
	modifyRule operation[ec2.ModifyTrafficMirrorFilterRuleInput, ec2.ModifyTrafficMirrorFilterRuleOutput]
	deleteRule operation[ec2.DeleteTrafficMirrorFilterRuleInput, ec2.DeleteTrafficMirrorFilterRuleOutput]

	createSession operation[ec2.CreateTrafficMirrorSessionInput, ec2.CreateTrafficMirrorSessionOutput]
	modifySession operation[ec2.ModifyTrafficMirrorSessionInput, ec2.ModifyTrafficMirrorSessionOutput]
	deleteSession operation[ec2.DeleteTrafficMirrorSessionInput, ec2.DeleteTrafficMirrorSessionOutput]

	createTags operation[ec2.CreateTagsInput, ec2.CreateTagsOutput]
	deleteTags operation[ec2.DeleteTagsInput, ec2.DeleteTagsOutput]
}

func newOperations(api *ec2.Client) operations {
	return operations{
		describeTargets:    api.DescribeTrafficMirrorTargets,
		describeFilters:    api.DescribeTrafficMirrorFilters,
		describeRules:      api.DescribeTrafficMirrorFilterRules,
		describeSessions:   api.DescribeTrafficMirrorSessions,
		describeInterfaces: api.DescribeNetworkInterfaces,
		describeEndpoints:  api.DescribeVpcEndpoints,
		describeVPCs:       api.DescribeVpcs,
		describeSubnets:    api.DescribeSubnets,
		describeInstances:  api.DescribeInstances,

		describeVPCAttribute: api.DescribeVpcAttribute,

		describeGroups:             api.DescribeSecurityGroups,
		describeGroupRules:         api.DescribeSecurityGroupRules,
		describeNetworkACLs:        api.DescribeNetworkAcls,
		describeInternetGateways:   api.DescribeInternetGateways,
		describeRouteTables:        api.DescribeRouteTables,
		describePeerings:           api.DescribeVpcPeeringConnections,
		prefixListEntries:          api.GetManagedPrefixListEntries,
		describeServices:           api.DescribeVpcEndpointServiceConfigurations,
		describeServicePermissions: api.DescribeVpcEndpointServicePermissions,

		createTarget: requireObject("CreateTrafficMirrorTarget", api.CreateTrafficMirrorTarget, func(out *ec2.CreateTrafficMirrorTargetOutput) bool {
			return out.TrafficMirrorTarget != nil && out.TrafficMirrorTarget.TrafficMirrorTargetId != nil
		}),
		deleteTarget: api.DeleteTrafficMirrorTarget,

		createFilter: requireObject("CreateTrafficMirrorFilter", api.CreateTrafficMirrorFilter, func(out *ec2.CreateTrafficMirrorFilterOutput) bool {
			return out.TrafficMirrorFilter != nil && out.TrafficMirrorFilter.TrafficMirrorFilterId != nil
		}),
		modifyServices: api.ModifyTrafficMirrorFilterNetworkServices,
		deleteFilter:   api.DeleteTrafficMirrorFilter,

		createRule: requireObject("CreateTrafficMirrorFilterRule", api.CreateTrafficMirrorFilterRule, func(out *ec2.CreateTrafficMirrorFilterRuleOutput) bool {
			return out.TrafficMirrorFilterRule != nil && out.TrafficMirrorFilterRule.TrafficMirrorFilterRuleId != nil
		}),
		modifyRule: requireObject("ModifyTrafficMirrorFilterRule", api.ModifyTrafficMirrorFilterRule, func(out *ec2.ModifyTrafficMirrorFilterRuleOutput) bool {
			return out.TrafficMirrorFilterRule != nil && out.TrafficMirrorFilterRule.TrafficMirrorFilterRuleId != nil
		}),
		deleteRule: api.DeleteTrafficMirrorFilterRule,

		createSession: requireObject("CreateTrafficMirrorSession", api.CreateTrafficMirrorSession, func(out *ec2.CreateTrafficMirrorSessionOutput) bool {
			return out.TrafficMirrorSession != nil && out.TrafficMirrorSession.TrafficMirrorSessionId != nil
		}),
		modifySession: requireObject("ModifyTrafficMirrorSession", api.ModifyTrafficMirrorSession, func(out *ec2.ModifyTrafficMirrorSessionOutput) bool {
			return out.TrafficMirrorSession != nil && out.TrafficMirrorSession.TrafficMirrorSessionId != nil
		}),
		deleteSession: api.DeleteTrafficMirrorSession,

		createTags: api.CreateTags,
		deleteTags: api.DeleteTags,
	}
}

// requireObject returns an operation that fails when EC2 reports success and leaves
// out the object or its ID. Every field of an answer is a pointer, and a proxy or another
// implementation of EC2 may leave out fields.
func requireObject[In, Out any](action string, call operation[In, Out], has func(*Out) bool) operation[In, Out] {
	return func(ctx context.Context, in *In, options ...func(*ec2.Options)) (*Out, error) {
		out, err := call(ctx, in, options...)
		if err == nil && !has(out) {
			return nil, fmt.Errorf("the answer to %s reports success without the object. "+
				"The object may exist: look for it before you apply again. "+
				"EC2 itself always answers with the object, so check endpoints in the provider block, or the proxy", action)
		}
		return out, err
	}
}
