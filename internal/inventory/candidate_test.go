package inventory_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

const sensorsLoadBalancer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"

// proposalFacts has the sources eni-1 to eni-5: the first three in zone a, the others in zone b.
//
//	eni-a  in zone a, backs tmt-a, on an instance with the usual quota
//	eni-b  in zone b, backs nothing yet, on an instance of a large type
//	tmt-n  on a load balancer in zone b
//	tmt-g  on an endpoint in zone b
//	tmt-s  shared by another account: EC2 does not show what backs it
//	tms-1  of eni-1 to tmt-a, number 7, with the tag fleet = web
//	tms-2  of eni-2 to tmt-x, number 1, with the tag fleet = web
//	tms-3  of eni-3 to tmt-a, number 1
func proposalFacts() inventory.Facts {
	eni := func(id, zone, instance, description string) account.NetworkInterface {
		return account.NetworkInterface{Interface: mirror.Interface{ID: id, InstanceID: instance, Description: description, RequesterManaged: description != "", Zone: zone}}
	}
	session := func(id, on, to string, number int, tags map[string]string) account.Tagged[mirror.Session] {
		return account.Tagged[mirror.Session]{Noun: mirror.Session{ID: id, InterfaceID: on, TargetID: to, Number: number}, Tags: tags}
	}
	web := map[string]string{"fleet": "web"}
	return inventory.Facts{
		Interfaces: []account.NetworkInterface{
			eni("eni-1", "a", "i-1", ""), eni("eni-2", "a", "i-1", ""), eni("eni-3", "a", "i-1", ""), eni("eni-4", "b", "i-1", ""), eni("eni-5", "b", "i-1", ""),
			eni("eni-a", "a", "i-1", ""), eni("eni-b", "b", "i-large", ""), eni("eni-n", "b", "", "ELB net/sensors/0123456789abcdef"), eni("eni-g", "b", "", "an endpoint"),
		},
		Instances: []account.Instance{{ID: "i-1", Type: "m5.large"}, {ID: "i-large", Type: "c5.24xlarge"}},
		Targets: []account.Tagged[mirror.Target]{
			{Noun: mirror.Target{ID: "tmt-a", InterfaceID: "eni-a"}, Tags: map[string]string{"sensor": "a", "env": "prod"}},
			{Noun: mirror.Target{ID: "tmt-n", LoadBalancerARN: sensorsLoadBalancer}, Tags: map[string]string{"env": "prod"}},
			{Noun: mirror.Target{ID: "tmt-g", GatewayLoadBalancerEndpointID: "vpce-1"}},
			{Noun: mirror.Target{ID: "tmt-s", InterfaceID: "eni-foreign", OwnerID: "999999999999"}},
		},
		Endpoints: map[string]string{"vpce-1": "eni-g"},
		Sessions:  []account.Tagged[mirror.Session]{session("tms-1", "eni-1", "tmt-a", 7, web), session("tms-2", "eni-2", "tmt-x", 1, web), session("tms-3", "eni-3", "tmt-a", 1, nil)},
	}
}

