package ginapi

import (
	"encoding/json"
	"errors"
	"io"
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
		data, err := s.readBody(c)
		if err != nil {
			s.abort(c, err)
			return
		}
		s.do(c, choose(route, data), data)
	})
}

func writeParameters() []*huma.Param {
	return []*huma.Param{shared(dryRunQuery), shared(idempotencyHeader), shared(matchHeader), shared(reasonHeader)}
}

func (s *server) writeResponses(success int) map[string]*huma.Response {
	registry := s.api.OpenAPI().Components.Schemas
	description := http.StatusText(success)
	if success != http.StatusOK {
		description += "; a dry run is answered with 200"
	}
	return map[string]*huma.Response{
		strconv.Itoa(success): {
			Description: description,
			Headers:     map[string]*huma.Param{epochHeader: {Schema: &huma.Schema{Type: huma.TypeInteger}, Description: "The epoch that the operation began."}},
			Content:     map[string]*huma.MediaType{jsonType: {Schema: registry.Schema(reflect.TypeFor[Result](), true, "")}},
		},
		"default": {
			Description: "Error",
			Content:     map[string]*huma.MediaType{problemType: {Schema: registry.Schema(reflect.TypeFor[Problem](), true, "")}},
		},
	}
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
func choose(route []*writer, data []byte) *writer {
	var body map[string]json.RawMessage
	_ = json.Unmarshal(data, &body) // what is no object is refused later
	for _, w := range route {
		if _, has := body[w.when]; has && w.when != "" {
			return w
		}
	}
	return route[len(route)-1]
}

// readBody returns the body, {} if there is none.
func (s *server) readBody(c *gin.Context) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, malformed(http.StatusRequestEntityTooLarge, "the body is larger than 1 MiB")
	case err != nil:
		return nil, engine.Errorf(engine.Invalid, "the body can't be read")
	case len(data) == 0:
		return []byte("{}"), nil
	}
	var ignored any
	if err := s.api.Unmarshal(c.GetHeader("Content-Type"), data, &ignored); errors.Is(err, huma.ErrUnknownContentType) {
		return nil, malformed(http.StatusUnsupportedMediaType, "the body must be application/json")
	}
	return data, nil
}
