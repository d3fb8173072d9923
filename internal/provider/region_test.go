package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var regionSpot = spot{tftypes.NewAttributePath().WithAttributeName("region"), tftypes.String}

// textOf returns an attribute that is a text.
func textOf(t *testing.T, v tftypes.Value, name string) string {
	t.Helper()
	var s string
	if err := attributesOf(v)[name].As(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// A state of an earlier version has no Region. It is read in that of its ARN, which is the
// provider's, and the plan of the same configuration is empty, with a refresh and without one.
func TestRegion_olderState(t *testing.T) {
	t.Parallel()
	for kind := range full {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			g := newGenerator(t, kind)
			made := g.create(t)
			config := with(t, g.configs[0], regionSpot, nil)
			older := instance{with(t, made.value, regionSpot, nil), made.private, made.identity}
			unread, wrong := g.plan(t, older, config)
			if wrong != nil || !unread.same() {
				t.Errorf("without a refresh, the plan is not empty: %v", wrong)
			}
			changed := with(t, config, spot{tftypes.NewAttributePath().WithAttributeName("tags").WithElementKeyString("name"), tftypes.String}, "b")
			if kind == "trafficmirror_simulation" {
				changed = with(t, config, spot{tftypes.NewAttributePath().WithAttributeName("on_failure"), tftypes.String}, "warn")
			}
			update, wrong := g.plan(t, older, changed)
			if wrong != nil || update.replaces != nil {
				t.Errorf("without a refresh, a change is no update: %v", wrong)
			} else if older, wrong = g.apply(t, update); wrong != nil {
				t.Errorf("without a refresh, the update fails: %s", wrong)
			}
			config = changed
			read, wrong := g.read(t, older)
			if wrong != nil || textOf(t, read.value, "region") != "us-east-1" {
				t.Fatalf("it is read as %s (%v)", attributesOf(read.value)["region"], wrong)
			}
			plan, wrong := g.plan(t, read, config)
			if wrong != nil || !plan.same() {
				t.Errorf("the plan is not empty: %v", wrong)
			}
		})
	}
}

// If the provider block gets another Region, an object without region is found where it is,
// and replaced with a warning. So is one of an earlier version, by its ARN. Otherwise it would
// stay behind in EC2.
func TestRegion_ofProviderChanges(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, "trafficmirror_filter")
	made := g.create(t)
	config := with(t, g.configs[0], regionSpot, nil)
	g.configure(t, map[string]any{"region": "eu-west-1"})
	for name, present := range map[string]instance{"a state": made, "an older state": {with(t, made.value, regionSpot, nil), made.private, made.identity}} {
		read, wrong := g.read(t, present)
		if wrong != nil || read.value.IsNull() || textOf(t, read.value, "region") != "us-east-1" {
			t.Fatalf("%s is read as %s (%v)", name, read.value, wrong)
		}
		plan, wrong := g.plan(t, read, config)
		if wrong != nil || plan.replaces == nil || textOf(t, plan.value, "region") != "eu-west-1" {
			t.Fatalf("%s is not replaced: %v", name, wrong)
		}
		resp, err := g.server(t).PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: g.kind, PriorState: g.wire(t, read.value), ProposedNewState: g.wire(t, propose(t, g.object(), read.value, config)),
			Config: g.wire(t, config), PriorPrivate: read.private, PriorIdentity: read.identity,
		})
		if err != nil {
			t.Fatal(err)
		}
		want := textOf(t, read.value, "id") + " is in us-east-1. region is not set here, and the Region of the provider block is eu-west-1. So the plan deletes the object, and creates it in eu-west-1. To keep it, write in this resource:\n\n  region = \"us-east-1\""
		if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning || resp.Diagnostics[0].Detail != want {
			t.Errorf("%s: the plan says\n%s\nwant\n%s", name, worded(resp.Diagnostics), want)
		}
	}
	moved, wrong := g.plan(t, made, config)
	if wrong == nil {
		_, wrong = g.apply(t, moved)
	}
	if wrong != nil {
		t.Fatal(wrong)
	}
	if here, there := g.account.filtersIn(t, "us-east-1"), g.account.filtersIn(t, "eu-west-1"); here != 2 || there != 1 { // in addition to FILTER and OTHER
		t.Errorf("there are %d filters in us-east-1, and %d in eu-west-1", here, there)
	}
}

