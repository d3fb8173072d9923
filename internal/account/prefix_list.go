package account

import (
	"context"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// PrefixListEntries returns the CIDR blocks of a prefix list, of AWS or of a customer, in the order of
// EC2. EC2 shows them of those that are shared with this account too.
func (a *Account) PrefixListEntries(ctx context.Context, id string) ([]netip.Prefix, error) {
	all := []netip.Prefix{}
	in := &ec2.GetManagedPrefixListEntriesInput{PrefixListId: &id}
	for {
		out, err := a.ec2.prefixListEntries(ctx, in, a.options...)
		if err != nil {
			return nil, err
		}
		for _, e := range out.Entries {
			if all, err = appendPrefix(all, e.Cidr); err != nil {
				return nil, err
			}
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			return all, nil
		}
	}
}
