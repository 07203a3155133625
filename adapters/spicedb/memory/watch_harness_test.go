package memory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/tuple"
)

const (
	relationships = datastore.WatchRelationships
	schema        = datastore.WatchSchema
	checkpoints   = datastore.WatchCheckpoints
)

// patience is how long a test waits for what has to come. Nothing waits it out
// unless something is broken.
const patience = time.Minute

// event is a datastore.RevisionChanges in a form that can be compared: the
// order within a revision says nothing, nor do the details of what is deleted.
type event struct {
	Revision      string
	Checkpoint    bool
	Relationships []string
	Definitions   []string
	Metadata      []string
}

func eventOf(c datastore.RevisionChanges) event {
	e := event{Revision: c.Revision.String(), Checkpoint: c.IsCheckpoint}
	for _, u := range c.RelationshipChanges {
		e.Relationships = append(e.Relationships, changeOf(u))
	}
	for _, d := range c.ChangedDefinitions {
		e.Definitions = append(e.Definitions, fmt.Sprintf("%T %s %d", d, d.GetName(), d.SizeVT()))
	}
	for _, name := range c.DeletedNamespaces {
		e.Definitions = append(e.Definitions, "no namespace "+name)
	}
	for _, name := range c.DeletedCaveats {
		e.Definitions = append(e.Definitions, "no caveat "+name)
	}
	for _, m := range c.Metadatas {
		e.Metadata = append(e.Metadata, fmt.Sprint(m.AsMap()))
	}
	slices.Sort(e.Relationships)
	slices.Sort(e.Definitions)
	return e
}

// changeOf says what a change does: a touch with all that the relationship has,
// a delete with what names it.
func changeOf(u tuple.RelationshipUpdate) string {
	if u.Operation == tuple.UpdateOperationDelete {
		return "DELETE " + tuple.StringWithoutCaveatOrExpiration(u.Relationship)
	}
	return u.OperationString() + " " + tuple.MustString(u.Relationship)
}

func eventsOf(changes []datastore.RevisionChanges) []event {
	events := make([]event, 0, len(changes))
	for _, c := range changes {
		events = append(events, eventOf(c))
	}
	return events
}

// watching is a Watch whose events are kept as they come.
type watching struct {
	content datastore.WatchContent
	cancel  context.CancelFunc
	changes <-chan datastore.RevisionChanges
	errs    <-chan error
	end     chan datastore.Revision
	done    chan struct{}
	kept    []datastore.RevisionChanges // until done is closed: keep's
	err     error
}

// watch starts a Watch and a reader that keeps up with it.
func watch(t testing.TB, ds datastore.Datastore, after datastore.Revision, content datastore.WatchContent) *watching {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	w := &watching{content: content, cancel: cancel, end: make(chan datastore.Revision, 1), done: make(chan struct{})}
	w.changes, w.errs = ds.Watch(ctx, after, datastore.WatchOptions{
		Content:                 content,
		WatchBufferLength:       1024,
		WatchBufferWriteTimeout: patience,
	})
	go w.keep()
	return w
}

func (w *watching) keep() {
	defer close(w.done)
	defer w.cancel()
	var end datastore.Revision
	var late <-chan time.Time
	for !w.complete(end) {
		select {
		case end = <-w.end:
			late = time.After(patience)
		case c, ok := <-w.changes:
			if !ok {
				w.err = fmt.Errorf("the watch ended: %w", <-w.errs)
				return
			}
			w.kept = append(w.kept, c)
		case <-late:
			w.err = fmt.Errorf("no event of revision %s", end)
			return
		}
	}
}

// complete tells whether the events up to end are here, with the checkpoint
// after it if there are checkpoints.
func (w *watching) complete(end datastore.Revision) bool {
	if end == nil || len(w.kept) == 0 {
		return false
	}
	last := w.kept[len(w.kept)-1]
	return !last.Revision.LessThan(end) && last.IsCheckpoint == (w.content&checkpoints != 0)
}

// until waits for the events up to end, which has to be an event of its own,
// ends the watch and gives what it brought.
func (w *watching) until(t testing.TB, end datastore.Revision) []datastore.RevisionChanges {
	t.Helper()
	w.end <- end
	<-w.done
	if w.err != nil {
		t.Fatalf("watch: %v; after %d events", w.err, len(w.kept))
	}
	for c := range w.changes {
		if !c.IsCheckpoint {
			t.Errorf("watch: after the end, revision %s: %s", c.Revision, c.DebugString())
		}
	}
	if err := <-w.errs; !errors.As(err, &datastore.WatchCanceledError{}) {
		t.Errorf("watch: cancelled: want WatchCanceledError, got %v", err)
	}
	return w.kept
}

// inOrder proves that revisions grow from change to change and that no change
// comes after a checkpoint that has promised it doesn't; it gives the changes.
func inOrder(t testing.TB, all []datastore.RevisionChanges) []datastore.RevisionChanges {
	t.Helper()
	var changes []datastore.RevisionChanges
	last, promised := datastore.NoRevision, datastore.NoRevision
	for _, c := range all {
		if c.IsCheckpoint {
			if c.Revision.LessThan(promised) {
				t.Fatalf("checkpoint %s after checkpoint %s", c.Revision, promised)
			}
			promised = c.Revision
			continue
		}
		if last != datastore.NoRevision && !c.Revision.GreaterThan(last) {
			t.Fatalf("revision %s after revision %s", c.Revision, last)
		}
		if promised != datastore.NoRevision && !c.Revision.GreaterThan(promised) {
			t.Fatalf("revision %s after checkpoint %s", c.Revision, promised)
		}
		changes, last = append(changes, c), c.Revision
	}
	return changes
}
