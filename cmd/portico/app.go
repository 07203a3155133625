package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/adapters/mailer"
	"github.com/portico-authz/portico/adapters/observed"
	"github.com/portico-authz/portico/adapters/oidc"
	"github.com/portico-authz/portico/adapters/rediscache"
	"github.com/portico-authz/portico/adapters/spicedb"
	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/adapters/sqlstore"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// app is an engine and all that it runs on, as configured. Close closes in
// reverse order what was opened.
type app struct {
	config  Config
	log     *slog.Logger
	portal  *schema.Portal
	store   engine.Store
	engine  *engine.Engine
	watch   *watch
	facade  *ginapi.Server // once it serves
	busy    busy           // as above
	closers []func() error
}

// parts are what a command may put into an app.
type parts struct {
	stdout, stderr io.Writer
	// mailer decorates the configured one, which is nil if there is none.
	mailer func(engine.Mailer) engine.Mailer
	clock  engine.Clock
	// serves is set where the app is a server: it may change the schema of a
	// SpiceDB that others use, and go back to a former one with rollBack.
	serves, rollBack bool
}

// openApp opens store and graph and starts the engine.
func openApp(ctx context.Context, c Config, p parts) (*app, error) {
	a, err := openStore(ctx, c, p)
	if err != nil {
		return nil, err
	}
	if err := a.start(ctx, p); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// openStore opens the store alone: enough for what asks no decision.
func openStore(ctx context.Context, c Config, p parts) (*app, error) {
	portal, err := loadPortal(c.Portal)
	if err != nil {
		return nil, err
	}
	a := &app{config: c, log: newLog(c.Log, p.stderr), portal: portal}
	var store *sqlstore.Store
	if c.Store.Postgres() {
		store, err = sqlstore.OpenPostgres(ctx, string(c.Store), nil)
	} else {
		store, err = sqlstore.OpenSQLite(ctx, string(c.Store), nil)
	}
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, store.Close)
	if a.watch, err = newWatch(ctx, c.Tracing); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	a.closers = append(a.closers, func() error { a.watch.close(a.log); return nil }) //nolint:contextcheck // the caller is gone by then
	a.store = observed.Store(store, a.watch.around)
	a.engine = engine.New(a.store, nil, portal, &engine.Options{Clock: p.clock, Log: a.log})
	return a, nil
}

func (a *app) start(ctx context.Context, p parts) error {
	graph, err := openGraph(ctx, a.config.SpiceDB)
	if err != nil {
		return err
	}
	a.closers = append(a.closers, graph.Close)
	mail, err := openMailer(&a.config, p.stdout)
	if err != nil {
		return err
	}
	cache, err := a.openCache() //nolint:contextcheck // the breaker's log has no caller
	if err != nil {
		return err
	}
	if p.mailer != nil {
		mail = p.mailer(mail)
	}
	loading := newMeter(p.stderr, a.log, "loading relationships")
	defer loading.done()
	a.engine = engine.New(a.store, observed.Graph(graph, a.watch.around), a.portal, &engine.Options{
		Clock: p.clock, Mailer: mail, Log: a.log, Cache: cache, Progress: loading.set,
		InvitationLife: a.config.InvitationLife, SnapshotLife: a.config.SpiceDB.GCWindow,
		LeaseLife: 2 * a.config.MaintenanceInterval, RollBack: p.rollBack, Guest: !p.serves,
	})
	a.watch.metrics.Engine(a.engine.Stats)
	return a.engine.Start(ctx)
}

// Close closes what was opened, the last first.
func (a *app) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}

// loadPortal reads a portal that ships with Portico, or one in a folder.
func loadPortal(name string) (*schema.Portal, error) {
	files, err := portalFiles(name)
	if err != nil {
		return nil, err
	}
	return schema.Load(files, zed.Compile)
}

// portalFiles returns the files of a portal that ships with Portico, or of one in
// a folder.
func portalFiles(name string) (fs.FS, error) {
	if files, err := schema.Builtin(name); err == nil {
		return files, nil
	}
	if info, err := os.Stat(name); err != nil || !info.IsDir() {
		return nil, usageError("portal: %q is neither a folder nor one of %v", name, schema.Portals())
	}
	return os.DirFS(name), nil
}

func openGraph(ctx context.Context, c SpiceDB) (engine.Graph, error) {
	if c.Endpoint == "" {
		return embedded.New(ctx, nil)
	}
	opts := &spicedb.RemoteOptions{}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, usageError("spicedb.ca_file: %s", err)
		}
		opts.CA = pem
	}
	if c.Insecure {
		opts.Transport = spicedb.PlaintextAnywhere
		if host, _, err := net.SplitHostPort(c.Endpoint); err == nil && loopbackHost(host) {
			opts.Transport = spicedb.PlaintextLoopback
		}
	}
	return spicedb.Dial(ctx, c.Endpoint, string(c.Token), opts)
}

// openCache returns nil if decisions are cached nowhere.
func (a *app) openCache() (engine.Cache, error) {
	c := a.config.Redis
	if c.Mode == "" {
		return nil, nil
	}
	opts := &rediscache.Options{
		Mode: rediscache.Mode(c.Mode), Master: c.Master, Username: c.Username, Password: string(c.Password),
		SentinelUsername: c.SentinelUsername, SentinelPassword: string(c.SentinelPassword), Database: c.Database,
		TLS: c.TLS, Timeout: c.Timeout, Connections: c.Connections, ClientName: clientName(), Prefix: "portico:", Log: a.log,
	}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, usageError("redis.ca_file: %s", err)
		}
		opts.CA = pem
	}
	rediscache.LogDriver(a.log)
	cache, err := rediscache.New(c.Addresses, opts)
	if err != nil {
		return nil, usageError("redis: %s", err)
	}
	a.closers = append(a.closers, cache.Close)
	a.watch.metrics.Breaker(func() float64 { return float64(cache.State()) })
	return observed.Cache(cache, a.watch.around), nil
}

// clientName is what Redis lists this process as.
func clientName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "unknown"
	}
	return fmt.Sprintf("portico/%s/%d", host, os.Getpid())
}

// openVerifier returns nil if nobody's tokens are taken.
func openVerifier(c OIDC) (ginapi.Verifier, error) {
	if c.Issuer == "" {
		return nil, nil
	}
	return oidc.New(c.Issuer, c.Audience, &oidc.Options{
		Algorithms: c.Algorithms, JWKSURL: c.JWKSURL, UserClaim: c.UserClaim,
	})
}

// openMailer returns nil if nobody can be sent anything.
func openMailer(c *Config, stdout io.Writer) (engine.Mailer, error) {
	letter, err := mailer.NewLetter(c.Mail.Link)
	if err != nil {
		return nil, err
	}
	smtp := c.Mail.SMTP
	switch {
	case smtp.Address != "":
		return mailer.NewSMTP(smtp.Address, smtp.From, letter, &mailer.SMTPOptions{
			Username: smtp.Username, Password: string(smtp.Password),
		})
	case c.Mail.Outbox != "":
		return mailer.NewOutbox(c.Mail.Outbox, letter, nil)
	case c.loopback():
		return mailer.NewPrinter(stdout, letter), nil
	}
	return nil, nil
}

func newLog(c Log, w io.Writer) *slog.Logger {
	level, err := c.level()
	if err != nil {
		level = slog.LevelInfo // Validate has refused it
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
