package provider_test

import (
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// newProvider makes the provider as it is, but for its times: what takes it ten seconds
// takes it one here. It waits for EC2 as long as usual, because this machine may be slow.
var newProvider = provider.NewWithTiming("test", provider.Timing{Clock: fastClock{}, LongestBackoff: 100 * time.Millisecond, Patience: 100 * time.Second})

// fastClock runs ten times as fast as the clock of the machine. Its times are the same in
// every process, because the provider keeps some of them in the state.
type fastClock struct{}

const speed = 10

func (fastClock) Now() time.Time {
	now := time.Now()
	return time.Unix(now.Unix()*speed, int64(now.Nanosecond())*speed)
}

func (fastClock) AfterFunc(d time.Duration, f func()) { time.AfterFunc(d/speed, f) }
