package check

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A deliveryWarning is how a plan warns of what keeps copies from arriving.
type deliveryWarning struct{ finding, summary string }

// deliveryWarnings has the warnings by kind. checkDelivery leaves out a
// backing resource that is gone: other checks look at it.
var deliveryWarnings = map[mirror.DeliveryKind]deliveryWarning{
	mirror.DeliveryTargetGone:         {TargetUnavailable, unavailable},
	mirror.DeliveryNoReceiver:         {TargetUnavailable, unavailable},
	mirror.DeliveryNoAppliance:        {TargetUnavailable, unavailable},
	mirror.DeliveryNoListener:         {NoListener, "The load balancer does not listen for copies"},
	mirror.DeliveryNoHealthyAppliance: {NoHealthyAppliance, "A target group has too few healthy appliances"},
	mirror.DeliveryZone:               {ZoneWithoutAppliance, "An Availability Zone has no appliance"},
}

// mayBeRepaired ends a warning about objects of another provider, which this plan may create.
const mayBeRepaired = " Ignore this warning if this apply does that."

// warnUndelivered warns of what keeps copies from reaching an appliance behind the load balancer of
// a target. source is what is known of a source, if there is one. onlyOfSource leaves out what other sources have too.
func warnUndelivered(ctx context.Context, f *findings, field string, t mirror.Target, source mirror.Interface, onlyOfSource bool) {
	endpoint, err := f.snapshot.endpoint(ctx, cmp.Or(f.account.ID, t.OwnerID), t)
	if err != nil {
		return
	}
	for _, p := range endpoint.DeliveryProblemsFrom(source) {
		w := deliveryWarnings[p.Kind]
		if p.Kind == mirror.DeliveryNoAppliance && !p.Loses {
			w = deliveryWarnings[mirror.DeliveryNoHealthyAppliance]
		}
		if p.Source != "" {
			w.summary = "A source is an appliance of its target"
		}
		isOther := onlyOfSource && p.Kind != mirror.DeliveryZone && p.Source == ""
		if p.Kind == mirror.DeliveryTargetGone || p.IsUnsure() || isOther || f.isSilenced(w.finding, t.ID) || !f.reservations.warnOnce(fmt.Sprint("delivery ", p.Kind, t.Backing(), p.Object, p.ZoneFor, p.Source)) {
			continue
		}
		f.add(Finding{
			Severity: Warning, Field: field, Silence: w.finding, Summary: w.summary, About: idsOf(t.ID),
			Detail: upperFirst(p.Text(t.Backing())) + " " + p.Fix + mayBeRepaired,
		})
	}
}

func idsOf(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}

// upperFirst makes a text begin as a sentence does. An ARN or an ID stays as it is.
func upperFirst(text string) string {
	if strings.HasPrefix(text, "the ") {
		return "T" + text[1:]
	}
	return text
}

// endpoint returns what receives the copies for a target.
func (s *snapshot) endpoint(ctx context.Context, viewer string, t mirror.Target) (*mirror.Endpoint, error) {
	key := endpointKey(viewer, t)
	found, err := answerTo(s, s.endpointOf, key).get(ctx, s.account.Now, func(ctx context.Context) (map[string]mirror.Endpoint, error) {
		all, err := s.account.Endpoints(ctx, viewer, t)
		if err != nil {
			return nil, err
		}
		return map[string]mirror.Endpoint{key: all[0]}, nil
	})
	endpoint := found[key]
	return &endpoint, err
}

// checkDelivery warns of what keeps the copies of a session that is new or gets another target from
// arriving. What does not depend on the source is said at a target that is planned too.
func (f sessionCheck) checkDelivery(ctx context.Context, own plannedSession) {
	const field = "traffic_mirror_target_id"
	var source mirror.Interface
	if own.isKnown("network_interface_id") {
		source, _ = f.snapshot.networkInterface(ctx, own.Noun.InterfaceID)
	}
	if planned, isPlanned := f.planned.target(own.target.key); isPlanned && (planned.moves || planned.Noun.ID == "") {
		if planned.isKnown(mirror.TargetBackings...) && source.ID != "" {
			warnUndelivered(ctx, f.findings, field, planned.Noun, source, true)
		}
		return
	}
	for _, t := range f.snapshot.targets(ctx) {
		if t.ID == own.target.key {
			warnUndelivered(ctx, f.findings, field, t, source, false)
		}
	}
}

// Undelivered warns of a session that stays as it is, and whose copies do not arrive, or may not.
// The refresh has found it: kind is what it found, and why says it as one sentence or more. EC2
// shows nothing of it: if somebody deletes the listener of a load balancer, for example, mirroring
// just ends.
func (p *Plan) Undelivered(before, after Object[mirror.Session], kind mirror.DeliveryKind, why string) []Finding {
	w, isWarned := deliveryWarnings[kind]
	keepsTarget := after.isKnown("traffic_mirror_target_id") && before.Noun.ID != "" && before.Noun.TargetID == after.Noun.TargetID
	if !isWarned || !keepsTarget || p.run.isApply() {
		return nil
	}
	f := &findings{Plan: p}
	if !f.isSilenced(w.finding, after.Noun.TargetID, after.Noun.ID) && p.reservations.warnOnce("undelivered "+why) {
		f.add(Finding{
			Severity: Warning, Field: "traffic_mirror_target_id", Silence: w.finding, Summary: w.summary, About: idsOf(after.Noun.TargetID),
			Detail: fmt.Sprintf("Found at %s: %s %s%s", after.Noun.ID, why, kind.Fix(), mayBeRepaired),
		})
	}
	return f.all
}
