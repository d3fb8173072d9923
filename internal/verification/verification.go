// Package verification compares two captures of the same traffic: one at the mirror source, and
// one at the sensor. It says which copies should have arrived and did not, which arrived and
// should not have, and which arrived otherwise than the sessions say.
//
//	report, err := verification.Run(ctx, source, verification.Input{...})
//
// It reads each capture twice. The first time it finds the offset between the clocks, the second
// time it compares. Its memory depends on the traffic in a few seconds, and not on the length of
// the captures. What cannot be known is not judged, and counted apart.
//
// Package dataplane decides what should happen to a packet. This package has no notion of why a
// copy is missing: it names the assumption about AWS that a difference contradicts.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/how-it-works.html
package verification

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Form is what a capture at a sensor has.
type Form string

// The forms.
const (
	Copies Form = "copies" // VXLAN, or VXLAN in GENEVE
	Frames Form = "frames" // the frames in the copies
)

// Unknown is the form of a capture that has no VXLAN, and of which no frame is that of a packet of the
// source.
const Unknown Form = "unknown"

// Forms lists every Form that a caller can ask for.
var Forms = []Form{Copies, Frames}

// A File is a capture that can be read more than once.
type File struct {
	Name string
	Open func() (capture.Source, error)
}

// Input is what is compared.
type Input struct {
	Source    File
	Direction mirror.Direction // of every packet of the source; "": each packet shows its own
	Sensors   []File
	Form      Form     // of the sensors; "": found by looking
	Ports     []uint16 // of VXLAN; nil: 4789
	Sessions  []int    // whose copies the sensors should have; nil: all

	// SensorsComplete says that the captures of the sensors cover the whole time of the source's. Else
	// they cover the time from their first to their last packet.
	SensorsComplete bool

	// Configuration is the name of the file with the sessions, for explanations.
	Configuration string

	// HidesNames leaves the names of files out of the report: they may have IP addresses.
	HidesNames bool

	// Window is how much later than the others a copy may arrive; 0: DefaultWindow.
	Window time.Duration
}

// DefaultWindow is the default of Input.Window.
const DefaultWindow = time.Second

// maxPending is how many packets are held at most. If more arrive in the window, it is shorter.
const maxPending = 300_000

// maxPendingBytes is how many bytes of packets are held at most, nearly.
const maxPendingBytes = 256 << 20

// checkEvery is how many packets are read between two checks of the context.
const checkEvery = 4096

// ErrNothingJudged says that the captures have no copy of which it is known whether it is right.
var ErrNothingJudged = errors.New("nothing was judged: the captures have no copy of which it is known whether it is right")

// ErrIncomplete says that copies may be missing, and that it is not known.
var ErrIncomplete = errors.New("it is not known whether all copies arrived. " +
	"If the sensors' captures cover the whole time of the source's, write --sensors-complete, and leave out a sensor of which nothing is known. Otherwise take the captures again: begin first at the sensor, and end there last")

// Run compares the captures. The error is ErrNothingJudged if nothing was judged, and ErrIncomplete
// if copies may be missing: the report then says why.
func Run(ctx context.Context, source *dataplane.Source, in Input) (*Report, error) {
	if in.Window == 0 {
		in.Window = DefaultWindow
	}
	v := newVerifier(source, in)
	if err := v.survey(ctx); err != nil {
		return nil, err
	}
	if err := v.compare(ctx); err != nil {
		return nil, err
	}
	if in.HidesNames {
		v.hideNames()
	}
	report := reporter{v}.report()
	switch report.Result {
	case NothingJudged:
		return report, ErrNothingJudged
	case Incomplete:
		return report, ErrIncomplete
	}
	return report, nil
}

func (v *verifier) hideNames() {
	v.in.Source.Name, v.in.Configuration = "source", ""
	for i, s := range v.sensors {
		s.file.Name = fmt.Sprintf("sensor-%d", i)
	}
}

// verifier is the state of Run.
type verifier struct {
	in           Input
	source       *dataplane.Source
	iface        mirror.Interface
	sessions     map[int]*sessionState
	alternatives []*alternative
	covered      map[int]bool // sessions; nil: all
	prefix       int          // how many bytes of a packet are a part of its key
	origin       *origin
	sensors      []*sensor
	queue        queue
	results      *results
}

// sessionState is what is known of a session.
type sessionState struct {
	vni      uint32
	knowsVNI bool // false: the next copy of the session shows it (assumption A0120)
	learned  bool // a copy has shown it
}

func newVerifier(source *dataplane.Source, in Input) *verifier {
	iface, sessions, options := dataplane.Given(source)
	v := &verifier{in: in, source: source, iface: iface, sessions: map[int]*sessionState{}, prefix: headLength, results: newResults()}
	for _, s := range sessions {
		state := &sessionState{}
		if s.VirtualNetworkID != nil {
			state.vni, state.knowsVNI = uint32(*s.VirtualNetworkID), true
		}
		v.sessions[s.Number] = state
	}
	if in.Sessions != nil {
		v.covered = map[int]bool{}
		for _, number := range in.Sessions {
			v.covered[number] = true
		}
	}
	v.alternatives = newAlternatives(iface, sessions, options)
	v.origin = &origin{file: in.Source}
	for i, file := range in.Sensors {
		v.sensors = append(v.sensors, &sensor{index: i, file: file, form: in.Form})
	}
	v.queue.init(in.Window.Nanoseconds())
	return v
}

// each reads a file to its end.
func each(ctx context.Context, file File, take func(*capture.Record)) error {
	reader, err := file.Open()
	if err != nil {
		return err
	}
	var record capture.Record
	for n := 0; ; n++ {
		err := reader.Next(&record)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case (err != nil || n%checkEvery == 0) && ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return fmt.Errorf("%s: %w", file.Name, err)
		}
		take(&record)
	}
}
