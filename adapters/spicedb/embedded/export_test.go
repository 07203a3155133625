package embedded

import (
	"context"

	dsconfig "github.com/authzed/spicedb/pkg/cmd/datastore"

	"github.com/portico-authz/portico/adapters/spicedb"
)

// Connected returns the same Graph with all calls on the connection.
func (g *Graph) Connected() *Graph {
	connected := *g
	connected.spicedb = spicedb.New(g.conn.ClientConn, nil)
	return &connected
}

// NewOnMemdb starts a SpiceDB on its own memdb, to be compared with. Writes to
// it must come one after the other.
func NewOnMemdb(ctx context.Context) (*Graph, error) {
	config := dsconfig.DefaultDatastoreConfig()
	config.Engine = dsconfig.MemoryEngine
	config.RevisionQuantization = 0
	config.GCWindow = forever
	config.EnableDatastoreMetrics = false
	store, err := dsconfig.NewDatastore(ctx, config.ToOption())
	if err != nil {
		return nil, err
	}
	return newOn(ctx, &Options{}, store)
}
