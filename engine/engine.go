package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/portico-authz/portico/schema"
)

// Engine runs one portal over a store and a graph. Its methods are safe for
// concurrent use. Call [Engine.Start] first, once.
type Engine struct {
	store  Store
	graph  Graph
	portal *schema.Portal
	digest string // of the portal's schema
	locks  *domainLocks
	epochs *epochs
	cache  *decisionCache
	// schema is the digest of the schema that the graph has, as far as is known;
	// renewedTo is the one that maintenance has brought every domain to.
	schema    atomic.Pointer[string]
	renewedTo string
	renewals  [renewals]atomic.Int64
	diverged  atomic.Int64
	replica   string // names this one among others
	secret    []byte // signs cursors

	clock          Clock
	mailer         Mailer
	log            *slog.Logger
	progress       func(done, total int)
	invitationLife time.Duration
	writeTimeout   time.Duration
	epochTimeout   time.Duration
	snapshotLife   time.Duration
	leaseLife      time.Duration
	rollBack       bool
	guest          bool
}

// Options tune an [Engine]. The zero value works.
type Options struct {
	Clock  Clock        // default: the system's
	Mailer Mailer       // default: invitations are refused
	Log    *slog.Logger // default: none
	// Cache remembers decisions. Default: none does.
	Cache Cache
	// CacheLife is how long decisions are remembered at most. Default: 1 h.
	CacheLife time.Duration
	// Progress is told how many relationships of how many a graph that keeps
	// nothing has been filled with.
	Progress func(done, total int)
	// InvitationLife is how long an invitation can be accepted. Default: 7 days.
	InvitationLife time.Duration
	// WriteTimeout bounds the part of an operation that goes on when the caller
	// has gone. Default: 30 s.
	WriteTimeout time.Duration
	// EpochTimeout bounds a query for epochs. Default: 2 s.
	EpochTimeout time.Duration
	// SnapshotLife is how long the graph keeps a snapshot: SpiceDB's garbage
	// collection window. Default: 24 h.
	SnapshotLife time.Duration
	// LeaseLife is how long a replica that is gone keeps others from its chores.
	// Default: 1 min.
	LeaseLife time.Duration
	// RollBack lets Start go back to a schema that another has replaced.
	RollBack bool
	// Guest says that Start is not to change the schema of a graph that others
	// use: it fails if theirs is another.
	Guest bool
}

// New returns an engine; nothing is read or written before [Engine.Start].
func New(store Store, graph Graph, portal *schema.Portal, opts *Options) *Engine {
	var o Options
	if opts != nil {
		o = *opts
	}
	e := &Engine{
		store: store, graph: graph, portal: portal, digest: portal.Digest(), locks: newDomainLocks(),
		clock: o.Clock, mailer: o.Mailer, log: o.Log, progress: o.Progress,
		invitationLife: cmp.Or(o.InvitationLife, 7*24*time.Hour), writeTimeout: cmp.Or(o.WriteTimeout, 30*time.Second),
		epochTimeout: cmp.Or(o.EpochTimeout, 2*time.Second), snapshotLife: cmp.Or(o.SnapshotLife, 24*time.Hour),
		leaseLife: cmp.Or(o.LeaseLife, time.Minute), rollBack: o.RollBack, guest: o.Guest, replica: rand.Text(),
	}
	if e.clock == nil {
		e.clock = systemClock{}
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.progress == nil {
		e.progress = func(int, int) {}
	}
	e.schema.Store(&e.digest)
	e.epochs = newEpochs(store, e.clock, e.epochTimeout)
	e.cache = newDecisionCache(o.Cache, cmp.Or(o.CacheLife, time.Hour))
	return e
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// now is the time as it is stored: UTC, whole microseconds.
func (e *Engine) now() time.Time { return e.clock.Now().UTC().Truncate(time.Microsecond) }

// Portal returns the portal that the engine runs.
func (e *Engine) Portal() *schema.Portal { return e.portal }

// Operations returns the operations that the portal has.
func (e *Engine) Operations() []Definition { return OperationsOf(e.portal) }

// Start makes the graph agree with the store: it writes the schema, fills a
// graph that keeps nothing, and finishes the operations that a crash left
// pending. It refuses a store whose data doesn't fit the portal.
func (e *Engine) Start(ctx context.Context) error {
	if err := CheckPortal(e.portal); err != nil {
		return err
	}
	if err := e.adopt(ctx); err != nil {
		return err
	}
	if err := e.deploy(ctx); err != nil {
		return err
	}
	if err := e.refreshSealKeys(ctx, rotateKeys); err != nil {
		return err
	}
	if loader, ok := e.graph.(Loader); ok {
		if err := e.load(ctx, loader); err != nil {
			return err
		}
	}
	if err := e.Recover(ctx); err != nil {
		e.log.ErrorContext(ctx, "an operation is pending and can't be finished yet; its partner's operations wait for it", "error", err)
	}
	return nil
}

const loadPage = 5000

// load fills a graph that keeps nothing from the store's rows.
func (e *Engine) load(ctx context.Context, loader Loader) error {
	var token Token
	err := e.store.View(ctx, func(tx Tx) error {
		total, err := tx.CountRelationships(ctx)
		if err != nil {
			return err
		}
		fences := map[schema.Domain]string{}
		err = eachDomain(ctx, tx, func(s DomainState) error {
			if s.LastOperation != "" {
				fences[s.Domain] = s.LastOperation
			}
			return nil
		})
		if err != nil {
			return err
		}
		done, filter := 0, RelationshipFilter{Limit: loadPage}
		token, err = loader.Load(ctx, func() ([]schema.Relationship, error) {
			for { // until there is something, as nothing means the end
				rows, err := tx.Relationships(ctx, filter)
				if err != nil || len(rows) == 0 {
					return nil, err
				}
				filter.After = rows[len(rows)-1].Relationship
				done += len(rows)
				e.progress(done, total)
				if rels := e.unexpired(rows); len(rels) > 0 {
					return rels, nil
				}
			}
		}, fences)
		return err
	})
	if err != nil {
		return err
	}
	return e.store.Retoken(ctx, token, e.now(), e.digest)
}

// unexpired leaves out what no longer counts; a graph may refuse it.
func (e *Engine) unexpired(rows []Row) []schema.Relationship {
	now := e.now()
	rels := make([]schema.Relationship, 0, len(rows))
	for _, r := range rows {
		if r.live(now) {
			rels = append(rels, r.Relationship)
		}
	}
	return rels
}

const domainPage = 500

// eachDomain calls fn with every domain, by name.
func eachDomain(ctx context.Context, tx Tx, fn func(DomainState) error) error {
	for after := schema.Domain(""); ; {
		page, err := tx.Domains(ctx, DomainFilter{After: after, Limit: domainPage})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, s := range page {
			if err := fn(s); err != nil {
				return err
			}
		}
		after = page[len(page)-1].Domain
	}
}
