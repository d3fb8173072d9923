package emulator

import (
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// usualZones are the letters of the Availability Zones that each Region has. Others
// exist if a subnet is in them (A0097).
var usualZones = []byte("abc")

// zone is an Availability Zone of a Region.
type zone struct {
	region string
	letter byte
}

func (z zone) name() string { return z.region + string(z.letter) }

// id returns the zone ID: use1-az1 for us-east-1a (A0097).
func (z zone) id() string { return shortRegion.Replace(z.region) + "-az" + string('1'+z.letter-'a') }

// group returns the name of the zone group, in which a Region has all its zones.
func (z zone) group() string { return z.region + "-zg-1" }

var shortRegion = strings.NewReplacer("north", "n", "south", "s", "east", "e", "west", "w", "central", "c", "gov", "g", "-", "")

// zones returns the Availability Zones of the Region, in order.
func zones(t *tx) []zone {
	letters := slices.Clone(usualZones)
	for _, v := range subnets.all(t, "") {
		letter, ok := strings.CutPrefix(v.AvailabilityZone, t.region)
		if ok && len(letter) == 1 && letter >= "a" && letter <= "i" {
			letters = append(letters, letter[0])
		}
	}
	slices.Sort(letters)
	var all []zone
	for _, letter := range slices.Compact(letters) {
		all = append(all, zone{t.region, letter})
	}
	return all
}

func ofZone(value func(zone) string) func(*tx, zone) []string {
	return func(_ *tx, z zone) []string { return oneValue(value(z)) }
}

// zoneFields are the documented filters. The emulated zones have no message, no parent
// and no long name
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html).
var zoneFields = []field[zone]{
	{"group-long-name", ofZone(func(zone) string { return "" })},
	{"group-name", ofZone(zone.group)},
	{"message", ofZone(func(zone) string { return "" })},
	{"opt-in-status", ofZone(func(zone) string { return "opt-in-not-required" })},
	{"parent-zone-id", ofZone(func(zone) string { return "" })},
	{"parent-zone-name", ofZone(func(zone) string { return "" })},
	{"region-name", ofZone(func(z zone) string { return z.region })},
	{"state", ofZone(func(zone) string { return "available" })},
	{"zone-id", ofZone(zone.id)},
	{"zone-name", ofZone(zone.name)},
	{"zone-type", ofZone(func(zone) string { return "availability-zone" })},
}

// describeZones has no pages. AllAvailabilityZones changes nothing: there are no zones
// that one opts in to.
func describeZones(q *query.Query) operation {
	filters := q.Unpaged()
	filters.Allow(q, fieldNames(zoneFields), false)
	q.OptBool("AllAvailabilityZones")
	names, ids := q.List("ZoneName"), q.List("ZoneId")
	return func(t *tx, x *query.Writer) error {
		all := zones(t)
		if err := needZones(all, names, zone.name, "zone"); err != nil {
			return err
		}
		if err := needZones(all, ids, zone.id, "zone-id"); err != nil {
			return err
		}
		items := func(yield func(string, zone) bool) {
			for _, z := range all {
				if !yield(z.name(), z) {
					return
				}
			}
		}
		match := func(z zone) bool {
			return (names == nil || slices.Contains(names, z.name())) && (ids == nil || slices.Contains(ids, z.id())) &&
				filters.Matches(func(name string) []string { return valuesOf(t, zoneFields, name, z) })
		}
		query.WritePage(x, filters, "availabilityZoneInfo", items, match, func(z zone) { writeZone(x, z) })
		return nil
	}
}

// needZones refuses zones that do not exist (A0098).
func needZones(all []zone, wanted []string, name func(zone) string, noun string) error {
	var gone []string
	for _, w := range wanted {
		if !slices.ContainsFunc(all, func(z zone) bool { return name(z) == w }) {
			gone = append(gone, w)
		}
	}
	if gone == nil {
		return nil
	}
	return query.Refuse("InvalidParameterValue", "Invalid availability %s: [%s]", noun, strings.Join(gone, ", "))
}

func writeZone(x *query.Writer, z zone) {
	x.Text("zoneName", z.name())
	x.Text("zoneId", z.id())
	x.Text("zoneState", "available")
	x.Text("zoneType", "availability-zone")
	x.Text("regionName", z.region)
	x.Text("groupName", z.group())
	x.Text("networkBorderGroup", z.region)
	x.Text("optInStatus", "opt-in-not-required")
	x.In("messageSet", func() {})
}
