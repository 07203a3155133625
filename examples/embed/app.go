package main

import (
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// app is the application's own routes, guarded by the engine.
type app struct{ engine *engine.Engine }

func newApp(e *engine.Engine) http.Handler {
	a := app{e}
	router := gin.New()
	router.Use(gin.Recovery())
	router.GET("/clients", a.listClients)
	// What a route needs is one line beside it: the permission, and where in the
	// request the resource and the person are.
	router.GET("/clients/:client", ginapi.Require(e, "access", client, person), a.showClient)
	router.GET("/clients/:client/accounts/:account", ginapi.Require(e, "access", account, person), a.showAccount)
	// Operations check the person's permission themselves.
	router.PUT("/clients/:client/staff/:staff", a.addStaff)
	router.DELETE("/clients/:client/staff/:staff", a.removeStaff)
	return router
}

// person says who makes the request, nobody if it is the zero subject.
//
// FOR DEMONSTRATION ONLY: whoever sends the header is believed. Put here what
// your sign-in knows: the subject of a verified token, or of a session.
func person(c *gin.Context) schema.Subject {
	user := c.GetHeader("Demo-User")
	if user == "" {
		return schema.Subject{}
	}
	return schema.Subject{Object: schema.User(user)}
}

func client(c *gin.Context) schema.Object { return schema.Obj("client", firm, c.Param("client")) }

func account(c *gin.Context) schema.Object { return schema.Obj("account", firm, c.Param("account")) }

// listClients lists the folders that the person reaches.
func (a app) listClients(c *gin.Context) {
	who := person(c)
	if who.IsZero() {
		c.JSON(http.StatusUnauthorized, gin.H{"error": "say who you are in the header Demo-User"})
		return
	}
	page, err := a.engine.ListResources(c.Request.Context(), firm, "client", "access", who, engine.Paging{}, engine.Consistency{})
	if err != nil {
		fail(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"clients": page.Objects, "more": page.Next != ""})
}

func (a app) showClient(c *gin.Context) {
	names := slices.Sorted(maps.Keys(accounts[c.Param("client")]))
	c.JSON(http.StatusOK, gin.H{"client": c.Param("client"), "accounts": names})
}

// showAccount shows an account. The guard has decided about the account; that
// it is in the folder that the address names is the application's to see to.
func (a app) showAccount(c *gin.Context) {
	content, ok := accounts[c.Param("client")][c.Param("account")]
	if !ok {
		c.JSON(http.StatusNotFound, gin.H{"error": "no such account in this folder"})
		return
	}
	c.JSON(http.StatusOK, gin.H{"account": c.Param("account"), "content": content})
}

func (a app) addStaff(c *gin.Context) {
	a.do(c, &engine.AddClientStaff{Partner: firm, Client: c.Param("client"), Staff: c.Param("staff")})
}

func (a app) removeStaff(c *gin.Context) {
	a.do(c, &engine.RemoveClientStaff{Partner: firm, Client: c.Param("client"), Staff: c.Param("staff")})
}

// do does an operation as the person. When it returns, every later check knows.
func (a app) do(c *gin.Context, op engine.Operation) {
	who := person(c)
	if who.IsZero() {
		c.JSON(http.StatusUnauthorized, gin.H{"error": "say who you are in the header Demo-User"})
		return
	}
	result, err := a.engine.Do(c.Request.Context(), engine.PersonActor(who.ID), op, nil)
	if err != nil {
		fail(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"done": result.Summary})
}

// fail answers with what the caller may know of an engine's error.
func fail(c *gin.Context, err error) {
	status := http.StatusInternalServerError
	switch engine.CodeOf(err) {
	case engine.Invalid:
		status = http.StatusBadRequest
	case engine.Forbidden:
		status = http.StatusForbidden
	case engine.NotFound:
		status = http.StatusNotFound
	case engine.Conflict:
		status = http.StatusConflict
	case engine.Unavailable:
		status = http.StatusServiceUnavailable
	default:
	}
	c.JSON(status, gin.H{"error": engine.MessageOf(err)})
}
