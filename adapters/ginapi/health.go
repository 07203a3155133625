package ginapi

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// addHealth adds what the machinery around asks. None of it needs a key, or
// says more than that things are up.
func (s *server) addHealth(router *gin.Engine) {
	probes := []string{http.MethodGet, http.MethodHead}
	router.Match(probes, "/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	router.Match(probes, "/readyz", s.ready)
	router.GET("/metrics", gin.WrapH(promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{})))
}

// ready reports whether requests can be answered now; if not, the problem says
// which part is out of reach.
func (s *server) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), s.ReadyTimeout)
	defer cancel()
	if err := s.engine.Ready(ctx); err != nil {
		s.abort(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"status": "ready"})
}
