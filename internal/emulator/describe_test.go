package emulator_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
)

// filterBy writes describe filters as parameters: name, value, name, value.
func filterBy(pairs ...string) string {
	parameters := ""
	for i := 0; i < len(pairs); i += 2 {
		parameters += fmt.Sprintf("&Filter.%d.Name=%s&Filter.%d.Value.1=%s", i/2+1, pairs[i], i/2+1, pairs[i+1])
	}
	return parameters
}

func TestDescribeFilters(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "Description=web servers")
	makeFilter(t, e, "Description=database")
	target := makeTarget(t, e, "NetworkInterfaceId="+eni(20)+"&Description=collector")
	balanced := makeTarget(t, e, "NetworkLoadBalancerArn="+loadBalancer)
	rule := makeRule(t, e, f, 100, "Protocol=6&Description=first")
	makeRule(t, e, f, 200, "")
	session := makeSession(t, e, sessionOn(eni(1), target, f, 7)+"&PacketLength=100&VirtualNetworkId=42&Description=watch")
	makeSession(t, e, sessionOn(eni(2), balanced, f, 8)+"&VirtualNetworkId=43")
	must(t, e, "CreateTags", "ResourceId.1="+f+"&ResourceId.2="+target+"&ResourceId.3="+rule+"&ResourceId.4="+session.text("trafficMirrorSessionId")+"&Tag.1.Key=team&Tag.1.Value=netsec")

	everywhere := []string{"tag:team", "netsec", "tag-key", "team", "tag:team", "net*"}
	for _, kind := range []struct {
		action, set, id string
		met             []string // filters that exactly the first object meets
	}{
		{"DescribeTrafficMirrorFilters", "trafficMirrorFilterSet", "trafficMirrorFilterId", append([]string{
			"description", "web servers", "description", "web*", "description", "*erver?", "traffic-mirror-filter-id", f,
		}, everywhere...)},
		{"DescribeTrafficMirrorTargets", "trafficMirrorTargetSet", "trafficMirrorTargetId", append([]string{
			"description", "collector", "network-interface-id", eni(20), "network-interface-id", "eni-*14", "traffic-mirror-target-id", target,
		}, everywhere...)},
		{"DescribeTrafficMirrorFilterRules", "trafficMirrorFilterRuleSet", "trafficMirrorFilterRuleId", append([]string{
			"rule-number", "100", "rule-number", "1*", "protocol", "6", "description", "f?rst", "traffic-mirror-filter-rule-id", rule,
		}, everywhere...)},
		{"DescribeTrafficMirrorSessions", "trafficMirrorSessionSet", "trafficMirrorSessionId", append([]string{
			"description", "watch", "network-interface-id", eni(1), "packet-length", "100", "session-number", "7", "virtual-network-id", "42",
			"traffic-mirror-target-id", target, "traffic-mirror-session-id", session.text("trafficMirrorSessionId"),
		}, everywhere...)},
	} {
		all := len(must(t, e, kind.action, "").all(kind.set + "/item"))
		if all < 2 {
			t.Fatalf("%s: %d objects, want one to leave out", kind.action, all)
		}
		refused(t, e, kind.action, filterBy("tag:team", "netsec"), assumed("A0033", ""))
		refused(t, e, kind.action, filterBy("tag-key", "team"), assumed("A0033", ""))
		for i := 0; i < len(kind.met); i += 2 {
			name, value := kind.met[i], kind.met[i+1]
			if got := must(t, e, kind.action, filterBy(name, value)).texts(kind.set + "/item/" + kind.id); len(got) != 1 {
				t.Errorf("%s by %s=%s: %v, want one", kind.action, name, value, got)
			}
			if got := must(t, e, kind.action, filterBy(name, value+"no")).all(kind.set + "/item"); len(got) != 0 {
				t.Errorf("%s by %s=%sno: %d objects, want none", kind.action, name, value, len(got))
			}
			refused(t, e, kind.action, filterBy(name+"s", value), map[bool]string{true: "", false: assumed("A0032", "InvalidParameterValue")}[name == "tag:team"])
		}
		if got := must(t, e, kind.action, filterBy(kind.met[0], kind.met[1], kind.met[2], "nothing")).all(kind.set + "/item"); len(got) != 0 {
			t.Errorf("%s: two filters are not an AND", kind.action)
		}
		if got := must(t, e, kind.action, filterBy(kind.met[0], "nothing")+"&Filter.1.Value.2="+kind.met[1]).all(kind.set + "/item"); len(got) != 1 {
			t.Errorf("%s: two values are not an OR", kind.action)
		}
	}
	for _, test := range []struct {
		action, parameters string
		want               int
	}{
		{"DescribeTrafficMirrorTargets", filterBy("network-load-balancer-arn", loadBalancer), 1},
		{"DescribeTrafficMirrorTargets", filterBy("owner-id", "123456789012"), 2},
		{"DescribeTrafficMirrorSessions", filterBy("owner-id", "123456789012"), 2},
		{"DescribeTrafficMirrorSessions", filterBy("traffic-mirror-filter-id", f), 2},
		{"DescribeTrafficMirrorSessions", filterBy("packet-length", "8500"), 1},
		{"DescribeTrafficMirrorFilterRules", filterBy("traffic-direction", "ingress", "rule-action", "accept", "source-cidr-block", "0.0.0.0/0", "destination-cidr-block", "0.0.0.0/0"), 2},
		{"DescribeTrafficMirrorFilterRules", filterBy("traffic-mirror-filter-id", f), 2},
		{"DescribeTrafficMirrorFilterRules", "TrafficMirrorFilterId=" + f, 2},
		{"DescribeTrafficMirrorFilterRules", "TrafficMirrorFilterId=" + f + filterBy("rule-number", "200"), 1},
		{"DescribeTrafficMirrorFilterRules", "TrafficMirrorFilterId=" + f + "&TrafficMirrorFilterRuleId.1=" + rule, 1},
		{"DescribeTrafficMirrorFilters", filterBy("description", "WEB*"), 0},
		{"DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.1=" + f + "&TrafficMirrorFilterId.2=" + f, 1},
	} {
		root := must(t, e, test.action, test.parameters)
		if got := len(root.Nodes[len(root.Nodes)-1].all("item")); got != test.want {
			t.Errorf("%s %s: %d objects, want %d", test.action, test.parameters, got, test.want)
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, test := range []struct {
		text, pattern string
		want          bool
	}{
		{"abc", "abc", true},
		{"abc", "ab", false},
		{"abc", "a*", true},
		{"abc", "*c", true},
		{"abc", "*b*", true},
		{"abc", "a?c", true},
		{"abc", "a?", false},
		{"abc", "???", true},
		{"abc", "????", false},
		{"abc", "**", true},
		{"abc", "*abc*", true},
		{"aXbXc", "a*X*c", true},
		{"aaab", "*ab", true},
		{"a*c", `a\*c`, true},
		{"abc", `a\*c`, false},
		{"a?c", `a\?c`, true},
		{"abc", `a\?c`, false},
		{`a\c`, `a\\c`, true},
		{"żółw", "ż?ł?", true},
		{"abc", "ABC", false},
		{"x", "*", true},
	} {
		id := makeFilter(t, e, "Description="+test.text)
		got := must(t, e, "DescribeTrafficMirrorFilters", filterBy("traffic-mirror-filter-id", id, "description", test.pattern)).all("trafficMirrorFilterSet/item")
		if (len(got) == 1) != test.want {
			t.Errorf("%q matches %q: %t, want %t", test.text, test.pattern, !test.want, test.want)
		}
	}
}

func TestDescribeRefusals(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "")
	tooMany := ""
	for n := 1; n <= 201; n++ {
		tooMany += fmt.Sprintf("&Filter.1.Value.%d=x", n)
	}
	for _, action := range []string{"DescribeTrafficMirrorFilters", "DescribeTrafficMirrorFilterRules", "DescribeTrafficMirrorSessions", "DescribeTrafficMirrorTargets", "DescribeTags", "DescribeNetworkInterfaces"} {
		for _, test := range []struct{ parameters, code string }{
			{"MaxResults=4", assumed("A0031", "InvalidParameterValue")},
			{"MaxResults=1001", "InvalidParameterValue"},
			{"MaxResults=5", ""},
			{"MaxResults=1000", ""},
			{"NextToken=abc", assumed("A0034", "InvalidNextToken")},
			{"NextToken=", ""},
			{filterBy("no-such-filter", "x"), assumed("A0032", "InvalidParameterValue")},
			{"Filter.1.Value.1=x", "MissingParameter"},
			{"Filter.1.Name=tag-key", assumed("A0035", "MissingParameter")},
			{"Filter.1.Name=tag-key" + tooMany, assumed("A0089", "FilterLimitExceeded")},
			{filterBy("tag-key", "x"), map[bool]string{true: "InvalidParameterValue"}[action == "DescribeTags"]},
			{filterBy("tag:x", "x"), ""},
			{filterBy("tag:", "x"), "InvalidParameterValue"},
			{filterBy("tags", "x"), "InvalidParameterValue"},
		} {
			refused(t, e, action, test.parameters, test.code)
		}
	}
	for _, test := range []struct{ action, name string }{ // what the reference does not list
		{"DescribeTags", "keys"},
		{"DescribeTags", "resource"},
		{"DescribeTrafficMirrorTargets", "type"},
		{"DescribeTrafficMirrorTargets", "gateway-load-balancer-endpoint-id"},
		{"DescribeTrafficMirrorFilters", "network-service"},
		{"DescribeTrafficMirrorFilterRules", "source-port-range"},
		{"DescribeTrafficMirrorSessions", "Description"},
	} {
		got := call(t, e, test.action, filterBy(test.name, "x"))
		if want := "The filter '" + test.name + "' is invalid"; got.code() != "InvalidParameterValue" || got.message() != want { // A0032
			t.Errorf("%s: got %q %q, want %q", test.action, got.code(), got.message(), want)
		}
	}
	for action, id := range map[string]string{
		"DescribeTrafficMirrorFilters": "TrafficMirrorFilterId.1=" + f, "DescribeTrafficMirrorFilterRules": "TrafficMirrorFilterRuleId.1=" + goneRule,
		"DescribeTrafficMirrorSessions": "TrafficMirrorSessionId.1=" + goneSession, "DescribeTrafficMirrorTargets": "TrafficMirrorTargetId.1=" + goneTarget,
		"DescribeNetworkInterfaces": "NetworkInterfaceId.1=" + eni(1),
	} {
		refused(t, e, action, id+"&MaxResults=5", "InvalidParameterCombination")
	}
	refused(t, e, "DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.1="+f+"&TrafficMirrorFilterId.2="+goneFilter, "InvalidTrafficMirrorFilterId.NotFound")
}