// filtersIn counts the filters in a Region.
func (a *account) filtersIn(t *testing.T, region string) int {
	t.Helper()
	found, err := a.client.DescribeTrafficMirrorFilters(t.Context(), &ec2.DescribeTrafficMirrorFiltersInput{}, inRegion(region))
	if err != nil {
		t.Fatal(err)
	}
	return len(found.TrafficMirrorFilters)
}

func inRegion(region string) func(*ec2.Options) {
	return func(o *ec2.Options) { o.Region = region }
}

// An object of any Region is imported by its ID and the Region, by its ARN, and by its identity.
// The generated configuration plans clean. One without region is refused, because it means
// another Region, until it says so.
func TestRegion_import(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, "trafficmirror_filter")
	created, err := g.account.client.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{}, inRegion("eu-west-1"))
	if err != nil {
		t.Fatal(err)
	}
	id := *created.TrafficMirrorFilter.TrafficMirrorFilterId
	identityType := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "account_id": tftypes.String, "region": tftypes.String}}
	for _, how := range []*tfprotov6.ImportResourceStateRequest{
		{ID: id + "@eu-west-1"},
		{ID: "arn:aws:ec2:eu-west-1:123456789012:traffic-mirror-filter/" + id},
		{Identity: &tfprotov6.ResourceIdentityData{IdentityData: dynamicValue(t, identityType, map[string]any{"id": id, "region": "eu-west-1"})}},
	} {
		how.TypeName = g.kind
		resp, err := g.server(t).ImportResourceState(t.Context(), how)
		if err != nil || refused(resp.Diagnostics) != nil {
			t.Fatal(err, refused(resp.Diagnostics))
		}
		one := resp.ImportedResources[0]
		state, wrong := g.read(t, instance{g.value(t, one.State), one.Private, one.Identity})
		if wrong != nil || textOf(t, state.value, "region") != "eu-west-1" || textOf(t, state.value, "id") != id {
			t.Fatalf("%+v is read as %s (%v)", how, state.value, wrong)
		}
		config := g.generated(t, state.value)
		if plan, wrong := g.plan(t, state, config); wrong != nil || !plan.same() {
			t.Errorf("the plan of the generated configuration is not empty: %v", wrong)
		}
		want := id + " was imported, and is in eu-west-1. region is not set here, and the Region of the provider block is us-east-1. To keep the object, write in this resource:\n\n  region = \"eu-west-1\"\n\n" +
			"To delete it and create it in us-east-1, write region = \"us-east-1\".\n\nTo destroy existing objects despite this error:\n\n  terraform destroy -refresh=false"
		_, wrong = g.plan(t, state, with(t, config, regionSpot, nil))
		if wrong == nil || len(wrong.diagnostics) != 1 || wrong.diagnostics[0].Detail != want {
			t.Errorf("without region: %v\nwant %s", wrong, want)
		}
		if plan, wrong := g.plan(t, state, with(t, config, regionSpot, "us-east-1")); wrong != nil || plan.replaces == nil {
			t.Errorf("with another Region, it is not replaced: %v", wrong)
		}
	}
}

