package memory

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
)

// revision counts commits. It begins at the wall clock's nanoseconds, so that
// the revisions of an earlier process are unlikely to be taken for this one's,
// and from then on no clock has a say in it.
type revision int64

var _ datastore.Revision = revision(0)

// Equal implements [datastore.Revision].
func (r revision) Equal(other datastore.Revision) bool { return r == revisionOf(other) }

// GreaterThan implements [datastore.Revision].
func (r revision) GreaterThan(other datastore.Revision) bool { return r > revisionOf(other) }

// LessThan implements [datastore.Revision].
func (r revision) LessThan(other datastore.Revision) bool { return r < revisionOf(other) }

// ByteSortable implements [datastore.Revision]: all have 19 digits, if the clock
// stood after 2001 at the start.
func (r revision) ByteSortable() bool { return true }

// String implements [datastore.Revision].
func (r revision) String() string { return strconv.FormatInt(int64(r), 10) }

// revisionOf returns another's number: 0, which no commit has, if it isn't ours.
func revisionOf(r datastore.Revision) revision {
	n, _ := r.(revision)
	return n
}

// RevisionFromString implements [datastore.Datastore].
func (d *Datastore) RevisionFromString(s string) (datastore.Revision, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return datastore.NoRevision, fmt.Errorf("revision %q: not a positive integer", s)
	}
	return revision(n), nil
}

// HeadRevision implements [datastore.Datastore]: the last commit's.
func (d *Datastore) HeadRevision(context.Context) (datastore.RevisionWithSchemaHash, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return datastore.RevisionWithSchemaHash{}, ErrClosed
	}
	return d.log.head().withHash(), nil
}

// OptimizedRevision implements [datastore.Datastore]: what was the head when
// the present quantum of time began, if that is within the window.
func (d *Datastore) OptimizedRevision(context.Context) (datastore.RevisionWithSchemaHash, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return datastore.RevisionWithSchemaHash{}, ErrClosed
	}
	if d.opts.Quantization == 0 {
		return d.log.head().withHash(), nil
	}
	quantum := time.Since(d.start).Truncate(d.opts.Quantization)
	if c := d.log.at(d.start.Add(quantum)); time.Since(c.at) <= d.opts.Window {
		return c.withHash(), nil
	}
	return d.log.head().withHash(), nil
}

func (c *commit) withHash() datastore.RevisionWithSchemaHash {
	return datastore.RevisionWithSchemaHash{Revision: c.revision, SchemaHash: c.schema.hash}
}

// CheckRevision implements [datastore.Datastore]. The head is good however old
// it is, others for as long as the window ([Options].Lasting says from when on).
// Whoever reads at one already may go on until it is collected.
func (d *Datastore) CheckRevision(_ context.Context, r datastore.Revision) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return ErrClosed
	}
	n := revisionOf(r)
	if err := d.kept(n); err != nil {
		return err
	}
	if n == d.log.head().revision {
		return nil
	}
	from := d.log.find(n)
	if d.opts.Lasting {
		from = d.log.find(n + 1)
	}
	if time.Since(from.at) > d.opts.Window {
		return datastore.NewInvalidRevisionErr(r, datastore.RevisionStale)
	}
	return nil
}

// kept returns nil if the revision can be read. d.mu must be held.
func (d *Datastore) kept(n revision) error {
	switch {
	case d.closed:
		return ErrClosed
	case n < d.log.base():
		return datastore.NewInvalidRevisionErr(n, datastore.RevisionStale)
	case n > d.log.head().revision:
		return datastore.NewInvalidRevisionErr(n, datastore.CouldNotDetermineRevision)
	}
	return nil
}
