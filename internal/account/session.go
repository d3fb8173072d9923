package account

import (
	"cmp"
	"context"
	"sort"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var sessionSource = &source{
	kind: mirror.KindSession, idField: "traffic-mirror-session-id", isOwn: true,
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeSessions(ctx, &ec2.DescribeTrafficMirrorSessionsInput{
			TrafficMirrorSessionIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, s := range out.TrafficMirrorSessions {
			page.add(s.TrafficMirrorSessionId, sessionOf(s), s.Tags, nil)
		}
		return page, nil
	},
	value: func(noun any, condition string) (string, bool) {
		s, _ := noun.(mirror.Session)
		switch condition {
		case onInterface:
			return s.InterfaceID, true
		case ofTarget:
			return s.TargetID, true
		case ofFilter:
			return s.FilterID, true
		}
		return "", false
	},
}

// Session returns a session.
func (a *Account) Session(ctx context.Context, id string) (Tagged[mirror.Session], error) {
	return readOne[mirror.Session](ctx, a, sessionSource, id)
}

// Sessions lists the sessions that match every condition, by interface and, on one
// interface, in the order in which they are tried.
func (a *Account) Sessions(ctx context.Context, where ...Where) ([]mirror.Session, error) {
	all, err := a.TaggedSessions(ctx, where...)
	return nouns(all), err
}

// TaggedSessions is Sessions, with tags.
func (a *Account) TaggedSessions(ctx context.Context, where ...Where) ([]Tagged[mirror.Session], error) {
	found, err := readAll(ctx, a, sessionSource, where)
	all := taggedOf[mirror.Session](a, found)
	sort.Slice(all, func(i, j int) bool { return IsTriedBefore(all[i].Noun, all[j].Noun) })
	return all, err
}

// IsTriedBefore orders sessions: by interface, then as EC2 tries them.
func IsTriedBefore(x, y mirror.Session) bool {
	return cmp.Or(cmp.Compare(x.InterfaceID, y.InterfaceID), cmp.Compare(x.Number, y.Number), cmp.Compare(x.ID, y.ID)) < 0
}

// CorrectSessions corrects a listing of sessions that was read, maybe a while ago, by what this
// run has written.
func (a *Account) CorrectSessions(read []mirror.Session, where ...Where) []mirror.Session {
	items := make([]item, len(read))
	for i, s := range read {
		items[i] = item{id: s.ID, noun: s}
	}
	var sessions []mirror.Session
	for _, i := range a.written.correctAll(mirror.KindSession, items, func(i item) bool { return sessionSource.meets(i, where) }) {
		sessions = append(sessions, i.noun.(mirror.Session))
	}
	sort.Slice(sessions, func(i, j int) bool { return IsTriedBefore(sessions[i], sessions[j]) })
	return sessions
}

// CreateSession creates a session.
func (a *Account) CreateSession(ctx context.Context, s mirror.Session, tags map[string]string, token Token) (Tagged[mirror.Session], error) {
	in := &ec2.CreateTrafficMirrorSessionInput{
		ClientToken:           aws.String(string(token)),
		NetworkInterfaceId:    aws.String(s.InterfaceID),
		TrafficMirrorTargetId: aws.String(s.TargetID),
		TrafficMirrorFilterId: aws.String(s.FilterID),
		SessionNumber:         aws.Int32(int32(s.Number)),
		PacketLength:          intRequest(s.PacketLength),
		VirtualNetworkId:      intRequest(s.VirtualNetworkID),
		Description:           textRequest(s.Description),
		TagSpecifications:     tagRequest(mirror.KindSession, tags),
	}
	var out *ec2.CreateTrafficMirrorSessionOutput
	a.beginWrite()
	err := a.untilVisible(ctx, func() (err error) {
		out, err = a.ec2.createSession(ctx, in, a.options...)
		return err
	}, s.TargetID, s.FilterID)
	if err != nil {
		return Tagged[mirror.Session]{}, err
	}
	created := Tagged[mirror.Session]{sessionOf(*out.TrafficMirrorSession), tagsOf(out.TrafficMirrorSession.Tags)}
	a.written.create(mirror.KindSession, created.Noun.ID, created.Noun, created.Tags)
	return created, nil
}

// ModifySession makes the present session like the wanted one, and returns what it has
// become. It makes no call where nothing differs. A packet length or a description
// that is not wanted is removed. A VNI that is not wanted is kept, because a session
// always has one. newVNI makes EC2 choose another.
func (a *Account) ModifySession(ctx context.Context, present, wanted mirror.Session, newVNI bool) (mirror.Session, error) {
	in := modifySessionInput(present, wanted, newVNI)
	if in == nil {
		return present, nil
	}
	return a.modify(ctx, present, in)
}

// SessionsDiffer reports whether ModifySession makes a call.
func SessionsDiffer(present, wanted mirror.Session, newVNI bool) bool {
	return modifySessionInput(present, wanted, newVNI) != nil
}

// NumberSession gives a session another number.
func (a *Account) NumberSession(ctx context.Context, s mirror.Session, number int) (mirror.Session, error) {
	return a.modify(ctx, s, &ec2.ModifyTrafficMirrorSessionInput{TrafficMirrorSessionId: &s.ID, SessionNumber: aws.Int32(int32(number))})
}

// PointSession gives a session another target.
func (a *Account) PointSession(ctx context.Context, s mirror.Session, targetID string) (mirror.Session, error) {
	return a.modify(ctx, s, &ec2.ModifyTrafficMirrorSessionInput{TrafficMirrorSessionId: &s.ID, TrafficMirrorTargetId: &targetID})
}

func (a *Account) modify(ctx context.Context, s mirror.Session, in *ec2.ModifyTrafficMirrorSessionInput) (mirror.Session, error) {
	changed := s
	err := a.modifyObject(ctx, mirror.KindSession, s.ID, func() (any, error) {
		out, err := a.ec2.modifySession(ctx, in, a.options...)
		if err != nil {
			return nil, err
		}
		changed = sessionOf(*out.TrafficMirrorSession)
		return changed, nil
	}, aws.ToString(in.TrafficMirrorTargetId), aws.ToString(in.TrafficMirrorFilterId))
	return changed, err
}

func modifySessionInput(present, wanted mirror.Session, newVNI bool) *ec2.ModifyTrafficMirrorSessionInput {
	in := &ec2.ModifyTrafficMirrorSessionInput{
		TrafficMirrorSessionId: aws.String(present.ID),
		TrafficMirrorTargetId:  aws.String(wanted.TargetID),
		TrafficMirrorFilterId:  aws.String(wanted.FilterID),
		SessionNumber:          aws.Int32(int32(wanted.Number)),
		PacketLength:           intRequest(wanted.PacketLength),
		VirtualNetworkId:       intRequest(wanted.VirtualNetworkID),
		Description:            textRequest(wanted.Description),
	}
	remove := func(field types.TrafficMirrorSessionField, condition bool) {
		if condition {
			in.RemoveFields = append(in.RemoveFields, field)
		}
	}
	remove(types.TrafficMirrorSessionFieldPacketLength, wanted.PacketLength == nil && present.PacketLength != nil)
	remove(types.TrafficMirrorSessionFieldDescription, wanted.Description == "" && present.Description != "")
	remove(types.TrafficMirrorSessionFieldVirtualNetworkId, newVNI)
	differ := func(wanted, present *int) bool { return wanted != nil && (present == nil || *wanted != *present) }
	unchanged := wanted.TargetID == present.TargetID && wanted.FilterID == present.FilterID &&
		wanted.Number == present.Number && wanted.Description == present.Description &&
		!differ(wanted.PacketLength, present.PacketLength) && !differ(wanted.VirtualNetworkID, present.VirtualNetworkID)
	if unchanged && in.RemoveFields == nil {
		return nil
	}
	return in
}

// DeleteSession deletes a session, which may be gone already. created is when it was
// created, or the zero time if that is not known.
func (a *Account) DeleteSession(ctx context.Context, id string, created time.Time) error {
	return a.deleteObject(ctx, mirror.KindSession, id, created, func() error {
		_, err := a.ec2.deleteSession(ctx, &ec2.DeleteTrafficMirrorSessionInput{TrafficMirrorSessionId: &id}, a.options...)
		return err
	})
}

func sessionOf(s types.TrafficMirrorSession) mirror.Session {
	return mirror.Session{
		ID:               aws.ToString(s.TrafficMirrorSessionId),
		OwnerID:          aws.ToString(s.OwnerId),
		InterfaceID:      aws.ToString(s.NetworkInterfaceId),
		TargetID:         aws.ToString(s.TrafficMirrorTargetId),
		FilterID:         aws.ToString(s.TrafficMirrorFilterId),
		Number:           int(aws.ToInt32(s.SessionNumber)),
		PacketLength:     intOf(s.PacketLength),
		VirtualNetworkID: intOf(s.VirtualNetworkId),
		Description:      aws.ToString(s.Description),
	}
}

func intOf(n *int32) *int {
	if n == nil {
		return nil
	}
	return new(int(*n))
}

func intRequest(n *int) *int32 {
	if n == nil {
		return nil
	}
	return aws.Int32(int32(*n))
}
