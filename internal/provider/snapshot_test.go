package provider_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	framework "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// eachProvider makes a provider that reads each object by a request of its own.
var eachProvider = provider.NewWithTiming("test", provider.Timing{Clock: fastClock{}, LongestBackoff: 100 * time.Millisecond, Patience: 100 * time.Second, ReadEach: true})

// A plan that reads pages refreshes, plans and warns as one that reads each object by itself,
// while somebody changes objects by hand between the pages. An object that nobody changes has
// the same result. A changed one has the result from before or that from after the change.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	worlds := 1
	if sample.All() {
		worlds = 200
	}
	for n := range worlds {
		seed := sample.Seed(t)*1000 + uint64(n)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			e := newEstate(t, seed)
			before := e.plan(t, eachProvider, nil)
			calls := e.takeCalls()
			e.compare(t, e.plan(t, newProvider, nil), before, before)
			if paged := e.takeCalls(); 2*paged > calls {
				t.Errorf("a plan takes %d calls with pages, and %d without", paged, calls)
			}
			left := e.changes
			between := func() {
				n := min(len(left), 1+e.random.IntN(8))
				for _, change := range left[:n] {
					change()
				}
				left = left[n:]
			}
			during := e.plan(t, newProvider, between)
			if len(left) == len(e.changes) {
				t.Error("nothing was changed between pages")
			}
			for _, change := range left {
				change()
			}
			e.compare(t, during, before, e.plan(t, eachProvider, nil))
		})
	}
}

// An estate is objects that a configuration manages, and what somebody is going to change
// by hand: at most one thing of an object, so that it has two states.
type estate struct {
	random  *rand.Rand
	client  *ec2.Client
	handler http.Handler
	url     string
	pages   int // objects on a page
	objects []managed
	changes []func()

	mu      sync.Mutex
	calls   int
	between func() // nil: nobody changes anything
}

// A managed object is in the configuration. Without an ID, it is not made yet.
type managed struct {
	kind, id string
	config   map[string]any
}

// outcome is what a plan says of an object.
type outcome struct {
	values      string   // the state, as it was refreshed, and the plan
	diagnostics []string // of the plan
}

func (o outcome) String() string { return o.values + "\n" + strings.Join(o.diagnostics, "\n") }

// ServeHTTP makes the pages small, and lets somebody change objects before each page but
// the first. A page begins after so many objects, so that one moves to a page that was read
// when another before it goes.
func (e *estate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	form, parseErr := url.ParseQuery(string(body))
	if err != nil || parseErr != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	first, _ := strconv.Atoi(form.Get("NextToken"))
	e.mu.Lock()
	e.calls++
	if first > 0 && e.between != nil {
		e.between()
	}
	e.mu.Unlock()
	form.Del("NextToken")
	r.Body = io.NopCloser(strings.NewReader(form.Encode()))
	answered := httptest.NewRecorder()
	e.handler.ServeHTTP(answered, r)
	w.WriteHeader(answered.Code)
	if !form.Has("MaxResults") {
		_, _ = w.Write(answered.Body.Bytes())
		return
	}
	_, _ = w.Write(pageOf(answered.Body.Bytes(), first, e.pages))
}

// pageOf cuts so many objects out of the answer with all of them.
func pageOf(all []byte, first, size int) []byte {
	var starts, ends []int
	decoder, depth := xml.NewDecoder(bytes.NewReader(all)), 0
	for {
		at := int(decoder.InputOffset())
		token, err := decoder.Token()
		if err != nil {
			break
		}
		switch token.(type) {
		case xml.StartElement:
			if depth++; depth == 3 {
				starts = append(starts, at)
			}
		case xml.EndElement:
			if depth--; depth == 2 {
				ends = append(ends, int(decoder.InputOffset()))
			}
		}
	}
	first = min(first, len(starts))
	last := min(first+size, len(starts))
	if len(starts) == 0 || first == 0 && last == len(starts) {
		return all
	}
	page := slices.Concat(all[:starts[0]], all[startOf(starts, ends, first):startOf(starts, ends, last)], all[ends[len(ends)-1]:])
	if last == len(starts) {
		return page
	}
	end := bytes.LastIndex(page, []byte("</"))
	return slices.Concat(page[:end], fmt.Appendf(nil, "<nextToken>%d</nextToken>", last), page[end:])
}

// startOf is where an object begins, or where the last one ends.
func startOf(starts, ends []int, n int) int {
	if n < len(starts) {
		return starts[n]
	}
	return ends[len(ends)-1]
}

