package account

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// This file has the one place where the package asks EC2 what exists. A source asks for one
// kind of object; read.go decides when it asks.

// A source is a describe action of EC2.
type source struct {
	kind    mirror.Kind
	idField string // the describe filter that names IDs
	isOwn   bool   // the kind is one of Traffic Mirroring

	// ask makes the request, and converts the answer.
	ask func(ctx context.Context, ec2 *operations, q question, options []func(*ec2.Options)) (answer, error)

	// value returns the value of a noun for a condition, if the source knows the condition.
	value func(noun any, condition string) (string, bool)
}

// sources are all of them.
var sources = []*source{
	targetSource, filterSource, ruleSource, sessionSource, interfaceSource, endpointSource, vpcSource, subnetSource, instanceSource,
	groupSource, groupRuleSource, networkACLSource, internetGatewaySource, routeTableSource, peeringSource, endpointServiceSource,
}

// A question is what a describe asks.
type question struct {
	ids    []string // nil: all
	where  []Where
	token  *string // of a page; nil: the first
	isBare bool    // neither filters nor paginates
}

func (q question) filters() []types.Filter {
	var filters []types.Filter
	for _, w := range q.where {
		filters = append(filters, types.Filter{Name: aws.String(w.name), Values: w.values})
	}
	return filters
}

// pageSize is the largest size of a page.
const pageSize = 1000

// size returns how many objects a page may have. EC2 refuses it together with IDs.
func (q question) size() *int32 { return q.sizeUpTo(pageSize) }

// sizeUpTo is size where the largest page is smaller.
func (q question) sizeUpTo(most int32) *int32 {
	if q.isBare {
		return nil
	}
	return aws.Int32(most)
}

// An answer is what EC2 answers to a question.
type answer struct {
	items []item
	next  *string // the token of the next page
}

// An item is an object as EC2 has answered. What is not needed of the SDK's type is gone.
type item struct {
	id    string
	noun  any // a mirror.Session and so on
	tags  map[string]string
	parts []part // the rules of a filter, in the order of the noun
	err   error  // not nil: what EC2 answered cannot be read

	hasTags bool // of a rule that came with its filter: its tags came too
}

// A part is an object that comes with another one.
type part struct {
	id   string
	tags map[string]string
}

// add adds an object to an answer.
func (a *answer) add(id *string, noun any, tags []types.Tag, err error) {
	a.items = append(a.items, item{id: aws.ToString(id), noun: noun, tags: storedTags(tags), err: err})
}

// storedTags returns tags as they are stored: nil if there are none.
func storedTags(tags []types.Tag) map[string]string {
	if len(tags) == 0 {
		return nil
	}
	return tagsOf(tags)
}

// ask makes one request.
func (a *Account) ask(ctx context.Context, s *source, q question, options []func(*ec2.Options)) (answer, error) {
	q.isBare = len(q.ids) > 0
	if q.isBare {
		ctx = context.WithValue(ctx, wholeSetKey{}, true)
	}
	page, err := s.ask(ctx, &a.ec2, q, options)
	a.noteDenied(s, err)
	return page, err
}

// askAll returns all objects that a question is about, each once: an object can be on two
// pages if others come and go meanwhile.
func (a *Account) askAll(ctx context.Context, s *source, q question, options []func(*ec2.Options)) ([]item, error) {
	found := map[string]item{}
	for _, q := range q.split() {
		for {
			page, err := a.ask(ctx, s, q, options)
			if err != nil {
				return nil, err
			}
			for _, i := range page.items {
				found[i.id] = i
			}
			if q.token = page.next; aws.ToString(q.token) == "" {
				break
			}
		}
	}
	return slices.Collect(maps.Values(found)), nil
}

// maxValues is how many values the filters of one request can have.
const maxValues = 200

// split returns questions that each have as many values as a request can have. Conditions on
// the objects that other objects name can have more.
func (q question) split() []question {
	for n, w := range q.where {
		if len(w.values) <= maxValues {
			continue
		}
		var all []question
		for _, some := range chunks(w.name, w.values) {
			one := q
			one.where = slices.Clone(q.where)
			one.where[n] = some
			all = append(all, one)
		}
		return all
	}
	return []question{q}
}

// chunks returns one condition for as many different values as a request can have.
func chunks(name string, values []string) []Where {
	values = slices.Sorted(slices.Values(values))
	var all []Where
	for some := range slices.Chunk(slices.Compact(values), maxValues) {
		all = append(all, Where{name, some})
	}
	return all
}

// isPlain reports whether an ID can be the value of a describe filter, which has wildcards.
func isPlain(id string) bool {
	for _, c := range []byte(id) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	return id != ""
}
