// Command embed is a small gin application with Portico's engine inside: no
// server beside it, one SQLite file, SpiceDB in the process. It shows three
// things: how the engine is put together (portal.go), how a route is guarded
// by [ginapi.Require] and an operation done (app.go), and how a firm comes to
// be (firm.go).
//
// It is not a model of signing in: a header says who somebody is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // writing fails instead, and what was started is ended
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "embed: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("embed", flag.ContinueOnError)
	flags.SetOutput(stderr)
	store := flags.String("store", "embed.db", "SQLite file; it is made if it isn't there")
	listen := flags.String("listen", "127.0.0.1:8090", "address to serve on; keep it on loopback, see the package's comment")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	p, err := openPortal(ctx, *store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.seed(ctx); err != nil {
		return fmt.Errorf("make the firm: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *listen)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, hints, listener.Addr()); err != nil {
		return err
	}
	gin.SetMode(gin.ReleaseMode) // gin's own global; in debug mode it prints every route
	return serve(ctx, p, listener)
}

const hints = `Olga owns the firm Harbour; Vera is an advisor on the folder Retail, not on Bakery. Try:

  at=http://%s
  curl -s -H 'Demo-User: vera' $at/clients
  curl -s -H 'Demo-User: vera' $at/clients/retail/accounts/ledger    # she may
  curl -s -H 'Demo-User: vera' $at/clients/bakery/accounts/oven      # she may not
  curl -s -H 'Demo-User: olga' -X DELETE $at/clients/retail/staff/vera
  curl -s -H 'Demo-User: vera' $at/clients/retail/accounts/ledger    # not any more
  curl -s -H 'Demo-User: olga' -X PUT $at/clients/retail/staff/vera
`

// serve serves until ctx ends, and does meanwhile what was left to be done
// later.
func serve(ctx context.Context, p *portal, listener net.Listener) error {
	handler := newApp(p.Engine) //nolint:contextcheck // requests have contexts of their own
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	ctx, stop := context.WithCancel(ctx)
	var rest sync.WaitGroup
	rest.Go(func() { p.maintain(ctx) })
	rest.Go(func() {
		<-ctx.Done()
		deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_ = server.Shutdown(deadline) // requests that take longer are cut off
	})
	err := server.Serve(listener)
	stop()
	rest.Wait() // the engine is closed after this
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
