package console

import (
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"

	g "maragu.dev/gomponents"
)

func interfaceRoutes() []route {
	return []route{
		{pattern: "GET /interfaces", serve: serveInterfaces},
		{pattern: "GET /interfaces/{id}", serve: serveInterface},
	}
}

// serveInterfaces lists the interfaces.
func serveInterfaces(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	var kept []account.NetworkInterface
	for _, i := range s.Interfaces {
		if r.bar.keepsInterface(s, i) {
			kept = append(kept, i)
		}
	}
	p := &page{title: "Interfaces", section: "/interfaces", hasBar: true}
	shown, pages := paged(r, kept)
	var rows [][]g.Node
	for _, i := range shown {
		rows = append(rows, []g.Node{
			s.interfaceLink(i.ID), code(i.VPCID), code(orNone(i.InstanceID)), g.Text(addressText(i)), sessionsLink("interface", i.ID, len(s.SessionsOf(i.ID))), s.classBadge(i.ID),
		})
	}
	p.body = []g.Node{
		para(s.countLine(len(kept), len(s.Interfaces), "interface")),
		table("Network interfaces", []column{{"Interface", ""}, {"VPC", ""}, {"Instance", ""}, {"Addresses", ""}, {"Sessions", "number"}, {"Mirrored", ""}}, rows),
		pages, r.readAt(s),
	}
	return s.addOthers(p), nil
}

func (s *snapshot) classBadge(id string) g.Node {
	class := s.index().classes[id].Class
	return badge(string(class), class.Word())
}

func addressText(i account.NetworkInterface) string {
	var all []string
	if i.PrivateIPAddress.IsValid() {
		all = append(all, i.PrivateIPAddress.String())
	}
	for _, a := range i.IPv6Addresses {
		all = append(all, a.String())
	}
	return strings.Join(all, ", ")
}

// serveInterface shows an interface.
func serveInterface(r *request) (*page, error) {
	id := r.PathValue("id")
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	i, found := s.Interface(id)
	if !found {
		_, err := r.console.account().Interface(r.Context(), id)
		if err == nil {
			err = errStale
		}
		return nil, err
	}
	source := s.Source(i)
	covered := s.index().classes[id]
	p := r.objectPage("/interfaces", inventory.Title(id, i.Description, i.Tags))
	obstacle := "Nothing that EC2 shows."
	if source.Reason != "" {
		obstacle = source.Detail
	}
	backs := g.Node(nil)
	if target := s.TargetOn(id); target != "" {
		backs = s.targetLink(target)
	}
	p.body = append(p.body,
		facts(
			fact{"ID", code(id)}, fact{"Description", text(i.Description)}, fact{"Owner", text(i.OwnerID)}, fact{"Type", text(i.Type)},
			fact{"VPC", text(i.VPCID)}, fact{"Subnet", text(i.SubnetID)}, fact{"Availability Zone", text(i.Zone)},
			fact{"Instance", text(i.InstanceID)}, fact{"Instance type", text(source.Instance.Type)}, fact{"Instance state", text(source.Instance.State)},
			fact{"Addresses", text(addressText(i))}, fact{"Backs target", backs},
			fact{"Mirrored", g.Group{s.classBadge(id), g.Text(" " + covered.Reason)}},
			fact{"Cost of its sessions", g.Text(costText(s.price, len(source.Sessions)))},
		),
		part("obstacles", "What keeps it from being mirrored", para(obstacle)))
	if r.console.options.ReadOnly == "" && source.Reason == "" {
		p.body = append(p.body, actions(buttonLink("/sessions/new?on="+id, "Mirror this interface", "")))
	}
	p.body = append(p.body, part("users", "Sessions, in the order in which they are tried", s.sessionTable(r, source.Sessions)), part("tags", "Tags", tagFacts(i.Tags)), r.readAt(s))
	return p, nil
}
