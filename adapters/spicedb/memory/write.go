package memory

import (
	"context"
	"fmt"
	"slices"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/spiceerrors"
	"github.com/authzed/spicedb/pkg/tuple"
)

// writeBatch is how many relationships are written before others get a turn.
const writeBatch = 256

// WriteRelationships implements [datastore.ReadWriteTransaction]. If it fails,
// the transaction can't commit.
func (tx *transaction) WriteRelationships(ctx context.Context, updates []tuple.RelationshipUpdate) error {
	for batch := range slices.Chunk(updates, writeBatch) {
		if err := tx.write(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (tx *transaction) write(ctx context.Context, updates []tuple.RelationshipUpdate) error {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	if err := tx.usable(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return tx.fail(err)
	}
	for i := range updates {
		if err := tx.apply(updates[i].Operation, &updates[i].Relationship); err != nil {
			return tx.fail(err)
		}
	}
	return nil
}

// apply makes one update. The store's mu must be held.
func (tx *transaction) apply(op tuple.UpdateOperation, r *tuple.Relationship) error {
	switch op {
	case tuple.UpdateOperationCreate, tuple.UpdateOperationTouch:
		t, err := newTraits(r)
		if err != nil {
			return err
		}
		return tx.put(&r.RelationshipReference, t, op == tuple.UpdateOperationCreate)
	case tuple.UpdateOperationDelete:
		e := tx.store.graph.lookup(&r.RelationshipReference)
		if e == nil {
			tx.depend(r.RelationshipReference)
			return nil
		}
		return tx.delete(e)
	}
	return spiceerrors.MustBugf("unknown update operation %v", op)
}

// put creates a relationship, or replaces the traits of the one that is there.
func (tx *transaction) put(r *tuple.RelationshipReference, t *traits, create bool) error {
	if !(tuple.Relationship{RelationshipReference: *r}).ValidateNotEmpty() {
		return fmt.Errorf("relationship %q has empty parts", r)
	}
	e := tx.store.graph.edge(r)
	if err := tx.claim(e); err != nil {
		return err
	}
	present := tx.view.version(e)
	switch {
	case present != nil && create:
		there, err := match{e, present.traits}.relationship()
		if err != nil {
			return err
		}
		return datastore.NewCreateRelationshipExistsError(&there)
	case present != nil && present.traits.equal(t):
		tx.depend(*r)
		return nil
	}
	tx.touch(e)
	switch {
	case e.last != nil && e.last.born == tx.commit:
		e.last = e.last.before // replaced before anybody saw it
	case present != nil:
		present.died = tx.commit
	case e.retired():
		e.revive()
	}
	e.last = &version{born: tx.commit, traits: t, before: e.last}
	return nil
}

// delete ends a relationship, if the transaction sees it.
func (tx *transaction) delete(e *edge) error {
	if err := tx.claim(e); err != nil {
		return err
	}
	if tx.view.version(e) == nil {
		tx.depend(e.reference())
		return nil
	}
	tx.touch(e)
	e.last.died = tx.commit
	return nil
}

// claim fails if another transaction has changed the edge since this one began,
// or is about to.
func (tx *transaction) claim(e *edge) error {
	if e.last == nil {
		return nil
	}
	for _, c := range []*commit{e.last.born, e.last.died} {
		switch {
		case c == nil || c == tx.commit:
		case c.revision == 0:
			tx.waitFor = c
			return fmt.Errorf("%w: it is about to write the same relationship", ErrConflict)
		case c.revision > tx.view.at:
			return fmt.Errorf("%w: it wrote the same relationship", ErrConflict)
		}
	}
	return nil
}

// touch notes that the transaction changes the edge.
func (tx *transaction) touch(e *edge) {
	if e.last == nil || e.last.born != tx.commit && e.last.died != tx.commit {
		tx.touched = append(tx.touched, e)
	}
}

// depend notes that the transaction relies on a relationship that it didn't
// change.
func (tx *transaction) depend(r tuple.RelationshipReference) {
	if tx.keys == nil {
		tx.keys = map[tuple.RelationshipReference]struct{}{}
	}
	tx.keys[r] = struct{}{}
}

// DeleteRelationships implements [datastore.ReadWriteTransaction]. Those that
// have expired are deleted as well.
func (tx *transaction) DeleteRelationships(
	ctx context.Context, filter *v1.RelationshipFilter, opts ...options.DeleteOptionsOption,
) (uint64, bool, error) {
	f, err := datastore.RelationshipsFilterFromPublicFilter(filter)
	if err != nil {
		return 0, false, err
	}
	limit := options.NewDeleteOptionsWithOptions(opts...).DeleteLimit
	limited := limit != nil && *limit > 0
	all := []options.QueryOptionsOption{options.WithSkipExpiration(true)}
	if limited {
		all = append(all, options.WithLimit(limit))
	}
	q, err := newFilter(f, all...)
	if err != nil {
		return 0, false, err
	}
	deleted, err := tx.deleteAll(ctx, q)
	return deleted, limited && deleted == *limit, err
}

func (tx *transaction) deleteAll(ctx context.Context, q *filter) (deleted uint64, err error) {
	if err := tx.reader.begin(q); err != nil {
		return 0, err
	}
	s := newScan(q, tx.view.at)
	for more := true; more && deleted < q.limit; {
		var found []match
		if found, more, err = tx.read(&s, min(writeBatch, q.limit-deleted)); err != nil {
			return 0, err
		}
		if err := tx.deleteFound(found); err != nil {
			return 0, err
		}
		deleted += uint64(len(found))
		if err := ctx.Err(); err != nil {
			return 0, tx.abandon(err)
		}
	}
	return deleted, nil
}

func (tx *transaction) deleteFound(found []match) error {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	if err := tx.usable(); err != nil {
		return err
	}
	for _, m := range found {
		// What was found may have been taken out since, if another transaction
		// changed it: then this one conflicts.
		e := m.edge
		if e.last == nil {
			return tx.fail(fmt.Errorf("%w: it deleted the same relationship", ErrConflict))
		}
		if err := tx.delete(e); err != nil {
			return tx.fail(err)
		}
	}
	return nil
}

// draft is a relationship to be created. It shares nothing with the one that it
// was made from: sources may use their memory again.
type draft struct {
	reference tuple.RelationshipReference
	traits    *traits
}

// BulkLoad implements [datastore.ReadWriteTransaction]: it creates each
// relationship. If it fails, the transaction can't commit.
func (tx *transaction) BulkLoad(ctx context.Context, source datastore.BulkWriteRelationshipSource) (uint64, error) {
	var loaded uint64
	batch := make([]draft, 0, writeBatch)
	for more := true; more; {
		var err error
		if batch, more, err = draw(ctx, source, batch[:0]); err != nil {
			return 0, tx.abandon(err)
		}
		if err := tx.create(batch); err != nil {
			return 0, err
		}
		loaded += uint64(len(batch))
	}
	return loaded, nil
}

// draw fills a batch up to its capacity, and reports whether there may be more.
func draw(ctx context.Context, source datastore.BulkWriteRelationshipSource, batch []draft) ([]draft, bool, error) {
	for len(batch) < cap(batch) {
		r, err := source.Next(ctx)
		if err != nil || r == nil {
			return batch, false, err
		}
		t, err := newTraits(r)
		if err != nil {
			return batch, false, err
		}
		batch = append(batch, draft{r.RelationshipReference, t})
	}
	return batch, true, nil
}

func (tx *transaction) create(batch []draft) error {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	if err := tx.usable(); err != nil {
		return err
	}
	for i := range batch {
		if err := tx.put(&batch[i].reference, batch[i].traits, true); err != nil {
			return tx.fail(err)
		}
	}
	return nil
}

// abandon is fail for those who don't hold the lock.
func (tx *transaction) abandon(err error) error {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	return tx.fail(err)
}
