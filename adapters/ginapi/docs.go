package ginapi

import (
	"embed"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"
)

// pages is the documentation: it reads /openapi.json and needs nothing else.
//
//go:embed docs
var pages embed.FS

// docsPolicy lets the page load what is served beside it, and nothing more.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// addDocs serves the OpenAPI document, as it is once every route is there, and
// the page that shows it.
func (s *server) addDocs(router *gin.Engine) {
	document, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		panic("ginapi: the OpenAPI document can't be written: " + err.Error()) // it is made from our own types
	}
	router.GET("/openapi.json", func(c *gin.Context) {
		c.Data(http.StatusOK, "application/openapi+json", document)
	})
	for _, f := range []struct{ path, file, mediaType string }{
		{"/docs", "docs/index.html", "text/html; charset=utf-8"},
		{"/docs/docs.css", "docs/docs.css", "text/css; charset=utf-8"},
		{"/docs/docs.js", "docs/docs.js", "text/javascript; charset=utf-8"},
	} {
		content, err := pages.ReadFile(f.file)
		if err != nil {
			panic("ginapi: " + err.Error()) // it is embedded
		}
		router.GET(f.path, func(c *gin.Context) {
			c.Header("Content-Security-Policy", docsPolicy)
			c.Data(http.StatusOK, f.mediaType, content)
		})
	}
}
