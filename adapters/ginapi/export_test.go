package ginapi

import (
	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/engine"
)

// Routes returns the routes that the façade really has.
func (s *Server) Routes() gin.RoutesInfo { return s.router.Routes() }

// Report says how dependencies are.
func Report(found []engine.Dependency) (map[string]string, error) { return report(found) }

// Scrub takes out of a text what must not be in a log.
func Scrub(text string) string { return scrub(text) }
