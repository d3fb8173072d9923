package emulator

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// The codes of the reasons of a state
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html).
const (
	reasonPending = "pending"
	reasonUser    = "Client.UserInitiatedShutdown"
)

var stateMessages = map[string]string{
	reasonPending: "pending",
	reasonUser:    "Client.UserInitiatedShutdown: User initiated shutdown",
}

// transitionReason says who stopped or terminated an instance, and when.
func (v instance) transitionReason() string {
	if v.StateReason != reasonUser {
		return ""
	}
	return "User initiated (" + v.StateChanged.UTC().Format("2006-01-02 15:04:05 GMT") + ")"
}

// transition is a change of the state of an instance.
type transition struct {
	from   []string // the states in which something happens
	stays  []string // the states in which nothing happens; another state is refused
	during string   // the state in the answer
	to     string   // the state after it
	verb   string   // in the message of the error
	check  func(instance) error
	act    func(*tx, *instance)
}

var (
	stopping = transition{
		from: []string{stateRunning, statePending}, stays: []string{stateStopped, stateStopping},
		during: stateStopping, to: stateStopped, verb: "stopped",
		check: func(v instance) error { return protected(v.DisableAPIStop, v, "stopped", "disableApiStop") },
		act:   func(_ *tx, v *instance) { v.StateReason = reasonUser },
	}
	starting = transition{
		from: []string{stateStopped}, stays: []string{stateRunning, statePending},
		during: statePending, to: stateRunning, verb: "started",
		act: func(t *tx, v *instance) { v.StateReason, v.LaunchTime = "", t.now.UTC() },
	}
	terminating = transition{
		from: []string{stateRunning, statePending, stateStopped, stateStopping}, stays: []string{stateTerminated, stateShuttingDown},
		during: stateShuttingDown, to: stateTerminated, verb: "terminated",
		check: checkTermination,
		act:   terminate,
	}
)

func protected(on bool, v instance, verb, attribute string) error {
	if !on {
		return nil
	}
	return query.Refuse("OperationNotPermitted", "The instance '%s' may not be %s. Modify its '%s' instance attribute and try again.", v.ID, verb, attribute)
}

// checkTermination refuses to terminate an instance that is protected against it. The
// protection against a stop protects against termination too (A0153).
func checkTermination(v instance) error {
	return cmp.Or(protected(v.DisableAPITerminate, v, "terminated", "disableApiTermination"), protected(v.DisableAPIStop, v, "terminated", "disableApiStop"))
}

func changeState(q *query.Query, change transition) operation {
	ids := readInstances(q)
	return func(t *tx, x *query.Writer) error {
		list, err := needInstances(t, ids)
		if err != nil {
			return err
		}
		for _, v := range list {
			if err := change.refuse(v); err != nil {
				return err
			}
		}
		x.In("instancesSet", func() {
			for _, v := range list {
				x.In("item", func() { change.apply(t, x, v) })
			}
		})
		forgetInstances(t)
		return nil
	}
}

func (c transition) refuse(v instance) error {
	switch state := stateOf(v); {
	case slices.Contains(c.stays, state):
		return nil
	case !slices.Contains(c.from, state):
		return query.Refuse("IncorrectInstanceState", "The instance '%s' is not in a state from which it can be %s.", v.ID, c.verb)
	case c.check == nil:
		return nil
	}
	return c.check(v)
}

func (c transition) apply(t *tx, x *query.Writer, v instance) {
	before := stateOf(v)
	now := before
	if slices.Contains(c.from, before) {
		v.State, v.StateChanged = c.to, t.now.UTC()
		c.act(t, &v)
		instances.put(t, v.ID, v)
		now = c.during
	}
	x.Text("instanceId", v.ID)
	writeState(x, "currentState", now)
	writeState(x, "previousState", before)
}

