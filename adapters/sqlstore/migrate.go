package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"github.com/portico-authz/portico/engine"
)

// The databases disagree on collations and on how a table says its primary key
// is its order, so each has its own files.
//
//go:embed migrations
var migrations embed.FS

// migrate brings the database's tables to the present form. It refuses a
// database that a newer Portico has migrated.
func migrate(ctx context.Context, db *sql.DB, d goose.Dialect, options ...goose.ProviderOption) error {
	folder := map[goose.Dialect]string{goose.DialectSQLite3: "sqlite", goose.DialectPostgres: "postgres"}[d]
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return translate("migrate", err)
	}
	options = append(options, goose.WithDisableGlobalRegistry(true), goose.WithTableName("portico_migrations"))
	provider, err := goose.NewProvider(d, db, files, options...)
	if err != nil {
		return translate("migrate", err)
	}
	current, target, err := provider.GetVersions(ctx)
	switch {
	case err != nil:
	case current > target:
		return engine.Errorf(engine.Conflict,
			"the database's tables have version %d, and this Portico knows %d; run the newer one", current, target)
	case current < target: // else a replica that starts needn't wait for the lock
		_, err = provider.Up(ctx)
	}
	if err != nil {
		err = fmt.Errorf("bring the tables to the present form: %w", err)
	}
	return translate("migrate", err)
}
