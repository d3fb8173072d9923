package verification

// queue holds the packets of the last time, of all captures, in the order of their times. A packet
// goes through three stages:
//
//	age          what happens
//	1 window     it finds its counterpart: packets with the same key are paired
//	2 windows    a copy without a counterpart is compared with all packets around it
//	3 windows    a packet of the source is judged, and leaves the queue
//
// So every packet that could be a counterpart is present at each stage.
type queue struct {
	window   int64 // nanoseconds
	items    []*item
	stages   [stages]int
	now      int64
	free     []*item
	buffers  [][]byte
	byKey    map[uint64]*item // lists of items that are not paired
	byStart  map[uint64]*item // lists of packets of the source, by identity
	shortest int64            // number of times that the window was shorter, because of maxPending
}

const stages = 3

func (q *queue) init(window int64) {
	q.window = window
	q.byKey, q.byStart = map[uint64]*item{}, map[uint64]*item{}
}

// take returns an empty item.
func (q *queue) take() *item {
	if n := len(q.free); n > 0 {
		x := q.free[n-1]
		q.free = q.free[:n-1]
		*x = item{}
		return x
	}
	return &item{}
}

// keep returns a copy of bytes. drop gives the copy of an item back.
func (q *queue) keep(b []byte) []byte {
	var to []byte
	if n := len(q.buffers); n > 0 {
		to, q.buffers = q.buffers[n-1], q.buffers[:n-1]
	}
	return append(to[:0], b...)
}

func (q *queue) drop(x *item) {
	if x.rest != nil && len(q.buffers) < maxBuffers {
		q.buffers = append(q.buffers, x.rest)
	}
	x.rest = nil
}

// maxBuffers is how many buffers are kept for use again.
const maxBuffers = 4096

// push adds an item. Its time becomes at least that of the last one.
func (q *queue) push(x *item) {
	q.now = max(q.now, x.time)
	q.items = append(q.items, x)
	if x.key != 0 {
		appendTo(q.byKey, x.key, x, sameKey)
	}
	if !x.isCopy && x.identity != 0 {
		appendTo(q.byStart, x.identity, x, sameStart)
	}
}

// The two lists that an item can be in.
const (
	sameKey = iota
	sameStart
	listCount
)

// link is the place of an item in a list, which begins with the oldest item.
type link struct {
	next *item
	last *item // of the list; valid in its first item
}

func appendTo(lists map[uint64]*item, key uint64, x *item, list int) {
	first := lists[key]
	if first == nil {
		lists[key], x.links[list].last = x, x
		return
	}
	first.links[list].last.links[list].next = x
	first.links[list].last = x
}

// removeFrom removes an item from a list. It is mostly the first one, or near to it.
func removeFrom(lists map[uint64]*item, key uint64, x *item, list int) {
	first, next := lists[key], x.links[list].next
	switch {
	case first == nil:
	case first == x && next == nil:
		delete(lists, key)
	case first == x:
		lists[key], next.links[list].last = next, first.links[list].last
	default:
		before := first
		for before != nil && before.links[list].next != x {
			before = before.links[list].next
		}
		if before == nil {
			return // it is in the list no longer
		}
		before.links[list].next = next
		if next == nil {
			first.links[list].last = before
		}
	}
	x.links[list] = link{}
}

// next returns the oldest item that is due for a stage, or nil. all says that every item is due.
func (q *queue) next(stage int, all bool) *item {
	at := q.stages[stage]
	if at == len(q.items) {
		return nil
	}
	if stage > 0 && at >= q.stages[stage-1] {
		return nil
	}
	x := q.items[at]
	isDue := q.now-x.time > int64(stage+1)*q.window
	if !isDue && len(q.items)-at > (stage+1)*(maxPending/stages) {
		isDue = true
		q.shortest++
	}
	if !isDue && !all {
		return nil
	}
	q.stages[stage]++
	return x
}

// unpair removes an item from the list of its key.
func (q *queue) unpair(x *item) {
	if x.key != 0 && !x.isUnpaired {
		removeFrom(q.byKey, x.key, x, sameKey)
	}
	x.isUnpaired = true
}

// forget removes a packet of the source from the list of its identity.
func (q *queue) forget(x *item) {
	if !x.isCopy && x.identity != 0 {
		removeFrom(q.byStart, x.identity, x, sameStart)
	}
}

// release removes the items that are through all stages.
func (q *queue) release() {
	done := q.stages[stages-1]
	if done == 0 || done < 4096 && done < len(q.items) {
		return
	}
	for _, x := range q.items[:done] {
		q.recycle(x)
	}
	n := copy(q.items, q.items[done:])
	clear(q.items[n:])
	q.items = q.items[:n]
	for i := range q.stages {
		q.stages[i] -= done
	}
}

// recycle makes an item free as soon as its counterpart needs it no longer.
func (q *queue) recycle(x *item) {
	x.isReleased = true
	partner := x.partner()
	if partner != nil && !partner.isReleased {
		return
	}
	q.drop(x)
	q.free = append(q.free, x)
	if partner != nil {
		q.drop(partner)
		q.free = append(q.free, partner)
	}
}
