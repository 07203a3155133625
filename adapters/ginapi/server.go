// Package ginapi is the façade: Portico's operations, views and decisions over
// HTTP, on gin, with an OpenAPI 3.1 document made from the same code.
//
// Writes are a table: every operation of the engine is its own request
// definition. Reads and decisions are huma handlers. What the portal doesn't
// have has no route. The package decides nothing and keeps nothing; timeouts
// of the server itself are its owner's.
//
// Start at [New]; an application with the engine inside guards its own routes
// with [Require].
package ginapi

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/portico-authz/portico/adapters/ginapi/internal/limiter"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Options tune the façade. The zero value works.
type Options struct {
	// Verifier verifies JSON Web Tokens. Default: they are refused.
	Verifier Verifier
	Log      *slog.Logger // default: none
	// Metrics gets the façade's metrics and is what /metrics shows; it can serve
	// one façade only. Default: a registry of its own.
	Metrics *prometheus.Registry
	Version string // in the OpenAPI document; default "dev"
	// RequestTimeout bounds what a request may take; what takes longer is
	// answered 503, and an operation that was journaled by then still happens.
	// Streams of the whole journal have a deadline per page instead. Default: 1 min.
	RequestTimeout time.Duration
	// ReadyTimeout bounds what /readyz asks. Default: 2 s.
	ReadyTimeout time.Duration
	Limits       Limits       // default: none
	Clock        engine.Clock // tells the limits the time; default: the system's
}

func (o *Options) fill() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = time.Minute
	}
	if o.ReadyTimeout == 0 {
		o.ReadyTimeout = 2 * time.Second
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// server is the façade of one engine.
type server struct {
	Options
	engine  *engine.Engine
	portal  *schema.Portal
	api     huma.API
	v1      *gin.RouterGroup // authenticated
	metrics *metrics

	active         atomic.Int64 // requests under way in v1
	keys, partners *limiter.Table
	draining       atomic.Bool
}

// New returns the façade of a started engine. In gin's debug mode, which is
// gin's own global, gin prints every route: set its release mode before.
func New(e *engine.Engine, opts *Options) *Server {
	s := &server{engine: e, portal: e.Portal()}
	if opts != nil {
		s.Options = *opts
	}
	s.fill()
	s.metrics = newMetrics(s.Metrics, e.Operations())
	s.keys = limiter.New(limiter.Limit(s.Limits.Key), maxNamed, s.Clock)
	s.partners = limiter.New(limiter.Limit(s.Limits.Partner), maxNamed, s.Clock)
	router := newRouter()
	router.Use(s.observe, s.identify, s.catch, harden, unescapePath)
	router.NoRoute(func(c *gin.Context) { s.abort(c, engine.Errorf(engine.NotFound, "no such address")) })
	router.NoMethod(func(c *gin.Context) {
		s.abort(c, malformed(http.StatusMethodNotAllowed, "the address has no such method"))
	})
	s.v1 = router.Group("", s.shed, s.hurry, s.authenticate, s.admit, s.refuseQueries)
	s.api = newAPI(router, s.v1, s.Options, s.portal)
	s.addOperations()
	s.addViews()
	s.addDecisions()
	s.addHealth(router)
	s.addDocs(router)
	return &Server{s, router}
}

// Server is the façade of one engine.
type Server struct {
	server *server
	router *gin.Engine
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.server.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	s.router.ServeHTTP(w, r)
}

// Drain begins the server's end: /readyz says that it is draining, and callers
// are told to take their next requests elsewhere, by Connection: close.
// Requests are answered as before. Call it some time before
// [http.Server.Shutdown], as long as load balancers need to notice. There is no
// way back; calling it again changes nothing.
func (s *Server) Drain() { s.server.draining.Store(true) }

// newRouter returns a router that takes addresses literally.
func newRouter() *gin.Engine {
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.RedirectTrailingSlash = false
	router.ForwardedByClientIP = false
	// Names in paths may hold escaped slashes; unescapePath unescapes them, since
	// gin would take a plus sign for a space.
	router.UseEscapedPath = true
	router.UnescapePathValues = false
	return router
}

// addViews adds what people read.
func (s *server) addViews() {
	s.addPortal()
	s.addPartnerViews()
	s.addStaffViews()
	s.addCapabilityViews()
	s.addClientViews()
	s.addAccountViews()
	s.addGroupViews()
	s.addProjectViews()
	s.addRecordViews()
	s.addEventViews()
	s.addSupportViews()
	s.addJournal()
}
