package console

import (
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

func homeRoutes() []route {
	return []route{{pattern: "GET /{$}", serve: serveHome}}
}

// serveHome says what there is.
func serveHome(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	coverage := s.coverage()
	var classes []g.Node
	count := coverage.Count()
	for _, c := range inventory.Classes {
		if count[c.Class] > 0 {
			classes = append(classes, h.Li(badge(string(c.Class), c.Class.Word()), g.Text(fmt.Sprintf(" %s: %s.", wording.Count(count[c.Class], "interface"), c.Meaning))))
		}
	}
	cost := coverage.Cost
	return s.addOthers(&page{title: "Traffic Mirroring", body: []g.Node{
		facts(
			fact{"Account", text(s.AccountID)},
			fact{"Region", text(s.region)},
			fact{"Sessions", anchor("/sessions", wording.Count(len(s.Sessions), "session"))},
			fact{"Idle", anchor("/sessions?idle=1", wording.Count(len(coverage.Idle), "session"))},
			fact{"Filters", anchor("/filters", wording.Count(len(s.Filters), "filter"))},
			fact{"Targets", anchor("/targets", wording.Count(len(s.Targets), "target"))},
			fact{"Interfaces", anchor("/interfaces", wording.Count(len(s.Interfaces), "interface"))},
			fact{"Cost", g.Text(costText(cost.Price, cost.Sessions.All))},
		),
		part("mirrored", "What is mirrored", g.If(classes == nil, para("EC2 shows no network interface"+s.in()+".")), g.If(classes != nil, h.Ul(classes...))),
		r.readAt(s),
	}}), nil
}

// costText says what sessions cost in a month.
func costText(price inventory.Money, sessions int) string {
	return fmt.Sprintf("%s USD a month (%s at %s USD an hour)", monthly(price, sessions), wording.Count(sessions, "session"), price)
}

// monthly is the cost of sessions in a month, with at least two decimals.
func monthly(price inventory.Money, sessions int) string {
	text := price.Of(sessions).Monthly().String()
	_, decimals, hasPoint := strings.Cut(text, ".")
	if !hasPoint {
		text += "."
	}
	return text + strings.Repeat("0", max(0, 2-len(decimals)))
}
