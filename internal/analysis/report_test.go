package analysis

import (
	"reflect"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// What cannot be answered is nil and named. An empty list would say that nothing was found.
func TestReport_tooComplex(t *testing.T) {
	t.Parallel()
	var r Report
	if r.isAnswered(ErrTooComplex, "equal", "gained") || !r.isAnswered(nil, "lost") {
		t.Error("an error is an answer, or an answer is none")
	}
	if !slices.Equal(r.TooComplex, []string{"equal", "gained"}) {
		t.Errorf("without an answer are %v", r.TooComplex)
	}
}

func TestDecisionShown(t *testing.T) {
	t.Parallel()
	rule := &mirror.Rule{Number: 100}
	for want, d := range map[Reason]Decision{
		RuleAccepts:    {Mirrored: true, Rule: rule},
		RuleRejects:    {Rule: rule},
		NoRule:         {},
		ServiceAccepts: {Mirrored: true, Service: mirror.AmazonDNS},
		ServiceOff:     {Service: mirror.AmazonDNS},
		NeverMirrored:  {Never: true},
	} {
		got := showDecision(d)
		if got.Reason != want || got.Mirrored != d.Mirrored || (got.RuleNumber != nil) != (d.Rule != nil) {
			t.Errorf("%v is shown as %v", d, got)
		}
		if !slices.Contains(valuesOf(reflect.TypeFor[Reason]()), string(got.Reason)) {
			t.Errorf("%s is not among the values of a reason", got.Reason)
		}
	}
}

// A packet without ports has none, and port 0 is a port.
func TestShowPacket(t *testing.T) {
	t.Parallel()
	if p := ShowPacket(mirror.Header{Protocol: 6, HasPorts: true}); p.SourcePort == nil || *p.SourcePort != 0 {
		t.Errorf("the source port is %v", p.SourcePort)
	}
	if p := ShowPacket(mirror.Header{Protocol: 6}); p.DestinationPort != nil {
		t.Errorf("the destination port is %v", *p.DestinationPort)
	}
}

// Everything in a report has a name and a text, and what may be missing is nullable.
func TestFields(t *testing.T) {
	t.Parallel()
	checkFields(t, reflect.TypeFor[Report]())
}

func checkFields(t *testing.T, of reflect.Type) {
	t.Helper()
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		checkFields(t, of.Elem())
	case reflect.Struct:
		for _, f := range Fields(of) {
			if f.Name == "" || f.Doc == "" {
				t.Errorf("%s has the field %q with the text %q", of, f.Name, f.Doc)
			}
			if f.Type.Kind() == reflect.String && f.Type.PkgPath() != "" && f.Values == nil {
				t.Errorf("the values of %s.%s are not known", of, f.Name)
			}
			checkFields(t, f.Type)
		}
	}
}
