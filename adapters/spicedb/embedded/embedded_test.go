package embedded_test

import (
	"testing"

	"github.com/portico-authz/portico/adapters/spicedb/embedded"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
)

func TestGraph(t *testing.T) {
	enginetest.Graph(t, func(t *testing.T) engine.Graph { return open(t) })
}

func TestLoader(t *testing.T) {
	enginetest.Loader(t, func(t *testing.T) engine.Loader { return open(t) })
}

func open(t testing.TB) *embedded.Graph {
	t.Helper()
	g, err := embedded.New(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return g
}
