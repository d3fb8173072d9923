// Package capture reads and writes capture files as streams: classic pcap and
// pcapng in, also compressed with gzip, and classic pcap out. Its memory does not
// grow with the length of a file.
//
// It is strict. A file that is damaged gives every record in front of the damage,
// and then an error that names the record and the offset. It does not look into
// packets: package packet does.
//
// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html and
// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html
package capture

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// MaxCaptured is the most bytes that a record may hold, as in libpcap
// (MAXIMUM_SNAPLEN).
const MaxCaptured = 262144

// Record is a captured packet.
type Record struct {
	Number  int64  // in the file, from 1
	Data    []byte // valid until the next record is read
	Wire    int    // the packet's length before the capture cut it; never less than that of Data
	Link    packet.LinkType
	Heading packet.Heading // of pcapng; unknown where the file does not say

	// Nanoseconds is the time since 1970 UTC, 0 where the file does not say: a
	// simple packet block has no time.
	Nanoseconds int64
}

// Decode reads the packet of the record into p. The heading that the capture
// file states goes before that of the link header.
func (r *Record) Decode(p *packet.Packet) {
	p.Decode(r.Data, r.Link)
	if r.Heading != packet.HeadingUnknown {
		p.Heading = r.Heading
	}
}

// A FormatError says where a capture file is damaged, and how.
type FormatError struct {
	Record int64 // the record that could not be read, from 1; 0: the head of the file
	Offset int64 // where the record or the block begins in the file, which for gzip is what it unpacks to
	Err    error
}

// Error words the damage as one line.
func (e *FormatError) Error() string {
	if e.Record == 0 {
		return fmt.Sprintf("the capture's header, at byte %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("record %d of the capture, at byte %d: %v", e.Record, e.Offset, e.Err)
}

// Unwrap returns what is wrong, or what reading the file failed with.
func (e *FormatError) Unwrap() error { return e.Err }
