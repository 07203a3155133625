package memory

import (
	"context"
	"iter"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"
)

// reader reads at a revision, or in a transaction.
type reader struct {
	store *Datastore
	view  view
	now   time.Time
	tx    *transaction // nil outside one
}

var _ datastore.Reader = (*reader)(nil)

// SnapshotReader implements [datastore.Datastore].
func (d *Datastore) SnapshotReader(r datastore.Revision) datastore.Reader {
	return &reader{store: d, view: view{at: revisionOf(r)}, now: d.opts.Now()}
}

// usable returns nil if the reader's view can be read. The store's mu must be
// held.
func (r *reader) usable() error {
	if r.tx != nil && r.tx.ended {
		return errEnded
	}
	return r.store.kept(r.view.at)
}

func (r *reader) schema() (*schemaState, error) {
	c, err := r.commit(func(tx *transaction) { tx.usedSchema = true })
	if err != nil {
		return nil, err
	}
	return c.schema, nil
}

func (r *reader) counters() (*counterState, error) {
	c, err := r.commit(func(tx *transaction) { tx.usedCounters = true })
	if err != nil {
		return nil, err
	}
	return c.counters, nil
}

// commit returns a copy of the commit that the reader is at. In a transaction
// that is its own, and used is called to note what it depends on.
func (r *reader) commit(used func(*transaction)) (commit, error) {
	if r.tx == nil {
		r.store.mu.RLock()
		defer r.store.mu.RUnlock()
		if err := r.usable(); err != nil {
			return commit{}, err
		}
		return *r.store.log.find(r.view.at), nil
	}
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	if err := r.usable(); err != nil {
		return commit{}, err
	}
	used(r.tx)
	return *r.tx.commit, nil
}

// QueryRelationships implements [datastore.Reader].
func (r *reader) QueryRelationships(
	_ context.Context, f datastore.RelationshipsFilter, opts ...options.QueryOptionsOption,
) (datastore.RelationshipIterator, error) {
	q, err := newFilter(f, opts...)
	if err != nil {
		return nil, err
	}
	return r.query(q)
}

// ReverseQueryRelationships implements [datastore.Reader].
func (r *reader) ReverseQueryRelationships(
	_ context.Context, f datastore.SubjectsFilter, opts ...options.ReverseQueryOptionsOption,
) (datastore.RelationshipIterator, error) {
	q, err := newReverseFilter(f, opts...)
	if err != nil {
		return nil, err
	}
	return r.query(q)
}

// match is a version of an edge that a query found. What is read of it never
// changes.
type match struct {
	edge   *edge
	traits *traits
}

func (m match) relationship() (tuple.Relationship, error) {
	r := tuple.Relationship{RelationshipReference: m.edge.reference()}
	err := m.traits.apply(&r)
	return r, err
}

// How many matches are read at a time, at first and at most, and how many edges
// may be looked at for them.
const (
	firstBatch  = 16
	batchGrowth = 4
	maxBatch    = 1024
	maxExamined = 8192
)

// query returns an iterator over the matches. In a transaction these are read
// before the first is returned: what is written on the way must not be among
// them.
func (r *reader) query(f *filter) (datastore.RelationshipIterator, error) {
	if err := r.begin(f); err != nil {
		return nil, err
	}
	matches := r.matches(f)
	if r.tx != nil {
		matches = readAhead(matches)
	}
	return func(yield func(tuple.Relationship, error) bool) {
		for m, err := range matches {
			var rel tuple.Relationship
			if err == nil {
				rel, err = m.relationship()
			}
			if !yield(rel, err) || err != nil {
				return
			}
		}
	}, nil
}

// matches returns an iterator that reads in batches as it goes.
func (r *reader) matches(f *filter) iter.Seq2[match, error] {
	return func(yield func(match, error) bool) {
		s, left, more := newScan(f, r.view.at), f.limit, true
		for size := uint64(firstBatch); more && left > 0; size = min(size*batchGrowth, maxBatch) {
			var found []match
			var err error
			if found, more, err = r.read(&s, min(size, left)); err != nil {
				yield(match{}, err)
				return
			}
			left -= uint64(len(found))
			for _, m := range found {
				if !yield(m, nil) {
					return
				}
			}
		}
	}
}

// readAhead returns an iterator that reads everything before it returns the
// first match.
func readAhead(matches iter.Seq2[match, error]) iter.Seq2[match, error] {
	return func(yield func(match, error) bool) {
		var all []match
		for m, err := range matches {
			if err != nil {
				yield(m, err)
				return
			}
			all = append(all, m)
		}
		for _, m := range all {
			if !yield(m, nil) {
				return
			}
		}
	}
}

// begin fails if the query can't be answered, and notes it in a transaction.
func (r *reader) begin(f *filter) error {
	if r.tx == nil {
		r.store.mu.RLock()
		defer r.store.mu.RUnlock()
		return r.usable()
	}
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	if err := r.usable(); err != nil {
		return err
	}
	r.tx.reads = append(r.tx.reads, f)
	return nil
}

// read returns the scan's next matches, up to size, and whether there may be
// more, for which it moves the scan on.
func (r *reader) read(s *scan, size uint64) (found []match, more bool, err error) {
	r.store.mu.RLock()
	defer r.store.mu.RUnlock()
	if err := r.usable(); err != nil {
		return nil, false, err
	}
	examined := 0
	s.walk(r.store.graph, func(e *edge) bool {
		if s.beyond(e) {
			return false
		}
		if s.filter.matches(e) {
			if v := r.view.version(e); v != nil && s.filter.accepts(v, r.now) {
				found = append(found, match{e, v.traits})
			}
		}
		if examined++; uint64(len(found)) == size || examined == maxExamined {
			at := e.place()
			s.after, more = &at, true
		}
		return !more
	})
	return found, more, nil
}
