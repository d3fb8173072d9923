package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// The actions that change one option of an instance.

func modifyMaintenanceOptions(q *query.Query) operation {
	id := instances.needID(q, "InstanceId")
	recovery := readChoice(q, "AutoRecovery", disabled, "default")
	return changeInstance(id, func(_ *tx, x *query.Writer, v *instance) error {
		if recovery != "" {
			v.AutoRecovery = recovery
		}
		x.Text("instanceId", id)
		x.Text("autoRecovery", v.autoRecovery())
		return nil
	})
}

// modifyHostname changes the hostname of an instance. Its type can change only while the
// instance is stopped
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyPrivateDnsNameOptions.html).
func modifyHostname(q *query.Query) operation {
	id := instances.needID(q, "InstanceId")
	kind := readChoice(q, "PrivateDnsHostnameType", hostnameByAddress, hostnameByInstance)
	a, aaaa := q.OptBool("EnableResourceNameDnsARecord"), q.OptBool("EnableResourceNameDnsAAAARecord")
	return changeInstance(id, func(t *tx, x *query.Writer, v *instance) error {
		if kind != "" && kind != hostnameTypeOf(t, *v) && stateOf(*v) != stateStopped {
			return query.Refuse("IncorrectInstanceState", "The instance '%s' is not in the 'stopped' state.", id)
		}
		if kind != "" {
			v.HostnameType = kind
		}
		replace(&v.ARecord, a)
		replace(&v.AAAARecord, aaaa)
		x.Bool("return", true)
		return nil
	})
}

func modifyCapacityPreference(q *query.Query) operation {
	id := instances.needID(q, "InstanceId")
	const parameter = "CapacityReservationSpecification.CapacityReservationPreference"
	q.NeedText(parameter)
	preference := readChoice(q, parameter, "capacity-reservations-only", "open", "none")
	return changeInstance(id, func(_ *tx, x *query.Writer, v *instance) error {
		v.CapacityPreference = preference
		x.Bool("return", true)
		return nil
	})
}
