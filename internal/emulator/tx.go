package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The layout of a store: the bucket meta says what the file is, and each Region
// has a bucket. In it, each collection is a bucket of JSON by ID, and each index a
// bucket of keys that are joined with "/".

// storeFormat identifies a store. One of the version before is brought up to date by
// upgrade.go.
var storeFormat = sharedfile.Format{
	Name:    "the emulator's store",
	Kind:    "a store of the emulator",
	Mark:    "terraform-provider-trafficmirror emulator",
	Version: "2",
	Older:   []string{versionBefore},
}

// storeWait is longer than any transaction takes, and shorter than people wait for an
// apply.
const storeWait = 10 * time.Second

// tx is a transaction on the objects of one Region. It keeps the first failure of
// the store, after which reads find nothing and writes do nothing, so that only
// the end of a transaction has to ask for it.
type tx struct {
	root     *bbolt.Bucket
	region   string
	account  string
	now      time.Time
	quotas   mirror.Quotas
	readings Readings
	newID    func(prefix string) string
	draw     func(mirror.Range) int
	undo     *[]written // where writes are noted, if they are
	err      error
}

func (t *tx) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *tx) bucket(name string) *bbolt.Bucket {
	b := t.root.Bucket([]byte(name))
	if b == nil {
		// Only a damaged file lacks one; the panic becomes an error in package sharedfile.
		panic(fmt.Sprintf("there is no bucket %q", name))
	}
	return b
}

// write stores a value, or removes it if it is nil. Every write goes through here.
func (t *tx) write(bucket, key string, value []byte) {
	b, k := t.bucket(bucket), []byte(key)
	if t.undo != nil {
		*t.undo = append(*t.undo, written{bucket, key, bytes.Clone(b.Get(k))})
	}
	var err error
	if value == nil {
		err = b.Delete(k)
	} else {
		err = b.Put(k, value)
	}
	if err != nil {
		t.fail(err)
	}
}

// freshID returns an ID of the kind that nothing has.
func freshID[T any](t *tx, c collection[T]) string {
	for {
		id := t.newID(c.kind.Prefix)
		if !c.has(t, id) {
			return id
		}
	}
}

// collection is the objects of one kind.
type collection[T any] struct {
	name string
	kind mirror.Kind
}

// The collections. They hold the nouns; tags stand apart, because every kind of
// object has them, and so do a filter's rules, of which EC2 changes one at a time.
var (
	targets       = collection[mirror.Target]{"targets", mirror.KindTarget}
	filters       = collection[mirror.Filter]{"filters", mirror.KindFilter}
	rules         = collection[mirror.Rule]{"rules", mirror.KindFilterRule}
	sessions      = collection[mirror.Session]{"sessions", mirror.KindSession}
	vpcs          = collection[vpc]{"vpcs", mirror.KindVPC}
	subnets       = collection[subnet]{"subnets", mirror.KindSubnet}
	instances     = collection[topology.Instance]{"instances", mirror.KindInstance}
	interfaces    = collection[networkInterface]{"interfaces", mirror.KindInterface}
	endpoints     = collection[gatewayEndpoint]{"endpoints", mirror.KindEndpoint}
	loadBalancers = collection[topology.NetworkLoadBalancer]{name: "load_balancers"} // by ARN
	tokens        = collection[clientToken]{name: "client_tokens"}                   // by action and token
	tags          = collection[map[string]string]{name: "tags"}                      // by ID
	counts        = collection[int]{name: "counts"}                                  // of this account's objects, by the collection's name
)

// The indices, with the parts of their keys.
var (
	rulesByFilter       = index{"rules_by_filter"}       // filter, direction, number: rule
	sessionsByInterface = index{"sessions_by_interface"} // interface, number, session
	sessionsByTarget    = index{"sessions_by_target"}    // target, interface, session
	sessionsByFilter    = index{"sessions_by_filter"}    // filter, session
	sessionsByNetwork   = index{"sessions_by_network"}   // VNI, session
	targetsByBacking    = index{"targets_by_backing"}    // ID or ARN: target
	interfacesBySubnet  = index{"interfaces_by_subnet"}  // subnet, address: interface
	tokensByAge         = index{"client_tokens_by_age"}  // time, key: nothing
)

