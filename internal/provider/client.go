package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"
	"github.com/hashicorp/aws-sdk-go-base/v2/logging"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Client is what Configure hands to resources: one account in one Region, and the
// EC2 operations that change it. What only reads is in Inventory.
//
// The operations are method values, because a client that reflection can reach
// makes the linker keep all of its 780 operations: 52 MB of program instead of 23.
type Client struct {
	Region    string
	Partition string
	AccountID string // empty where the provider was told not to ask for it
	Inventory *account.Account

	changes changes
	claims  claims
	live    live

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

	describeTargets operation[ec2.DescribeTrafficMirrorTargetsInput, ec2.DescribeTrafficMirrorTargetsOutput] // for the preflight

	tags      tagPolicy
	policy    planPolicy
	preflight preflight
	touched   touched
	turns     turns     // by network interface, for sessions that take the lowest free number
	exchanges exchanges // of rules that take a number, by filter
	vacancies vacancies // for sessions that take a given number, by network interface
}

type operation[In, Out any] = func(context.Context, *In, ...func(*ec2.Options)) (*Out, error)

// newClient returns a client that uses config. An empty endpoint means that of
// the Region.
func newClient(config aws.Config, endpoint, partition, accountID string) *Client {
	api := ec2.NewFromConfig(config, func(o *ec2.Options) {
		if endpoint != "" {
			o.BaseEndpoint = aws.String(endpoint)
		}
		o.APIOptions = append(o.APIOptions, logToRequest)
	})
	return &Client{
		Region:    config.Region,
		Partition: partition,
		AccountID: accountID,
		Inventory: account.New(api),

		createTarget: whole("CreateTrafficMirrorTarget", api.CreateTrafficMirrorTarget, func(out *ec2.CreateTrafficMirrorTargetOutput) bool {
			return out.TrafficMirrorTarget != nil && out.TrafficMirrorTarget.TrafficMirrorTargetId != nil
		}),
		deleteTarget: api.DeleteTrafficMirrorTarget,

		createFilter: whole("CreateTrafficMirrorFilter", api.CreateTrafficMirrorFilter, func(out *ec2.CreateTrafficMirrorFilterOutput) bool {
			return out.TrafficMirrorFilter != nil && out.TrafficMirrorFilter.TrafficMirrorFilterId != nil
		}),
		modifyServices: api.ModifyTrafficMirrorFilterNetworkServices,
		deleteFilter:   api.DeleteTrafficMirrorFilter,

		createRule: whole("CreateTrafficMirrorFilterRule", api.CreateTrafficMirrorFilterRule, func(out *ec2.CreateTrafficMirrorFilterRuleOutput) bool {
			return out.TrafficMirrorFilterRule != nil && out.TrafficMirrorFilterRule.TrafficMirrorFilterRuleId != nil
		}),
		modifyRule: whole("ModifyTrafficMirrorFilterRule", api.ModifyTrafficMirrorFilterRule, func(out *ec2.ModifyTrafficMirrorFilterRuleOutput) bool {
			return out.TrafficMirrorFilterRule != nil && out.TrafficMirrorFilterRule.TrafficMirrorFilterRuleId != nil
		}),
		deleteRule: api.DeleteTrafficMirrorFilterRule,

		createSession: whole("CreateTrafficMirrorSession", api.CreateTrafficMirrorSession, func(out *ec2.CreateTrafficMirrorSessionOutput) bool {
			return out.TrafficMirrorSession != nil && out.TrafficMirrorSession.TrafficMirrorSessionId != nil
		}),
		modifySession: whole("ModifyTrafficMirrorSession", api.ModifyTrafficMirrorSession, func(out *ec2.ModifyTrafficMirrorSessionOutput) bool {
			return out.TrafficMirrorSession != nil && out.TrafficMirrorSession.TrafficMirrorSessionId != nil
		}),
		deleteSession: api.DeleteTrafficMirrorSession,

		createTags: api.CreateTags,
		deleteTags: api.DeleteTags,

		describeTargets: api.DescribeTrafficMirrorTargets,
	}
}

// logToRequest sends what aws-sdk-go-base logs about a call to the log of the
// Terraform request that makes it: the log of Configure has ended by then.
func logToRequest(stack *middleware.Stack) error {
	register := func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		ctx, logger := logging.NewTfLogger(ctx)
		return next.HandleInitialize(logging.RegisterLogger(ctx, logger), in)
	}
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("LogToRequest", register), middleware.Before)
}

// arn returns the ARN of an object. An account of "" means that of the client:
// only targets and sessions tell their owner.
func (c *Client) arn(kind mirror.Kind, account, id string) string {
	if account == "" {
		account = c.AccountID
	}
	return kind.ARN(c.Partition, c.Region, account, id)
}
