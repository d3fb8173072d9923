// Package sample draws the part of the long tests that make test runs. The sample of a day is
// not that of the next, so that all of them run in time.
package sample

import (
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"testing"
	"time"
)

// All reports whether there is no sample: make test-long runs everything.
func All() bool { return os.Getenv("TRAFFICMIRROR_LONG") != "" }

// Seed returns the seed of today, or the one of $TRAFFICMIRROR_SEED, to repeat a failure.
func Seed(t testing.TB) uint64 {
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

// Has reports whether a test is in a sample of one in so many tests.
func Has(t testing.TB, of uint64) bool {
	t.Helper()
	if All() {
		return true
	}
	seed := Seed(t)
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

// IsTurn reports whether one of so many parts runs today. In that many days, each part has one
// turn. With All, every part runs.
func IsTurn(t testing.TB, part, of int) bool {
	t.Helper()
	if All() {
		return true
	}
	seed := Seed(t)
	if uint64(part)%uint64(of) != seed%uint64(of) {
		return false
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("This test has its turn with TRAFFICMIRROR_SEED=%d.", seed)
		}
	})
	return true
}

// SkipUnlessTurn skips a test that does not run today.
func SkipUnlessTurn(t testing.TB, part, of int) {
	t.Helper()
	if !IsTurn(t, part, of) {
		t.Skip("it is not its turn today: make test-long runs it")
	}
}

// SkipUnless skips a test that is not in a sample of one in so many tests.
func SkipUnless(t testing.TB, of uint64) {
	t.Helper()
	if !Has(t, of) {
		t.Skip("not in the sample of the day: make test-long runs it")
	}
}
