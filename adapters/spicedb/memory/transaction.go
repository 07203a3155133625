package memory

import (
	"context"
	"errors"
	"fmt"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"
	"google.golang.org/protobuf/proto"
)

// errEnded: SpiceDB's transactions die with the function that they were given to.
var errEnded = errors.New("the transaction has ended")

// How often a transaction is tried: side by side with others at first, then
// alone, when nothing can conflict with it.
const (
	triesBeside = 4
	tries       = 10
)

// transaction is one try of a read-write transaction. What it writes is in the
// graph at once, for itself to see, and belongs to its commit.
type transaction struct {
	reader
	commit  *commit
	base    *commit // the head when it began
	touched []*edge // those with a version that was born or died here

	// What it depends on: queries, single relationships, the schema, the counters.
	reads        []*filter
	keys         map[tuple.RelationshipReference]struct{}
	usedSchema   bool
	usedCounters bool

	// The store's mu guards what follows.
	ended bool
	// failed is why it must not commit, whatever its function says.
	failed error
	// waitFor is the commit under way that it ran into, if any.
	waitFor *commit
}

var _ datastore.ReadWriteTransaction = (*transaction)(nil)

// ReadWriteTx implements [datastore.Datastore]. fn may run several times, and
// beside other transactions; it must not begin another, which might wait for
// this one for ever. One that keeps conflicting runs alone in the end: it waits
// for those that run, and all others wait for it. Every commit has a revision of
// its own, also that of a transaction that changed nothing.
func (d *Datastore) ReadWriteTx(
	ctx context.Context, fn datastore.TxUserFunc, opts ...options.RWTOptionsOption,
) (datastore.Revision, error) {
	config := options.NewRWTOptionsWithOptions(opts...)
	most := tries
	if config.DisableRetries {
		most = 1
	}
	for try := 1; ; try++ {
		share := int64(1)
		if try > triesBeside {
			share = shares
		}
		r, waitFor, err := d.try(ctx, fn, config, share)
		switch {
		case err == nil:
			return r, nil
		case !errors.Is(err, ErrConflict):
			return datastore.NoRevision, err
		case try == most:
			return datastore.NoRevision, conflictError{err}
		}
		if err := d.await(ctx, waitFor); err != nil {
			return datastore.NoRevision, err
		}
	}
}

// try runs the transaction once. If it ran into another, that is returned.
func (d *Datastore) try(
	ctx context.Context, fn datastore.TxUserFunc, config *options.RWTOptions, share int64,
) (datastore.Revision, *commit, error) {
	if err := d.turn.Acquire(ctx, share); err != nil {
		return datastore.NoRevision, nil, fmt.Errorf("waiting for other transactions: %w", err)
	}
	defer d.turn.Release(share)
	tx, err := d.begin(config)
	if err != nil {
		return datastore.NoRevision, nil, err
	}
	defer tx.rollback() // does nothing after a commit
	if err := fn(ctx, tx); err != nil {
		d.mu.RLock()
		defer d.mu.RUnlock()
		if errors.Is(tx.failed, ErrConflict) {
			return datastore.NoRevision, tx.waitFor, tx.failed // fn may have wrapped it beyond recognition
		}
		return datastore.NoRevision, nil, err
	}
	if err := ctx.Err(); err != nil {
		return datastore.NoRevision, nil, err
	}
	r, err := tx.finish()
	return r, nil, err
}

func (d *Datastore) begin(config *options.RWTOptions) (*transaction, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, ErrClosed
	}
	head := d.log.head()
	tx := &transaction{base: head, commit: &commit{
		schema: head.schema, counters: head.counters, ended: make(chan struct{}),
	}}
	if len(config.Metadata.GetFields()) > 0 {
		tx.commit.metadata = proto.CloneOf(config.Metadata)
	}
	tx.reader = reader{store: d, view: view{at: head.revision, own: tx.commit}, now: d.opts.Now(), tx: tx}
	if want := config.SchemaHashPrecondition; want != "" {
		tx.usedSchema = true
		switch {
		case head.schema.stored == nil:
			return nil, datastore.ErrSchemaNotFound
		case head.schema.hash != want:
			return nil, datastore.ErrSchemaHashPreconditionFailed
		}
	}
	d.running[tx] = struct{}{}
	return tx, nil
}

// usable returns nil if the transaction may go on. The store's mu must be held.
func (tx *transaction) usable() error {
	if tx.failed != nil {
		return tx.failed
	}
	return tx.reader.usable()
}

// fail makes err the transaction's end. The store's mu must be held.
func (tx *transaction) fail(err error) error {
	if tx.failed == nil {
		tx.failed = err
	}
	return err
}
