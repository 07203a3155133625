package ginapi

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/portico-authz/portico/engine"
)

// addHealth adds what the machinery around asks. None of it needs a key, or
// says more than that things are up.
func (s *server) addHealth(router *gin.Engine) {
	probes := []string{http.MethodGet, http.MethodHead}
	live := func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) }
	router.Match(probes, "/livez", live)
	router.Match(probes, "/healthz", live)
	router.Match(probes, "/readyz", s.ready)
	router.GET("/metrics", gin.WrapH(promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{})))
}

// readiness is the answer of a server that requests can be sent to.
type readiness struct {
	Status       string            `json:"status"`
	Dependencies map[string]string `json:"dependencies"`
}

// unreadiness is the answer of one that they can't, with RFC 9457's room for
// more than it names itself.
type unreadiness struct {
	*Problem
	Dependencies map[string]string `json:"dependencies"`
}

// How a dependency is.
const (
	isOK   = "ok"
	isDown = "down"
	isSlow = "down, answers are slower"
)

// ready reports whether requests can be answered now; if not, the problem says
// which part is out of reach, and the log why.
func (s *server) ready(c *gin.Context) {
	if s.draining.Load() {
		s.abort(c, busy(http.StatusServiceUnavailable, "draining", 0))
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), s.ReadyTimeout)
	defer cancel()
	how, err := report(s.engine.Health(ctx))
	if err == nil {
		c.JSON(http.StatusOK, readiness{"ready", how})
		return
	}
	p := s.problem(ctx, err)
	s.refuse(c, p, unreadiness{p, how})
}

// report says in words how the dependencies are, and which of them requests
// can't be answered without, if there is one.
func report(found []engine.Dependency) (map[string]string, error) {
	how := map[string]string{}
	for _, d := range found {
		switch {
		case d.Err == nil:
			how[d.Name] = isOK
		case d.Optional:
			how[d.Name] = isSlow
		default:
			how[d.Name] = isDown
		}
	}
	return how, engine.Unready(found)
}