func stopInstances(q *query.Query) operation {
	q.OptBool("Force")
	q.OptBool("SkipOsShutdown")
	if q.Bool("Hibernate") {
		q.Fail(query.Refuse("UnsupportedHibernationConfiguration", "The embedded EC2 does not hibernate instances."))
	}
	return changeState(q, stopping)
}

func startInstances(q *query.Query) operation {
	q.Text("AdditionalInfo")
	return changeState(q, starting)
}

func terminateInstances(q *query.Query) operation {
	q.OptBool("Force")
	q.OptBool("SkipOsShutdown")
	return changeState(q, terminating)
}

// terminate deletes the interfaces and the volumes that are to be deleted with the instance,
// and detaches the others. The sessions of an interface that is deleted are deleted too. A target on it
// stays, and no copy arrives there any more (A0062).
func terminate(t *tx, v *instance) {
	v.StateReason = reasonUser
	v.AvailabilityZone = instanceZone(t, *v)
	for _, i := range interfacesOf(t, v.ID) {
		if i.DeleteOnTermination {
			for _, session := range sessionsByInterface.idsBelow(t, i.ID) {
				sessions.del(t, session)
			}
			interfaces.del(t, i.ID)
			continue
		}
		i.detach()
		interfaces.put(t, i.ID, i)
	}
	for _, disk := range volumesOf(t, v.ID) {
		if disk.DeleteOnTermination {
			volumes.del(t, disk.ID)
			continue
		}
		disk.InstanceID, disk.Device, disk.DeleteOnTermination = "", "", false
		volumes.put(t, disk.ID, disk)
	}
}

// rebootInstances changes nothing that EC2 shows. EC2 documents no state for it. A
// terminated instance is refused (A0153).
func rebootInstances(q *query.Query) operation {
	ids := readInstances(q)
	return func(t *tx, x *query.Writer) error {
		list, err := needInstances(t, ids)
		if err != nil {
			return err
		}
		for _, v := range list {
			if stateOf(v) != stateRunning {
				return query.Refuse("IncorrectInstanceState", "The instance '%s' is not in a state from which it can be rebooted.", v.ID)
			}
		}
		x.Bool("return", true)
		return nil
	}
}

// monitor turns detailed monitoring on or off. The answer has the state in between.
func monitor(on bool, during string) func(*query.Query) operation {
	return func(q *query.Query) operation {
		ids := readInstances(q)
		return func(t *tx, x *query.Writer) error {
			list, err := needInstances(t, ids)
			if err != nil {
				return err
			}
			for _, v := range list {
				if err := refuseTerminated(v); err != nil {
					return err
				}
			}
			x.In("instancesSet", func() {
				for _, v := range list {
					v.Monitored = on
					instances.put(t, v.ID, v)
					x.In("item", func() {
						x.Text("instanceId", v.ID)
						x.In("monitoring", func() { x.Text("state", during) })
					})
				}
			})
			return nil
		}
	}
}

// readInstances reads the instances of a request that changes some.
func readInstances(q *query.Query) []string {
	ids := instances.readIDs(q, "InstanceId")
	if len(ids) == 0 {
		q.Fail(query.Missing("InstanceId.1"))
	}
	return ids
}

func needInstances(t *tx, ids []string) ([]instance, error) {
	if err := needEach(t, instances, ids); err != nil {
		return nil, err
	}
	var list []instance
	for _, id := range ids {
		v, err := instances.need(t, id)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func refuseTerminated(v instance) error {
	if stateOf(v) == stateTerminated {
		return query.Refuse("IncorrectInstanceState", "The instance '%s' is terminated.", v.ID)
	}
	return nil
}

// changeInstance returns an operation that changes one instance, and answers with what
// the change writes.
func changeInstance(id string, change func(*tx, *query.Writer, *instance) error) operation {
	return func(t *tx, x *query.Writer) error {
		v, err := instances.need(t, id)
		if err != nil {
			return err
		}
		if err := refuseTerminated(v); err != nil {
			return err
		}
		if err := change(t, x, &v); err != nil {
			return err
		}
		instances.put(t, id, v)
		return nil
	}
}
