package memory

import (
	"fmt"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
)

// finish commits, if nothing that the transaction depends on has changed.
func (tx *transaction) finish() (datastore.Revision, error) {
	d := tx.store
	// Most of the comparing is done before others have to wait for it.
	d.mu.RLock()
	err := tx.usable()
	checked := d.log.head().revision
	var since history
	if err == nil {
		since = d.log.since(tx.view.at)
	}
	d.mu.RUnlock()
	if err == nil {
		err = tx.compare(since)
	}
	if err != nil {
		return datastore.NoRevision, err
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	if err := tx.usable(); err != nil {
		return datastore.NoRevision, err
	}
	if err := tx.compare(d.log.since(checked)); err != nil {
		return datastore.NoRevision, err
	}
	return tx.settle(), nil
}

// compare returns a conflict if one of the commits changed what the transaction
// depends on.
func (tx *transaction) compare(commits history) error {
	for _, c := range commits {
		if c.replaced != nil && tx.usedSchema {
			return fmt.Errorf("%w: the schema changed", ErrConflict)
		}
		if c.counted && tx.usedCounters {
			return fmt.Errorf("%w: the counters changed", ErrConflict)
		}
		if len(tx.reads) == 0 && len(tx.keys) == 0 {
			continue
		}
		for _, change := range c.changes {
			if tx.dependsOn(change.edge) {
				return fmt.Errorf("%w: what it had read changed", ErrConflict)
			}
		}
	}
	return nil
}

func (tx *transaction) dependsOn(e *edge) bool {
	for _, f := range tx.reads {
		if f.matches(e) {
			return true
		}
	}
	if len(tx.keys) == 0 {
		return false
	}
	_, found := tx.keys[e.reference()]
	return found
}

// settle makes the transaction's commit the head. The store's mu must be held.
func (tx *transaction) settle() revision {
	d, c := tx.store, tx.commit
	head := d.log.head()
	for _, e := range tx.touched {
		d.conclude(c, e, head.revision+1)
	}
	c.revision, c.at = head.revision+1, time.Now()
	c.inherit(tx.base, head)
	d.log = append(d.log, c)
	tx.end()
	d.grow()
	return c.revision
}

// inherit gives the commit what its transaction left as it was at base.
func (c *commit) inherit(base, head *commit) {
	if c.schema == base.schema {
		c.schema = head.schema
	} else {
		c.replaced = head.schema
		c.schema.seal(c.revision)
	}
	if c.counters == base.counters {
		c.counters = head.counters
	} else {
		c.counted = true
	}
}

// conclude adds to a commit, which is about to have a revision, what it did to
// an edge in all.
func (d *Datastore) conclude(c *commit, e *edge, at revision) {
	if e.last.born == c && e.last.died == c {
		e.last = e.last.before // created and deleted: as if never
	}
	switch {
	case e.last == nil:
		d.graph.remove(e)
	case e.retired():
		e.retire(at)
	case e.last.born == c:
		c.changes = append(c.changes, change{e, e.last})
		if before := e.last.before; before == nil || before.died != c {
			d.live++
		}
	case e.last.died == c:
		c.changes = append(c.changes, change{e, nil})
		e.retire(at)
		d.live--
	}
}

// rollback takes everything back that the transaction did, unless it has ended.
func (tx *transaction) rollback() {
	d := tx.store
	d.mu.Lock()
	defer d.mu.Unlock()
	if tx.ended {
		return
	}
	for _, e := range tx.touched {
		if e.last.born == tx.commit {
			e.last = e.last.before
		}
		switch {
		case e.last == nil:
			d.graph.remove(e)
		case e.last.died == tx.commit:
			e.last.died = nil
		case e.retired():
			e.retire(d.log.head().revision)
		}
	}
	tx.end()
}

// end wakes those who wait for the transaction. The store's mu must be held.
func (tx *transaction) end() {
	tx.ended, tx.touched = true, nil
	delete(tx.store.running, tx)
	close(tx.commit.ended)
	tx.commit.ended = nil
}