// A Region that the provider block cannot use is an error of the plan, also of the data source.
func TestRegion_refused(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, "trafficmirror_target")
	source := &core{kind: "trafficmirror_filter_analysis", schema: g.schemas.DataSourceSchemas["trafficmirror_filter_analysis"]}
	asks := source.value(t, dynamicJSON(t, source.schema.ValueType(), `{"traffic_mirror_filter_id": "tmf-00000000000000001"}`))
	for region, want := range map[string]string{
		"us-gov-west-1": `region is "us-gov-west-1", which is in the partition aws-us-gov. The credentials of the provider block are of the partition aws, and are not valid there. Write a Region of aws, or use a provider block with credentials of aws-us-gov.`,
		"eu-nowhere-1":  `"eu-nowhere-1" is not the name of an AWS Region. Write one such as "eu-west-1", or set skip_region_validation for a Region that is newer than this provider.`,
		"":              `"" is not the name of an AWS Region. Write one such as "eu-west-1", or set skip_region_validation for a Region that is newer than this provider.`,
	} {
		_, wrong := g.plan(t, instance{value: g.nothing()}, with(t, g.configs[0], regionSpot, region))
		if wrong == nil || len(wrong.diagnostics) != 1 || wrong.diagnostics[0].Detail != want {
			t.Errorf("%q: %v", region, wrong)
		}
		read, err := g.server(t).ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: source.kind, Config: source.wire(t, with(t, asks, regionSpot, region))})
		if err != nil {
			t.Fatal(err)
		}
		if wrong := refused(read.Diagnostics); wrong == nil || wrong.diagnostics[0].Detail != want {
			t.Errorf("data source, %q: %v", region, wrong)
		}
	}
	g.configure(t, map[string]any{"skip_region_validation": true})
	if _, wrong := g.plan(t, instance{value: g.nothing()}, with(t, g.configs[0], regionSpot, "eu-nowhere-1")); wrong != nil {
		t.Errorf("without the validation: %v", wrong)
	}
}

// A session is refused if its filter or its target is in another Region, and a rule if its
// filter is, where the plan knows that. It is warned of if the plan makes a new filter in
// another Region only.
func TestRegion_joined(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, "trafficmirror_session")
	filters := &core{kind: "trafficmirror_filter", schema: g.schemas.ResourceSchemas["trafficmirror_filter"], server: g.server}
	config := filters.value(t, dynamicJSON(t, filters.schema.ValueType(), `{"region": "eu-west-1"}`))
	plan, wrong := filters.plan(t, instance{value: filters.nothing()}, config)
	if wrong != nil {
		t.Fatal(wrong)
	}
	made, wrong := filters.apply(t, plan)
	if wrong != nil {
		t.Fatal(wrong)
	}
	rules := &core{kind: "trafficmirror_filter_rule", schema: g.schemas.ResourceSchemas["trafficmirror_filter_rule"], server: g.server}
	rule := rules.value(t, dynamicJSON(t, rules.schema.ValueType(), g.names.Replace(full[rules.kind][0])))
	at := spot{tftypes.NewAttributePath().WithAttributeName("traffic_mirror_filter_id"), tftypes.String}
	id := textOf(t, made.value, "id")
	want := id + ` is in eu-west-1, and this object is in us-east-1. EC2 joins only objects of one Region. Write region = "eu-west-1" in this resource, or use a filter of us-east-1.`
	for _, one := range []struct {
		*core
		config tftypes.Value
	}{{&g.core, g.configs[0]}, {rules, rule}} {
		server := g.server(t)
		if _, wrong := filters.planBeside(t, server, made, config); wrong != nil {
			t.Fatal(wrong)
		}
		_, wrong := one.planBeside(t, server, instance{value: one.nothing()}, with(t, one.config, at, id))
		if wrong == nil || !strings.HasPrefix(wrong.diagnostics[0].Detail, want) {
			t.Errorf("%s: %v\nwant %s", one.kind, wrong, want)
		}
		server = g.server(t)
		if _, wrong := filters.planBeside(t, server, instance{value: filters.nothing()}, config); wrong != nil {
			t.Fatal(wrong)
		}
		unknown := with(t, one.config, at, tftypes.UnknownValue)
		resp, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: one.kind, PriorState: one.wire(t, one.nothing()), ProposedNewState: one.wire(t, propose(t, one.object(), one.nothing(), unknown)), Config: one.wire(t, unknown),
		})
		if err != nil || refused(resp.Diagnostics) != nil {
			t.Fatal(err, refused(resp.Diagnostics))
		}
		if said := worded(resp.Diagnostics); !strings.Contains(said, "This plan makes a new filter in eu-west-1, and none in us-east-1, where this object is.") {
			t.Errorf("%s: with a filter that is not known yet, the plan says %q", one.kind, said)
		}
	}
}

