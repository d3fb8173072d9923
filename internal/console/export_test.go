package console

import "time"

// ShareLast has the pages of the next minute share the last snapshot, as if it had taken long to read.
func (c *Console) ShareLast() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastTook = time.Minute
}
