package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/hashicorp/aws-sdk-go-base/v2/endpoints"
)

// caller returns the account and the partition of the credentials. If the configuration
// skips both requests, the account is empty and the partition is the Region's.
//
// aws-sdk-go-base has a function for this, but it calls IAM too. STS alone is enough,
// because GetCallerIdentity needs no permission. The IAM client would make the program
// 3.5 MB larger.
func (m providerModel) caller(ctx context.Context, config aws.Config) (account, partition string, err error) {
	if m.SkipCredentialsValidation.ValueBool() && m.SkipRequestingAccountID.ValueBool() {
		partition, _ := endpoints.PartitionForRegion(endpoints.DefaultPartitions(), config.Region)
		return "", partition.ID(), nil
	}
	client := sts.NewFromConfig(config, func(o *sts.Options) {
		if region := m.STSRegion.ValueString(); region != "" {
			o.Region = region
		}
		if url := m.endpoint("sts"); url != "" {
			o.BaseEndpoint = aws.String(url)
		}
	})
	identity, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", err
	}
	caller, err := arn.Parse(aws.ToString(identity.Arn))
	if err != nil {
		return "", "", fmt.Errorf("STS returned the caller ARN %q: %w", aws.ToString(identity.Arn), err)
	}
	return caller.AccountID, caller.Partition, nil
}