func (e *estate) takeCalls() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := e.calls
	e.calls = 0
	return n
}

func newEstate(t *testing.T, seed uint64) *estate {
	t.Helper()
	e := &estate{random: rand.New(rand.NewPCG(seed, 0))}
	e.pages = 5 + e.random.IntN(25)
	targets := 5 + e.random.IntN(4)
	a := &account{folder: t.TempDir()}
	e.handler = a.setTopology(t, largeTopology(3*targets))
	e.client = a.client
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.url = server.URL
	var targetIDs, filterIDs []string
	for n := range targets {
		targetIDs = append(targetIDs, e.addTarget(t, n))
	}
	for n := range 4 * targets {
		filterIDs = append(filterIDs, e.addFilter(t, n))
	}
	for n := range 5 * targets {
		e.addSession(t, n, targetIDs[n%targets], filterIDs[e.random.IntN(len(filterIDs))])
	}
	e.addNew(targetIDs, filterIDs, 3*targets)
	e.random.Shuffle(len(e.changes), func(i, j int) { e.changes[i], e.changes[j] = e.changes[j], e.changes[i] })
	return e
}

// do makes a call that has to work.
func do[In, Out any](t *testing.T, call func(context.Context, *In, ...func(*ec2.Options)) (*Out, error), in *In) *Out {
	t.Helper()
	out, err := call(t.Context(), in)
	if err != nil {
		t.Error(err)
	}
	return out
}

// later keeps one of several changes, or none.
func (e *estate) later(changes ...func()) {
	if n := e.random.IntN(2 * len(changes)); n < len(changes) {
		e.changes = append(e.changes, changes[n])
	}
}

func (e *estate) tags() (map[string]any, []types.Tag) {
	if e.random.IntN(3) == 0 {
		return nil, nil
	}
	value := fmt.Sprint(e.random.IntN(100))
	return map[string]any{"n": value}, []types.Tag{{Key: aws.String("n"), Value: &value}}
}

func (e *estate) retag(t *testing.T, id string) func() {
	return func() {
		do(t, e.client.CreateTags, &ec2.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: aws.String("by"), Value: aws.String("hand")}}})
	}
}

func specification(of types.ResourceType, tags []types.Tag) []types.TagSpecification {
	if tags == nil {
		return nil
	}
	return []types.TagSpecification{{ResourceType: of, Tags: tags}}
}

func (e *estate) addTarget(t *testing.T, n int) string {
	t.Helper()
	shown, tags := e.tags()
	made := do(t, e.client.CreateTrafficMirrorTarget, &ec2.CreateTrafficMirrorTargetInput{
		NetworkInterfaceId: aws.String(sinkID(n, 0)), TagSpecifications: specification("traffic-mirror-target", tags),
	})
	id := *made.TrafficMirrorTarget.TrafficMirrorTargetId
	e.objects = append(e.objects, managed{"trafficmirror_target", id, map[string]any{"network_interface_id": sinkID(n, 0), "tags": shown}})
	e.later(e.retag(t, id))
	return id
}

// addFilter makes a filter with up to five rules, which it owns or which have resources of
// their own.
func (e *estate) addFilter(t *testing.T, n int) string {
	t.Helper()
	shown, tags := e.tags()
	description := fmt.Sprintf("filter %d", n)
	made := do(t, e.client.CreateTrafficMirrorFilter, &ec2.CreateTrafficMirrorFilterInput{
		Description: &description, TagSpecifications: specification("traffic-mirror-filter", tags),
	})
	id := *made.TrafficMirrorFilter.TrafficMirrorFilterId
	config := map[string]any{"description": description, "tags": shown}
	inline := map[string]any{}
	if e.random.IntN(2) == 0 {
		config["ingress_rules"] = inline
	}
	var rules []string
	for number := 1; number <= e.random.IntN(6); number++ {
		ruleID, arguments := e.addRule(t, id, number)
		rules = append(rules, ruleID)
		if config["ingress_rules"] != nil {
			inline[fmt.Sprint(number)] = arguments
			continue
		}
		arguments["traffic_mirror_filter_id"], arguments["traffic_direction"], arguments["rule_number"] = id, "ingress", number
		e.objects = append(e.objects, managed{"trafficmirror_filter_rule", ruleID, arguments})
	}
	e.objects = append(e.objects, managed{"trafficmirror_filter", id, config})
	e.later(e.retag(t, id), e.serve(t, id), e.insert(t, id), e.change(t, rules), e.remove(t, rules))
	return id
}

