package limiter

import "time"

// find returns the name's entry, and makes one if there is room.
func (t *Table) find(name string, now time.Time) *entry {
	if at, ok := t.entries[name]; ok {
		t.order.MoveToFront(at)
		return at.Value.(*entry)
	}
	t.forget(now)
	if len(t.entries) >= t.size {
		return t.shared
	}
	e := t.entry(name)
	t.entries[name] = t.order.PushFront(e)
	return e
}

// So many entries may stay, idle or not. Beyond that a new one looks at some,
// and forgets more than one, so that a table grows smaller again once it was full.
const (
	kept      = 1024
	lookedAt  = 8
	forgotten = 2
)

// forget drops entries that say no more than a new one would, of those that
// were not asked for longest.
func (t *Table) forget(now time.Time) {
	if len(t.entries) < min(kept, t.size) {
		return
	}
	at, dropped := t.order.Back(), 0
	for i := 0; i < lookedAt && dropped < forgotten && at != nil; i++ {
		e, before := at.Value.(*entry), at.Prev()
		switch {
		case e.held > 0:
			t.order.MoveToFront(at) // it is in use, and must not hide others
		case t.idle(e, now):
			t.order.Remove(at)
			delete(t.entries, e.name)
			dropped++
		}
		at = before
	}
}

// idle reports whether a new entry would say the same.
func (t *Table) idle(e *entry, now time.Time) bool {
	return e.held == 0 && (t.limit.Rate <= 0 || e.bucket.TokensAt(now) >= float64(e.bucket.Burst()))
}

// Len returns how many names are told apart now.
func (t *Table) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.entries)
}
