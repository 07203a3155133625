package ginapi

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/schema"
)

const jsonType = "application/json"

// strictNames has huma take the names in a body as the schema writes them:
// encoding/json would read "Title" into "title", over a value that was checked.
// It is a setting of huma's package, so it is made once, and holds for whatever
// else of the program uses huma.
var strictNames = sync.OnceFunc(func() { huma.ValidateStrictCasing = true })

// newAPI returns a huma API that shows errors as ours, takes JSON only, and
// adds to each documented operation what all have in common.
func newAPI(router *gin.Engine, group *gin.RouterGroup, o Options, portal *schema.Portal) huma.API {
	strictNames()
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	format := huma.Format{Marshal: writeJSON, Unmarshal: readJSON}
	api := humagin.NewWithGroup(router, group, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Portico: " + portal.Title, Version: o.Version, Description: description},
			Components: &huma.Components{
				Schemas:    registry,
				Parameters: sharedParameters(),
				Responses:  sharedResponses(registry),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"bearer": {Type: "http", Scheme: "bearer", Description: "An API key (portico_…), or a JSON Web Token of the identity provider."},
				},
			},
			OnAddOperation: []huma.AddOpFunc{describeCommon},
		},
		Formats:                      map[string]huma.Format{jsonType: format, "json": format}, // json: application/problem+json, too
		DefaultFormat:                jsonType,
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{showProblem},
	})
	api.UseMiddleware(func(c huma.Context, next func(huma.Context)) { next(&requestContext{humaContext: c}) })
	return api
}

const description = "Who may do what in a partner portal: decisions for applications, and operations for people. " +
	"Objects are written account:acme/ledger, subjects user:someone@example.com. " +
	"Every answer about a partner tells the partner's epoch in Portico-Epoch; errors are RFC 9457 problems."

// Names of the parameters that operations share.
const (
	actorHeader       = "Portico-Actor"
	reasonHeader      = "Portico-Reason"
	idempotencyHeader = "Idempotency-Key"
	matchHeader       = "If-Match"
	epochHeader       = "Portico-Epoch"
	dryRunQuery       = "dry_run"
)

func sharedParameters() map[string]*huma.Param {
	text := &huma.Schema{Type: huma.TypeString}
	return map[string]*huma.Param{
		actorHeader: {
			Name: actorHeader, In: "header", Schema: text, Example: "user:ana",
			Description: "The person for whom an application's key (scope act) does this.",
		},
		dryRunQuery: {
			Name: dryRunQuery, In: "query", Schema: &huma.Schema{Type: huma.TypeBoolean},
			Description: "Only tell what would be written, who would gain and who would lose what.",
		},
		idempotencyHeader: {
			Name: idempotencyHeader, In: "header", Schema: text, Example: "7f2c1a",
			Description: "Repeating a request with its key has no further effect and gives the same answer.",
		},
		matchHeader: {
			Name: matchHeader, In: "header", Schema: text, Example: `"12"`,
			Description: "The epoch that the partner must be in; the answer is 412 otherwise.",
		},
		reasonHeader: {
			Name: reasonHeader, In: "header", Schema: text, Example: "left%20the%20firm",
			Description: "Why, for the journal: UTF-8, percent-encoded.",
		},
	}
}

func shared(name string) *huma.Param {
	return &huma.Param{Ref: "#/components/parameters/" + name}
}

// Responses that operations share.
const (
	tooManyResponse     = "TooMany"
	unavailableResponse = "Unavailable"
)

func sharedResponses(registry huma.Registry) map[string]*huma.Response {
	later := func(description string) *huma.Response {
		return &huma.Response{
			Description: description,
			Headers: map[string]*huma.Param{"Retry-After": {
				Schema: &huma.Schema{Type: huma.TypeInteger}, Description: "In how many seconds to try again, at the earliest.",
			}},
			Content: problemContent(registry),
		}
	}
	return map[string]*huma.Response{
		tooManyResponse:     later("Too many requests: of this API key or person, or about this partner, in a second or at the same time. Nothing was done."),
		unavailableResponse: later("A part that the answer needs is out of reach, or the server has too much to do. An operation may still happen: repeat it with its Idempotency-Key."),
	}
}

func problemContent(registry huma.Registry) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{problemType: {Schema: registry.Schema(reflect.TypeFor[Problem](), true, "")}}
}

func describeCommon(_ *huma.OpenAPI, op *huma.Operation) {
	op.Security = []map[string][]string{{"bearer": {}}}
	op.Parameters = append(op.Parameters, shared(actorHeader))
	for status, name := range map[int]string{http.StatusTooManyRequests: tooManyResponse, http.StatusServiceUnavailable: unavailableResponse} {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/" + name}
	}
	if op.RequestBody != nil {
		op.RequestBody.Description = fmt.Sprintf("At most %d MiB; more is answered 413.", max(op.MaxBodyBytes, maxBody)>>20)
	}
}

// humaContext lets requestContext embed huma's Context, which has a method of
// its own name.
type humaContext huma.Context

// requestContext answers huma's own errors with our statuses, and leaves
// deadlines to the server: huma's would end a request that is being worked on.
type requestContext struct {
	humaContext
	status int // instead of huma's, if set
}

// Unwrap returns the router's own context.
func (c *requestContext) Unwrap() huma.Context { return c.humaContext }

// SetStatus implements [huma.Context].
func (c *requestContext) SetStatus(status int) {
	if c.status != 0 {
		status = c.status
	}
	c.humaContext.SetStatus(status)
}

// SetReadDeadline implements [huma.Context].
func (*requestContext) SetReadDeadline(time.Time) error { return nil }

// reply is an answer about one domain in one epoch.
type reply[T any] struct {
	Epoch int64 `header:"Portico-Epoch" doc:"The epoch that the answer is of."`
	Body  T
}

// register adds a huma handler whose errors are the engine's.
func register[I, O any](s *server, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}

// mapped applies f to each item; the list is never nil, so that JSON has [].
func mapped[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = f(a)
	}
	return out
}
