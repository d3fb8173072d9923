package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/hashicorp/aws-sdk-go-base/v2/endpoints"
)

// caller returns the account and the partition that the credentials belong to.
// Where the configuration wants neither known, the partition is the Region's and
// the account is empty.
//
// aws-sdk-go-base has a function for this, which asks IAM before and after STS.
// STS alone suffices, since GetCallerIdentity needs no permission; and a program
// that calls IAM holds all of its operations, which makes 3.5 MB.
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
		return "", "", fmt.Errorf("STS names the caller %q: %w", aws.ToString(identity.Arn), err)
	}
	return caller.AccountID, caller.Partition, nil
}
