package ginapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Require guards a route of an application that has the engine inside: the
// handlers after it run only if the subject has the permission on the resource
// at this moment. A zero subject (nobody signed in) is answered with 401, a
// deny with 403, and what can't be decided with the engine's problem; no error
// lets anybody through. A partner that isn't there is a deny to the caller, as
// an account that isn't there is: the two must look alike, or strangers could
// find out who is a partner. Only the code and its fixed words are told: what
// the resource is called may be the application's secret.
func Require(e *engine.Engine, permission string, resource func(*gin.Context) schema.Object, subject func(*gin.Context) schema.Subject) gin.HandlerFunc {
	return func(c *gin.Context) {
		who := subject(c)
		if who.IsZero() {
			refuse(c, engine.Unauthenticated)
			return
		}
		q := engine.Query{Resource: resource(c), Permission: permission, Subject: who}
		answer, err := e.Check(c.Request.Context(), q, engine.Consistency{})
		if err != nil {
			_ = c.Error(err) // for the application's log
		}
		switch code := engine.CodeOf(err); {
		case code == engine.NotFound:
			refuse(c, engine.Forbidden)
		case err != nil:
			refuse(c, code)
		case answer.Decision != engine.Allow:
			refuse(c, engine.Forbidden)
		default:
			c.Next()
		}
	}
}

func refuse(c *gin.Context, code engine.Code) {
	p := problemFor(code, "")
	p.Type = "about:blank" // the application has no /docs of ours
	p.Title = http.StatusText(p.Status)
	for name, values := range p.GetHeaders() {
		c.Writer.Header()[name] = values
	}
	c.Header("Content-Type", problemType)
	c.AbortWithStatusJSON(p.Status, p)
}
