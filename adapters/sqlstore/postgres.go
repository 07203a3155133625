package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/portico-authz/portico/engine"
)

// OpenPostgres opens a PostgreSQL database by its URL or keywords and brings
// its tables to the present form. Any number of replicas may do so at once.
//
// It refuses a server that could answer with the past (a standby) or forget
// what it acknowledged (fsync or synchronous_commit off). Each new connection
// is asked again whether its server is the primary.
func OpenPostgres(ctx context.Context, dsn string, o *Options) (*Store, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, translate("open PostgreSQL", err) // names no password
	}
	config.ValidateConnect = primaryOnly
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(o.connections(16))
	db.SetMaxIdleConns(o.connections(16))
	db.SetConnMaxIdleTime(5 * time.Minute)
	s := &Store{
		write: db, read: db,
		dialect: dialect{forUpdate: ` FOR UPDATE`, elements: `json_array_elements($1::json)`},
	}
	s.close = s.closer(func() error { return nil })
	if err := preparePostgres(ctx, db); err != nil {
		return nil, errors.Join(translate("open PostgreSQL", err), s.Close())
	}
	return s, nil
}

func preparePostgres(ctx context.Context, db *sql.DB) error {
	if err := durableOnly(ctx, db); err != nil {
		return err
	}
	// Replicas that start together migrate one after the other.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // tries each second, 300 times
	if err != nil {
		return err
	}
	return migrate(ctx, db, goose.DialectPostgres, goose.WithSessionLocker(locker))
}

// primaryOnly refuses a connection to a standby: its answers are of the past,
// and a revoked permission could come back to life.
func primaryOnly(ctx context.Context, conn *pgconn.PgConn) error {
	result := conn.ExecParams(ctx, `SELECT pg_is_in_recovery()`, nil, nil, nil, nil).Read()
	if result.Err != nil {
		return result.Err
	}
	if len(result.Rows) != 1 || string(result.Rows[0][0]) != "f" {
		return engine.Errorf(engine.Unavailable, "the PostgreSQL server is a standby; name the primary")
	}
	return nil
}

// durableOnly refuses a server that acknowledges what it may forget. A server
// that doesn't tell (CockroachDB has no fsync setting) passes.
func durableOnly(ctx context.Context, db *sql.DB) error {
	var setting string
	err := db.QueryRowContext(ctx, `SELECT name FROM pg_settings
		WHERE name IN ('fsync', 'synchronous_commit') AND setting = 'off' ORDER BY name LIMIT 1`).Scan(&setting)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the server's settings: %w", err)
	}
	return engine.Errorf(engine.Conflict,
		"the PostgreSQL server has %s=off and may forget what it acknowledged; switch it on", setting)
}
