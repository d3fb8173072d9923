package provider_test

import (
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"testing"
	"time"
)

// inSample reports whether a test is in a sample of one in so many. The sample of a day is
// not that of the next; $TRAFFICMIRROR_SEED repeats one. With TRAFFICMIRROR_LONG, every test
// is in it.
func inSample(t *testing.T, of uint64) bool {
	t.Helper()
	if os.Getenv("TRAFFICMIRROR_LONG") != "" {
		return true
	}
	seed := sampleSeed(t)
	hash := fnv.New64a()
	fmt.Fprint(hash, t.Name(), seed)
	if hash.Sum64()%of != 0 {
		return false
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("This test is in the sample of TRAFFICMIRROR_SEED=%d.", seed)
		}
	})
	return true
}

// skipUnlessSampled skips a test that is not in a sample: make test-long runs all.
func skipUnlessSampled(t *testing.T, of uint64) {
	t.Helper()
	if !inSample(t, of) {
		t.Skip("not in the sample of the day: make test-long runs it")
	}
}

// sampleSeed returns the seed of today, or $TRAFFICMIRROR_SEED.
func sampleSeed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("TRAFFICMIRROR_SEED")
	if text == "" {
		return uint64(time.Now().Unix() / (24 * 60 * 60))
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("TRAFFICMIRROR_SEED: %v", err)
	}
	return seed
}
