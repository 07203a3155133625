package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"

	"github.com/portico-authz/portico/engine"
)

// OpenSQLite opens the database file at path, creates it (readable by its
// owner only) if it isn't there, and brings its tables to the present form.
// Its directory must exist. Beside it lie path-wal and path-shm, SQLite's own,
// and path.lock: a second process, or a second Store, meets a Conflict.
//
// A commit is on the disk when Update returns: write-ahead log, synchronous=FULL.
func OpenSQLite(ctx context.Context, path string, o *Options) (*Store, error) {
	path, err := create(path)
	if err != nil {
		return nil, translate("open "+path, err)
	}
	unlock, err := lockFile(path)
	if err != nil {
		return nil, translate("open "+path, err)
	}
	write, read, err := pools(path, o.connections(8))
	if err != nil {
		return nil, translate("open "+path, errors.Join(err, unlock()))
	}
	s := &Store{write: write, read: read, dialect: dialect{elements: `json_each($1)`}}
	s.close = s.closer(unlock)
	if err := s.fill(ctx); err != nil {
		return nil, errors.Join(translate("open "+path, err), s.Close())
	}
	return s, nil
}

// pools returns the one connection that writes, and those that read.
func pools(path string, readers int) (write, read *sql.DB, err error) {
	if write, err = sql.Open("sqlite", writerDSN(path)); err != nil {
		return nil, nil, err
	}
	if read, err = sql.Open("sqlite", readerDSN(path)); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	write.SetMaxOpenConns(1)
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return write, read, nil
}

// fill brings the tables to the present form and learns every domain's state.
func (s *Store) fill(ctx context.Context) error {
	if err := migrate(ctx, s.write, goose.DialectSQLite3); err != nil {
		return err
	}
	all, err := rows(ctx, s.read, domainsQuery(engine.DomainFilter{}), scanDomain)
	s.states = newStates(all)
	return err
}

// create makes an empty file unless there is one, and returns its path without
// symbolic links, so that one database can't be locked by two names.
func create(path string) (string, error) {
	file, err := os.OpenFile(filepath.Clean(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return path, fmt.Errorf("create the database: %w", err)
	}
	if err := file.Close(); err != nil {
		return path, err
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return path, err
	}
	return filepath.Abs(resolved)
}

// writerDSN: fullfsync matters on macOS, where fsync alone leaves the data in
// the disk's cache.
func writerDSN(path string) string {
	return dsn(path, url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "fullfsync(1)", "foreign_keys(1)"},
	})
}

func readerDSN(path string) string {
	return dsn(path, url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)"}})
}

func dsn(path string, parameters url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters.Encode()
}
