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
	starts   starts           // packets of the source, by identity
	bytes    int              // in buffers of items
	maxBytes int              // when bytes are more, fewer items are held
	most     int              // number of items
	shortest int64            // number of times that the window was shorter, because of most
}

const stages = 3

func (q *queue) init(window int64) {
	q.window = window
	q.byKey, q.most, q.maxBytes = map[uint64]*item{}, maxPending, maxPendingBytes
	q.starts.lists = map[uint64]*startList{}
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
	to = append(to[:0], b...)
	q.bytes += cap(to)
	return to
}

func (q *queue) drop(x *item) {
	q.bytes -= cap(x.rest)
	if x.rest != nil && len(q.buffers) < maxBuffers && cap(x.rest) <= maxKept {
		q.buffers = append(q.buffers, x.rest)
	}
	x.rest = nil
}

// maxBuffers is how many buffers are kept for use again, and maxKept how long they may be.
const (
	maxBuffers = 4096
	maxKept    = 16 << 10
)

// bound chooses how many items are held. If their bytes are too many, a quarter of them has to go.
func (q *queue) bound() {
	q.most = maxPending
	if q.bytes > q.maxBytes {
		q.most = min(maxPending, (len(q.items)-q.stages[stages-1])*3/4)
	}
}

// push adds an item. Its time becomes at least that of the last one.
func (q *queue) push(x *item) {
	q.now = max(q.now, x.time)
	q.items = append(q.items, x)
	if x.key != 0 {
		appendTo(q.byKey, x.key, x)
	}
	if !x.isCopy && x.identity != 0 {
		q.starts.add(x)
	}
}

// link is the place of an item in a list of items with the same key, which begins with the oldest.
type link struct {
	next *item
	last *item // of the list; valid in its first item
}

func appendTo(lists map[uint64]*item, key uint64, x *item) {
	first := lists[key]
	if first == nil {
		lists[key], x.link.last = x, x
		return
	}
	first.link.last.link.next = x
	first.link.last = x
}

// removeFrom removes an item from a list. It is mostly the first one, or near to it.
func removeFrom(lists map[uint64]*item, key uint64, x *item) {
	first, next := lists[key], x.link.next
	switch {
	case first == nil:
	case first == x && next == nil:
		delete(lists, key)
	case first == x:
		lists[key], next.link.last = next, first.link.last
	default:
		before := first
		for before != nil && before.link.next != x {
			before = before.link.next
		}
		if before == nil {
			return // it is in the list no longer
		}
		before.link.next = next
		if next == nil {
			first.link.last = before
		}
	}
	x.link = link{}
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
	if !isDue && len(q.items)-at > (stage+1)*(q.most/stages) {
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
		removeFrom(q.byKey, x.key, x)
	}
	x.isUnpaired = true
}

// forget removes a packet of the source from the list of its identity.
func (q *queue) forget(x *item) {
	if !x.isCopy && x.identity != 0 {
		q.starts.removeFirst(x.identity)
	}
}

// release removes the items that are through all stages.
func (q *queue) release() {
	done := q.stages[stages-1]
	if done == 0 || done < 4096 && done < len(q.items) && q.bytes <= q.maxBytes {
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
