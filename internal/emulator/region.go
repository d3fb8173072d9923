package emulator

import (
	"slices"
	"sort"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// regionFacts is what AWS documents of a Region.
type regionFacts struct {
	name     string
	longName string
	optIn    bool   // accounts have to opt in
	zones    string // its zones, each as the letter of its name and the number of its ID; "": usualZones
}

// usualZones are the zones of most Regions.
const usualZones = "a1 b2 c3"

// regions are the Regions of AWS. In accounts made before November 2025 the zones of the
// oldest ones (us-east-1, us-west-1, us-west-2, eu-west-1, ap-northeast-1, ap-southeast-1,
// ap-southeast-2, sa-east-1) have IDs that differ between accounts (A0097). The others have
// the same ones for everybody
// (https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html).
var regions = []regionFacts{
	{"af-south-1", "Africa (Cape Town)", true, ""},
	{"ap-east-1", "Asia Pacific (Hong Kong)", true, ""},
	{"ap-east-2", "Asia Pacific (Taipei)", true, ""},
	{"ap-northeast-1", "Asia Pacific (Tokyo)", false, "a4 c1 d2"},
	{"ap-northeast-2", "Asia Pacific (Seoul)", false, "a1 b2 c3 d4"},
	{"ap-northeast-3", "Asia Pacific (Osaka)", false, ""},
	{"ap-south-1", "Asia Pacific (Mumbai)", false, "a1 b3 c2"},
	{"ap-south-2", "Asia Pacific (Hyderabad)", true, ""},
	{"ap-southeast-1", "Asia Pacific (Singapore)", false, ""},
	{"ap-southeast-2", "Asia Pacific (Sydney)", false, ""},
	{"ap-southeast-3", "Asia Pacific (Jakarta)", true, ""},
	{"ap-southeast-4", "Asia Pacific (Melbourne)", true, ""},
	{"ap-southeast-5", "Asia Pacific (Malaysia)", true, ""},
	{"ap-southeast-6", "Asia Pacific (New Zealand)", true, ""},
	{"ap-southeast-7", "Asia Pacific (Thailand)", true, ""},
	{"ca-central-1", "Canada (Central)", false, "a1 b2 d4"},
	{"ca-west-1", "Canada West (Calgary)", true, ""},
	{"cn-north-1", "China (Beijing)", false, "a1 b2 d4"},
	{"cn-northwest-1", "China (Ningxia)", false, ""},
	{"eu-central-1", "Europe (Frankfurt)", false, "a2 b3 c1"},
	{"eu-central-2", "Europe (Zurich)", true, ""},
	{"eu-north-1", "Europe (Stockholm)", false, ""},
	{"eu-south-1", "Europe (Milan)", true, ""},
	{"eu-south-2", "Europe (Spain)", true, ""},
	{"eu-west-1", "Europe (Ireland)", false, ""},
	{"eu-west-2", "Europe (London)", false, "a2 b3 c1"},
	{"eu-west-3", "Europe (Paris)", false, ""},
	{"il-central-1", "Israel (Tel Aviv)", true, ""},
	{"me-central-1", "Middle East (UAE)", true, ""},
	{"me-south-1", "Middle East (Bahrain)", true, ""},
	{"mx-central-1", "Mexico (Central)", true, ""},
	{"sa-east-1", "South America (Sao Paulo)", false, ""},
	{"us-east-1", "US East (N. Virginia)", false, "a1 b2 c3 d4 e5 f6"},
	{"us-east-2", "US East (Ohio)", false, ""},
	{"us-gov-east-1", "AWS GovCloud (US-East)", false, ""},
	{"us-gov-west-1", "AWS GovCloud (US-West)", false, ""},
	{"us-west-1", "US West (N. California)", false, "a1 b3"},
	{"us-west-2", "US West (Oregon)", false, "a1 b2 c3 d4"},
}

// factsOf returns what is known of a Region. Of one that AWS does not document it is the
// name.
func factsOf(region string) regionFacts {
	if i := slices.IndexFunc(regions, func(r regionFacts) bool { return r.name == region }); i >= 0 {
		return regions[i]
	}
	return regionFacts{name: region}
}

// endpoint returns the host of EC2
// (https://docs.aws.amazon.com/general/latest/gr/ec2-service.html).
func (r regionFacts) endpoint() string {
	domain := "amazonaws.com"
	if mirror.PartitionOf(r.name) == "aws-cn" {
		domain = "amazonaws.com.cn"
	}
	return "ec2." + r.name + "." + domain
}

// optInStatus returns whether the account uses a Region. It has opted in to the Region of
// the request, and to no other (A0182).
func (r regionFacts) optInStatus(t *tx) string {
	switch {
	case !r.optIn:
		return "opt-in-not-required"
	case r.name == t.region:
		return "opted-in"
	}
	return notOptedIn
}

const notOptedIn = "not-opted-in"

// visibleRegions returns the Regions that an account in the Region of the request sees, in the
// order of their names: those of its partition, and its own whatever its name is (A0182).
func visibleRegions(t *tx) []regionFacts {
	own := mirror.PartitionOf(t.region)
	seen := slices.DeleteFunc(slices.Clone(regions), func(r regionFacts) bool { return mirror.PartitionOf(r.name) != own || r.name == t.region })
	seen = append(seen, factsOf(t.region))
	sort.Slice(seen, func(i, j int) bool { return seen[i].name < seen[j].name })
	return seen
}

// regionFields are the documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html).
var regionFields = []field[regionFacts]{
	{"endpoint", func(_ *tx, r regionFacts) []string { return oneValue(r.endpoint()) }},
	{"opt-in-status", func(t *tx, r regionFacts) []string { return oneValue(r.optInStatus(t)) }},
	{"region-name", func(_ *tx, r regionFacts) []string { return oneValue(r.name) }},
}

// describeRegions has no pages. Without AllRegions it leaves out those to which the account
// has not opted in, unless the request names them.
func describeRegions(q *query.Query) operation {
	filters := q.Unpaged()
	filters.Allow(q, fieldNames(regionFields), false)
	all, names := q.Bool("AllRegions"), q.List("RegionName")
	return func(t *tx, x *query.Writer) error {
		seen := visibleRegions(t)
		if err := needRegions(seen, names); err != nil {
			return err
		}
		items := func(yield func(string, regionFacts) bool) {
			for _, r := range seen {
				if !yield(r.name, r) {
					return
				}
			}
		}
		match := func(r regionFacts) bool {
			wanted := slices.Contains(names, r.name) || names == nil && (all || r.optInStatus(t) != notOptedIn)
			return wanted && filters.Matches(func(name string) []string { return valuesOf(t, regionFields, name, r) })
		}
		query.WritePage(x, filters, "regionInfo", items, match, func(r regionFacts) {
			x.Text("regionName", r.name)
			x.Text("regionEndpoint", r.endpoint())
			x.Text("optInStatus", r.optInStatus(t))
		})
		return nil
	}
}

// needRegions refuses Regions that do not exist in the partition (A0183).
func needRegions(seen []regionFacts, names []string) error {
	var gone []string
	for _, name := range names {
		if !slices.ContainsFunc(seen, func(r regionFacts) bool { return r.name == name }) {
			gone = append(gone, name)
		}
	}
	if gone == nil {
		return nil
	}
	return query.Refuse("InvalidParameterValue", "Invalid region names: [%s]", strings.Join(gone, ", "))
}