func (e *estate) addRule(t *testing.T, filterID string, number int) (string, map[string]any) {
	t.Helper()
	network := fmt.Sprintf("10.%d.0.0/16", e.random.IntN(256))
	made := do(t, e.client.CreateTrafficMirrorFilterRule, &ec2.CreateTrafficMirrorFilterRuleInput{
		TrafficMirrorFilterId: &filterID, TrafficDirection: "ingress", RuleNumber: aws.Int32(int32(number)), RuleAction: "accept",
		SourceCidrBlock: &network, DestinationCidrBlock: aws.String("0.0.0.0/0"),
	})
	return *made.TrafficMirrorFilterRule.TrafficMirrorFilterRuleId, map[string]any{
		"rule_action": "accept", "source_cidr_block": network, "destination_cidr_block": "0.0.0.0/0",
	}
}

// serve, insert, change and remove change a filter by hand.
func (e *estate) serve(t *testing.T, id string) func() {
	return func() {
		do(t, e.client.ModifyTrafficMirrorFilterNetworkServices, &ec2.ModifyTrafficMirrorFilterNetworkServicesInput{
			TrafficMirrorFilterId: &id, AddNetworkServices: []types.TrafficMirrorNetworkService{"amazon-dns"},
		})
	}
}

func (e *estate) insert(t *testing.T, id string) func() {
	return func() { e.addRule(t, id, 100) }
}

func (e *estate) change(t *testing.T, rules []string) func() {
	return func() {
		for _, id := range rules[:min(1, len(rules))] {
			do(t, e.client.ModifyTrafficMirrorFilterRule, &ec2.ModifyTrafficMirrorFilterRuleInput{TrafficMirrorFilterRuleId: &id, RuleAction: "reject"})
		}
	}
}

func (e *estate) remove(t *testing.T, rules []string) func() {
	return func() {
		for _, id := range rules[:min(1, len(rules))] {
			do(t, e.client.DeleteTrafficMirrorFilterRule, &ec2.DeleteTrafficMirrorFilterRuleInput{TrafficMirrorFilterRuleId: &id})
		}
	}
}

// addSession makes a session of an interface of its own.
func (e *estate) addSession(t *testing.T, n int, targetID, filterID string) {
	t.Helper()
	shown, tags := e.tags()
	made := do(t, e.client.CreateTrafficMirrorSession, &ec2.CreateTrafficMirrorSessionInput{
		NetworkInterfaceId: aws.String(sourceID(n)), TrafficMirrorTargetId: &targetID, TrafficMirrorFilterId: &filterID, SessionNumber: aws.Int32(1),
		TagSpecifications: specification("traffic-mirror-session", tags),
	})
	id := *made.TrafficMirrorSession.TrafficMirrorSessionId
	e.objects = append(e.objects, managed{"trafficmirror_session", id, map[string]any{
		"network_interface_id": sourceID(n), "traffic_mirror_target_id": targetID, "traffic_mirror_filter_id": filterID, "session_number": 1, "tags": shown,
	}})
	e.later(e.retag(t, id), func() {
		do(t, e.client.ModifyTrafficMirrorSession, &ec2.ModifyTrafficMirrorSessionInput{TrafficMirrorSessionId: &id, SessionNumber: aws.Int32(9), PacketLength: aws.Int32(100)})
	}, func() {
		do(t, e.client.DeleteTrafficMirrorSession, &ec2.DeleteTrafficMirrorSessionInput{TrafficMirrorSessionId: &id})
	})
}

// addNew adds objects that are not made yet, whose plans look at what exists.
func (e *estate) addNew(targetIDs, filterIDs []string, sinks int) {
	for n := range 5 {
		e.objects = append(e.objects,
			managed{kind: "trafficmirror_session", config: map[string]any{
				"network_interface_id": sourceID(n), "traffic_mirror_target_id": targetIDs[n], "traffic_mirror_filter_id": filterIDs[n], "session_number": 1 + n%2,
			}},
			managed{kind: "trafficmirror_filter_rule", config: map[string]any{
				"traffic_mirror_filter_id": filterIDs[n], "traffic_direction": "ingress", "rule_number": 1 + n, "rule_action": "accept",
				"source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0",
			}},
			managed{kind: "trafficmirror_target", config: map[string]any{"network_interface_id": sinkID(sinks-1-n, n%2)}},
		)
	}
}

