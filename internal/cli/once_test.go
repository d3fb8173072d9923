package cli_test

import (
	"strings"
	"testing"
)

// A flag that is given twice is an error, unless it is a list: a library would take the last one.
func TestRepeatedFlags(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string // in the error
	}{
		"output":  {[]string{"simulate", "--flows", "a.csv", "--flows", "b.csv"}, `invalid argument "b.csv" for "--flows" flag: the flag is given twice. Write it once`},
		"bool":    {[]string{"simulate", "--json", "--json"}, "the flag is given twice"},
		"below":   {[]string{"emulator", "dump", "--path", "a", "--path", "b"}, "the flag is given twice"},
		"list":    {[]string{"simulate", "--in", "missing-a.pcap", "--in", "missing-b.pcap", "--config", "missing.json"}, "missing.json"},
		"adds":    {[]string{"emulator", "--quota", "sources-per-target=1", "--quota", "sources-per-target=2", "--secret-key", "x"}, "--access-key"},
		"default": {[]string{"simulate", "--format", "csv", "--format", "csv"}, "the flag is given twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _, stderr := run(t, c.args...)
			if status == 0 || !strings.Contains(stderr, c.want) {
				t.Errorf("status %d, %s", status, stderr)
			}
		})
	}
}
