package console

import (
	"context"
	"fmt"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"

	g "maragu.dev/gomponents"
)

func sessionRoutes() []route {
	return []route{
		{pattern: "GET /sessions", serve: serveSessions},
		{pattern: "GET /sessions/{id}", serve: serveSession},
		{pattern: "GET /sessions/new", serve: newSession},
		{pattern: "POST /sessions/new", serve: createSession, changes: true},
		{pattern: "GET /sessions/{id}/edit", serve: editSession},
		{pattern: "POST /sessions/{id}/edit", serve: changeSession, changes: true},
		{pattern: "GET /sessions/{id}/delete", serve: func(r *request) (*page, error) { return askDelete(r, sessionKind) }},
		{pattern: "POST /sessions/{id}/delete", serve: func(r *request) (*page, error) { return deleteObject(r, sessionKind) }, changes: true},
	}
}

// serveSession shows a session.
func serveSession(r *request) (*page, error) {
	id := r.PathValue("id")
	a := r.console.account()
	session, err := a.Session(r.Context(), id)
	if err != nil {
		return nil, err
	}
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	noun := session.Noun
	p := r.objectPage("/sessions", inventory.Title(id, noun.Description, session.Tags))
	covered := s.index().sessions[id]
	i, _ := s.Interface(noun.InterfaceID)
	p.body = append(p.body,
		facts(
			fact{"ID", code(id)}, fact{"Description", text(noun.Description)},
			fact{"Interface", s.interfaceLink(noun.InterfaceID)}, fact{"VPC", text(i.VPCID)},
			fact{"Number", g.Text(strconv.Itoa(noun.Number))}, fact{"Filter", s.filterLink(noun.FilterID)}, fact{"Target", s.targetLink(noun.TargetID)},
			fact{"VNI", g.Text(optionalNumber(noun.VirtualNetworkID, "not shown"))}, fact{"Packet length", g.Text(lengthText(noun.PacketLength))},
			fact{"Owner", text(noun.OwnerID)}, fact{"Owner of the target", text(covered.TargetOwnerID)}, fact{"ARN", arnNode(a, mirror.KindSession, noun.OwnerID, id)},
			fact{"State", s.stateBadge(id)}, fact{"Cost", g.Text(costText(s.price, 1))},
		),
		r.objectActions("/sessions/"+id),
		part("obstacles", "What keeps it from mirroring", sessionObstacles(s, r, session)),
		part("others", "Sessions of its interface, in the order in which they are tried", s.sessionTable(r, s.SessionsOf(noun.InterfaceID))),
		part("tags", "Tags", tagFacts(session.Tags)), r.readAt(s))
	return p, nil
}

// sessionObstacles says why a session mirrors nothing, or what is not known about that.
func sessionObstacles(s *snapshot, r *request, session account.Tagged[mirror.Session]) g.Node {
	if idle, isIdle := s.index().idle[session.Noun.ID]; isIdle {
		return para(idle.Detail, " AWS charges for the session all the same.")
	}
	_, reason := inventory.ReadStatus(r.Context(), r.console.account(), session.Noun)
	if reason != "" {
		return para(reason)
	}
	return para("Nothing that EC2 shows.")
}

func lengthText(n *int) string {
	if n == nil {
		return "whole packets"
	}
	return fmt.Sprintf("the first %d bytes of each packet", *n)
}

// sessionKind is what a delete needs to know of sessions.
var sessionKind = kindOfObject{
	section: "/sessions", noun: "session",
	read: func(r *request, id string) (string, []g.Node, error) {
		session, err := r.console.account().Live().Session(r.Context(), id)
		noun := session.Noun
		return inventory.Title(id, noun.Description, session.Tags),
			words("Number ", noun.Number, " of ", code(noun.InterfaceID), ", filter ", code(noun.FilterID), ", target ", code(noun.TargetID)), err
	},
	delete: func(ctx context.Context, a *account.Account, run *reconcile.Run, id string) error {
		session, err := a.Live().Session(ctx, id)
		if err != nil {
			return err
		}
		return run.DeleteSession(ctx, session.Noun.InterfaceID, id, never)
	},
}
