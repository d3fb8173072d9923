// Package capture reads and writes capture files as streams: classic pcap and
// pcapng in, also compressed with gzip or zstd, and both formats out. Its memory does not grow
// with the length of a file.
//
// It is strict: it returns every record before a damage, and then an error with
// the number of the record and its offset. It does not look into packets: package
// packet does that.
//
// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html and
// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html
package capture

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// MaxCaptured is the maximum number of bytes in a record, as in libpcap
// (MAXIMUM_SNAPLEN).
const MaxCaptured = 262144

// A Source has records, one after the other. A Reader is one.
type Source interface {
	// Next reads the next record into rec. It returns io.EOF after the last one, and the same error
	// again after an error.
	Next(rec *Record) error
}

// Record is a captured packet.
type Record struct {
	Number  int64  // in the file, from 1
	File    string // the name of the file, of a Merger; "" otherwise
	Data    []byte // valid until the next record is read
	Wire    int    // length of the packet before the capture cut it; at least the length of Data
	Link    packet.LinkType
	Heading packet.Heading // of pcapng; HeadingUnknown if the file does not say

	// Nanoseconds is the time since 1970 UTC. It is 0 in a simple packet block of
	// pcapng, which has no time.
	Nanoseconds int64
}

// Decode reads the packet of the record into p. A heading in the capture file
// overrides that of the link header.
func (r *Record) Decode(p *packet.Packet) {
	p.Decode(r.Data, r.Link)
	if r.Heading != packet.HeadingUnknown {
		p.Heading = r.Heading
	}
}

// A FormatError says where and how a capture file is damaged.
type FormatError struct {
	Record int64 // the record that could not be read, from 1; 0: the header of the file
	Offset int64 // where the record or the block begins in the file, after unpacking
	Err    error
}

// Error returns the damage on one line.
func (e *FormatError) Error() string {
	if e.Record == 0 {
		return fmt.Sprintf("the capture's header, at byte %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("record %d of the capture, at byte %d: %v", e.Record, e.Offset, e.Err)
}

// Unwrap returns what is wrong, or the error of reading the file.
func (e *FormatError) Unwrap() error { return e.Err }
