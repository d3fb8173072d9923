package capture

import (
	"path/filepath"
	"strings"
)

// Format is a format of capture files.
type Format string

// The formats.
const (
	Pcap   Format = "pcap"
	Pcapng Format = "pcapng"
)

// Formats lists every Format.
var Formats = []Format{Pcap, Pcapng}

// FormatOf returns the format in which a file is written: Pcapng if its name ends with
// ".pcapng", otherwise Pcap.
func FormatOf(path string) Format {
	if strings.EqualFold(filepath.Ext(path), "."+string(Pcapng)) {
		return Pcapng
	}
	return Pcap
}
