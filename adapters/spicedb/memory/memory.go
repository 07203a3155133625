// Package memory is a SpiceDB datastore that keeps everything in memory: the
// one that embedded SpiceDB runs on. Nothing survives Close; whoever needs that
// loads it from elsewhere at start.
//
// Every read sees exactly the commits up to its revision. Transactions run side
// by side, as if one after the other in the order of their revisions: what one
// of them read may not have changed when it commits, or it runs again. A query
// that names objects costs what it returns, and what it refuses of their own
// edges, however much else is stored.
//
// How it works. Relationships are the edges of a [graph], each a chain of
// versions that know the [commit] that they were born in and the one that they
// died in. A transaction puts its versions in at once, unseen by others, as its
// commit has no revision yet; giving it one makes them all visible together. Old
// versions go when no revision within the window needs them (collect.go). One
// lock guards all of it. Reads, writes and collections hold it for a batch at a
// time, a commit or rollback for all that it touched. The protocol is that of multi-version databases with optimistic
// validation: Larson et al., "High-Performance Concurrency Control Mechanisms
// for Main-Memory Databases", VLDB 2011.
//
// Start at [New].
package memory

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/google/uuid"
	"golang.org/x/sync/semaphore"
)

// ErrClosed is what a closed datastore answers.
var ErrClosed = errors.New("the datastore is closed")

// Options says how a [Datastore] behaves. The zero Options work.
type Options struct {
	// Window is how long a revision can be read at, and watched from, after its
	// commit. The head always can. Zero means 24 hours.
	Window time.Duration
	// Interval is the time between two collections of what fell out of the
	// window. Zero means a tenth of the window, from a millisecond to a minute.
	Interval time.Duration
	// Quantization is how long OptimizedRevision stays the same. Zero means that
	// it is the head. It can't be longer than the window.
	Quantization time.Duration
	// WatchBuffer is how many events a watch holds for its reader unless the
	// call says. Zero means 128.
	WatchBuffer uint16
	// Lasting makes CheckRevision count a revision's age from the next commit on,
	// for as long as which it can be read. Otherwise it counts from the revision's
	// own commit, as SpiceDB's other datastores do: after a pause longer than the
	// window, the first commit then makes the head before it stale at once.
	Lasting bool
	// Now is the wall clock, which may step. It decides which relationships have
	// expired, and where revisions begin; nothing else. Nil means time.Now.
	Now func() time.Time
}

// The defaults of [Options].
const (
	defaultWindow      = 24 * time.Hour
	defaultInterval    = time.Minute
	defaultWatchBuffer = 128
)

func (o *Options) withDefaults() (Options, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.Window == 0 {
		opts.Window = defaultWindow
	}
	if opts.Interval == 0 {
		opts.Interval = min(defaultInterval, max(opts.Window/10, time.Millisecond))
	}
	if opts.WatchBuffer == 0 {
		opts.WatchBuffer = defaultWatchBuffer
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	switch {
	case opts.Window < 0 || opts.Interval < 0 || opts.Quantization < 0:
		return opts, errors.New("memory: Window, Interval and Quantization must not be negative")
	case opts.Quantization > opts.Window:
		return opts, fmt.Errorf("memory: Quantization (%v) must not be longer than Window (%v)", opts.Quantization, opts.Window)
	}
	return opts, nil
}

// Datastore is a [datastore.Datastore] in memory. It is safe for concurrent use.
type Datastore struct {
	opts  Options
	id    string
	start time.Time

	// turn is held by every transaction: one share by those that may run side by
	// side, all of it by one that must not fail again.
	turn *semaphore.Weighted
	// collecting is held by the collection under way.
	collecting sync.Mutex
	closing    chan struct{} // is closed by Close
	collected  chan struct{} // is closed when the collector has ended

	// mu guards what follows and all versions and commits in it.
	mu      sync.RWMutex
	graph   *graph
	log     history
	running map[*transaction]struct{}
	live    uint64        // relationships at head
	grown   chan struct{} // closed at the next commit or Close; nil if nobody waits
	closed  bool
}

var _ datastore.Datastore = (*Datastore)(nil)

// shares is how many transactions may run side by side.
const shares = math.MaxInt64

// New returns an empty datastore, which has no schema. A nil opts is the zero
// Options.
func New(opts *Options) (*Datastore, error) {
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	d := &Datastore{
		opts:      o,
		id:        uuid.NewString(),
		start:     now,
		turn:      semaphore.NewWeighted(shares),
		closing:   make(chan struct{}),
		collected: make(chan struct{}),
		graph:     newGraph(),
		running:   map[*transaction]struct{}{},
		log: history{{
			revision: revision(max(o.Now().UnixNano(), int64(ancient.revision)+1)),
			at:       now,
			schema:   newSchemaState(),
			counters: newCounterState(),
		}},
	}
	go d.collectAlways()
	return d, nil
}

// Close forgets everything. Whatever is under way fails with [ErrClosed], as
// does every later call; closing again does nothing.
func (d *Datastore) Close() error {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		close(d.closing)
		d.graph, d.log = newGraph(), history{d.log.head().bare()}
		d.grow()
	}
	d.mu.Unlock()
	<-d.collected
	return nil
}

// grow wakes those who wait for the log to grow. d.mu must be held.
func (d *Datastore) grow() {
	if d.grown != nil {
		close(d.grown)
		d.grown = nil
	}
}

// MetricsID implements [datastore.Datastore].
func (d *Datastore) MetricsID() (string, error) { return "memory", nil }

// UniqueID implements [datastore.Datastore]: another one in each process.
func (d *Datastore) UniqueID(context.Context) (string, error) { return d.id, nil }

// ReadyState implements [datastore.Datastore].
func (d *Datastore) ReadyState(context.Context) (datastore.ReadyState, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return datastore.ReadyState{Message: ErrClosed.Error()}, nil
	}
	return datastore.ReadyState{IsReady: true}, nil
}

// Features implements [datastore.Datastore].
func (d *Datastore) Features(context.Context) (*datastore.Features, error) {
	return d.OfflineFeatures()
}

// OfflineFeatures implements [datastore.Datastore]. Checkpoints come with
// commits only, and a commit's changes always come together.
func (d *Datastore) OfflineFeatures() (*datastore.Features, error) {
	return &datastore.Features{
		Watch:                   datastore.Feature{Status: datastore.FeatureSupported},
		IntegrityData:           datastore.Feature{Status: datastore.FeatureSupported},
		ContinuousCheckpointing: datastore.Feature{Status: datastore.FeatureUnsupported},
		WatchEmitsImmediately:   datastore.Feature{Status: datastore.FeatureUnsupported},
	}, nil
}

// Statistics implements [datastore.Datastore]. Its count is exact at head, with
// the relationships that have expired but weren't deleted.
func (d *Datastore) Statistics(context.Context) (datastore.Stats, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return datastore.Stats{}, ErrClosed
	}
	return datastore.Stats{
		UniqueID:                   d.id,
		EstimatedRelationshipCount: d.live,
		ObjectTypeStatistics:       datastore.ComputeObjectTypeStats(d.log.head().schema.types()),
	}, nil
}
