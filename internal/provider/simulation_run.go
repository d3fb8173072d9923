package provider

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// maxCaptureVerdicts is how many packets of a capture can have a verdict of their own in the
// state: Terraform reads, compares and writes each in every plan, in about a millisecond.
const maxCaptureVerdicts = 1000

// simulationRun has the input and the results of one run of the resource.
type simulationRun struct {
	source      *dataplane.Source
	capturePath string // "": none
	packets     []simulation.PacketInWords
	verdicts    *simulation.KeptVerdicts

	output       *simulation.OutputFile // of copies; nil: none
	encapsulator *dataplane.Encapsulator

	summary       dataplane.Summary
	captureSHA256 string
}

// writeCopies begins the output file. The caller discards it.
func (s *simulationRun) writeCopies(path string) (err error) {
	if s.encapsulator, err = s.source.Encapsulator(); err != nil {
		return fmt.Errorf("building the packets for the targets: %w", err)
	}
	s.output, err = simulation.CreateOutputFile(path)
	return err
}

// leftOut says which copies the output lacks, and why.
func (s *simulationRun) leftOut() []dataplane.LeftOut {
	if s.output == nil {
		return nil
	}
	return s.encapsulator.LeftOut(s.summary)
}

// run sends the packets through the sessions.
func (s *simulationRun) run(ctx context.Context) error {
	if s.capturePath == "" {
		return s.send(ctx, simulation.Input{Packets: s.packets})
	}
	err := s.runCapture(ctx)
	if err == nil {
		return nil
	}
	problems := simulation.CheckCapture(ctx, "capture.path", s.capturePath)
	if len(problems) > 0 && problems[0].Kind != mirror.Malformed {
		return problems
	}
	return fmt.Errorf("capture %s: %w", s.capturePath, err)
}

// results returns what expectations are compared with.
func (s *simulationRun) results() results {
	r := results{verdicts: s.verdicts.ByName}
	if s.capturePath != "" {
		r.captured = s.summary.Packets - int64(len(s.packets))
	}
	return r
}

func (s *simulationRun) runCapture(ctx context.Context) error {
	file, err := simulation.OpenCaptureFile(ctx, s.capturePath)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := s.send(ctx, simulation.Input{Capture: file.Reader, Packets: s.packets}); err != nil {
		return err
	}
	s.captureSHA256, err = file.Digest()
	return err
}

func (s *simulationRun) send(ctx context.Context, in simulation.Input) (err error) {
	sinks := []simulation.Sink{s.verdicts}
	if s.output != nil {
		sinks = append(sinks, simulation.NewCopies(s.output, s.encapsulator))
	}
	s.summary, err = simulation.Run(ctx, s.source, in, sinks...)
	return err
}

// source reads a network interface and its sessions from EC2. If no resolvers are given, it
// finds the resolver of the interface's VPC.
func (c *connection) source(ctx context.Context, interfaceID string, resolvers []netip.Addr) (*dataplane.Source, error) {
	iface, err := c.account().Interface(ctx, interfaceID)
	if err != nil {
		return nil, err
	}
	iface.DNSResolverAddresses = resolvers
	if resolvers == nil {
		resolver, err := c.account().Resolver(ctx, interfaceID)
		if err != nil {
			return nil, fmt.Errorf("finding the resolver of the interface's VPC (set dns_resolver_addresses to avoid this request): %w", err)
		}
		if resolver.IsValid() {
			iface.DNSResolverAddresses = []netip.Addr{resolver}
		}
	}
	found, err := c.account().Mirror(ctx, interfaceID)
	if err != nil {
		return nil, err
	}
	sessions := make([]dataplane.Session, len(found))
	for i, s := range found {
		sessions[i] = dataplane.Session(s)
	}
	return dataplane.New(iface, sessions, dataplane.Options{})
}
