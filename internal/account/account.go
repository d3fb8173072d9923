// Package account is one AWS account in one Region: what exists in it, and the calls
// that change it. It is the only package that uses the EC2 client of the AWS SDK:
// it converts EC2's types to those of package mirror, and it classifies EC2's errors. It
// corrects what it reads by what this run has written. It decides nothing: packages check
// and reconcile do that. It knows nothing of Terraform.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/operation-list-traffic-mirroring.html
package account

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Account is one account in one Region.
type Account struct {
	Region    string
	Partition string
	ID        string // empty: AWS was not asked for it

	clock   Clock
	ec2     operations
	written *written
	facts   func(ctx context.Context, region string, target mirror.Target, to *mirror.Endpoint) error
	options []func(*ec2.Options) // of every call: that of Watched, and that of a DryRun
	dryRun  bool
}

// Options are the common settings of the accounts of all Regions.
type Options struct {
	Endpoint  string // URL of EC2; empty: the endpoint of the Region
	Partition string
	AccountID string // empty: unknown
	Clock     Clock  // nil: SystemClock

	// TargetFacts adds to the endpoint of a target what no answer of EC2 shows: its MTU,
	// UDP listeners and appliances. nil: nobody knows them.
	TargetFacts func(ctx context.Context, region string, target mirror.Target, to *mirror.Endpoint) error

	// ReadEach makes every read a request of its own: no two reads share an answer.
	ReadEach bool

	// Middleware is added to the calls of the SDK.
	Middleware func(*middleware.Stack) error
}

// New returns the account that config has credentials for, in the Region of config.
func New(config aws.Config, options Options) *Account {
	api := ec2.NewFromConfig(config, func(o *ec2.Options) {
		if options.Endpoint != "" {
			o.BaseEndpoint = aws.String(options.Endpoint)
		}
		if options.Middleware != nil {
			o.APIOptions = append(o.APIOptions, options.Middleware)
		}
	})
	clock := options.Clock
	if clock == nil {
		clock = SystemClock{}
	}
	return &Account{
		Region: config.Region, Partition: options.Partition, ID: options.AccountID,
		clock: clock, ec2: newOperations(api), written: &written{clock: clock}, facts: options.TargetFacts,
	}
}

// ARN returns the Amazon Resource Name of an object. An owner of "" is this account:
// EC2 returns the owner of a target or a session, but not of a filter or a rule.
func (a *Account) ARN(kind mirror.Kind, owner, id string) string {
	if owner == "" {
		owner = a.ID
	}
	return kind.ARN(a.Partition, a.Region, owner, id)
}

// Fresh returns the account, whose listings begin after this call. The reads of the
// account that it returns share their answers.
func (a *Account) Fresh() *Account {
	fresh := *a
	return &fresh
}

// Live returns the account, each of whose reads begins after it is called. What waits for a
// change needs it.
func (a *Account) Live() *Account {
	live := *a
	return &live
}

// Now returns the time by the account's clock.
func (a *Account) Now() time.Time { return a.clock.Now() }

// ChangedInThisRun reports whether this run has created, changed or deleted an object,
// or is about to.
func (a *Account) ChangedInThisRun(id string) bool { return a.written.isKnown(id) }

// HasChanged reports whether this run has created, changed or deleted any object, or is about
// to. A run that has is an apply.
func (a *Account) HasChanged() bool {
	a.written.mu.Lock()
	defer a.written.mu.Unlock()
	return len(a.written.objects) > 0
}

// Tagged is a noun with the tags of its object.
type Tagged[Noun any] struct {
	Noun Noun
	Tags map[string]string
}

// nouns returns objects without their tags.
func nouns[Noun any](all []Tagged[Noun]) []Noun {
	var without []Noun
	for _, t := range all {
		without = append(without, t.Noun)
	}
	return without
}

// tagged adds to objects their tags, corrected by what this run has written. read has the tags
// as EC2 has answered, by ID.
func tagged[Noun any](a *Account, nouns []Noun, read map[string][]types.Tag, id func(Noun) string) []Tagged[Noun] {
	all := make([]Tagged[Noun], len(nouns))
	for i, n := range nouns {
		all[i] = Tagged[Noun]{n, a.written.correctTags(id(n), tagsOf(read[id(n)]))}
	}
	return all
}

// A Token makes a create safe to repeat: EC2 answers a second request that has the
// same token and the same parameters with the object of the first.
type Token string

// NewToken returns a token for one create.
func NewToken() Token { return Token(rand.Text()) }

// Where narrows a listing: the name of an EC2 describe filter and its values, of which
// one must match.
//
// Only the functions below make one, so that every listing can check the conditions
// itself for what this run has written.
type Where struct {
	name   string
	values []string
}

// OnInterface narrows a listing of sessions or targets to those of a network interface.
func OnInterface(id string) Where { return Where{"network-interface-id", []string{id}} }

// OnLoadBalancer narrows a listing of targets to those of a Network Load Balancer.
func OnLoadBalancer(arn string) Where { return Where{"network-load-balancer-arn", []string{arn}} }

// OfTarget narrows a listing of sessions or targets by target.
func OfTarget(ids ...string) Where { return Where{"traffic-mirror-target-id", ids} }

// OfFilter narrows a listing of sessions or filters by filter.
func OfFilter(ids ...string) Where { return Where{"traffic-mirror-filter-id", ids} }

func filtersOf(where []Where) []types.Filter {
	filters := make([]types.Filter, len(where))
	for i, w := range where {
		filters[i] = types.Filter{Name: aws.String(w.name), Values: w.values}
	}
	return filters
}

// matches reports whether an object meets every condition. values has the values of
// the object by the names of the conditions that EC2 has for its kind.
func matches(where []Where, values map[string]string) bool {
	return !slices.ContainsFunc(where, func(w Where) bool { return !slices.Contains(w.values, values[w.name]) })
}

// pages calls read with the token of each page of a listing.
func pages(read func(token *string) (next *string, err error)) error {
	for token := (*string)(nil); ; {
		next, err := read(token)
		if err != nil || aws.ToString(next) == "" {
			return err
		}
		token = next
	}
}

// one ends the read of an object: it corrects the answer by what this run has written.
// items are those that EC2 has answered, and err is its refusal.
func one[Item, N any](a *Account, kind mirror.Kind, id string, items []Item, err error, read func(Item) (N, string, []types.Tag, error)) (Tagged[N], error) {
	if err != nil && !IsNotFound(err) {
		return Tagged[N]{}, err
	}
	var noun N
	var tags []types.Tag
	found := false
	for _, item := range items {
		n, itemID, t, unreadable := read(item)
		if itemID != id {
			continue
		}
		if unreadable != nil {
			return Tagged[N]{}, unreadable
		}
		noun, tags, found = n, t, true
	}
	noun, exists := correctOne(a.written, id, noun, found)
	switch {
	case exists:
		return Tagged[N]{noun, a.written.correctTags(id, tagsOf(tags))}, nil
	case err != nil:
		return Tagged[N]{}, err
	}
	return Tagged[N]{}, &NotFoundError{kind, id}
}
