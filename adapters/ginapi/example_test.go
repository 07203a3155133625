package ginapi_test

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Before a server of several is stopped, load balancers must notice, and
// requests under way must end.
func ExampleServer_Drain() {
	var started *engine.Engine // from engine.New, and started

	facade := ginapi.New(started, &ginapi.Options{Limits: ginapi.Limits{
		Concurrent: 500,
		Key:        ginapi.Limit{Rate: 200, Concurrent: 50},
		Partner:    ginapi.Limit{Rate: 500, Burst: 1000},
	}})
	server := &http.Server{Handler: facade, ReadHeaderTimeout: 5 * time.Second}

	stop := func(ctx context.Context, delay <-chan time.Time) error {
		facade.Drain()
		<-delay // as long as it takes until /readyz was asked often enough
		return server.Shutdown(ctx)
	}
	_ = stop
}

func ExampleNew() {
	var started *engine.Engine // from engine.New, and started

	serve := func() error {
		server := &http.Server{
			Addr: "127.0.0.1:8080", Handler: ginapi.New(started, nil),
			ReadHeaderTimeout: 5 * time.Second, WriteTimeout: time.Minute,
		}
		return server.ListenAndServe()
	}
	_ = serve
}

// An application with the engine inside lets only those to an account's
// figures who have access to it.
func ExampleRequire() {
	var started *engine.Engine // from engine.New, and started

	account := func(c *gin.Context) schema.Object {
		return schema.Obj("account", schema.Domain(c.Param("partner")), c.Param("account"))
	}
	person := func(c *gin.Context) schema.Subject {
		user := c.GetString("user") // from the application's own sign-in
		if user == "" {
			return schema.Subject{}
		}
		return schema.Subject{Object: schema.User(user)}
	}
	router := gin.New()
	router.GET("/:partner/:account/figures", ginapi.Require(started, "access", account, person), func(c *gin.Context) {
		c.String(http.StatusOK, "the figures")
	})
}
