package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// AssertionsField is the argument with the assertions of a filter.
const AssertionsField = "assertions"

// An Assertion says of every packet of a space that a filter never mirrors it, or that it
// always does.
type Assertion struct {
	Name    string // in texts
	Never   bool   // otherwise: always
	Space   mirror.Space
	IsKnown bool // the space is known
}

func sameAssertion(a, b Assertion) bool {
	return a.Name == b.Name && a.Never == b.Never && a.IsKnown && b.IsKnown && mirror.SameSpace(a.Space, b.Space)
}

// says is the assertion as a sentence, without a full stop.
func (a Assertion) says() string {
	if a.Never {
		return fmt.Sprintf("%s says that no packet of %q is mirrored", a.Name, a.Space)
	}
	return fmt.Sprintf("%s says that every packet of %q is mirrored", a.Name, a.Space)
}

// brokenBy returns a packet of one direction that proves that a filter breaks the assertion,
// or nil.
func (a Assertion) brokenBy(f mirror.Filter, d mirror.Direction) (*analysis.Witness, error) {
	space := a.Space
	space.Direction = d
	share, err := analysis.Mirrors(f, space)
	if a.Never {
		return share.Mirrored, err
	}
	return share.NotMirrored, err
}

// judge returns a packet of a direction that breaks the assertion, or says why it is not known
// whether there is one. The rules of the direction are known.
func (a Assertion) judge(v filterView, d mirror.Direction) (witness *analysis.Witness, why string, err error) {
	possible := [][]mirror.NetworkService{v.filter.NetworkServices}
	if !v.services {
		possible = [][]mirror.NetworkService{nil, mirror.NetworkServices}
	}
	broken := 0
	for _, services := range possible {
		filter := v.filter
		filter.NetworkServices = services
		found, err := a.brokenBy(filter, d)
		if err != nil {
			return nil, tooComplex(d), err
		}
		if found != nil {
			witness = found
			broken++
		}
	}
	if broken > 0 && broken < len(possible) {
		return nil, "network_services is known only after apply", nil
	}
	return witness, "", nil
}

func tooComplex(d mirror.Direction) string {
	return fmt.Sprintf("the %s rules are too many, or overlap too much, for an exact answer", d)
}

// An assertionCheck judges the assertions of a filter.
type assertionCheck struct {
	*findings
	view filterView
}

// judgeAssertions judges the assertions of a filter. What the filter owns decides at once:
// those packets do not depend on what the plan has not planned yet. Separate rules may still
// change.
func (f filterCheck) judgeAssertions(ctx context.Context, objectID string, before, after Filter) {
	isKnown := after.isKnown(AssertionsField)
	if isKnown && len(after.Assertions) == 0 {
		return
	}
	key := after.Noun.ID
	if key == "" {
		key = newKey(objectID)
	}
	c := assertionCheck{f.findings, f.view(ctx, key)}
	var broken, unproved []string
	for _, a := range after.Assertions {
		text, why := c.judgeOwn(a, after)
		if text != "" {
			broken = append(broken, text)
		}
		if why != "" {
			unproved = append(unproved, a.Name+": "+why)
		}
	}
	if !isKnown {
		unproved = append(unproved, AssertionsField+" is not fully known before the apply")
	}
	severity := Warning
	if changesRules(before, after) || changesServices(before, after) || !slices.EqualFunc(before.Assertions, after.Assertions, sameAssertion) {
		severity = Error
	}
	c.report(severity, broken)
	separate := slices.DeleteFunc(slices.Clone(mirror.Directions), func(d mirror.Direction) bool { return !after.isKnown(RulesField(d)) })
	c.judgeSeparate(after.Assertions, separate, AssertionsField)
	c.reportUnproved(unproved)
}

// service is the direction in which the ports of the assertion are those of a service on the
// interface, or empty.
func (a Assertion) service() mirror.Direction {
	from, to := a.Space.SourcePorts != nil, a.Space.DestinationPorts != nil
	switch {
	case a.Space.Direction != "" || from == to:
		return ""
	case to:
		return mirror.Ingress
	}
	return mirror.Egress
}

// judgeOwn judges an assertion by the directions whose rules the filter owns. why says what is
// not known of any direction.
func (c assertionCheck) judgeOwn(a Assertion, filter Filter) (broken, why string) {
	if !a.IsKnown {
		return "", "its space is known only after apply"
	}
	var open []string
	var holds []mirror.Direction
	for _, d := range a.Space.Directions() {
		isOwn, isKnown := slices.Contains(c.view.inline, d), slices.Contains(c.view.known, d)
		switch {
		case isOwn && isKnown:
			witness, why, err := a.judge(c.view, d)
			if err != nil {
				logUnknown(c.findings, a.Name, c.view.key, err)
			}
			if witness != nil && broken == "" {
				broken = c.view.brokenText(a, *witness)
			}
			switch {
			case why != "":
				open = append(open, why)
			case witness == nil:
				holds = append(holds, d)
			}
		case !filter.isKnown(RulesField(d)):
			open = append(open, RulesField(d)+" is not fully known before the apply")
		case !isKnown:
			open = append(open, fmt.Sprintf("%s is not set, and what separate rules the filter has is known only after apply", RulesField(d)))
		}
	}
	if d := a.service(); broken != "" && slices.Contains(holds, d) {
		broken += fmt.Sprintf(" No %s packet breaks it. To mean only those, set traffic_direction = %q in the assertion.", d, d)
	}
	if broken != "" {
		return broken, ""
	}
	return "", strings.Join(open, "; ")
}

