package provider

import "sync/atomic"

// changes remembers whether this plan or this apply changes an object of traffic
// mirroring. What rests on all of them, a simulation, cannot know its result then.
// Terraform asks for it after the objects that it depends on.
type changes struct{ any atomic.Bool }

// note is called when an object is about to change, or has changed.
func (c *changes) note() { c.any.Store(true) }

func (c *changes) seen() bool { return c.any.Load() }
