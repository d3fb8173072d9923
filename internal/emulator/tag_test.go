package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// tagsOn returns an object's tags as "a=1 b=2".
func tagsOn(t *testing.T, e http.Handler, id string) string {
	t.Helper()
	var list []string
	for _, item := range must(t, e, "DescribeTags", filterBy("resource-id", id)).all("tagSet/item") {
		list = append(list, item.text("key")+"="+item.text("value"))
	}
	return strings.Join(list, " ")
}

func TestTagOnCreate(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	rule := "TrafficMirrorFilterId=" + f + "&RuleNumber=1&TrafficDirection=ingress&RuleAction=accept" + anyCIDRs
	for _, kind := range []struct{ action, parameters, element, id, resource string }{
		{"CreateTrafficMirrorFilter", "", "trafficMirrorFilter", "trafficMirrorFilterId", "traffic-mirror-filter"},
		{"CreateTrafficMirrorTarget", "NetworkInterfaceId=" + eni(19), "trafficMirrorTarget", "trafficMirrorTargetId", "traffic-mirror-target"},
		{"CreateTrafficMirrorFilterRule", rule, "trafficMirrorFilterRule", "trafficMirrorFilterRuleId", "traffic-mirror-filter-rule"},
		{"CreateTrafficMirrorSession", sessionOn(eni(1), target, f, 1), "trafficMirrorSession", "trafficMirrorSessionId", "traffic-mirror-session"},
	} {
		spec := kind.parameters + "&TagSpecification.1.ResourceType=" + kind.resource
		tagged := "&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=1&TagSpecification.1.Tag.2.Key=b&TagSpecification.1.Tag.2.Value="
		for _, test := range []struct{ parameters, code string }{
			{kind.parameters + "&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a", assumed("A0026", "InvalidParameterValue")},
			{kind.parameters + "&TagSpecification.1.Tag.1.Key=a", "MissingParameter"},
			{spec + "&TagSpecification.2.ResourceType=" + kind.resource, "InvalidParameterValue"},
			{spec + "&TagSpecification.1.Tag.1.Key=aws:x", "InvalidTagKey.Malformed"},
			{spec + "&TagSpecification.1.Tag.1.Value=x", "InvalidTagKey.Malformed"},
			{spec + "&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.2.Key=a", "InvalidParameterValue"},
		} {
			refused(t, e, kind.action, test.parameters, test.code)
		}
		made := must(t, e, kind.action, spec+tagged).all(kind.element)[0]
		if got := strings.Join(made.texts("tagSet/item/key"), " "); got != "a b" {
			t.Errorf("%s: the answer has tags %q", kind.action, got)
		}
		if got := tagsOn(t, e, made.text(kind.id)); got != "a=1 b=" {
			t.Errorf("%s: tags are %q", kind.action, got)
		}
		if got := must(t, e, "DescribeTags", filterBy("resource-type", kind.resource)).texts("tagSet/item/resourceId"); len(got) != 2 || got[0] != made.text(kind.id) {
			t.Errorf("%s: by resource type: %v", kind.action, got)
		}
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f, other := makeFilter(t, e, ""), makeFilter(t, e, "")
	for _, step := range []struct{ action, parameters, want string }{
		{"CreateTags", "Tag.1.Key=a&Tag.1.Value=1&Tag.2.Key=b", "a=1 b="},
		{"CreateTags", "Tag.1.Key=a&Tag.1.Value=2&Tag.2.Key=A", "A= a=2 b="},
		{"DeleteTags", "Tag.1.Key=a&Tag.1.Value=1", "A= a=2 b="}, // another value
		{"DeleteTags", "Tag.1.Key=a&Tag.1.Value=", "A= a=2 b="},  // only if empty
		{"DeleteTags", "Tag.1.Key=A&Tag.1.Value=", "a=2 b="},
		{"DeleteTags", "Tag.1.Key=none", "a=2 b="},
		{"DeleteTags", "Tag.1.Key=a", "b="},
		{"CreateTags", "Tag.1.Key=c&Tag.1.Value=3", "b= c=3"},
		{"DeleteTags", "", ""},
	} {
		must(t, e, step.action, "ResourceId.1="+f+"&"+step.parameters)
		if got := tagsOn(t, e, f); got != step.want {
			t.Errorf("after %s %s: %q, want %q", step.action, step.parameters, got, step.want)
		}
	}
	must(t, e, "CreateTags", "ResourceId.1="+f+"&ResourceId.2="+other+"&ResourceId.3="+eni(1)+"&Tag.1.Key=k&Tag.1.Value=v")
	for _, id := range []string{f, other, eni(1)} {
		if got := tagsOn(t, e, id); got != "k=v" {
			t.Errorf("%s: %q, want k=v", id, got)
		}
	}
	for _, test := range []struct {
		parameters string
		want       int
	}{
		{filterBy("key", "k"), 3},
		{filterBy("value", "v*"), 3},
		{filterBy("tag:k", "v"), 3},
		{filterBy("tag:k", "w"), 0},
		{filterBy("tag:l", "v"), 0},
		{filterBy("resource-type", "network-interface"), 1},
		{filterBy("resource-id", "tmf-*"), 2},
		{filterBy("resource-id", goneFilter), 0},
	} {
		if got := len(must(t, e, "DescribeTags", test.parameters).all("tagSet/item")); got != test.want {
			t.Errorf("DescribeTags %s: %d tags, want %d", test.parameters, got, test.want)
		}
	}
}

// The tags of AWS itself, which a topology can hold, nobody changes, and they do not
// count.
func TestReservedTags(t *testing.T) {
	t.Parallel()
	const own = "aws:cloudformation:stack-name=web"
	e := newEmulator(t, func(o *emulator.Options) {
		o.Topology.NetworkInterfaces[0].Tags = map[string]string{"aws:cloudformation:stack-name": "web"}
	})
	fifty := "ResourceId.1=" + eni(1)
	for n := 1; n <= 50; n++ {
		fifty += fmt.Sprintf("&Tag.%d.Key=k%02d", n, n)
	}
	if got := must(t, e, "CreateTags", fifty).text("return"); got != "true" {
		t.Errorf("the answer is %q, want true", got)
	}
	refused(t, e, "CreateTags", "ResourceId.1="+eni(1)+"&Tag.1.Key=k51", "TagLimitExceeded")
	refused(t, e, "DeleteTags", "ResourceId.1="+eni(1)+"&Tag.1.Key=aws:cloudformation:stack-name", "InvalidTagKey.Malformed")
	if got := must(t, e, "DeleteTags", "ResourceId.1="+eni(1)).text("return"); got != "true" {
		t.Errorf("the answer is %q, want true", got)
	}
	if got := tagsOn(t, e, eni(1)); got != own {
		t.Errorf("the tags are %s, want %s", got, own)
	}
}

func TestTagRefusals(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "")
	fifty := ""
	for n := 1; n <= 50; n++ {
		fifty += fmt.Sprintf("&Tag.%d.Key=k%d", n, n)
	}
	resources := ""
	for n := 1; n <= 1001; n++ {
		resources += fmt.Sprintf("&ResourceId.%d=%s", n, f)
	}
	for _, test := range []struct{ action, parameters, code string }{
		{"CreateTags", "Tag.1.Key=a", "MissingParameter"},
		{"CreateTags", "ResourceId.1=" + f, "MissingParameter"},
		{"CreateTags", "ResourceId.1=x&Tag.1.Key=a", "InvalidID"},
		{"CreateTags", "ResourceId.1=" + goneFilter + "&Tag.1.Key=a", "InvalidTrafficMirrorFilterId.NotFound"},
		{"CreateTags", "ResourceId.1=" + f + "&ResourceId.2=" + goneSession + "&Tag.1.Key=a", "InvalidTrafficMirrorSessionId.NotFound"},
		{"CreateTags", "ResourceId.1=" + f + "&Tag.1.Key=", "InvalidTagKey.Malformed"},
		{"CreateTags", "ResourceId.1=" + f + "&Tag.1.Key=AWS:x", "InvalidTagKey.Malformed"},
		{"CreateTags", "ResourceId.1=" + f + "&Tag.1.Key=" + strings.Repeat("k", 129), assumed("A0084", "InvalidParameterValue")},
		{"CreateTags", "ResourceId.1=" + f + "&Tag.1.Key=k&Tag.1.Value=" + strings.Repeat("ż", 257), assumed("A0084", "InvalidParameterValue")},
		{"CreateTags", resources + "&Tag.1.Key=k", assumed("A0084", "InvalidParameterValue")},
		{"CreateTags", "ResourceId.1=" + f + fifty + "&Tag.51.Key=k51", "TagLimitExceeded"},
		{"CreateTags", "ResourceId.1=" + f + fifty, ""},
		{"CreateTags", "ResourceId.1=" + f + "&Tag.1.Key=k1&Tag.1.Value=new", ""},
		{"CreateTags", "ResourceId.1=" + f + "&Tag.1.Key=k51", "TagLimitExceeded"},
		{"CreateTags", "ResourceId.1=" + makeFilter(t, e, "") + "&Tag.1.Key=" + strings.Repeat("ż", 128) + "&Tag.1.Value=" + strings.Repeat("🦊", 256), ""},
		{"DeleteTags", "ResourceId.1=" + goneFilter + "&Tag.1.Key=a", assumed("A0025", "")},
		{"DeleteTags", "ResourceId.1=x", "InvalidID"},
		{"DeleteTags", "ResourceId.1=" + f + "&Tag.1.Key=aws:x", "InvalidTagKey.Malformed"},
	} {
		refused(t, e, test.action, test.parameters, test.code)
	}
	if got := tagsOn(t, e, f); len(strings.Fields(got)) != 50 {
		t.Errorf("%d tags, want 50: a request that was refused left something", len(strings.Fields(got)))
	}
}
