package emulator

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// The kinds of location for which EC2 lists the instance types that it offers
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html).
const (
	locationRegion  = "region"
	locationZone    = "availability-zone"
	locationZoneID  = "availability-zone-id"
	locationOutpost = "outpost" // there are none here
)

type offering struct{ instanceType, location string }

var offeringFields = []field[offering]{
	{"instance-type", func(_ *tx, o offering) []string { return oneValue(o.instanceType) }},
	{"location", func(_ *tx, o offering) []string { return oneValue(o.location) }},
}

// describeInstanceTypeOfferings lists every type that the table has in every location
// (A0181).
func describeInstanceTypeOfferings(q *query.Query) operation {
	l := q.Listing()
	l.Allow(q, fieldNames(offeringFields), false)
	kind := locationRegion
	if q.Has("LocationType") {
		kind = q.Text("LocationType")
	}
	switch kind {
	case locationRegion, locationZone, locationZoneID, locationOutpost:
	default:
		q.Fail(query.InvalidValue("LocationType", kind, "Write region, availability-zone, availability-zone-id or outpost."))
	}
	return func(t *tx, x *query.Writer) error {
		locations := locationsOf(t, kind)
		items := func(yield func(string, offering) bool) {
			for _, name := range instanceTypes() {
				for _, location := range locations {
					position := name + " " + location
					if position > l.After && !yield(position, offering{name, location}) {
						return
					}
				}
			}
		}
		match := func(o offering) bool {
			return l.Matches(func(filter string) []string { return valuesOf(t, offeringFields, filter, o) })
		}
		query.WritePage(x, l, "instanceTypeOfferingSet", items, match, func(o offering) {
			x.Text("instanceType", o.instanceType)
			x.Text("locationType", kind)
			x.Text("location", o.location)
		})
		return nil
	}
}

func locationsOf(t *tx, kind string) []string {
	if kind == locationRegion {
		return []string{t.region}
	}
	var locations []string
	for _, z := range zones(t) {
		switch kind {
		case locationZone:
			locations = append(locations, z.name())
		case locationZoneID:
			locations = append(locations, z.id())
		}
	}
	slices.Sort(locations)
	return locations
}