// An object that changes its Region leaves its place in the old one, and has nothing to do with
// what has the same IDs and numbers in the new one.
func TestRegion_leaves(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, "trafficmirror_target")
	made := g.create(t)
	server := g.server(t)
	there := with(t, g.configs[0], regionSpot, "eu-west-1")
	if plan, wrong := g.planBeside(t, server, made, there); wrong != nil || plan.replaces == nil {
		t.Fatalf("it is not replaced: %v", wrong)
	}
	nothing := instance{value: g.nothing()}
	if _, wrong := g.planBeside(t, server, nothing, g.configs[0]); wrong != nil {
		t.Errorf("the interface in the old Region is not free: %v", wrong)
	}
	if _, wrong := g.planBeside(t, server, nothing, there); wrong == nil || !strings.Contains(wrong.String(), "and another one of this plan") {
		t.Errorf("a second target on the interface in the new Region: %v", wrong)
	}
}

// All Regions of a provider block have its endpoint, and are signed for with credentials of
// which STS is asked once. The products of user_agent are in the header of each request. An
// endpoint of one Region is warned of where another uses it.
func TestRegion_endpoint(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, "trafficmirror_filter")
	var asked atomic.Int32
	var regions, agents sync.Map
	ec2, sts := g.account.newSTS(t, false), httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = fmt.Fprint(w, strings.Replace(callerIdentity, "aws-us-gov", "aws", 1))
	}))
	t.Cleanup(sts.Close)
	target, err := url.Parse(ec2)
	if err != nil {
		t.Fatal(err)
	}
	relay := httputil.NewSingleHostReverseProxy(target)
	seen := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		regions.Store(strings.Split(r.Header.Get("Authorization"), "/")[2], true)
		agents.Store(strings.Contains(r.UserAgent(), "netsec/1.4 (mirroring) other"), true)
		relay.ServeHTTP(w, r)
	}))
	t.Cleanup(seen.Close)
	block := func(endpoint string) map[string]any {
		return map[string]any{
			"emulator": nil, "access_key": "test", "secret_key": "test", "skip_metadata_api_check": "true", "user_agent": []any{"netsec/1.4 (mirroring)", "other"},
			"endpoints": []any{map[string]any{"ec2": endpoint, "sts": sts.URL, "iam": nil, "sso": nil}},
		}
	}
	g.configure(t, block(seen.URL))
	server := g.server(t)
	for _, region := range []string{"us-east-1", "eu-west-1", "ap-south-1"} {
		state := with(t, g.configs[0], regionSpot, region)
		state = withValue(t, state, spot{tftypes.NewAttributePath().WithAttributeName("id"), tftypes.String}, tftypes.NewValue(tftypes.String, "tmf-00000000000000001"))
		resp, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: g.kind, CurrentState: g.wire(t, state)})
		if err != nil || refused(resp.Diagnostics) != nil {
			t.Fatal(err, refused(resp.Diagnostics))
		}
		if _, found := regions.Load(region); !found {
			t.Errorf("nothing is signed for %s", region)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("STS is asked %d times", asked.Load())
	}
	if _, isMissing := agents.Load(false); isMissing {
		t.Error("a request lacks the products of user_agent")
	}
	const want = `region is "eu-west-1", and the endpoint of EC2 in the provider block or the environment is that of us-east-1.`
	for endpoint, warns := range map[string]bool{
		"https://ec2.us-east-1.amazonaws.com": true, "https://ec2-fips.us-east-1.amazonaws.com/": true, "https://vpce-1-2.ec2.us-east-1.vpce.amazonaws.com": true,
		"https://ec2.eu-west-1.amazonaws.com": false, "http://127.0.0.1:4566": false, "https://ec2.example.com": false,
	} {
		g.configure(t, block(endpoint))
		config := with(t, g.configs[0], regionSpot, "eu-west-1")
		resp, err := g.server(t).PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: g.kind, PriorState: g.wire(t, g.nothing()), ProposedNewState: g.wire(t, propose(t, g.object(), g.nothing(), config)), Config: g.wire(t, config),
		})
		if err != nil {
			t.Fatal(err)
		}
		if said := worded(resp.Diagnostics); strings.Contains(said, want) != warns {
			t.Errorf("%s: the plan says %q", endpoint, said)
		}
	}
}
