package emulator

import (
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Instances exist by the topology. A client can see what they are, so that it can
// tell which of their interfaces can be mirrored.
var instanceShelf = shelf[topology.Instance]{
	of:      instances,
	set:     "reservationSet",
	ids:     "InstanceId",
	idField: "instance-id",
	fields: []field[topology.Instance]{
		{"instance-type", func(_ *tx, v topology.Instance) []string { return one(v.InstanceType) }},
		{"instance-state-name", func(_ *tx, v topology.Instance) []string { return one(stateOf(v)) }},
		{"owner-id", func(t *tx, _ topology.Instance) []string { return one(t.account) }},
	},
	write: func(t *tx, x *xmlWriter, _ string, v topology.Instance) { writeReservation(x, t, v) },
}

// stateCodes are the numbers of the states of an instance.
var stateCodes = map[string]int{"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}

func stateOf(v topology.Instance) string {
	if v.State == "" {
		return "running"
	}
	return v.State
}

// writeReservation writes an instance in a reservation of its own.
func writeReservation(x *xmlWriter, t *tx, v topology.Instance) {
	x.text("reservationId", derivedID("r-", v.ID))
	x.text("ownerId", t.account)
	x.in("groupSet", func() {})
	x.in("instancesSet", func() {
		x.in("item", func() {
			x.text("instanceId", v.ID)
			x.opt("instanceType", v.InstanceType)
			x.in("instanceState", func() {
				x.num("code", stateCodes[stateOf(v)])
				x.text("name", stateOf(v))
			})
			writeTagSet(x, t.tagsOf(v.ID))
		})
	})
}

// describeInstanceTypes describes the types that it is asked for.
func describeInstanceTypes(q *query) operation {
	types := q.list("InstanceType")
	if len(types) == 0 {
		q.fail(missing("InstanceType.1"))
	}
	for _, name := range types {
		if family, size, ok := strings.Cut(name, "."); !ok || family == "" || size == "" {
			q.fail(refuse("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", name))
		}
	}
	return func(t *tx, x *xmlWriter) error {
		x.in("instanceTypeSet", func() {
			for _, name := range types {
				x.in("item", func() {
					x.text("instanceType", name)
					x.flag("bareMetal", strings.Contains(name, ".metal"))
				})
			}
		})
		return nil
	}
}
