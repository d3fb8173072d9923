// Package account is one AWS account in one Region: what exists in it, and the calls
// that change it. It is the only package that uses the clients of the AWS SDK for EC2
// and Elastic Load Balancing: it converts their types to those of package mirror, and it
// classifies their errors. It corrects what it reads by what this run has written. It decides nothing: packages check
// and reconcile do that. It knows nothing of Terraform.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/operation-list-traffic-mirroring.html
package account

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Account is one account in one Region.
type Account struct {
	Region    string
	Partition string
	ID        string // empty: AWS was not asked for it

	clock       Clock
	ec2         operations
	balancing   *balancing // nil: no endpoint is known
	written     *written
	cache       *cache // nil: reads share nothing
	isLive      bool   // each read begins after it is called
	isFresh     bool   // cache is of Fresh
	keepsAbsent bool   // reads assume that an object is still not there
	facts       func(ctx context.Context, region string, target mirror.Target, to *mirror.Endpoint) error
	options     []func(*ec2.Options) // of every call: those of watches, and that of a DryRun
	watches     []Watch
	dryRun      bool
}

// Options are the common settings of the accounts of all Regions.
type Options struct {
	Endpoint  string // URL of EC2; empty: the endpoint of the Region
	Partition string
	AccountID string // empty: unknown
	Clock     Clock  // nil: SystemClock

	// BalancingEndpoint is the URL of Elastic Load Balancing. If it is empty, that is the
	// endpoint of the Region, or unknown if Endpoint is not one of AWS. An unknown one makes
	// everything about load balancers unknown that EC2 does not show.
	BalancingEndpoint string

	// Limited keeps the requests inside EC2's published limits also where the endpoint is not
	// one of AWS.
	Limited bool

	// TargetFacts adds to the endpoint of a target what no answer of AWS shows, such as its
	// MTU. nil: that is not known.
	TargetFacts func(ctx context.Context, region string, target mirror.Target, to *mirror.Endpoint) error

	// ReadEach makes every read a request of its own: no two reads share an answer.
	ReadEach bool

	// Middleware is added to the calls of the SDK.
	Middleware func(*middleware.Stack) error
}

// New returns the account that config has credentials for, in the Region of config.
func New(config aws.Config, options Options) *Account {
	return newAccount(config, options, newLimiter(options))
}

// newAccount returns an account whose requests a limiter paces.
func newAccount(config aws.Config, options Options, limits *limiter) *Account {
	clock := limits.clock
	api := ec2.NewFromConfig(config, func(o *ec2.Options) {
		o.APIOptions = append(o.APIOptions, limits.addTo)
		if options.Endpoint != "" {
			o.BaseEndpoint = aws.String(options.Endpoint)
		}
		if options.Middleware != nil {
			o.APIOptions = append(o.APIOptions, options.Middleware)
		}
	})
	a := &Account{
		Region: config.Region, Partition: options.Partition, ID: options.AccountID,
		clock: clock, ec2: newOperations(api), balancing: newBalancing(config, options, api.Options().BaseEndpoint), written: &written{clock: clock}, facts: options.TargetFacts,
	}
	if !options.ReadEach {
		a.cache = newCache()
	}
	return a
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
	if a.cache != nil {
		fresh.cache, fresh.isFresh = newCache(), true
	}
	return &fresh
}

// Live returns the account, each of whose reads begins after it is called. What waits for a
// change needs it.
func (a *Account) Live() *Account {
	live := *a
	live.isLive = true
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
	_, hasBegun := a.written.run.soFar()
	return hasBegun
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

// The names of EC2's describe filters.
const (
	onInterface    = "network-interface-id"
	onLoadBalancer = "network-load-balancer-arn"
	ofTarget       = "traffic-mirror-target-id"
	ofFilter       = "traffic-mirror-filter-id"

	withDescription = "description"
)

// OnInterface narrows a listing of sessions or targets to those of a network interface.
func OnInterface(id string) Where { return Where{onInterface, []string{id}} }

// OnLoadBalancer narrows a listing of targets to those of a Network Load Balancer.
func OnLoadBalancer(arn string) Where { return Where{onLoadBalancer, []string{arn}} }

// OfTarget narrows a listing of sessions or targets by target.
func OfTarget(ids ...string) Where { return Where{ofTarget, ids} }

// OfFilter narrows a listing of sessions or filters by filter.
func OfFilter(ids ...string) Where { return Where{ofFilter, ids} }
