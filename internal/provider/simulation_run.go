package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
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
	wantSHA256  string // of the capture; "": any
	packets     []simulation.PacketInWords
	verdicts    *simulation.KeptVerdicts
	judge       *simulation.Judge
	indexes     []int        // of the expectations that judge knows
	names       []string     // of them, with what they expect
	isOpen      bool         // some expectation is known only after apply
	found       []unexpected // before the packets are sent

	outputs []runOutput

	summary       dataplane.Summary
	captureSHA256 string
}

// run sends the packets through the sessions.
func (s *simulationRun) run(ctx context.Context) error {
	if s.capturePath == "" {
		return s.send(ctx, simulation.Input{Packets: s.packets})
	}
	err := s.runCapture(ctx)
	var changed *changedCaptureError
	if err == nil || errors.As(err, &changed) {
		return err
	}
	problems := simulation.CheckCapture(ctx, "capture.path", s.capturePath)
	if len(problems) > 0 && problems[0].Kind != mirror.Malformed {
		return problems
	}
	return fmt.Errorf("capture %s: %w", s.capturePath, err)
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
	if err == nil && s.wantSHA256 != "" && s.captureSHA256 != s.wantSHA256 {
		return &changedCaptureError{s.capturePath, s.captureSHA256, s.wantSHA256}
	}
	return err
}

// A changedCaptureError says that a capture is not the file that it has to be.
type changedCaptureError struct{ path, got, want string }

func (e *changedCaptureError) Error() string {
	return fmt.Sprintf("the capture %s is not the file that capture.sha256 names. Its SHA-256 is\n  %s, not\n  %s.\nRestore the file, or write its SHA-256 in capture.sha256", e.path, e.got, e.want)
}

func (s *simulationRun) send(ctx context.Context, in simulation.Input) (err error) {
	sinks := []simulation.Sink{s.verdicts, s.judge}
	for i := range s.outputs {
		sinks = append(sinks, s.outputs[i].begin())
	}
	s.summary, err = simulation.Run(ctx, s.source, in, sinks...)
	return err
}

// newRun prepares a run of a simulation whose values are known.
func newRun(ctx context.Context, m *simulationModel) (*simulationRun, error) {
	sim := &simulationRun{capturePath: filePath(m.Capture).ValueString()}
	for _, p := range objectsOf[packetModel](ctx, m.Packets) {
		words := p.expand()
		if problems := words.Check(); problems != nil {
			return nil, fmt.Errorf("packet %q: %w", words.Name, problems)
		}
		sim.packets = append(sim.packets, words)
	}
	return sim, nil
}

// from gives the run its sessions.
func (s *simulationRun) from(ctx context.Context, m *simulationModel, source *dataplane.Source) {
	var expected []string
	var expectations []simulation.Expectation
	s.isOpen = !m.Expect.IsFullyKnown()
	for i, e := range objectsOf[expectModel](ctx, m.Expect) {
		if e.known() {
			expected, expectations, s.indexes = append(expected, e.Packet.ValueString()), append(expectations, e.expand()), append(s.indexes, i)
			s.names = append(s.names, e.expand().String())
		}
	}
	s.source = source
	s.verdicts, s.judge = simulation.NewKeptVerdicts(source, m.kept(), expected...), simulation.NewJudge(source, expectations)
}

// prepare reads the sessions, and the packets in words. All values are known.
func (r *simulationResource) prepare(ctx context.Context, m *simulationModel) (*simulationRun, error) {
	sim, err := newRun(ctx, m)
	if err != nil {
		return nil, err
	}
	if m.isInPlace() {
		source, err := placedSource(m)
		if err != nil {
			return nil, err
		}
		sim.from(ctx, m, source)
		return sim, nil
	}
	found, err := r.in(m).account.Mirror(ctx, m.NetworkInterfaceID.ValueString())
	if err != nil {
		return nil, err
	}
	return sim, r.useSessions(ctx, m, sim, found)
}

// useSessions gives a run the sessions of an interface in EC2.
func (r *simulationResource) useSessions(ctx context.Context, m *simulationModel, sim *simulationRun, found []account.MirrorSession) error {
	iface, err := readInterface(ctx, r.in(m).account, m)
	if err != nil {
		return err
	}
	stated, problems := m.stated()
	if err := problems.Err(); err != nil {
		return err
	}
	sessions, there := make([]dataplane.Session, len(found)), map[string]bool{}
	for i, s := range found {
		sessions[i], there[s.ID] = dataplane.Session(s), true
		if facts, isStated := stated[s.Number]; isStated {
			_ = facts.over(&sessions[i].Target) // stated has reported the problems
			delete(stated, s.Number)
		}
	}
	for _, number := range slices.Sorted(maps.Keys(stated)) {
		sim.found = append(sim.found, unexpected{at: path.Root("targets"), text: fmt.Sprintf("targets has the key \"%d\", and %s has no session with this number. Write the number of one of its sessions.", number, iface.ID)})
	}
	for i, element := range m.SessionIDs.Elements() {
		// A session that the plan creates or replaces has no ID yet, and one that is disabled has none.
		if id := element.(types.String); !id.IsUnknown() && !id.IsNull() && !there[id.ValueString()] {
			sim.found = append(sim.found, unexpected{at: path.Root("traffic_mirror_session_ids").AtListIndex(i), text: fmt.Sprintf("%s is not a session of %s. Correct the ID, or give the session this interface.", id.ValueString(), iface.ID)})
		}
	}
	source, err := dataplane.New(iface, sessions, dataplane.Options{})
	if err != nil {
		return err
	}
	sim.from(ctx, m, source)
	return nil
}

// readInterface reads a network interface from EC2. If no resolvers are given, it finds the
// resolver of the interface's VPC.
func readInterface(ctx context.Context, in *account.Account, m *simulationModel) (mirror.Interface, error) {
	id := m.NetworkInterfaceID.ValueString()
	iface, err := in.Interface(ctx, id)
	if err != nil {
		return iface, err
	}
	iface.DNSResolverAddresses = nil
	if !m.DNSResolverAddresses.IsNull() {
		var r reader
		iface.DNSResolverAddresses = r.addresses("dns_resolver_addresses", m.DNSResolverAddresses)
		return iface, r.problems.Err()
	}
	resolver, err := in.Resolver(ctx, id)
	if err != nil {
		return iface, fmt.Errorf("finding the resolver of the interface's VPC (set dns_resolver_addresses to avoid this request): %w", err)
	}
	if resolver.IsValid() {
		iface.DNSResolverAddresses = []netip.Addr{resolver}
	}
	return iface, nil
}
