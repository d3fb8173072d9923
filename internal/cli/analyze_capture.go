package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// captureFlags are the arguments about a capture that is sent through a filter.
type captureFlags struct {
	addressFlags
	unwrapFlag
	in string
}

func (f *captureFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.in, "in", "", "capture file: show the rules that no packet of it hits")
	f.addUnwrap(cmd.Flags())
	f.addressFlags.add(cmd, "IP or MAC address of the mirror source, by which the direction of a packet is found if the capture does not have it; may be repeated",
		"IP address of the VPC's Route 53 Resolver, in addition to the link-local addresses; may be repeated")
}

// A captureReport is what the packets of a capture show about a filter.
type captureReport struct {
	Packets       int64              `json:"packets" doc:"Number of packets in the capture."`
	NotJudged     map[string]int64   `json:"not_judged" doc:"Number of packets for which it is not known which rule they hit, by reason. They do not count as hits."`
	NeverHitRules []analysis.RuleKey `json:"never_hit_rules" nullable:"true" doc:"Rules that no packet of the capture hits. A packet hits the first rule that matches it. Null if the rule of no packet is known."`
}

// source returns an interface with one session, which has the filter.
func (f captureFlags) source(filter mirror.Filter) (*dataplane.Source, error) {
	given, err := f.parse()
	if err != nil {
		return nil, err
	}
	// The addresses may be only some of those of the interface.
	iface := mirror.Interface{SourceDestCheck: new(false), MACAddress: given.mac, DNSResolverAddresses: given.ofResolver}
	for _, address := range given.ofInterface {
		if address.Is4() {
			iface.PrivateIPAddresses = append(iface.PrivateIPAddresses, address)
		} else {
			iface.IPv6Addresses = append(iface.IPv6Addresses, address)
		}
	}
	session := dataplane.Session{
		Session: mirror.Session{Number: int(mirror.SessionNumbers.Min)}, Filter: filter,
		Target: mirror.Endpoint{Type: mirror.NetworkInterface, MTU: mirror.DefaultMTU},
	}
	return dataplane.New(iface, []dataplane.Session{session}, dataplane.Options{})
}

// send sends the packets of the capture through the filter.
func (f captureFlags) send(ctx context.Context, files *files, stderr io.Writer, filter mirror.Filter) (*captureReport, error) {
	source, err := f.source(filter)
	if err != nil {
		return nil, err
	}
	name, err := oneCapture("analyze", f.in)
	if err != nil {
		return nil, err
	}
	reader, bars, err := openCapture(files, name, stderr)
	if err != nil {
		return nil, err
	}
	unwrapping := f.unwrapping(1)
	summary, err := simulation.Run(ctx, source, simulation.Input{Capture: unwrapping.source(reader)}, bars...)
	unwrapping.report(stderr, shownName(f.in))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.in, err)
	}
	return newCaptureReport(summary), nil
}

func newCaptureReport(summary dataplane.Summary) *captureReport {
	r := &captureReport{Packets: summary.Packets, NotJudged: map[string]int64{}}
	judged := summary.Packets
	for _, reason := range dataplane.Unjudged {
		if n := summary.NotMirrored[reason]; n > 0 {
			r.NotJudged[reason.String()] = n
			judged -= n
		}
	}
	if judged == 0 {
		return r
	}
	r.NeverHitRules = []analysis.RuleKey{}
	for _, rule := range summary.Rules {
		if rule.RuleNumber != nil && rule.Hits == 0 {
			r.NeverHitRules = append(r.NeverHitRules, analysis.RuleKey{TrafficDirection: rule.Direction, RuleNumber: *rule.RuleNumber})
		}
	}
	return r
}
