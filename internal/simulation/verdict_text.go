package simulation

import (
	"unicode/utf8"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// protocolNames has the name of each protocol: its number if it has no name. A conversion for
// each packet would take memory.
var protocolNames = func() (names [256]string) {
	for n := range names {
		names[n] = mirror.Protocol(n).String()
	}
	return names
}()

// appendText appends a key and a text as a JSON string; nothing for "".
func appendText(b []byte, key, text string) []byte {
	if text == "" {
		return b
	}
	return appendString(append(b, key...), text)
}

// appendString appends a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendString(b []byte, text string) []byte {
	const hexadecimal = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ' || r == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hexadecimal[r>>4], hexadecimal[r&0xf])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
