package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/adapters/ginapi"
)

// bind takes the configured address, so that nothing else is done if it can't be
// had. Until Run serves, connections wait.
func (a *app) bind(ctx context.Context) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.config.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w; choose another address with --listen", err)
	}
	return listener, nil
}

// Run serves and maintains until ctx ends, then drains. It closes the listener.
func (a *app) Run(ctx context.Context, server *http.Server, listener net.Listener) error {
	a.warnOfCuts(ctx)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var rest sync.WaitGroup
	rest.Go(func() { a.maintain(ctx) })
	defer rest.Wait() // the engine is closed after this
	defer stop()

	failed := make(chan error, 1)
	go func() { failed <- a.listen(server, listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		a.log.InfoContext(ctx, "stopping", slog.Duration("at_most", a.config.ShutdownTimeout))
		return a.drain(ctx, server)
	}
}

// grace is what a request that took too long has to be told so.
const grace = 5 * time.Second

func (a *app) server() (*http.Server, error) {
	verifier, err := openVerifier(a.config.OIDC)
	if err != nil {
		return nil, err
	}
	encryption, err := a.config.TLS.load()
	if err != nil {
		return nil, err
	}
	gin.SetMode(gin.ReleaseMode) // gin's own global; in debug mode it prints to stdout
	a.facade = ginapi.New(a.engine, &ginapi.Options{
		Verifier: verifier, Log: a.log, Metrics: a.watch.registry, Version: builtFrom().Version,
		RequestTimeout: a.config.Limits.Request, Limits: a.config.Limits.facade(),
	})
	return &http.Server{
		Handler:           a.watch.handler(a.facade),
		TLSConfig:         encryption,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       a.config.Limits.Request + grace,
		WriteTimeout:      a.config.Limits.Request + grace,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    a.config.Limits.Headers,
		ConnState:         a.busy.note,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}, nil
}

// facade is what the façade itself keeps to.
func (l Limits) facade() ginapi.Limits {
	return ginapi.Limits{
		Concurrent: l.Concurrent,
		Key:        ginapi.Limit{Rate: l.RatePerKey, Burst: l.BurstPerKey, Concurrent: l.ConcurrentPerKey},
		Partner:    ginapi.Limit{Rate: l.RatePerPartner, Burst: l.BurstPerPartner, Concurrent: l.ConcurrentPerPartner},
	}
}

// load returns nil if there is no certificate.
func (t TLS) load() (*tls.Config, error) {
	if t.Cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, usageError("tls.cert and tls.key: %s", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// listen serves until the server is shut down.
func (a *app) listen(server *http.Server, listener net.Listener) error {
	var err error
	if server.TLSConfig != nil {
		err = server.ServeTLS(listener, "", "")
	} else {
		err = server.Serve(listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// maintain does what was left to be done later, now and then.
func (a *app) maintain(ctx context.Context) {
	tick := time.NewTicker(a.config.MaintenanceInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := a.engine.Maintain(ctx); err != nil && ctx.Err() == nil {
				a.log.WarnContext(ctx, "maintenance failed; it is tried again", "error", err)
			}
			if backlog, err := a.engine.Backlog(ctx); err == nil {
				a.watch.metrics.Pending(backlog.Pending, backlog.Oldest)
			}
		}
	}
}

func (a *app) url(addr net.Addr) string {
	if a.config.TLS.Cert != "" {
		return "https://" + addr.String()
	}
	return "http://" + addr.String()
}
