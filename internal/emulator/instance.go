package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Instances exist only by the topology. A client can describe them to find out which of
// their interfaces can be mirrored.
var instanceDescriber = describer[topology.Instance]{
	of:      instances,
	set:     "reservationSet",
	ids:     "InstanceId",
	idField: "instance-id",
	fields: []field[topology.Instance]{
		{"instance-type", func(_ *tx, v topology.Instance) []string { return oneValue(v.InstanceType) }},
		{"instance-state-name", func(_ *tx, v topology.Instance) []string { return oneValue(stateOf(v)) }},
		{"owner-id", func(t *tx, _ topology.Instance) []string { return oneValue(t.account) }},
	},
	write: func(t *tx, x *query.Writer, _ string, v topology.Instance) { writeReservation(x, t, v) },
}

// stateCodes are the codes of the states of an instance.
var stateCodes = map[string]int{"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}

func stateOf(v topology.Instance) string {
	if v.State == "" {
		return "running"
	}
	return v.State
}

// writeReservation writes an instance in a reservation of its own.
func writeReservation(x *query.Writer, t *tx, v topology.Instance) {
	x.Text("reservationId", derivedID("r-", v.ID))
	x.Text("ownerId", t.account)
	x.In("groupSet", func() {})
	x.In("instancesSet", func() {
		x.In("item", func() {
			x.Text("instanceId", v.ID)
			x.OptText("instanceType", v.InstanceType)
			x.In("instanceState", func() {
				x.Int("code", stateCodes[stateOf(v)])
				x.Text("name", stateOf(v))
			})
			writeTagSet(x, tagsOf(t, v.ID))
		})
	})
}