func TestPropose(t *testing.T) {
	t.Parallel()
	id := func(key, id string) inventory.Candidate {
		return inventory.Candidate{Key: key, Target: mirror.Target{ID: id}}
	}
	limited := func(c inventory.Candidate, limit int) inventory.Candidate {
		c.MaxSources = limit
		return c
	}
	onA, onB := inventory.Candidate{Key: "a", Target: mirror.Target{InterfaceID: "eni-a"}}, inventory.Candidate{Key: "b", Target: mirror.Target{InterfaceID: "eni-b"}}
	onLoadBalancer := inventory.Candidate{Key: "n", Target: mirror.Target{LoadBalancerARN: sensorsLoadBalancer}}
	onEndpoint := inventory.Candidate{Key: "g", Target: mirror.Target{GatewayLoadBalancerEndpointID: "vpce-1"}}
	web := map[string]string{"fleet": "web"}
	small := inventory.Rules{Quotas: mirror.Quotas{SessionsPerInterface: 3, SourcesPerTarget: 3, SourcesPerLargeTarget: 4}}
	for name, c := range map[string]struct {
		wish  inventory.Wish
		rules inventory.Rules
		want  string // of each source: the session, the number, the target and its ID; or the reason
	}{
		"nothing is asked for":                  {inventory.Wish{}, small, "- 0 -, - 0 -, - 0 -, - 0 -, - 0 -"},
		"sessions are known by their targets":   {inventory.Wish{Targets: []inventory.Candidate{id("a", "tmt-a")}}, inventory.Rules{Quotas: mirror.DefaultQuotas()}, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, - 1 a:tmt-a, - 1 a:tmt-a"},
		"by their tags, with a retired target":  {inventory.Wish{Targets: []inventory.Candidate{id("n", "tmt-n")}, SessionTags: web}, small, "tms-1 7 n:tmt-n, tms-2 1 n:tmt-n, - 2 n:tmt-n, - 1 n:tmt-n, - 1 n:tmt-n"},
		"tags without targets":                  {inventory.Wish{SessionTags: web}, small, "tms-1 7 -, tms-2 1 -, - 2 -, - 1 -, - 1 -"},
		"a lowest number":                       {inventory.Wish{SessionTags: web, FirstNumber: 10}, small, "tms-1 7 -, tms-2 1 -, - 10 -, - 10 -, - 10 -"},
		"by what backs them, full":              {inventory.Wish{Targets: []inventory.Candidate{onA}}, small, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, targets_full, targets_full"},
		"zones, and a target that is not there": {inventory.Wish{Targets: []inventory.Candidate{onA, onB}}, small, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, - 1 b, - 1 b"},
		"a large target, and a full one":        {inventory.Wish{Targets: []inventory.Candidate{limited(onA, 2), onB}}, small, "tms-1 7 a:tmt-a, - 2 b, tms-3 1 a:tmt-a, - 1 b, - 1 b"},
		"the quota is the upper limit":          {inventory.Wish{Targets: []inventory.Candidate{limited(onA, 9)}}, small, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, targets_full, targets_full"},
		"a limit below what is there":           {inventory.Wish{Targets: []inventory.Candidate{limited(onA, 1)}}, small, "tms-1 7 a:tmt-a, targets_full, tms-3 1 a:tmt-a, targets_full, targets_full"},
		"a load balancer has no quota":          {inventory.Wish{Targets: []inventory.Candidate{onLoadBalancer}}, small, "- 1 n:tmt-n, - 2 n:tmt-n, - 2 n:tmt-n, - 1 n:tmt-n, - 1 n:tmt-n"},
		"the zone of a load balancer":           {inventory.Wish{Targets: []inventory.Candidate{onA, onLoadBalancer}}, small, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, - 1 n:tmt-n, - 1 n:tmt-n"},
		"the zone of an endpoint":               {inventory.Wish{Targets: []inventory.Candidate{onA, onEndpoint}}, small, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, - 1 g:tmt-g, - 1 g:tmt-g"},
		"a zone that is written":                {inventory.Wish{Targets: []inventory.Candidate{onA, {Key: "s", Target: mirror.Target{ID: "tmt-s"}, Zone: "b"}}}, small, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, - 1 s:tmt-s, - 1 s:tmt-s"},
		"a limit where EC2 shows no quota":      {inventory.Wish{Targets: []inventory.Candidate{limited(id("s", "tmt-s"), 4)}}, small, "- 1 s:tmt-s, - 2 s:tmt-s, - 2 s:tmt-s, - 1 s:tmt-s, targets_full"},
		"by tags":                               {inventory.Wish{Targets: []inventory.Candidate{{Key: "a", Tags: map[string]string{"sensor": "a"}}}}, small, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, targets_full, targets_full"},
		"by tags that no target has yet":        {inventory.Wish{Targets: []inventory.Candidate{{Key: "c", Tags: map[string]string{"sensor": "c"}}}}, small, "- 1 c, - 2 c, - 2 c, targets_full, targets_full"},
		"no targets":                            {inventory.Wish{Targets: []inventory.Candidate{}}, small, "targets_full, targets_full, targets_full, targets_full, targets_full"},
		"all sessions used up, but for its own": {inventory.Wish{Targets: []inventory.Candidate{id("a", "tmt-a")}}, inventory.Rules{Quotas: mirror.Quotas{SessionsPerInterface: 1, SourcesPerTarget: 10}}, "tms-1 7 a:tmt-a, sessions_used_up, tms-3 1 a:tmt-a, - 1 a:tmt-a, - 1 a:tmt-a"},
		"sessions count, not interfaces":        {inventory.Wish{Targets: []inventory.Candidate{onA}, SessionTags: map[string]string{"fleet": "api"}}, inventory.Rules{Quotas: small.Quotas, SessionsPerTarget: true}, "- 1 a:tmt-a, targets_full, targets_full, targets_full, targets_full"},
		"interfaces count, not sessions":        {inventory.Wish{Targets: []inventory.Candidate{onA}, SessionTags: map[string]string{"fleet": "api"}}, small, "- 1 a:tmt-a, - 2 a:tmt-a, - 2 a:tmt-a, targets_full, targets_full"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fleet := inventory.NewFleet(proposalFacts(), c.rules)
			proposals, problems := fleet.Propose(fleet.Select(inventory.Selection{All: true}), c.wish)
			if problems != nil {
				t.Fatal(problems)
			}
			var got []string
			for _, p := range proposals[:5] {
				got = append(got, describe(p))
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%s\nwant %s", strings.Join(got, ", "), c.want)
			}
			isCandidate := strings.Contains(fmt.Sprint(c.wish.Targets), "eni-b")
			if got := proposals[6].Reason; (got == inventory.ReasonBacksTarget) != isCandidate {
				t.Errorf("the reason of eni-b, which may back a candidate, is %q", got)
			}
		})
	}
}

func describe(p inventory.Proposal) string {
	if p.Reason != "" {
		return string(p.Reason)
	}
	orDash := func(text string) string {
		if text == "" {
			return "-"
		}
		return text
	}
	to := orDash(p.Target)
	if p.TargetID != "" {
		to += ":" + p.TargetID
	}
	return fmt.Sprint(orDash(p.Present.Noun.ID), " ", p.Number, " ", to)
}

// A new session whose target is in another zone, because those in the zone are full, says so. A
// session that exists does not, and neither does one whose zone has no target.
func TestPropose_otherZone(t *testing.T) {
	t.Parallel()
	onA := inventory.Candidate{Key: "a", Target: mirror.Target{InterfaceID: "eni-a"}, MaxSources: 2}
	onB := inventory.Candidate{Key: "b", Target: mirror.Target{InterfaceID: "eni-b"}}
	for name, c := range map[string]struct {
		targets []inventory.Candidate
		want    string // of each source: the target, its zones, and the full ones
	}{
		"full":                     {[]inventory.Candidate{onA, onB}, "a [a] [], b [b] [a], a [a] [], b [b] [], b [b] []"},
		"no target in the zone":    {[]inventory.Candidate{onB}, "b [b] [], b [b] [], b [b] [], b [b] [], b [b] []"},
		"a target in no zone next": {[]inventory.Candidate{onA, {Key: "s", Target: mirror.Target{ID: "tmt-s"}}}, "a [a] [], s [] [], a [a] [], s [] [], s [] []"},
	} {
		fleet := inventory.NewFleet(proposalFacts(), inventory.Rules{Quotas: mirror.DefaultQuotas()})
		proposals, problems := fleet.Propose(fleet.Select(inventory.Selection{All: true}), inventory.Wish{Targets: c.targets})
		if problems != nil {
			t.Fatal(problems)
		}
		var got []string
		for _, p := range proposals[:5] {
			got = append(got, fmt.Sprint(p.Target, " ", p.TargetZones, " ", p.FullInZone))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(got, ", "), c.want)
		}
	}
}

// A target that receives nothing gets new sources only if no other one has room. It keeps those
// that it has.
func TestPropose_idle(t *testing.T) {
	t.Parallel()
	onA, onB := inventory.Candidate{Key: "a", Target: mirror.Target{InterfaceID: "eni-a"}}, inventory.Candidate{Key: "b", Target: mirror.Target{InterfaceID: "eni-b"}, MaxSources: 2}
	onLoadBalancer, shared := inventory.Candidate{Key: "n", Target: mirror.Target{ID: "tmt-n"}}, inventory.Candidate{Key: "s", Target: mirror.Target{ID: "tmt-s"}}
	const usual = "tms-1 7 a:tmt-a, - 2 b, tms-3 1 a:tmt-a, - 1 b, - 1 a:tmt-a"
	for name, c := range map[string]struct {
		change     func(*inventory.Facts)
		targets    []inventory.Candidate
		want, idle string
	}{
		"stopped":               {func(f *inventory.Facts) { f.Instances[2].State = "stopped" }, []inventory.Candidate{onA, onB}, usual, "a tmt-a: eni-a is attached to i-sensor, which is stopped."},
		"detached":              {func(f *inventory.Facts) { f.Interfaces[5].InstanceID = "" }, []inventory.Candidate{onA, onB}, usual, "a tmt-a: eni-a is attached to no instance now."},
		"both, by their zones":  {func(f *inventory.Facts) { f.Interfaces[5].InstanceID, f.Interfaces[6].InstanceID = "", "" }, []inventory.Candidate{onA, onB}, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, - 1 b, - 1 b", "a tmt-a: eni-a is attached to no instance now.; b : eni-b is attached to no instance now."},
		"the interface is gone": {func(f *inventory.Facts) { f.Interfaces[5].ID = "eni-other" }, []inventory.Candidate{onA, onB}, usual, "a tmt-a: EC2 does not show what backs target tmt-a: it was deleted, or it is not active."},
		"the load balancer is gone": {
			func(f *inventory.Facts) { f.Interfaces[7].Description = "" },
			[]inventory.Candidate{onA, onLoadBalancer}, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, - 1 a:tmt-a, - 1 a:tmt-a", "n tmt-n: EC2 does not show what backs target tmt-n: it was deleted, or it is not active.",
		},
		"the instance is not known": {func(f *inventory.Facts) { f.Instances[2].ID = "i-other" }, []inventory.Candidate{onA, onB}, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, - 1 b, - 1 b", ""},
		"the owner is not known":    {func(f *inventory.Facts) { f.AccountID, f.Interfaces[5].ID = "", "eni-other" }, []inventory.Candidate{onA}, "tms-1 7 a:tmt-a, - 2 a:tmt-a, tms-3 1 a:tmt-a, - 1 a:tmt-a, - 1 a:tmt-a", ""},
		"shared":                    {func(*inventory.Facts) {}, []inventory.Candidate{shared}, "- 1 s:tmt-s, - 2 s:tmt-s, - 2 s:tmt-s, - 1 s:tmt-s, - 1 s:tmt-s", ""},
	} {
		facts := proposalFacts()
		facts.AccountID = ownAccount
		for i := range facts.Targets[:3] {
			facts.Targets[i].Noun.OwnerID = ownAccount
		}
		facts.Instances = append(facts.Instances, account.Instance{ID: "i-sensor", Type: "m5.large", State: "running"})
		facts.Interfaces[5].InstanceID = "i-sensor"
		c.change(&facts)
		fleet := inventory.NewFleet(facts, inventory.Rules{Quotas: mirror.DefaultQuotas()})
		wish := inventory.Wish{Targets: c.targets}
		proposals, problems := fleet.Propose(fleet.Select(inventory.Selection{All: true}), wish)
		if problems != nil {
			t.Fatal(problems)
		}
		var got, idle []string
		for _, p := range proposals[:5] {
			got = append(got, describe(p))
		}
		for _, i := range fleet.IdleCandidates(wish) {
			idle = append(idle, fmt.Sprint(i.Key, " ", i.TargetID, ": ", i.Detail))
		}
		if strings.Join(got, ", ") != c.want || strings.Join(idle, "; ") != c.idle {
			t.Errorf("%s: %s; idle: %s\nwant %s; idle: %s", name, strings.Join(got, ", "), strings.Join(idle, "; "), c.want, c.idle)
		}
	}
}

// What two targets could be is an error, and so are two names of one target, and an ID of none.
func TestPropose_ambiguous(t *testing.T) {
	t.Parallel()
	fleet := inventory.NewFleet(proposalFacts(), inventory.Rules{Quotas: mirror.DefaultQuotas()})
	for want, candidates := range map[string][]inventory.Candidate{
		`targets["x"].id is tmt-x, and EC2 shows no such target. Write the ID of a target that exists in this Region, or remove targets["x"].`: {{Key: "x", Target: mirror.Target{ID: "tmt-x"}}},
		`targets["x"] has tags that tmt-a and tmt-n have. Write tags that only one target has, or its id.`:                                     {{Key: "x", Tags: map[string]string{"env": "prod"}}},
		`targets["b"] is target tmt-a, and so is targets["a"]. Remove one of them.`:                                                            {{Key: "b", Target: mirror.Target{InterfaceID: "eni-a"}}, {Key: "a", Target: mirror.Target{ID: "tmt-a"}}},
	} {
		if _, problems := fleet.Propose(nil, inventory.Wish{Targets: candidates}); problems.Error() != want {
			t.Errorf("%q, want %q", problems.Error(), want)
		}
	}
}

func TestWish_Validate(t *testing.T) {
	t.Parallel()
	const target = "tmt-00000000000000001"
	for _, c := range []struct {
		wish inventory.Wish
		want string
	}{
		{inventory.Wish{Targets: []inventory.Candidate{{Key: "a"}}}, `targets["a"] does not say which target it is. Set exactly one of id, network_interface_id,`},
		{inventory.Wish{Targets: []inventory.Candidate{{Key: "a", Target: mirror.Target{ID: target}, Tags: map[string]string{"a": "b"}}}}, `targets["a"] has id and tags. Set exactly one of`},
		{inventory.Wish{Targets: []inventory.Candidate{{Key: "a", Target: mirror.Target{ID: "tmt-1"}}}}, `targets["a"].id is "tmt-1"`},
		{inventory.Wish{Targets: []inventory.Candidate{{Key: "a", Target: mirror.Target{InterfaceID: "eni-1"}}}}, `targets["a"].network_interface_id is "eni-1"`},
		{inventory.Wish{Targets: []inventory.Candidate{{Key: "a", Tags: map[string]string{}}}}, `targets["a"].tags is an empty map`},
		{inventory.Wish{SessionTags: map[string]string{}}, "session_tags is an empty map"},
		{inventory.Wish{FirstNumber: 32767}, "first_session_number is 32767"},
		{inventory.Wish{Targets: []inventory.Candidate{{Key: "a", Target: mirror.Target{ID: target}}, {Key: "b", Tags: map[string]string{"a": "b"}}}, FirstNumber: 5}, ""},
	} {
		got := c.wish.Validate().Error()
		if c.want == "" && got != "" || !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%+v: %q, want %q", c.wish, got, c.want)
		}
	}
}

// A load balancer that receives nothing is no silent proposal: another target comes first, and the
// reason is known.
func TestIdleCandidates_balancer(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
	target := mirror.Target{LoadBalancerARN: arn}
	wish := inventory.Wish{Targets: []inventory.Candidate{{Key: "nlb", Target: target}}}
	for want, e := range map[string]*mirror.Endpoint{
		"": fleet(),
		"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/1 does not listen on UDP port 4789, only on TCP 4789.": fleet(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Listeners[0].Protocol = "TCP" }),
	} {
		f := inventory.NewFleet(inventory.Facts{Receivers: map[string]mirror.Endpoint{arn: *e}}, inventory.Rules{})
		got := ""
		for _, idle := range f.IdleCandidates(wish) {
			got += idle.Detail
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// An appliance behind a Network Load Balancer is no source for it: the load balancer loses what it sends back to
// its source. It can be a source for another target.
func TestPropose_appliance(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
	i := account.NetworkInterface{Interface: mirror.Interface{ID: "eni-3", InstanceID: "i-3", Type: mirror.OrdinaryInterface}}
	f := inventory.NewFleet(inventory.Facts{Interfaces: []account.NetworkInterface{i}, Receivers: map[string]mirror.Endpoint{arn: *fleet()}}, inventory.Rules{Quotas: mirror.DefaultQuotas()})
	own := inventory.Candidate{Key: "a", Target: mirror.Target{LoadBalancerARN: arn}}
	other := inventory.Candidate{Key: "b", Target: mirror.Target{InterfaceID: "eni-9"}}
	for name, test := range map[string]struct {
		targets []inventory.Candidate
		target  string
		reason  inventory.Reason
	}{
		"its own load balancer": {[]inventory.Candidate{own}, "", inventory.ReasonBacksTarget},
		"another target too":    {[]inventory.Candidate{own, other}, "b", ""},
		"no target":             {[]inventory.Candidate{}, "", inventory.ReasonTargetsFull},
	} {
		got, problems := f.Propose([]inventory.Source{f.Source(i)}, inventory.Wish{Targets: test.targets})
		if problems != nil || len(got) != 1 || got[0].Target != test.target || got[0].Reason != test.reason {
			t.Errorf("%s: %+v %v", name, got, problems)
		}
		if test.reason == inventory.ReasonBacksTarget && !strings.Contains(got[0].Detail, "eni-3 is an appliance behind the load balancer of each of targets.") {
			t.Errorf("%s: %s", name, got[0].Detail)
		}
	}
}
