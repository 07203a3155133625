package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// drain ends the server: for a while it only says that it will, so that load
// balancers send their requests elsewhere; then it takes no more, and ends when
// the last request is answered. If the time is up before, it cuts off what is
// left, and fails with a [cutOffError].
func (a *app) drain(ctx context.Context, server *http.Server) error {
	a.facade.Drain()
	time.Sleep(a.config.ShutdownDelay) // a second signal ends the process
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.config.ShutdownTimeout)
	defer cancel()
	err := server.Shutdown(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	left := a.busy.count()
	if err := server.Close(); err != nil || left == 0 {
		return err
	}
	return &cutOffError{connections: left, after: a.config.ShutdownTimeout}
}

// cutOffError is the end of a server that left requests without an answer.
type cutOffError struct {
	connections int
	after       time.Duration
}

func (c *cutOffError) Error() string {
	return fmt.Sprintf("shutdown_timeout: %s with requests under way cut off after %s; they may have happened", plural(c.connections, "connection"), c.after)
}

// warnOfCuts tells of a shutdown_timeout that even an ordinary request may not
// keep to.
func (a *app) warnOfCuts(ctx context.Context) {
	if a.config.ShutdownTimeout < a.config.Limits.Request {
		a.log.WarnContext(ctx, "shutdown_timeout is shorter than limits.request: at the end requests may be cut off",
			slog.Duration("shutdown_timeout", a.config.ShutdownTimeout), slog.Duration("limits_request", a.config.Limits.Request))
	}
}

// busy are the connections with a request that has come and isn't answered to
// its end. The zero value has none.
type busy struct {
	mu          sync.Mutex
	connections map[net.Conn]bool // guarded by mu
}

// note is for [http.Server.ConnState].
func (b *busy) note(c net.Conn, state http.ConnState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if state != http.StateActive {
		delete(b.connections, c)
		return
	}
	if b.connections == nil {
		b.connections = map[net.Conn]bool{}
	}
	b.connections[c] = true
}

func (b *busy) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.connections)
}
