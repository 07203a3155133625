package replicas_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/portico-authz/portico/adapters/loopback"
)

// link is a connection that tests break: a proxy, on an address that stays.
// Its methods are for one goroutine.
type link struct {
	address  string
	upstream string
	proxy    *toxiproxy.Proxy // nil while it is cut
}

func newLink(t *testing.T, upstream string) *link {
	t.Helper()
	l := &link{address: loopback.SteadyAddress(t), upstream: upstream}
	l.open(t)
	t.Cleanup(l.cut)
	return l
}

// open lets everything through.
func (l *link) open(t *testing.T) {
	t.Helper()
	l.cut()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, l.address, l.address, l.upstream)
	await(t, "open the link at "+l.address, proxy.Start)
	l.proxy = proxy
}

// cut breaks all connections, and refuses new ones.
func (l *link) cut() {
	if l.proxy != nil {
		l.proxy.Stop()
		l.proxy = nil
	}
}

// poison has toxiproxy do something to each connection, present ones too, until
// the link is opened again.
func (l *link) poison(t *testing.T, toxic, attributes string) {
	t.Helper()
	text := fmt.Sprintf(`{"type":%q,"stream":"downstream","attributes":{%s}}`, toxic, attributes)
	if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
		t.Fatalf("%s: %v", toxic, err)
	}
}

// swallow keeps connections open, and lets nothing through.
func (l *link) swallow(t *testing.T) {
	t.Helper()
	l.poison(t, "timeout", `"timeout":0`)
}

// lead leads to another server from now on.
func (l *link) lead(t *testing.T, upstream string) {
	t.Helper()
	l.upstream = upstream
	l.open(t)
}
