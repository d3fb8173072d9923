package provider

import (
	"context"
	"time"
)

// backingTaken are the codes with which EC2 refuses a backing that is in use.
var backingTaken = []string{"InterfaceInUseByTrafficMirrorTarget", "InterfaceInUseByTrafficMirrorSession", "NlbInUseByTrafficMirrorTargetException"}

// vacated calls f until the backing of a target is free: another target may give it
// up in the same run, or the sessions of an interface, and nothing orders the two.
// It gives up when its patience is over.
func (c *Client) vacated(ctx context.Context, f func() error) error {
	end := time.Now().Add(patience)
	return waitOut(ctx, func(err error) bool { return hasCode(err, backingTaken...) && time.Now().Before(end) }, f)
}
