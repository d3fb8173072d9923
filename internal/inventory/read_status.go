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
	a = a.KeepingAbsent() // many sessions have one target
	readSource(ctx, a, s, &facts)
	readTarget(ctx, a, s, &facts)
	return StatusOf(s, facts)
}

// notShown begins a sentence about an object that EC2 does not show.
const notShown = "EC2 does not show "

// factsOfSource returns what decides about the status of the sessions of a source.
func factsOfSource(s Source) SessionFacts {
	return SessionFacts{Source: s.Mirror(), InstanceState: s.Instance.State}
}

// unread notes that an object could not be read.
func (f *SessionFacts) unread(id string, err error) {
	text := notShown + id
	if !account.IsNotFound(err) {
		text = fmt.Sprintf("EC2 could not be asked about %s (%s)", id, cmp.Or(account.Code(err), "no answer"))
	}
	f.Unread = append(f.Unread, text)
}

func readSource(ctx context.Context, a *account.Account, s mirror.Session, facts *SessionFacts) {
	var source Source
	source.Interface.Interface, source.Instance = facts.read(ctx, a, s.InterfaceID)
	// Only an interface in an IPv6-only subnet has only IPv6 addresses. Other
	// subnets need not be read.
	if i := source.Interface; i.SubnetID != "" && !i.PrivateIPAddress.IsValid() && len(i.IPv6Addresses) > 0 {
		source.Subnet, _ = a.Subnet(ctx, i.SubnetID) // without an answer, it may have IPv4
	}
	unread := facts.Unread
	*facts = factsOfSource(source)
	facts.Unread = unread
}

// read returns an interface and its instance, as far as EC2 shows them.
func (f *SessionFacts) read(ctx context.Context, a *account.Account, id string) (i mirror.Interface, instance account.Instance) {
	i, err := a.Interface(ctx, id)
	if err != nil {
		f.unread(id, err)
		return mirror.Interface{}, instance
	}
	if i.InstanceID == "" {
		return i, instance
	}
	if instance, err = a.Instance(ctx, i.InstanceID); err != nil {
		f.unread(i.InstanceID, err)
	}
	return i, instance
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
	if target.Noun.InterfaceID != "" && !endpoints[0].Gone {
		var receiver SessionFacts
		i, instance := receiver.read(ctx, a, target.Noun.InterfaceID)
		facts.Receiver, facts.UnreadReceiver = mirror.Receiver{Interface: i, InstanceState: instance.State}, receiver.Unread
	}
}
