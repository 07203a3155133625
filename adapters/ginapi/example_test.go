package ginapi_test

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

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
