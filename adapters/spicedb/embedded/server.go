package embedded

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/authzed/spicedb/pkg/cmd/server"
	"github.com/authzed/spicedb/pkg/cmd/util"
	"github.com/authzed/spicedb/pkg/datastore"
)

// forever is longer than any process runs.
const forever = 100 * 365 * 24 * time.Hour

// serve starts a server on a datastore and returns a connection to it, and what
// stops it.
func serve(ctx context.Context, opts *Options, store datastore.Datastore) (*direct, func() error, error) {
	config, conn := configure(opts), newDirect()
	config.UnaryMiddlewareModification = append(config.UnaryMiddlewareModification, conn.learner())
	config.Datastore = unmeasured{store}
	srv, err := config.Complete(ctx)
	if err != nil {
		return nil, nil, err
	}
	conn.ClientConn, err = srv.NewClient()
	if err != nil {
		return nil, nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- srv.Run(running) }()
	return conn, func() error {
		cancel()
		return <-ended
	}, nil
}

// configure starts from SpiceDB's defaults and switches off what reaches out
// of the process.
func configure(opts *Options) *server.Config {
	c := server.NewConfigWithOptionsAndDefaults()
	c.GRPCAuthFunc = func(ctx context.Context) (context.Context, error) { return ctx, nil }
	c.GRPCServer.Network = util.BufferedNetwork
	c.GRPCServer.MaxConnAge = forever
	c.DispatchServer.Enabled = false
	c.HTTPGateway.HTTPEnabled = false
	c.MetricsAPI.HTTPEnabled = false
	c.SilentlyDisableTelemetry = true
	c.TelemetryEndpoint = ""
	c.DispatchClientMetricsEnabled = false
	c.DispatchClusterMetricsEnabled = false
	c.DisableGRPCLatencyHistogram = true
	c.EnableMemoryProtectionMiddleware = false
	c.StreamingAPITimeout = timeout

	c.ExperimentalSchemaMode = "read-new-write-new"
	configureCaches(c, opts)
	return c
}

// configureCaches keeps compiled schemas, and nothing else unless asked to: SpiceDB's
// dispatch cache takes no notice of a relationship's expiry. We ask at one
// snapshot for as long as nothing is written, and there a cached answer would
// outlive the grant.
func configureCaches(c *server.Config, opts *Options) {
	c.StoredSchemaCacheConfig.Metrics = false
	c.NamespaceCacheConfig.Enabled = false // of the schema mode that we don't use
	c.ClusterDispatchCacheConfig.Enabled = false
	c.LR3ResourceChunkCacheConfig.Enabled = false
	c.DispatchCacheConfig.Metrics = false
	c.DispatchCacheConfig.Enabled = opts.DispatchCache > 0
	c.DispatchCacheConfig.MaxCost = strconv.FormatUint(min(opts.DispatchCache, math.MaxInt64), 10)
}

// unmeasured hides the datastore's statistics, of which SpiceDB would make a
// collector for Prometheus's default registry.
type unmeasured struct{ datastore.Datastore }

func (unmeasured) Statistics(context.Context) (datastore.Stats, error) {
	return datastore.Stats{}, errors.New("embedded SpiceDB keeps no statistics")
}

// Unwrap lets SpiceDB find what else the datastore can do.
func (u unmeasured) Unwrap() datastore.Datastore { return u.Datastore }
