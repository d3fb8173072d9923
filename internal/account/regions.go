package account

import (
	"cmp"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Regions are the accounts that one set of credentials has in the Regions of a
// partition. Each is made when it is first asked for.
type Regions struct {
	config  aws.Config
	options Options

	mu       sync.Mutex
	accounts map[string]*Account
	limits   map[string]*limiter
}

// NewRegions returns the accounts for the credentials of config.
func NewRegions(config aws.Config, options Options) *Regions {
	return &Regions{config: config, options: options, accounts: map[string]*Account{}, limits: map[string]*limiter{}}
}

// In returns the account in a Region. The Region "" is that of the configuration.
func (r *Regions) In(region string) *Account {
	region = cmp.Or(region, r.config.Region)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.accounts[region] == nil {
		config := r.config.Copy() // with the same credentials: they are found once
		config.Region = region
		r.accounts[region] = newAccount(config, r.options, r.limiter(region))
	}
	return r.accounts[region]
}

// Anew returns the account in a Region as a new run sees it, without what other runs have read
// and written. All accounts of a Region keep its limits together. The Region "" is that of the
// configuration.
func (r *Regions) Anew(region string) *Account {
	config := r.config.Copy()
	config.Region = cmp.Or(region, r.config.Region)
	r.mu.Lock()
	defer r.mu.Unlock()
	return newAccount(config, r.options, r.limiter(config.Region))
}

// limiter returns the limiter of a Region. The caller holds mu.
func (r *Regions) limiter(region string) *limiter {
	if r.limits[region] == nil {
		r.limits[region] = newLimiter(r.options)
	}
	return r.limits[region]
}
