package provider

import "time"

// SetSettlingTime shortens the wait for new objects, for tests that delete them.
func SetSettlingTime(d time.Duration) { settlingTime = d }

// SetLongestBackoff shortens the pauses between tries, for tests under faults.
func SetLongestBackoff(d time.Duration) { longestBackoff = d }

// SetPatience shortens the wait for a number that nobody gives up.
func SetPatience(d time.Duration) { patience = d }
