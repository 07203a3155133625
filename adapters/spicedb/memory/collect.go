package memory

import (
	"slices"
	"time"
)

// collectBatch is how many changes are collected before others get a turn.
const collectBatch = 1024

// collectAlways collects at every interval, until Close.
func (d *Datastore) collectAlways() {
	defer close(d.collected)
	tick := time.NewTicker(d.opts.Interval)
	defer tick.Stop()
	for {
		select {
		case <-d.closing:
			return
		case <-tick.C:
			d.collect()
		}
	}
}

// collect forgets the versions that no revision within the window has. First
// it makes the revisions before the window unreadable, then it takes out what
// only they had.
func (d *Datastore) collect() {
	d.collecting.Lock()
	defer d.collecting.Unlock()
	for _, c := range d.advance() {
		for batch := range slices.Chunk(c.changes, collectBatch) {
			d.forget(batch)
		}
	}
}

// advance moves the log's base to the last commit before the window, and returns
// the commits up to it. They can't be read at any more, but for the last: what
// it has is what the first revision within the window is built on. It stays
// behind the transactions that run.
func (d *Datastore) advance() history {
	d.mu.Lock()
	defer d.mu.Unlock()
	base := d.log.at(time.Now().Add(-d.opts.Window))
	for tx := range d.running {
		if tx.view.at < base.revision {
			base = d.log.find(tx.view.at)
		}
	}
	if d.closed || base.revision == d.log.base() {
		return nil
	}
	old := d.log[:base.revision-d.log.base()+1]
	d.log = append(history{base.bare()}, d.log.since(base.revision)...)
	return old
}

// forget cuts the versions off that died at the base or before, and lets the
// commits go that the others were born in.
func (d *Datastore) forget(changes []change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	oldest := view{at: d.log.base()}
	for _, c := range changes {
		link := &c.edge.last
		if *link == nil {
			continue // taken out already
		}
		for *link != nil && !oldest.has((*link).died) {
			if oldest.has((*link).born) {
				(*link).born = ancient
			}
			link = &(*link).before
		}
		*link = nil
		if c.edge.last == nil {
			d.graph.remove(c.edge)
		}
	}
}
