package provider

import "time"

// SetSettlingTime shortens the wait for new objects, for tests that delete them.
func SetSettlingTime(d time.Duration) { settlingTime = d }
