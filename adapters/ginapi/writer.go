package ginapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/engine"
)

// Limits of request bodies.
const (
	maxBody     = 1 << 20
	maxBulkBody = 4 << 20
)

// writer does one operation as a request says. It can't be a typed huma
// handler: those are generic over types with huma's own tags, and here the
// engine's operation is the definition.
type writer struct {
	write
	engine.Definition
	names  []string      // of the path's parameters
	params []*huma.Param // the path's
	body   *huma.Schema
}

var pathName = regexp.MustCompile(`\{([a-z_]+)\}`)

// newWriter makes the body's schema from the operation's fields that the path
// doesn't have.
func (s *server) newWriter(w write, d engine.Definition) *writer {
	wr := &writer{write: w, Definition: d}
	inPath := map[string]bool{}
	for _, m := range pathName.FindAllStringSubmatch(w.path, -1) {
		wr.names = append(wr.names, m[1])
		inPath[m[1]] = true
	}
	registry := s.api.OpenAPI().Components.Schemas
	operation := reflect.TypeOf(d.New()).Elem()
	var fields []reflect.StructField
	for _, f := range reflect.VisibleFields(operation) {
		switch name := jsonName(f); {
		case !f.IsExported():
		case inPath[name]:
			schema := huma.SchemaFromField(registry, f, "")
			wr.params = append(wr.params, &huma.Param{
				Name: name, In: "path", Required: true, Schema: schema, Description: schema.Description,
			})
		default:
			fields = append(fields, f)
		}
	}
	switch {
	case len(wr.names) == 0:
		wr.body = registry.Schema(operation, true, "")
	case len(fields) == 0:
		wr.body = &huma.Schema{Type: huma.TypeObject, AdditionalProperties: false}
		wr.body.PrecomputeMessages()
	default:
		wr.body = registry.Schema(reflect.StructOf(fields), true, operation.Name()+"Body")
	}
	return wr
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// addWriters documents and serves the operations of one method and path.
func (s *server) addWriters(route []*writer) {
	first := route[0]
	var names, summaries []string
	body := &huma.Schema{}
	for _, w := range route {
		names = append(names, w.operation)
		summaries = append(summaries, w.Summary)
		body.OneOf = append(body.OneOf, w.body)
	}
	if len(route) == 1 {
		body = first.body
	}
	op := &huma.Operation{
		Method: first.method, Path: first.path, OperationID: strings.Join(names, "_or_"),
		Summary: strings.Join(summaries, "; or: "), Tags: []string{tagOf(first.path)},
		Parameters: append(first.params, writeParameters()...),
		Responses:  s.writeResponses(first.success),
	}
	op.RequestBody = s.requestBody(body)
	s.api.OpenAPI().AddOperation(op)
	ginPath := pathName.ReplaceAllString(first.path, ":$1")
	s.v1.Handle(first.method, ginPath, func(c *gin.Context) {
		s.do(c, route)
	})
}

func writeParameters() []*huma.Param {
	return []*huma.Param{shared(dryRunQuery), shared(idempotencyHeader), shared(matchHeader), shared(reasonHeader)}
}

func (s *server) writeResponses(success int) map[string]*huma.Response {
	registry := s.api.OpenAPI().Components.Schemas
	result := func(description, epoch string) *huma.Response {
		return &huma.Response{
			Description: description,
			Headers:     map[string]*huma.Param{epochHeader: {Schema: &huma.Schema{Type: huma.TypeInteger}, Description: epoch}},
			Content:     map[string]*huma.MediaType{jsonType: {Schema: registry.Schema(reflect.TypeFor[Result](), true, "")}},
		}
	}
	responses := map[string]*huma.Response{
		"default": {
			Description: "Error",
			Content:     problemContent(registry),
		},
	}
	if success != http.StatusOK {
		responses[strconv.Itoa(http.StatusOK)] = result("A dry run: nothing was written", "The present epoch.")
	}
	responses[strconv.Itoa(success)] = result(http.StatusText(success), "The epoch that the operation began.")
	return responses
}

// requestBody documents a body, unless there is nothing to say in it.
func (s *server) requestBody(body *huma.Schema) *huma.RequestBody {
	whole := body
	if body.Ref != "" {
		whole = s.api.OpenAPI().Components.Schemas.SchemaFromRef(body.Ref)
	}
	if len(whole.Properties)+len(whole.OneOf) == 0 {
		return nil
	}
	return &huma.RequestBody{
		Required: len(whole.Required) > 0, Content: map[string]*huma.MediaType{jsonType: {Schema: body}},
	}
}

// choose returns the operation whose property the body has.
func choose(route []*writer, b *body) *writer {
	if len(route) > 1 {
		object, _ := b.parsed.(map[string]any) // what is no object is refused later
		for _, w := range route {
			if _, has := object[w.when]; has && w.when != "" {
				return w
			}
		}
	}
	return route[len(route)-1]
}

// body is what a request says: its bytes, and what they are as JSON.
type body struct {
	data   []byte
	parsed any
}

// readBody returns the body, {} if there is none.
func readBody(c *gin.Context) (*body, error) {
	data, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, malformed(http.StatusRequestEntityTooLarge, "the body is larger than 1 MiB")
	case err != nil:
		return nil, engine.Errorf(engine.Invalid, "the body can't be read")
	case len(data) == 0:
		return &body{[]byte("{}"), map[string]any{}}, nil
	case !saysJSON(c.GetHeader("Content-Type")):
		return nil, malformed(http.StatusUnsupportedMediaType, "the body must be application/json")
	}
	b := &body{data: data}
	if err := readJSON(data, &b.parsed); err != nil {
		return nil, faulty(&huma.ErrorDetail{Location: "body", Message: err.Error()})
	}
	return b, nil
}

// saysJSON reports whether a Content-Type is JSON, as none is.
func saysJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && (mediaType == jsonType || strings.HasSuffix(mediaType, "+json"))
}
