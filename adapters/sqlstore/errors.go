package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/portico-authz/portico/engine"
)

// translate gives a driver's error its code. nil stays nil, and an error that
// has a code stays as it is.
func translate(op string, err error) error {
	var coded *engine.Error
	if err == nil || errors.As(err, &coded) {
		return err
	}
	return engine.WrapError(codeOf(err), "sqlstore: "+op, err)
}

// givenUp returns the context's error if that is why the transaction is over:
// database/sql rolls it back beside us, and then knows no more why.
func givenUp(ctx context.Context, err error) error {
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func codeOf(err error) engine.Code {
	var (
		postgres *pgconn.PgError
		lite     *sqlite.Error
	)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return engine.NotFound
	case unreachable(err):
		return engine.Unavailable
	case errors.As(err, &postgres):
		return postgresCode(postgres.Code)
	case errors.As(err, &lite):
		return sqliteCode(lite.Code())
	}
	return engine.Internal
}

// unreachable reports whether the caller gave up, or the connection did.
func unreachable(err error) bool {
	var (
		network net.Error
		connect *pgconn.ConnectError
	)
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &network) || errors.As(err, &connect) || pgconn.SafeToRetry(err)
}

// postgresCode reads an SQLSTATE: appendix A of PostgreSQL's manual.
func postgresCode(state string) engine.Code {
	const uniqueViolation, lockNotAvailable, readOnly = "23505", "55P03", "25006"
	switch state {
	case uniqueViolation:
		return engine.Conflict
	case lockNotAvailable:
		return engine.Unavailable
	case readOnly:
		return engine.Internal // a write in a View
	}
	switch state[:min(2, len(state))] {
	case "08", "40", "53", "57", "58": // connection, rollback, resources, operator, system
		return engine.Unavailable
	}
	return engine.Internal
}

// sqliteCode reads an extended result code: sqlite.org/rescode.html.
func sqliteCode(code int) engine.Code {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return engine.Conflict
	}
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT,
		sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM:
		return engine.Unavailable
	}
	return engine.Internal
}
