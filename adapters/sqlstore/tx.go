package sqlstore

import (
	"context"
	"database/sql"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// dialect is what the two databases say differently in a query.
type dialect struct {
	// forUpdate, after a SELECT, locks the rows that it returns.
	forUpdate string
	// elements, in FROM, is a table of the elements of the JSON array $1, in
	// its column "value". One argument brings any number of rows, and the
	// statement stays the same.
	elements string
}

// tx is an [engine.Tx].
type tx struct {
	sql     *sql.Tx
	dialect dialect
	locked  map[schema.Domain]bool               // the domains whose rows this transaction holds
	changed map[schema.Domain]engine.DomainState // what to make known at the commit
	// failed is the first failure. PostgreSQL commits nothing after one and
	// SQLite would: remembering it makes them alike.
	failed error
}

var _ engine.Tx = (*tx)(nil)

// begin starts a transaction; end rolls it back unless it was committed.
func begin(ctx context.Context, db *sql.DB, d dialect, o sql.TxOptions) (t *tx, end func(), err error) {
	started, err := db.BeginTx(ctx, &o)
	if err != nil {
		return nil, nil, translate("begin", err)
	}
	t = &tx{
		sql:     started,
		dialect: d,
		locked:  make(map[schema.Domain]bool),
		changed: make(map[schema.Domain]engine.DomainState),
	}
	return t, func() { _ = started.Rollback() }, nil
}

// lock waits for the domain's row, if there is one, and holds it.
func (t *tx) lock(ctx context.Context, domain schema.Domain) error {
	q := newQuery("lock domain "+string(domain), `SELECT name FROM domains`)
	q.equal("name", string(domain))
	q.text.WriteString(t.dialect.forUpdate)
	names, err := collect(ctx, t, q, func(row scanner) (name schema.Domain, err error) {
		return name, row.Scan(&name)
	})
	t.locked[domain] = len(names) > 0
	return err
}

// exec runs a statement that returns no rows.
func (t *tx) exec(ctx context.Context, op, statement string, args ...any) error {
	_, err := t.sql.ExecContext(ctx, statement, args...)
	return t.note(ctx, op, err)
}

// note translates err and remembers that the transaction failed.
func (t *tx) note(ctx context.Context, op string, err error) error {
	err = translate(op, givenUp(ctx, err))
	if t.failed == nil && err != nil && engine.CodeOf(err) != engine.NotFound {
		t.failed = err
	}
	return err
}

// scanner is a *sql.Row or *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// first returns the first row of q, or NotFound.
func first[T any](ctx context.Context, t *tx, q *query, scan func(scanner) (T, error)) (T, error) {
	value, err := scan(t.sql.QueryRowContext(ctx, q.text.String(), q.args...))
	return value, t.note(ctx, q.op, err)
}

// collect returns all rows of q, nil if there are none.
func collect[T any](ctx context.Context, t *tx, q *query, scan func(scanner) (T, error)) ([]T, error) {
	values, err := rows(ctx, t.sql, q, scan)
	return values, t.note(ctx, q.op, err)
}

// queryer is a *sql.DB or *sql.Tx.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func rows[T any](ctx context.Context, db queryer, q *query, scan func(scanner) (T, error)) ([]T, error) {
	found, err := db.QueryContext(ctx, q.text.String(), q.args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }() // its error is found.Err's
	var values []T
	for found.Next() {
		value, err := scan(found)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, found.Err()
}