func TestPages(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	var made []string
	for n := range 23 {
		made = append(made, makeFilter(t, e, fmt.Sprintf("Description=%d", n%2)))
	}
	slices.Sort(made)
	read := func(parameters string) (ids []string, pages int) {
		token := ""
		for {
			root := must(t, e, "DescribeTrafficMirrorFilters", parameters+"&NextToken="+url.QueryEscape(token))
			ids = append(ids, root.texts("trafficMirrorFilterSet/item/trafficMirrorFilterId")...)
			pages++
			if token = root.text("nextToken"); token == "" {
				return ids, pages
			}
		}
	}
	ids, pages := read("MaxResults=5")
	if !slices.Equal(ids, made) || pages != 5 {
		t.Errorf("%d filters on %d pages, want %d on 5", len(ids), pages, len(made))
	}
	if ids, pages := read("MaxResults=6" + filterBy("description", "0")); len(ids) != 12 || pages != 2 {
		t.Errorf("%d filtered filters on %d pages, want 12 on 2: the last page is full and has no token", len(ids), pages)
	}
	token := must(t, e, "DescribeTrafficMirrorFilters", "MaxResults=5").text("nextToken")
	refused(t, e, "DescribeTrafficMirrorFilters", "MaxResults=5&NextToken="+token+filterBy("description", "0"), "InvalidNextToken")
	refused(t, e, "DescribeTrafficMirrorSessions", "MaxResults=5&NextToken="+token, "InvalidNextToken")

	// Objects that are created or deleted between the pages change nothing else.
	first := must(t, e, "DescribeTrafficMirrorFilters", "MaxResults=5")
	must(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+made[4])
	must(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+made[5])
	second := must(t, e, "DescribeTrafficMirrorFilters", "MaxResults=1000&NextToken="+first.text("nextToken"))
	if got := second.texts("trafficMirrorFilterSet/item/trafficMirrorFilterId"); !slices.Equal(got, made[6:]) {
		t.Errorf("after two deletes the second page has %d filters, want %d", len(got), len(made[6:]))
	}
}

// A describe without MaxResults ends after 1,000 objects.
func TestDefaultPage_A0030(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "")
	const tagsEach, filters = 50, 21
	parameters := "ResourceId.1=" + f
	for n := 2; n <= filters; n++ {
		parameters += fmt.Sprintf("&ResourceId.%d=%s", n, makeFilter(t, e, ""))
	}
	for n := 1; n <= tagsEach; n++ {
		parameters += fmt.Sprintf("&Tag.%d.Key=key%d", n, n)
	}
	must(t, e, "CreateTags", parameters)
	first := must(t, e, "DescribeTags", "")
	second := must(t, e, "DescribeTags", "NextToken="+first.text("nextToken"))
	if a, b := len(first.all("tagSet/item")), len(second.all("tagSet/item")); a != 1000 || b != tagsEach*filters-1000 {
		t.Errorf("pages of %d and %d tags, want 1000 and %d", a, b, tagsEach*filters-1000)
	}
}