// plan refreshes all objects, as many at a time as Terraform does and in any order, and
// plans them. It plans those that exist by their index, because the checks of a plan name
// whichever of two comes second.
func (e *estate) plan(t *testing.T, from func() framework.Provider, between func()) []outcome {
	t.Helper()
	e.mu.Lock()
	e.between = between
	e.mu.Unlock()
	server := provider.NewServer(from)()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	block := map[string]any{
		"region": "us-east-1", "access_key": "test", "secret_key": "test", "skip_metadata_api_check": "true",
		"skip_credentials_validation": true, "skip_requesting_account_id": true, "endpoints": []any{map[string]any{"ec2": e.url}},
	}
	for _, list := range []string{"assume_role", "assume_role_with_web_identity", "default_tags", "ignore_tags"} {
		block[list] = []any{}
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamicValue(t, schemas.Provider.ValueType(), block)})
	if err != nil || refused(configured.Diagnostics) != nil {
		t.Fatal(err, worded(configured.Diagnostics))
	}
	states, outcomes := make([]*tfprotov6.DynamicValue, len(e.objects)), make([]outcome, len(e.objects))
	var group sync.WaitGroup
	free := make(chan struct{}, 10)
	for _, n := range rand.New(rand.NewPCG(uint64(len(e.objects)), 1)).Perm(len(e.objects)) {
		o := e.objects[n]
		if o.id == "" {
			continue
		}
		prior := map[string]any{"id": o.id}
		for name, value := range o.config {
			prior[name] = value
		}
		state := dynamicValue(t, schemas.ResourceSchemas[o.kind].ValueType(), prior)
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: o.kind, CurrentState: state})
			if err != nil {
				t.Error(err)
				return
			}
			states[n] = read.NewState
			outcomes[n].values = "read " + shown(t, schemas.ResourceSchemas[o.kind], read.NewState) + worded(read.Diagnostics)
		})
	}
	group.Wait()
	for n, o := range e.objects {
		e.planOne(t, server, schemas.ResourceSchemas[o.kind], o, states[n], &outcomes[n])
	}
	return outcomes
}

func shown(t *testing.T, schema *tfprotov6.Schema, value *tfprotov6.DynamicValue) string {
	t.Helper()
	v, err := value.Unmarshal(schema.ValueType())
	if err != nil {
		t.Error(err)
	}
	return wording(v)
}

// plain writes a value without its type.
func wording(v tftypes.Value) string {
	if !v.IsKnown() || v.IsNull() {
		return map[bool]string{true: "null", false: "unknown"}[v.IsKnown()]
	}
	parts := elementsOf(v)
	if parts == nil {
		_, text, _ := strings.Cut(v.String(), "<")
		return strings.TrimSuffix(text, ">")
	}
	lines := []string{}
	for _, key := range keys(v) {
		lines = append(lines, key+"="+wording(parts[key]))
	}
	return "{" + strings.Join(lines, " ") + "}"
}

func (e *estate) planOne(t *testing.T, server tfprotov6.ProviderServer, schema *tfprotov6.Schema, o managed, state *tfprotov6.DynamicValue, to *outcome) {
	t.Helper()
	c := &core{kind: o.kind, schema: schema}
	if state == nil {
		state = c.wire(t, c.nothing())
	}
	config := dynamicValue(t, schema.ValueType(), o.config)
	proposed := propose(t, c.object(), c.value(t, state), c.value(t, config))
	resp, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: o.kind, PriorState: state, Config: config, ProposedNewState: c.wire(t, proposed),
	})
	if err != nil {
		t.Fatal(err)
	}
	to.values += "\nplan " + shown(t, schema, resp.PlannedState) + fmt.Sprint(resp.RequiresReplace)
	for _, d := range resp.Diagnostics {
		to.diagnostics = append(to.diagnostics, worded([]*tfprotov6.Diagnostic{d}))
	}
}

// compare wants of each object the state and the plan from before all changes or from after
// them. A diagnostic can be about other objects too, so that each of those is judged by itself.
func (e *estate) compare(t *testing.T, got, before, after []outcome) {
	t.Helper()
	for n, o := range e.objects {
		isLegal := got[n].values == before[n].values || got[n].values == after[n].values
		for _, d := range slices.Concat(got[n].diagnostics, before[n].diagnostics, after[n].diagnostics) {
			was, is, has := slices.Contains(before[n].diagnostics, d), slices.Contains(after[n].diagnostics, d), slices.Contains(got[n].diagnostics, d)
			isLegal = isLegal && (has == was || has == is)
		}
		if !isLegal {
			t.Errorf("%s %s: with pages\n%s\nreading each object, before the changes\n%s\nand after them\n%s", o.kind, o.id, got[n], before[n], after[n])
		}
	}
}
