package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/decapsulation"
)

// copySocket is a UDP socket that receives copies. Each datagram begins with a VXLAN or GENEVE header.
type copySocket struct {
	received chan datagram
	empty    chan []byte
	last     []byte // in use until the next call
	unwrap   *decapsulation.Decapsulator
	local    netip.AddrPort
	left     int64 // packets; below 0: no limit
}

type datagram struct {
	buf         []byte
	n           int
	from        netip.Addr
	nanoseconds int64
	err         error
}

// queued is how many datagrams wait at most for being written.
const queued = 256

// maxDatagram is the length of the longest UDP datagram, in bytes.
const maxDatagram = 65535

// kernelBuffer is how many bytes the kernel is asked to hold for the socket.
const kernelBuffer = 8 << 20

// openSocket listens. The function that it returns closes the socket.
func (f decapFlags) openSocket(ctx context.Context, stderr io.Writer) (copySource, func(), error) {
	address := f.listen
	if host, port, err := net.SplitHostPort(address); err == nil && host == "" {
		address = net.JoinHostPort("127.0.0.1", port)
	} else if err != nil && !strings.Contains(address, ":") {
		address = net.JoinHostPort("127.0.0.1", address) // only a port
	}
	local, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, nil, fmt.Errorf("--listen is %q. Write an address and a port, such as 127.0.0.1:4789", f.listen)
	}
	conn, err := net.ListenUDP("udp", local)
	if err != nil {
		return nil, nil, fmt.Errorf("--listen: %w", err)
	}
	_ = conn.SetReadBuffer(kernelBuffer) // a smaller one only loses packets earlier
	if f.lasts > 0 {
		_ = conn.SetReadDeadline(time.Now().Add(f.lasts))
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(0, 1)) })
	fmt.Fprintf(stderr, "Listening on UDP %s.\n", conn.LocalAddr())
	s := &copySocket{received: make(chan datagram, queued), empty: make(chan []byte, queued), unwrap: decapsulation.New(f.options()), left: -1}
	s.local = conn.LocalAddr().(*net.UDPAddr).AddrPort()
	if f.packets > 0 {
		s.left = f.packets
	}
	for range queued {
		s.empty <- make([]byte, maxDatagram)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.receive(conn)
	}()
	return s, func() {
		stop()
		_ = conn.Close()
		for { // the receiver may wait for a place
			select {
			case <-s.received:
			case <-done:
				return
			}
		}
	}, nil
}

// receive reads datagrams until an error.
func (s *copySocket) receive(conn *net.UDPConn) {
	for {
		var buf []byte
		select {
		case buf = <-s.empty:
		default:
			buf = make([]byte, maxDatagram)
		}
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		s.received <- datagram{buf, n, from.Addr().Unmap(), time.Now().UnixNano(), err}
		if err != nil {
			return
		}
	}
}

func (s *copySocket) isWaiting() bool { return len(s.received) == 0 }

func (s *copySocket) next(d *decapsulated) error {
	if s.left == 0 {
		return io.EOF
	}
	if s.last != nil {
		select {
		case s.empty <- s.last:
		default:
		}
		s.last = nil
	}
	got := <-s.received
	switch {
	case errors.Is(got.err, os.ErrDeadlineExceeded): // the time is over, or an interrupt
		return io.EOF
	case got.err != nil:
		return fmt.Errorf("--listen: %w", got.err)
	}
	s.left--
	s.last = got.buf
	d.Copy, d.reason = s.unwrap.DecapsulateDatagram(got.buf[:got.n], got.from, s.local)
	d.nanoseconds = got.nanoseconds
	return nil
}