func (c assertionCheck) report(severity Severity, broken []string) {
	if broken == nil {
		return
	}
	text := strings.Join(broken, "\n\n") + "\n\nChange the rules, or the assertion."
	if severity == Warning {
		text += " This plan changes nothing that decides about packets, so this is no error."
	}
	c.add(Finding{Severity: severity, Field: AssertionsField, Summary: "The filter breaks its assertions", Detail: text})
}

// judgeSeparate judges assertions by the directions with separate rules: as they will be, as
// far as this is planned. Each assertion is reported once.
func (c assertionCheck) judgeSeparate(assertions []Assertion, directions []mirror.Direction, field string) {
	if c.run.isApply() {
		return // in the apply, rules that the plan deletes look as if they stayed
	}
	var broken []string
	for _, a := range assertions {
		for _, d := range a.Space.Directions() {
			if !a.IsKnown || !slices.Contains(directions, d) || slices.Contains(c.view.inline, d) || !slices.Contains(c.view.known, d) {
				continue
			}
			witness, _, err := a.judge(c.view, d)
			if err != nil {
				logUnknown(c.findings, a.Name, c.view.key, err)
			}
			if witness != nil && c.reservations.warnOnce("assertion "+a.Name+" of "+c.view.key) {
				broken = append(broken, c.view.brokenText(a, *witness))
			}
		}
	}
	if broken == nil {
		return
	}
	c.add(Finding{Severity: Warning, Field: field, Summary: "Separate rules break assertions of their filter", Detail: strings.Join(broken, "\n\n") +
		"\n\nTerraform plans separate rules one by one, and this check has only those planned so far. Ignore this warning if the plan also changes other separate rules of " + c.view.key + ". " +
		"If the rules are in ingress_rules and egress_rules of the filter, the plan fails instead. This is shown once for each assertion of a filter."})
}

// reportOpen says which assertions are not judged because a separate rule is not known.
func (c assertionCheck) reportOpen(assertions []Assertion, directions []mirror.Direction, field string) {
	isOpen := func(d mirror.Direction) bool {
		return slices.Contains(directions, d) && !slices.Contains(c.view.inline, d) && !slices.Contains(c.view.known, d)
	}
	var names []string
	for _, a := range assertions {
		if slices.ContainsFunc(a.Space.Directions(), isOpen) {
			names = append(names, a.Name)
		}
	}
	if names == nil || c.isSilenced(UnprovedAssertion, c.view.key) || !c.reservations.warnOnce("unproved of "+c.view.key) {
		return
	}
	c.add(Finding{Severity: Warning, Field: field, Silence: UnprovedAssertion, About: []string{c.view.key}, Summary: "Assertions are not proved yet", Detail: fmt.Sprintf(
		"A separate rule of %s is known only after apply, so this plan cannot say whether these assertions of the filter hold: %s. The next plan, after the apply, checks them.",
		c.view.name, strings.Join(names, ", "))})
}

func (c assertionCheck) reportUnproved(unproved []string) {
	if unproved == nil || c.run.isApply() {
		return
	}
	text := fmt.Sprintf("This plan cannot say whether the assertions of %s hold:\n\n  - %s\n\n"+
		"The apply checks what is known only after apply, before the filter changes. The next plan, after the apply, checks separate rules of a new filter. "+
		"If a direction has no separate rules, set its map to {}.", c.view.name, strings.Join(unproved, "\n  - "))
	c.add(Finding{Severity: Warning, Field: AssertionsField, Silence: UnprovedAssertion, About: []string{c.view.key}, Summary: "Assertions are not proved yet", Detail: text})
}

// brokenText says which packet breaks an assertion, and what decides about it.
func (v filterView) brokenText(a Assertion, w analysis.Witness) string {
	if w.Decision.Never {
		return a.says() + ". EC2 mirrors no packet of this space, whatever the rules are: it never mirrors DHCP, instance metadata, the Amazon Time Sync Service and Windows activation. Remove this assertion."
	}
	does := "would mirror"
	if !w.Decision.Mirrored {
		does = "would not mirror"
	}
	return fmt.Sprintf("%s. But %s %s this packet: %s %s. %s", a.says(), v.name, does, w.Packet.Direction, w.Packet, v.decisionText(w.Packet.Direction, w.Decision))
}

// decisionText says what decides about a packet, as a sentence.
func (v filterView) decisionText(d mirror.Direction, made analysis.Decision) string {
	switch {
	case made.Never:
		return "EC2 never mirrors such a packet."
	case made.Service != "" && made.Mirrored:
		return fmt.Sprintf("It is traffic of %s, which network_services has.", made.Service)
	case made.Service != "":
		return fmt.Sprintf("It is traffic of %s, which no rule can mirror, and network_services does not have it.", made.Service)
	case made.Rule == nil:
		return fmt.Sprintf("No %s rule matches it.", d)
	case made.Mirrored:
		return v.nameRule(*made.Rule) + " accepts it."
	}
	return v.nameRule(*made.Rule) + " rejects it."
}

func changesServices(before, after Filter) bool {
	return !after.isKnown("network_services") || !before.isKnown("network_services") || !sameServices(before.Noun, after.Noun)
}

func sameServices(a, b mirror.Filter) bool {
	sorted := func(f mirror.Filter) []mirror.NetworkService {
		return slices.Compact(slices.Sorted(slices.Values(f.NetworkServices)))
	}
	return slices.Equal(sorted(a), sorted(b))
}
