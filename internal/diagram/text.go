package diagram

import (
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// words says what a plan does with an object, or returns "".
func (c Change) words() string {
	switch c {
	case Created:
		return "will be created"
	case Updated:
		return "will change"
	case Replaced:
		return "will be replaced"
	case Deleted:
		return "will be deleted"
	case Forgotten:
		return "leaves the state, stays in EC2"
	}
	return ""
}

// marks are the lines that say what a plan does with an object.
func (o *Object) marks() []string {
	if words := o.Change.words(); words != "" {
		return []string{words}
	}
	return nil
}

// ids are the address and the ID as lines, as far as the title does not have them.
func (b *builder) ids(o *Object, title string) []string {
	if !b.world.HasIDs {
		return nil
	}
	var lines []string
	for _, id := range []string{o.Address, o.ID} {
		if id != title && !slices.Contains(lines, id) {
			lines = append(lines, id)
		}
	}
	return lines
}

func (b *builder) interfaceNode(i *Interface) Node {
	n := Node{Column: ColumnInterface, Title: i.title(), More: i.Reason, Tone: i.Tone, Marks: i.marks(), Change: i.Change, Href: i.Href, key: i.ID}
	n.Notes = b.ids(&i.Object, n.Title)
	if b.world.HasIDs && i.InstanceID != i.Address {
		n.Notes = append(n.Notes, i.InstanceID)
	}
	if b.world.HasIDs {
		n.Notes = append(n.Notes, i.SubnetID)
	}
	n.Notes = slices.Concat(n.Notes, []string{i.Hidden, i.Word}, i.Old)
	return n
}

func (b *builder) sessionNode(s *Session) Node {
	n := Node{Column: ColumnSession, Title: sessionTitle(s.Name, s.Number), More: s.Reason, Tone: s.Tone, Marks: s.marks(), Change: s.Change, Href: s.Href, key: s.ID}
	n.Notes = b.ids(&s.Object, n.Title)
	if s.VNI != nil {
		n.Notes = append(n.Notes, "VNI "+strconv.Itoa(*s.VNI))
	}
	if s.PacketLength != nil {
		n.Notes = append(n.Notes, "packet length "+strconv.Itoa(*s.PacketLength))
	}
	n.Notes = slices.Concat(n.Notes, []string{s.Word}, s.Old)
	return n
}

func (b *builder) filterNode(id string) Node {
	f := b.world.Filters[id]
	if f == nil {
		return Node{Column: ColumnFilter, Title: id, Notes: []string{"not known"}, Tone: Warn, key: id}
	}
	n := Node{Column: ColumnFilter, Title: f.title(), Notes: b.ids(&f.Object, f.title()), Marks: f.marks(), Change: f.Change, Href: f.Href, key: id, same: id}
	switch {
	case f.Hidden != "":
		n.Tone = Warn
		n.Notes = append(n.Notes, f.Hidden)
	case f.Unknown != "":
		n.Tone = Warn
		n.Notes = append(n.Notes, "rules not known")
		n.More = f.Unknown
	case f.Change != Deleted:
		n.Notes = append(n.Notes, "ingress: "+f.Ingress.words(), "egress: "+f.Egress.words())
		if f.HasDNS {
			n.Notes = append(n.Notes, "Amazon DNS")
		}
	}
	n.Notes = append(n.Notes, f.Old...)
	return n
}

// typeWords are what people call the types of targets.
var typeWords = map[mirror.TargetType]string{
	mirror.NetworkInterface:            "network interface",
	mirror.NetworkLoadBalancer:         "Network Load Balancer",
	mirror.GatewayLoadBalancerEndpoint: "Gateway Load Balancer endpoint",
}

func (b *builder) targetNode(id string) Node {
	t := b.world.Targets[id]
	if t == nil {
		return Node{Column: ColumnTarget, Title: id, Notes: []string{"not known"}, Tone: Warn, key: id}
	}
	n := Node{Column: ColumnTarget, Title: t.title(), Notes: append(b.ids(&t.Object, t.title()), typeWords[t.Type]), Marks: t.marks(), Change: t.Change, Href: t.Href, key: id}
	if t.Hidden != "" {
		n.Tone = Warn
		n.Notes = append(n.Notes, t.Hidden)
	}
	if e := t.Endpoint; e != nil && t.Type == mirror.GatewayLoadBalancerEndpoint {
		n.Notes = append(n.Notes, t.Backing)
		if t.Gateway != t.Backing {
			n.Notes = append(n.Notes, t.Gateway)
		}
		if e.State != "" {
			n.Notes = append(n.Notes, "the endpoint is "+e.State)
		}
		if e.State != "" && !mirror.IsAvailable(e.State) {
			n.Tone = Bad
		}
	}
	n.Notes = append(n.Notes, t.Old...)
	return n
}

// receiverNode is the interface that backs a target.
func receiverNode(r *Receiver) Node {
	n := Node{Column: ColumnAppliance, Title: r.title(), Notes: []string{r.Address}, Href: r.Href, Marks: r.marks(), Change: r.Change, key: r.ID}
	if r.Hidden != "" {
		n.Tone, n.Notes = Warn, append(n.Notes, r.Hidden)
	}
	if r.Down != "" {
		n.Tone, n.Notes = Bad, append(n.Notes, r.Down)
	}
	n.Notes = append(n.Notes, r.Old...)
	return n
}

// groupNode is the box of a group of interfaces.
func (b *builder) groupNode(row Row) Node {
	n := Node{Column: ColumnInterface, Title: wording.Count(len(row.Interfaces), "interface"), Notes: []string{row.Place}, Href: row.Href, key: row.Key}
	words, changes := newTally(), newTally()
	n.Change = row.Interfaces[0].Change
	for _, i := range row.Interfaces {
		words.add(i.Word, i.Tone)
		changes.add(i.Change.words(), Neutral)
		n.Change = ofAll(n.Change, i.Change)
	}
	n.Marks = changes.lines()
	n.Notes = slices.Concat(n.Notes, words.lines())
	n.Shares = words.shares()
	n.Tone = words.tone()
	return n
}

// sessionsNode is the box of the sessions of a group at one place in the order.
func (b *builder) sessionsNode(row Row, place int, sessions []*Session) Node {
	n := Node{Column: ColumnSession, Title: wording.Count(len(sessions), "session"), Href: row.Href, key: row.Key + " " + placeWords(place)}
	if len(sessions) == len(row.Interfaces) {
		n.Notes = append(n.Notes, placeWords(place))
	}
	words, changes := newTally(), newTally()
	n.Change = sessions[0].Change
	for _, s := range sessions {
		words.add(s.Word, s.Tone)
		changes.add(s.Change.words(), Neutral)
		n.Change = ofAll(n.Change, s.Change)
	}
	n.Marks = changes.lines()
	n.Notes = slices.Concat(n.Notes, words.lines())
	n.Tone = words.tone()
	return n
}

// ofAll is the change of a box whose objects have two changes.
func ofAll(a, b Change) Change {
	if a == b {
		return a
	}
	return Updated
}

// placeWords says which place among the sessions of its interface a session has.
func placeWords(place int) string {
	switch place {
	case 0:
		return "each is the first that its interface tries"
	case 1:
		return "each is the second that its interface tries"
	case 2:
		return "each is the third that its interface tries"
	}
	return "each is number " + strconv.Itoa(place+1) + " that its interface tries"
}

// a tally counts words, in the order in which they are met.
type tally struct {
	words []string
	count map[string]int
	tones map[string]Tone
}

func newTally() *tally { return &tally{count: map[string]int{}, tones: map[string]Tone{}} }

func (t *tally) add(word string, tone Tone) {
	if t.count[word]++; t.count[word] == 1 {
		t.words = append(t.words, word)
		slices.Sort(t.words)
		t.tones[word] = tone
	}
}

// sum is how many are counted.
func (t *tally) sum() int {
	n := 0
	for _, count := range t.count {
		n += count
	}
	return n
}

// lines are the words with their counts. What has no word is not counted.
func (t *tally) lines() []string {
	var lines []string
	for _, word := range t.words {
		if word != "" {
			lines = append(lines, strconv.Itoa(t.count[word])+" "+word)
		}
	}
	return lines
}

func (t *tally) shares() []Share {
	var shares []Share
	for _, word := range t.words {
		if word != "" {
			shares = append(shares, Share{t.tones[word], t.count[word]})
		}
	}
	return shares
}

// tone is that of all that is counted, a warning if some is bad, and none if they differ else.
func (t *tally) tone() Tone {
	tones := map[Tone]bool{}
	for _, tone := range t.tones {
		tones[tone] = true
	}
	switch {
	case len(tones) == 1:
		return t.tones[t.words[0]]
	case tones[Bad] || tones[Warn]:
		return Warn
	}
	return Neutral
}

// joined joins texts that are not empty.
func joined(separator string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), separator)
}
