package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// randomID returns an ID like those of EC2: 17 hexadecimal digits, the first a 0.
func randomID(prefix string) string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return prefix + "0" + hex.EncodeToString(b[:])
}

// randomUUID returns a UUID of version 4 (RFC 9562).
func randomUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0F | 0x40
	b[8] = b[8]&0x3F | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// draw returns a random number of a range.
func draw(r mirror.Range) int { return int(r.Min + mathrand.Int64N(r.Max-r.Min+1)) }
