// Package sqlstore keeps the truth in SQL: it is the [engine.Store] on SQLite
// (one file, one process) and on PostgreSQL (many replicas, one primary).
//
// It decides nothing: what a row means, and what may be written, is the
// engine's business. Times are whole microseconds UTC, expiries whole seconds,
// in integer columns, so both databases give back the same values; text is
// compared byte by byte on both.
//
// Start at [OpenSQLite] and [OpenPostgres]; store.go has what they share.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Options tune a [Store]. The zero Options, and nil, work.
type Options struct {
	// Connections is how many the store opens at most: 8 on SQLite (for
	// reading; one more writes), 16 on PostgreSQL, if zero. A View within an
	// Update, or within a View, takes a second one.
	Connections int
}

func (o *Options) connections(otherwise int) int {
	if o == nil || o.Connections <= 0 {
		return otherwise
	}
	return o.Connections
}

// Store is an [engine.Store].
type Store struct {
	write, read *sql.DB // the same pool on PostgreSQL
	dialect     dialect
	states      *states // nil where other processes write too
	close       func() error
}

var _ engine.Store = (*Store)(nil)

// Update is [engine.Store.Update]. A call that failed within fn is remembered:
// the transaction doesn't commit, even if fn returns nil. When the commit
// itself fails with Unavailable on PostgreSQL, it may have happened: ask again.
func (s *Store) Update(ctx context.Context, domain schema.Domain, fn func(engine.Tx) error) error {
	return s.transact(ctx, func(t *tx) error {
		if err := t.lock(ctx, domain); err != nil {
			return err
		}
		return fn(t)
	})
}

// Retoken is [engine.Store.Retoken].
func (s *Store) Retoken(ctx context.Context, token engine.Token, at time.Time, schemaDigest string) error {
	return s.transact(ctx, func(t *tx) error {
		t.changed = s.states.retokened(token, at, schemaDigest)
		return t.exec(ctx, "retoken", `UPDATE domains SET token = $1, token_at = $2, schema_digest = $3`,
			string(token), micros(at), schemaDigest)
	})
}

// transact runs fn in one writing transaction and makes what it changed known.
func (s *Store) transact(ctx context.Context, fn func(*tx) error) error {
	done, err := s.states.turn(ctx)
	if err != nil {
		return translate("begin", err)
	}
	defer done()
	// READ COMMITTED, whatever the server's default: what is read after the
	// domain's lock is granted must include what its last holder committed.
	t, end, err := begin(ctx, s.write, s.dialect, sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	defer end() // a no-op after the commit; fn may also panic
	if err := fn(t); err != nil {
		return err
	}
	if t.failed != nil {
		return t.failed
	}
	err = givenUp(ctx, t.sql.Commit())
	s.states.settle(t.changed, err)
	return translate("commit", err)
}

// View is [engine.Store.View].
func (s *Store) View(ctx context.Context, fn func(engine.Tx) error) error {
	t, end, err := begin(ctx, s.read, s.dialect, sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer end()
	return fn(t)
}

// Domain is [engine.Store.Domain]: a map look-up on SQLite, one indexed query
// on PostgreSQL. LastHash is not to be changed.
func (s *Store) Domain(ctx context.Context, domain schema.Domain) (engine.DomainState, error) {
	if state, ok := s.states.lookup(domain); ok {
		return state, nil
	}
	state, err := domainState(ctx, s.read, domain)
	return state, translate("domain "+string(domain), err)
}

// Shared is [engine.Store.Shared].
func (s *Store) Shared() bool { return s.states == nil }

// Ready is [engine.Store.Ready]. It doesn't wait for a long Update.
func (s *Store) Ready(ctx context.Context) error {
	return translate("ready", s.read.PingContext(ctx))
}

// Close waits for the transaction that is being written, if any, and closes
// the database. Closing twice is harmless.
func (s *Store) Close() error { return s.close() }

// closer returns a Close: it closes the pools, then calls release.
func (s *Store) closer(release func() error) func() error {
	return sync.OnceValue(func() error {
		done := s.states.last()
		defer done()
		// The writer goes last: with the last connection SQLite folds its log
		// into the file, which a reader can't.
		return translate("close", errors.Join(s.read.Close(), s.write.Close(), release()))
	})
}
