package memory

import (
	"context"
	"errors"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/tuple"
	"google.golang.org/protobuf/types/known/structpb"
)

// watchTimeout is how long a watch waits for a slow reader unless the call says.
const watchTimeout = time.Second

// watchBatch is how many commits a watch takes out of the log at a time.
const watchBatch = 64

// Watch implements [datastore.Datastore]. It delivers what each commit changed
// as one event, in the order of the revisions. Checkpoints, if they are asked
// for, follow the commits that were there to deliver, so each revision is
// reached by one.
func (d *Datastore) Watch(
	ctx context.Context, after datastore.Revision, opts datastore.WatchOptions,
) (<-chan datastore.RevisionChanges, <-chan error) {
	if opts.WatchBufferLength == 0 {
		opts.WatchBufferLength = d.opts.WatchBuffer
	}
	if opts.WatchBufferWriteTimeout == 0 {
		opts.WatchBufferWriteTimeout = watchTimeout
	}
	w := &watch{
		store:  d,
		opts:   opts,
		at:     revisionOf(after),
		events: make(chan datastore.RevisionChanges, opts.WatchBufferLength),
	}
	errs := make(chan error, 1)
	if opts.EmissionStrategy == datastore.EmitImmediatelyStrategy {
		errs <- errors.New("emit immediately strategy is unsupported: a commit's changes come together")
		close(w.events)
		close(errs)
		return w.events, errs
	}
	go func() {
		defer close(errs)
		defer close(w.events)
		errs <- w.run(ctx)
	}()
	return w.events, errs
}

// watch follows the log for one reader.
type watch struct {
	store  *Datastore
	opts   datastore.WatchOptions
	at     revision // what has been delivered
	events chan datastore.RevisionChanges
}

// run delivers until it can't, and returns why.
func (w *watch) run(ctx context.Context) error {
	for {
		commits, grown, err := w.next()
		if err != nil {
			return err
		}
		if len(commits) == 0 {
			select {
			case <-grown:
				continue
			case <-ctx.Done():
				return datastore.NewWatchCanceledErr()
			}
		}
		for _, c := range commits {
			if err := w.deliver(ctx, c); err != nil {
				return err
			}
			w.at = c.revision
		}
		if w.wants(datastore.WatchCheckpoints) {
			if err := w.send(ctx, datastore.RevisionChanges{Revision: w.at, IsCheckpoint: true}); err != nil {
				return err
			}
		}
	}
}

// next returns the next commits, or what is closed when there are some.
func (w *watch) next() (commits history, grown <-chan struct{}, err error) {
	d := w.store
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.kept(w.at); err != nil {
		return nil, nil, err
	}
	commits = d.log.since(w.at)
	if len(commits) == 0 && d.grown == nil {
		d.grown = make(chan struct{})
	}
	return commits[:min(len(commits), watchBatch)], d.grown, nil
}

func (w *watch) wants(content datastore.WatchContent) bool { return w.opts.Content&content != 0 }

// deliver sends what a commit did, if it is something that is asked for.
func (w *watch) deliver(ctx context.Context, c *commit) error {
	event := datastore.RevisionChanges{Revision: c.revision}
	if w.wants(datastore.WatchRelationships) {
		if err := w.addRelationships(&event, c); err != nil {
			return err
		}
	}
	if w.wants(datastore.WatchSchema) && c.replaced != nil {
		c.schema.describe(c.replaced, &event)
	}
	if len(event.RelationshipChanges)+len(event.ChangedDefinitions)+len(event.DeletedNamespaces)+len(event.DeletedCaveats) == 0 {
		return nil
	}
	if c.metadata != nil {
		event.Metadatas = []*structpb.Struct{c.metadata}
	}
	return w.send(ctx, event)
}

func (w *watch) addRelationships(event *datastore.RevisionChanges, c *commit) error {
	size, most := uint64(0), w.opts.MaximumBufferedChangesByteSize
	for _, change := range c.changes {
		update, at := tuple.Delete, match{edge: change.edge}
		if change.version != nil {
			update, at.traits = tuple.Touch, change.version.traits
		}
		r, err := at.relationship()
		if err != nil {
			return err
		}
		size += uint64(r.SizeVT())
		if most > 0 && size > most {
			return datastore.NewMaximumChangesSizeExceededError(most)
		}
		event.RelationshipChanges = append(event.RelationshipChanges, update(r))
	}
	return nil
}

// send gives an event to the reader, who has a while to make room for it.
func (w *watch) send(ctx context.Context, event datastore.RevisionChanges) error {
	select {
	case w.events <- event:
		return nil
	default:
	}
	late := time.NewTimer(w.opts.WatchBufferWriteTimeout)
	defer late.Stop()
	select {
	case w.events <- event:
		return nil
	case <-late.C:
		return datastore.NewWatchDisconnectedErr()
	case <-ctx.Done():
		return datastore.NewWatchCanceledErr()
	}
}
