package inventory

import (
	"cmp"
	"context"
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ReadStatus reads what decides about the status of a session that EC2 has. What EC2 does not
// show is unknown, and never an error: a session can be read without a permission for its
// interface.
func ReadStatus(ctx context.Context, a *account.Account, s mirror.Session) (Status, string) {
	var facts SessionFacts
	readSource(ctx, a, s, &facts)
	readTarget(ctx, a, s, &facts)
	return StatusOf(s, facts)
}

// unread notes that an object could not be read.
func (f *SessionFacts) unread(id string, err error) {
	text := "EC2 does not show " + id
	if !account.IsNotFound(err) {
		text = fmt.Sprintf("EC2 could not be asked about %s (%s)", id, cmp.Or(account.Code(err), "no answer"))
	}
	f.Unread = append(f.Unread, text)
}

func readSource(ctx context.Context, a *account.Account, s mirror.Session, facts *SessionFacts) {
	source, err := a.Interface(ctx, s.InterfaceID)
	if err != nil {
		facts.unread(s.InterfaceID, err)
		return
	}
	facts.Source.Interface = source
	if source.InstanceID == "" {
		return
	}
	instance, err := a.Instance(ctx, source.InstanceID)
	if err != nil {
		facts.unread(source.InstanceID, err)
		return
	}
	facts.Source.InstanceType, facts.InstanceState = instance.Type, instance.State
}

func readTarget(ctx context.Context, a *account.Account, s mirror.Session, facts *SessionFacts) {
	target, err := a.Target(ctx, s.TargetID)
	switch {
	case account.IsNotFound(err):
		facts.TargetMissing = true
		return
	case err != nil:
		facts.unread(s.TargetID, err)
		return
	}
	// Without an ID of its own, this account is most likely that of the session.
	endpoints, err := a.Endpoints(ctx, cmp.Or(a.ID, s.OwnerID), target.Noun)
	if err != nil {
		facts.unread("what backs "+s.TargetID, err)
		return
	}
	facts.Target = &endpoints[0]
}
