package emulator

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// zone is an Availability Zone of a Region. There are no Local Zones and no Wavelength
// Zones here.
type zone struct {
	region string
	letter byte
}

func (z zone) name() string { return z.region + string(z.letter) }

// id returns the zone ID: use1-az1 for us-east-1a (A0097).
func (z zone) id() string {
	return shortRegion.Replace(z.region) + "-az" + strconv.Itoa(numberOfZone(factsOf(z.region).numbers(), z.letter))
}

// group returns the name of the zone group, in which a Region has all its zones.
func (z zone) group() string { return z.region + "-zg-1" }

// longGroup returns the long name of the group, such as US West (Oregon) 1.
func (z zone) longGroup() string {
	if name := factsOf(z.region).longName; name != "" {
		return name + " 1"
	}
	return ""
}

var shortRegion = strings.NewReplacer("north", "n", "south", "s", "east", "e", "west", "w", "central", "c", "gov", "g", "-", "")

// lastZone is the last letter that a zone can have here. AWS has none with a later one.
const lastZone = 'i'

// numbers returns the numbers of the zones of a Region by their letters.
func (r regionFacts) numbers() map[byte]int {
	numbers := map[byte]int{}
	for z := range strings.FieldsSeq(cmp.Or(r.zones, usualZones)) {
		numbers[z[0]] = int(z[1] - '0')
	}
	return numbers
}

// numberOfZone returns the number of a zone. Zones that the Region does not have get the
// numbers that are left, in order (A0097).
func numberOfZone(numbers map[byte]int, letter byte) int {
	if n, ok := numbers[letter]; ok {
		return n
	}
	taken := slices.Collect(maps.Values(numbers))
	next := 1
	for l := byte('a'); l <= 'z'; l++ {
		if _, has := numbers[l]; has {
			continue
		}
		for slices.Contains(taken, next) {
			next++
		}
		if l == letter {
			return next
		}
		next++
	}
	return next
}

// zones returns the Availability Zones of the Region, in order: those that AWS has there, and
// those of its subnets (A0097).
func zones(t *tx) []zone {
	letters := slices.Collect(maps.Keys(factsOf(t.region).numbers()))
	for _, v := range subnets.all(t, "") {
		letter, ok := strings.CutPrefix(v.AvailabilityZone, t.region)
		if ok && len(letter) == 1 && letter[0] >= 'a' && letter[0] <= lastZone {
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

// zoneFields are the documented filters. The emulated zones have no message and no parent
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html).
var zoneFields = []field[zone]{
	{"group-long-name", ofZone(zone.longGroup)},
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
	x.OptText("groupLongName", z.longGroup())
	x.Text("networkBorderGroup", z.region)
	x.Text("optInStatus", "opt-in-not-required")
	x.In("messageSet", func() {})
}
