package account

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// written is what this run has written: every object that it has created, changed or
// deleted, as EC2 answered. EC2 is eventually consistent, so that a read may still
// show an object as it was before. Every read of this package corrects its answer by
// written.
//
// The states of an object:
//
//	any      -> current:   EC2 has answered a create or a change.
//	any      -> uncertain: A change has failed and may have been made.
//	any      -> deleting:  A delete begins.
//	deleting -> deleted:   EC2 has answered the delete.
//	deleting -> uncertain: The delete has failed.
//
// If a read differs from a current object, the current object wins. If a read does not show
// a current object at all, the object is assumed to exist until visibleAfter after the last
// write. After that, somebody else has deleted it.
type written struct {
	clock   Clock
	mu      sync.Mutex
	run     progress
	objects map[string]*writtenObject // by ID
}

type writtenObject struct {
	kind  mirror.Kind
	at    time.Time // of the last write
	state writeState
	noun  any                // a mirror.Target and so on, where state is current
	tags  map[string]*string // the tags that were set, and nil for those that were removed
}

type writeState int

const (
	uncertain writeState = iota
	current
	deleting
	deleted
)

// note changes what is known of an object.
func (w *written) note(kind mirror.Kind, id string, f func(*writtenObject)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.run.begin()
	if w.objects == nil {
		w.objects = map[string]*writtenObject{}
	}
	if w.objects[id] == nil {
		w.objects[id] = &writtenObject{kind: kind}
	}
	f(w.objects[id])
}

// create keeps an object that EC2 has created.
func (w *written) create(kind mirror.Kind, id string, noun any, tags map[string]string) {
	w.set(kind, id, noun)
	w.setTags(kind, id, tags)
}

// set keeps an object as EC2 has answered.
func (w *written) set(kind mirror.Kind, id string, noun any) {
	w.note(kind, id, func(o *writtenObject) { o.at, o.state, o.noun = w.clock.Now(), current, noun })
}

// touch notes that an object is about to change.
func (w *written) touch(kind mirror.Kind, id string) { w.note(kind, id, func(*writtenObject) {}) }

// setState notes that an object is being deleted, is deleted, or may have changed.
func (w *written) setState(kind mirror.Kind, id string, state writeState) {
	w.note(kind, id, func(o *writtenObject) { o.state, o.noun = state, nil })
}

// setTags keeps which tags EC2 has set.
func (w *written) setTags(kind mirror.Kind, id string, tags map[string]string) {
	w.note(kind, id, func(o *writtenObject) {
		for key, value := range tags {
			o.tag(key, &value)
		}
	})
}

// removeTags keeps which tags EC2 has removed.
func (w *written) removeTags(kind mirror.Kind, id string, keys []string) {
	w.note(kind, id, func(o *writtenObject) {
		for _, key := range keys {
			o.tag(key, nil)
		}
	})
}

func (o *writtenObject) tag(key string, value *string) {
	if o.tags == nil {
		o.tags = map[string]*string{}
	}
	o.tags[key] = value
}

// isKnown reports whether this run has written an object, or is about to.
func (w *written) isKnown(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.objects[id] != nil
}

// exists reports whether this run has written an object and not deleted it.
func (w *written) exists(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[id]
	return o != nil && !o.at.IsZero() && o.state != deleted
}

// lastWrite returns when this run has last written an object, or the zero time.
func (w *written) lastWrite(id string) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o := w.objects[id]; o != nil {
		return o.at
	}
	return time.Time{}
}

// isFresh reports whether an object may exist although EC2 does not show it.
func (w *written) isFresh(o *writtenObject) bool {
	return o.state == current && w.clock.Now().Sub(o.at) < visibleAfter
}

// correctTags returns the tags of an object that was read, corrected. The map is new.
func (w *written) correctTags(id string, read map[string]string) map[string]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	tags := make(map[string]string, len(read))
	maps.Copy(tags, read)
	o := w.objects[id]
	if o == nil {
		return tags
	}
	for key, value := range o.tags {
		if value == nil {
			delete(tags, key)
		} else {
			tags[key] = *value
		}
	}
	return tags
}

// correctOne corrects an object that was read, and reports whether it exists. found
// says whether EC2 has shown it.
func (w *written) correctOne(id string, read any, found bool) (noun any, exists bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[id]
	switch {
	case o == nil:
	case o.state == deleted:
		return read, false
	case found && o.state == current || w.isFresh(o):
		return o.noun, true
	}
	return read, found
}

// correctAll corrects the objects that a listing has read. It leaves out those that are
// deleted, replaces those that this run has changed by the answer of EC2, and adds those
// that EC2 does not show yet. isListed says whether the listing asks for an object.
func (w *written) correctAll(kind mirror.Kind, read []item, isListed func(item) bool) []item {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.objects) == 0 {
		return read
	}
	var all []item
	shown := map[string]bool{}
	for _, i := range read {
		shown[i.id] = true
		switch o := w.objects[i.id]; {
		case o == nil || o.state == uncertain || o.state == deleting:
			all = append(all, i)
		case o.state == current:
			i.noun = o.noun
			all = append(all, i)
		}
	}
	for id, o := range w.objects {
		if o.kind == kind && !shown[id] && w.isFresh(o) {
			all = append(all, item{id: id, noun: o.noun})
		}
	}
	return slices.DeleteFunc(all, func(i item) bool { return !isListed(i) })
}
