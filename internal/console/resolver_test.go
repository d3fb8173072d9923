package console_test

import (
	"net/url"
	"strings"
	"testing"
)

// everything are the fields of a filter that mirrors every packet over IPv4, with Amazon DNS.
func everything() url.Values {
	values := url.Values{"description": {"everything"}, "rules": {"2"}, "amazon_dns": {"1"}}
	for i, direction := range []string{"ingress", "egress"} {
		prefix := []string{"rule-0-", "rule-1-"}[i]
		for name, value := range map[string]string{
			"traffic_direction": direction, "rule_number": "100", "rule_action": "accept", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0",
		} {
			values.Set(prefix+name, value)
		}
	}
	return values
}

// The address of the resolver is that of the VPC of the sessions: no rule decides about DNS to it.
func TestResolverOfVPC(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	w := b.world()
	filter := b.created("/filters/new", everything())
	b.created("/sessions/new?on="+app, url.Values{"traffic_mirror_target_id": {w.target}, "traffic_mirror_filter_id": {filter}})
	path := "/filters/" + filter + "/edit"
	page := b.press(b.get(path), path, "add-egress", nil)
	page = b.press(page, path, "check", url.Values{
		"rule-2-rule_number": {"50"}, "rule-2-rule_action": {"reject"}, "rule-2-protocol": {"udp"}, "rule-2-destination_cidr_block": {"10.0.0.2/32"}, "rule-2-destination_port_range": {"53"},
	})
	const none = "It decides no packet. Its packets are decided by the network service amazon-dns. EC2 never mirrors the other packets that it matches. To mirror no Amazon DNS, untick Mirror Amazon DNS in the form of the filter."
	words := parse(t, page.body).id("main").words()
	if !strings.Contains(words, "Nothing: the filter mirrors the same packets as now.") || !strings.Contains(words, none) {
		t.Error(words)
	}
	b.save(page, path, nil)
	if words := parse(t, b.get("/filters/"+filter).body).id("main").words(); strings.Contains(words, "One way only") || !strings.Contains(words, none) {
		t.Error(words)
	}
	if words := parse(t, b.get("/interfaces/"+app).body).id("main").words(); strings.Contains(words, "one way") || !strings.Contains(words, "Mirrored partly") {
		t.Error(words)
	}
	// Without the network service, DNS to the resolver is lost, and the example is a usual query.
	page = b.press(b.get(path), path, "check", url.Values{"amazon_dns": nil})
	if words := parse(t, page.body).id("preview").words(); !strings.Contains(words, "Egress, IPv4, for example: udp 10.0.1.10:50000 > 10.0.0.2:53 .") ||
		!strings.Contains(words, "Ingress, IPv4, for example: udp 10.0.0.2:53 > 10.0.1.10:50000 .") {
		t.Error(words)
	}
}

// What a filter loses, another session of the interface may take.
func TestGainsOfSeveralSessions(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	w := b.world()
	filter := b.created("/filters/new", everything())
	b.created("/sessions/new?on="+web, url.Values{"traffic_mirror_target_id": {w.target}, "traffic_mirror_filter_id": {filter}, "virtual_network_id": {"1002"}})
	path := "/filters/" + w.filter + "/edit"
	page := b.press(b.get(path), path, "check", url.Values{"amazon_dns": nil})
	const want = "Then: it is Amazon DNS, which no rule mirrors. On web, session 1 takes it now, VNI 1. Then session 2 takes it, VNI 1002."
	if words := parse(t, page.body).id("preview").words(); !strings.Contains(words, want) {
		t.Error(words)
	}
	path = "/sessions/" + w.session + "/edit"
	page = b.post(b.get(path), path, url.Values{"traffic_mirror_filter_id": {b.created("/filters/new", url.Values{"description": {"nothing"}})}})
	if words := parse(t, page.body).id("main").words(); !strings.Contains(words, "Then session 2 takes it, VNI 1002.") {
		t.Error(words)
	}
}
