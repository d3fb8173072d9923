package plugin

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// enoughHeap is how many bytes the heap may have before garbage is collected. Most runs need
// less, and end before a collection would pay.
const enoughHeap = 32 << 20

// collectLate sets the garbage collector for a process that lives for seconds: the heap
// grows to enoughHeap at least, and where twice what is alive is more, to that, which is
// Go's own rule. So the memory of a large plan is what it would be anyway. Who sets GOGC or
// GOMEMLIMIT decides.
func collectLate() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	afterEachCollection(func() { debug.SetGCPercent(percent(alive())) })
	debug.SetGCPercent(percent(alive()))
}

// percent returns the value of GOGC with which the next collection begins at enoughHeap.
func percent(alive uint64) int {
	const (
		usual = 100
		// Go never collects below this many bytes for each 100 percent.
		least = 4 << 20
	)
	if alive == 0 || alive > enoughHeap/2 {
		return usual
	}
	return int(min((enoughHeap-alive)*usual/alive, enoughHeap*usual/least))
}

// alive returns how many bytes the last collection has left.
func alive() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}

// afterEachCollection calls f after each collection: each finds an object that nothing
// refers to, and leaves a new one behind.
func afterEachCollection(f func()) {
	type garbage struct{ _ [16]byte }
	var leave func()
	leave = func() {
		runtime.SetFinalizer(&garbage{}, func(*garbage) {
			f()
			leave()
		})
	}
	leave()
}
