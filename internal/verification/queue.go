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
		x.next, q.byKey[x.key] = q.byKey[x.key], x
	}
	if !x.isCopy && x.identity != 0 {
		x.twin, q.byStart[x.identity] = q.byStart[x.identity], x
	}
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
	if x.key == 0 {
		return
	}
	for at := q.byKey[x.key]; at != nil; at = at.next {
		if at.next == x {
			at.next = x.next
			return
		}
	}
	if q.byKey[x.key] != x {
		return
	}
	if x.next == nil {
		delete(q.byKey, x.key)
		return
	}
	q.byKey[x.key] = x.next
}

// forget removes a packet of the source from the list of its identity.
func (q *queue) forget(x *item) {
	if x.isCopy || x.identity == 0 {
		return
	}
	first := q.byStart[x.identity]
	if first == x {
		if x.twin == nil {
			delete(q.byStart, x.identity)
		} else {
			q.byStart[x.identity] = x.twin
		}
		return
	}
	for at := first; at != nil; at = at.twin {
		if at.twin == x {
			at.twin = x.twin
			return
		}
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
