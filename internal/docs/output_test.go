package docs

import "testing"

func TestMatchOutput(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		shown, output string
		matches       bool
	}{
		"the same":                 {"a b\nc", "a b\nc\n", true},
		"white space":              {"a   b\nc", "a b c", true},
		"something else":           {"a b", "a c", false},
		"more before":              {"b", "a b", false},
		"more after":               {"a", "a b", false},
		"nothing":                  {"a", "", false},
		"any lines before":         {"...\nb", "a\na\nb", true},
		"any lines after":          {"a\n...", "a\nb", true},
		"any lines between":        {"a\n...\nc", "a\nb\nc", true},
		"no line between":          {"a\n...\nc", "a\nc", true},
		"not in this order":        {"...\nb\n...\na\n...", "a\nb", false},
		"in the middle of a line":  {"...\nb", "a\na b", false},
		"another interface":        {"eni-0123456789abcdef0", "eni-0aaaaaaaaaaaaaaa1", false},
		"dots in a line":           {"a ... c", "a b c", false},
		"another ID":               {"tmf-0123456789abcdef0 is there", "tmf-0aaaaaaaaaaaaaaa1 is there", true},
		"an ID of another kind":    {"tmf-0123456789abcdef0", "tmt-0123456789abcdef0", false},
		"another folder":           {"see /home/you/mirrored.pcap", "see /tmp/TestX1/001/mirrored.pcap", true},
		"another file":             {"see /home/you/mirrored.pcap", "see /tmp/TestX1/001/report.pcap", false},
		"a prefix length":          {"10.0.0.0/8", "10.0.0.0/16", false},
		"colour":                   {"Error: no", "\x1b[31mError:\x1b[0m no", true},
		"the frame of a diagnosis": {"Error: no", "╷\n│ Error: no\n╵\n", true},
	} {
		if err := matchOutput(test.shown, test.output); (err == nil) != test.matches {
			t.Errorf("%s: %v", name, err)
		}
	}
}
