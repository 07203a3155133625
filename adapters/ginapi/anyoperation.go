package ginapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/engine"
)

// addAnyOperation serves every operation of the portal under its name, with
// all of its parameters in the body. It is for programs that know operations
// by name, such as the command line.
func (s *server) addAnyOperation() {
	writers := map[string]*writer{}
	names, body := &huma.Schema{Type: huma.TypeString}, &huma.Schema{}
	for _, d := range s.engine.Operations() {
		w := s.newWriter(write{success: http.StatusOK}, d)
		writers[d.Name] = w
		names.Enum = append(names.Enum, d.Name)
		body.AnyOf = append(body.AnyOf, w.body)
	}
	s.api.OpenAPI().AddOperation(&huma.Operation{
		Method: http.MethodPost, Path: "/v1/operations/{operation}", OperationID: "do",
		Summary: "Do any operation by its name", Tags: []string{"operations"},
		Description: "The body has all parameters of the operation, those of its own address's path included.",
		Parameters: append([]*huma.Param{{
			Name: "operation", In: "path", Required: true, Schema: names, Description: "The operation's name.",
		}}, writeParameters()...),
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{jsonType: {Schema: body}}},
		Responses:   s.writeResponses(http.StatusOK),
	})
	s.v1.POST("/v1/operations/:operation", func(c *gin.Context) {
		w, ok := writers[c.Param("operation")]
		if !ok {
			s.abort(c, engine.Errorf(engine.NotFound, "the portal %s has no operation %q", s.portal.Name, c.Param("operation")))
			return
		}
		s.do(c, []*writer{w})
	})
}
