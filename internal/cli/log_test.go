package cli

import (
	"bytes"
	"regexp"
	"testing"
)

func TestLogger(t *testing.T) {
	t.Parallel()
	for verbose, want := range map[bool]string{
		false: `^\S+ \[WARN\]  trafficmirror: slow: region=eu-west-1 ms=30\n$`,
		true:  `^\S+ \[DEBUG\] trafficmirror: asked: region=eu-west-1 action=DescribeTags\n\S+ \[WARN\]  trafficmirror: slow: region=eu-west-1 ms=30\n$`,
	} {
		var out bytes.Buffer
		logger := newLogger(&out, verbose).With("region", "eu-west-1")
		logger.Debug("asked", "action", "DescribeTags")
		logger.Warn("slow", "ms", 30)
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("verbose %t: %q", verbose, out.String())
		}
	}
}
