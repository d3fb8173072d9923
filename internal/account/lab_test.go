package account_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A lab is an EC2 whose requests a test counts, delays and changes.
type lab struct {
	t       *testing.T
	handler http.Handler
	options account.Options

	mu       sync.Mutex
	pageSize int                                             // 0: as asked for
	before   func(r *http.Request, action string)            // of each request; nil: nothing
	answers  func(form url.Values) (status int, body string) // instead of the handler; status 0: the handler
	cut      string                                          // the action whose connection breaks after it was carried out
	calls    map[string]int
}

// newLab returns a lab with the embedded EC2.
func newLab(t *testing.T) *lab {
	t.Helper()
	file, err := topology.Parse([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	quotas := mirror.DefaultQuotas()
	quotas.FiltersPerAccount, quotas.SessionsPerInterface = 1000, 1000
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file, Quotas: quotas})
	if err != nil {
		t.Fatal(err)
	}
	return &lab{t: t, handler: handler, calls: map[string]int{}}
}

// ServeHTTP implements http.Handler.
func (l *lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	action := form.Get("Action")
	l.mu.Lock()
	l.calls[action]++
	before, answers, size, cut := l.before, l.answers, l.pageSize, l.cut
	l.mu.Unlock()
	if before != nil {
		before(r, action)
	}
	if answers != nil {
		if status, text := answers(form); status != 0 {
			w.WriteHeader(status)
			fmt.Fprint(w, text)
			return
		}
	}
	if size > 0 && form.Get("MaxResults") != "" {
		form.Set("MaxResults", strconv.Itoa(size))
		body = []byte(form.Encode())
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if action == cut {
		l.handler.ServeHTTP(discarded{}, r)
		panic(http.ErrAbortHandler)
	}
	l.handler.ServeHTTP(w, r)
}

// discarded is an answer that nobody reads.
type discarded struct{}

func (discarded) Header() http.Header         { return http.Header{} }
func (discarded) Write(p []byte) (int, error) { return len(p), nil }
func (discarded) WriteHeader(int)             {}

// open returns an account of another process.
func (l *lab) open() *account.Account { return l.in("us-east-1") }

func (l *lab) in(region string) *account.Account {
	config := configOf("http://ec2.emulator.invalid")
	config.Region = region
	config.HTTPClient = &http.Client{Transport: emulator.Transport(l)}
	return account.New(config, l.options)
}

// set changes the lab while requests may be on their way.
func (l *lab) set(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// count returns how many requests of an action there were, and counts anew.
func (l *lab) count(action string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.calls[action]
	l.calls[action] = 0
	return n
}

// total returns how many requests there were, and counts anew.
func (l *lab) total() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, calls := range l.calls {
		n += calls
	}
	clear(l.calls)
	return n
}

// filters makes filters with two rules each, by hand. With tags, the second rule has one.
func (l *lab) filters(n int, tags map[string]string) []mirror.Filter {
	l.t.Helper()
	byHand := l.open().Live()
	filters := make([]mirror.Filter, n)
	for i := range filters {
		f := must(byHand.CreateFilter(l.t.Context(), strconv.Itoa(i), nil, account.NewToken()))(l.t).Noun
		for number := range 2 {
			of := map[string]string{}
			if number == 1 {
				of = tags
			}
			f.Rules = append(f.Rules, must(byHand.CreateRule(l.t.Context(), ingress(f.ID, number+1), of, account.NewToken()))(l.t).Noun)
		}
		filters[i] = f
	}
	l.total()
	return filters
}

// refreshed reads an object as a refresh does.
func refreshed[T any](ctx context.Context, a *account.Account, read func(context.Context, string) (T, error), id string) (T, error) {
	return account.Refresh(ctx, a, time.Time{}, read, id)
}

// A fake EC2 has so many objects that the embedded EC2 would take long to make them. It
// answers with pages, and finds objects by their IDs.
type fake struct {
	action, ids, set string
	items            map[string]string // XML by ID
	order            []string
}

func newFake(action, ids, set string, n int, write func(i int) (id, xml string)) *fake {
	f := &fake{action: action, ids: ids, set: set, items: map[string]string{}}
	for i := range n {
		id, xml := write(i)
		f.items[id] = xml
		f.order = append(f.order, id)
	}
	return f
}

func (f *fake) answer(form url.Values) string {
	var wanted []string
	for key, values := range form {
		if strings.HasPrefix(key, f.ids+".") || strings.HasPrefix(key, "Filter.1.Value.") {
			wanted = append(wanted, values...)
		}
	}
	first, _ := strconv.Atoi(form.Get("NextToken"))
	last, _ := strconv.Atoi(form.Get("MaxResults"))
	ids, next := f.order, ""
	switch last += first; {
	case wanted != nil:
		ids = slices.DeleteFunc(wanted, func(id string) bool { return f.items[id] == "" })
	case last < len(ids):
		ids, next = ids[first:last], fmt.Sprintf("<nextToken>%d</nextToken>", last)
	default:
		ids = ids[first:]
	}
	var text strings.Builder
	fmt.Fprintf(&text, `<%sResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><%s>`, f.action, f.set)
	for _, id := range ids {
		text.WriteString("<item>" + f.items[id] + "</item>")
	}
	fmt.Fprintf(&text, `</%s>%s</%sResponse>`, f.set, next, f.action)
	return text.String()
}

// newFakeLab returns a lab with fakes of some kinds.
func newFakeLab(t *testing.T, fakes ...*fake) *lab {
	t.Helper()
	l := &lab{t: t, handler: http.NotFoundHandler(), calls: map[string]int{}}
	l.answers = func(form url.Values) (int, string) {
		for _, f := range fakes {
			if f.action == form.Get("Action") {
				return http.StatusOK, f.answer(form)
			}
		}
		return http.StatusOK, empty(form.Get("Action")).body
	}
	return l
}

func fakeFilters(n, rules int, tags string) *fake {
	return newFake("DescribeTrafficMirrorFilters", "TrafficMirrorFilterId", "trafficMirrorFilterSet", n, func(i int) (string, string) {
		id := fmt.Sprintf("tmf-%017x", i)
		text := "<trafficMirrorFilterId>" + id + "</trafficMirrorFilterId><ingressFilterRuleSet>"
		for r := range rules {
			text += "<item>" + fakeRule(i, r, tags) + "</item>"
		}
		return id, text + "</ingressFilterRuleSet>"
	})
}

func fakeRules(filters, rules int, tags string) *fake {
	return newFake("DescribeTrafficMirrorFilterRules", "TrafficMirrorFilterRuleId", "trafficMirrorFilterRuleSet", filters*rules, func(i int) (string, string) {
		return fakeRuleID(i/rules, i%rules), fakeRule(i/rules, i%rules, tags)
	})
}

func fakeRuleID(filter, rule int) string { return fmt.Sprintf("tmfr-%013x%04x", filter, rule) }

func fakeRule(filter, rule int, tags string) string {
	return fmt.Sprintf("<trafficMirrorFilterRuleId>%s</trafficMirrorFilterRuleId><trafficMirrorFilterId>tmf-%017x</trafficMirrorFilterId>"+
		"<trafficDirection>ingress</trafficDirection><ruleNumber>%d</ruleNumber><ruleAction>accept</ruleAction>"+
		"<sourceCidrBlock>0.0.0.0/0</sourceCidrBlock><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><tagSet>%s</tagSet>", fakeRuleID(filter, rule), filter, rule+1, tags)
}

func fakeSessions(n int) *fake {
	return newFake("DescribeTrafficMirrorSessions", "TrafficMirrorSessionId", "trafficMirrorSessionSet", n, func(i int) (string, string) {
		id := fmt.Sprintf("tms-%017x", i)
		return id, fmt.Sprintf("<trafficMirrorSessionId>%s</trafficMirrorSessionId><trafficMirrorTargetId>tmt-%017x</trafficMirrorTargetId><trafficMirrorFilterId>tmf-%017x</trafficMirrorFilterId>"+
			"<networkInterfaceId>eni-%017x</networkInterfaceId><ownerId>123456789012</ownerId><sessionNumber>1</sessionNumber><virtualNetworkId>%d</virtualNetworkId>"+
			"<tagSet><item><key>Name</key><value>session %d</value></item></tagSet>", id, i%10, i%100, i, i+1, i)
	})
}

func fakeInterfaces(n int) *fake {
	return newFake("DescribeNetworkInterfaces", "NetworkInterfaceId", "networkInterfaceSet", n, func(i int) (string, string) {
		id := fmt.Sprintf("eni-%017x", i)
		return id, fmt.Sprintf("<networkInterfaceId>%s</networkInterfaceId><subnetId>subnet-00000000000000001</subnetId><vpcId>vpc-00000000000000001</vpcId><ownerId>123456789012</ownerId>"+
			"<availabilityZone>us-east-1a</availabilityZone><description>of a web server</description><requesterManaged>false</requesterManaged><status>in-use</status>"+
			"<macAddress>02:00:00:00:00:01</macAddress><privateIpAddress>10.0.%d.%d</privateIpAddress><sourceDestCheck>true</sourceDestCheck><interfaceType>interface</interfaceType>"+
			"<attachment><instanceId>i-%017x</instanceId><deviceIndex>0</deviceIndex><status>attached</status></attachment>"+
			"<privateIpAddressesSet><item><privateIpAddress>10.0.%[2]d.%[3]d</privateIpAddress><primary>true</primary></item></privateIpAddressesSet>"+
			"<tagSet><item><key>Name</key><value>web %[4]d</value></item></tagSet>", id, i>>8&255, i&255, i)
	})
}