// regionBuckets lists every bucket of a Region.
var regionBuckets = []string{
	targets.name, filters.name, rules.name, sessions.name, vpcs.name, subnets.name, instances.name, interfaces.name,
	endpoints.name, loadBalancers.name, tokens.name, tags.name, counts.name,
	rulesByFilter.name, sessionsByInterface.name, sessionsByTarget.name, sessionsByFilter.name, sessionsByNetwork.name,
	targetsByBacking.name, interfacesBySubnet.name, tokensByAge.name,
}

func (c collection[T]) has(t *tx, id string) bool {
	return id != "" && t.bucket(c.name).Get([]byte(id)) != nil
}

func (c collection[T]) get(t *tx, id string) (T, bool) {
	var v T
	if id == "" {
		return v, false
	}
	text := t.bucket(c.name).Get([]byte(id))
	if text == nil {
		return v, false
	}
	return c.decode(t, id, text)
}

func (c collection[T]) decode(t *tx, id string, text []byte) (T, bool) {
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		t.fail(fmt.Errorf("the store holds something unreadable for %s: %w", id, err))
		return v, false
	}
	return v, true
}

// need returns an object or the error that EC2 has for one that does not exist.
func (c collection[T]) need(t *tx, id string) (T, error) {
	v, ok := c.get(t, id)
	if !ok && t.err == nil {
		return v, notFound(c.kind, id)
	}
	return v, t.err
}

func (c collection[T]) put(t *tx, id string, v T) {
	text, err := json.Marshal(v)
	if err != nil {
		t.fail(err)
		return
	}
	t.write(c.name, id, text)
}

func (c collection[T]) del(t *tx, id string) { t.write(c.name, id, nil) }

// idsAfter yields the IDs of all objects above after, in their order.
func (c collection[T]) idsAfter(t *tx, after string) iter.Seq[string] {
	return func(yield func(string) bool) {
		cursor := t.bucket(c.name).Cursor()
		k, _ := cursor.Seek([]byte(after))
		if string(k) == after {
			k, _ = cursor.Next()
		}
		for ; k != nil; k, _ = cursor.Next() {
			if !yield(string(k)) {
				return
			}
		}
	}
}

// count returns how many objects of the collection the account has, after adding
// delta.
func (c collection[T]) count(t *tx, delta int) int {
	n, _ := counts.get(t, c.name)
	if delta != 0 {
		n += delta
		counts.put(t, c.name, n)
	}
	return n
}

// index finds objects by something else than their ID.
type index struct{ name string }

func indexKey(parts ...string) string { return strings.Join(parts, "/") }

// numberKey sorts as its number does.
func numberKey(n int) string { return fmt.Sprintf("%08d", n) }

func (i index) set(t *tx, value string, parts ...string) {
	t.write(i.name, indexKey(parts...), []byte(value))
}

func (i index) unset(t *tx, parts ...string) { t.write(i.name, indexKey(parts...), nil) }

func (i index) get(t *tx, parts ...string) string {
	return string(t.bucket(i.name).Get([]byte(indexKey(parts...))))
}

// below yields the parts behind the given ones, and the value, of each key that
// begins with them.
func (i index) below(t *tx, parts ...string) iter.Seq2[[]string, string] {
	prefix := indexKey(parts...) + "/"
	return func(yield func([]string, string) bool) {
		cursor := t.bucket(i.name).Cursor()
		for k, v := cursor.Seek([]byte(prefix)); strings.HasPrefix(string(k), prefix); k, v = cursor.Next() {
			if !yield(strings.Split(string(k[len(prefix):]), "/"), string(v)) {
				return
			}
		}
	}
}

// countBelow counts the keys that begin with the given parts.
func (i index) countBelow(t *tx, parts ...string) int {
	n := 0
	for range i.below(t, parts...) {
		n++
	}
	return n
}

// firstBelow returns the first key's parts behind the given ones, or nil.
func (i index) firstBelow(t *tx, parts ...string) []string {
	for rest := range i.below(t, parts...) {
		return rest
	}
	return nil
}
