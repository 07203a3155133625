package ginapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/engine"
)

const problemType = "application/problem+json"

// Problem is what every error is answered with, after RFC 9457.
type Problem struct { //nolint:errname // RFC 9457's word; it is the answer's body
	Type      string      `json:"type" format:"uri-reference" doc:"Where the kind of problem is described." example:"/docs#not_found"`
	Title     string      `json:"title" doc:"The kind of problem." example:"Not found"`
	Status    int         `json:"status" doc:"The HTTP status." example:"404"`
	Code      engine.Code `json:"code" doc:"The kind of problem, for programs." enum:"invalid,unauthenticated,forbidden,not_found,conflict,stale,unavailable,internal"`
	Detail    string      `json:"detail,omitempty" doc:"What is wrong with this request." example:"no partner \"acme\""`
	RequestID string      `json:"request_id,omitempty" doc:"The request's id, which the log has too."`
	Errors    []Fault     `json:"errors,omitempty" nullable:"false" doc:"The places that are wrong, if the code is invalid; at most 20."`

	retryAfter int // seconds, if the code is unavailable; zero for one
}

// Fault is one place of a request that is wrong.
type Fault struct {
	Location string `json:"location,omitempty" doc:"Where." example:"body.title"`
	Message  string `json:"message" doc:"What." example:"expected string"`
}

// maxFaults keeps an answer to a large bad request small.
const maxFaults = 20

// kinds maps the engine's codes to HTTP, in the engine's order.
var kinds = []struct {
	code   engine.Code
	status int
	title  string
}{
	{engine.Invalid, http.StatusBadRequest, "The request makes no sense"},
	{engine.Unauthenticated, http.StatusUnauthorized, "It isn't known who asks"},
	{engine.Forbidden, http.StatusForbidden, "A permission is missing"},
	{engine.NotFound, http.StatusNotFound, "Not found"},
	{engine.Conflict, http.StatusConflict, "The present state forbids it"},
	{engine.Stale, http.StatusPreconditionFailed, "The state has moved on"},
	{engine.Unavailable, http.StatusServiceUnavailable, "It can't be answered now"},
	{engine.Internal, http.StatusInternalServerError, "A defect of the server"},
}

// problemFor returns the problem of a code; an unknown code is Internal.
func problemFor(code engine.Code, detail string) *Problem {
	kind := kinds[len(kinds)-1]
	for _, k := range kinds {
		if k.code == code {
			kind = k
		}
	}
	return &Problem{Type: "/docs#" + string(kind.code), Title: kind.title, Status: kind.status, Code: kind.code, Detail: detail}
}

// malformed returns an invalid request's problem with a status of its own.
func malformed(status int, detail string) *Problem {
	p := problemFor(engine.Invalid, detail)
	p.Status = status
	return p
}

// Error implements error.
func (p *Problem) Error() string { return string(p.Code) + ": " + p.Detail }

// GetStatus implements [huma.StatusError].
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements [huma.ContentTypeFilter].
func (*Problem) ContentType(string) string { return problemType }

// GetHeaders implements [huma.HeadersError].
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	switch p.Code {
	case engine.Unauthenticated:
		h.Set("WWW-Authenticate", `Bearer realm="portico"`)
	case engine.Unavailable:
		h.Set("Retry-After", strconv.Itoa(max(p.retryAfter, 1)))
	default:
	}
	return h
}

// statusAbandoned is nginx's, for what its caller gave up: nobody reads it, but
// metrics and the log tell it from a failure.
const statusAbandoned = 499

// ours reports whether a code blames us, not the caller.
func ours(code engine.Code) bool { return code == engine.Unavailable || code == engine.Internal }

// abandoned reports whether an error is there because the caller has gone. What
// took longer than our own deadline is none such, nor is a defect.
func abandoned(ctx context.Context, err error) bool {
	return errors.Is(ctx.Err(), context.Canceled) &&
		(engine.CodeOf(err) == engine.Unavailable || errors.Is(err, context.Canceled))
}

// failed reports whether an error is a failure of ours.
func failed(ctx context.Context, err error) bool {
	return ours(engine.CodeOf(err)) && !abandoned(ctx, err)
}

// problem tells an error to the caller, and its cause to the log if the caller
// is not the one to blame. A problem made here has no cause.
func (s *server) problem(ctx context.Context, err error) *Problem {
	var p *Problem
	made := errors.As(err, &p)
	if !made {
		p = problemFor(engine.CodeOf(err), engine.MessageOf(err))
	}
	told := *p
	told.RequestID = requestID(ctx)
	if made || !ours(told.Code) {
		return &told
	}
	if abandoned(ctx, err) {
		told.Status = statusAbandoned
	}
	s.logFailure(ctx, err)
	return &told
}

// abort ends a request with an error.
func (s *server) abort(c *gin.Context, err error) {
	p := s.problem(c.Request.Context(), err)
	s.refuse(c, p, p)
}

// refuse ends a request with a problem, as body shows it.
func (*server) refuse(c *gin.Context, p *Problem, body any) {
	for name, values := range p.GetHeaders() {
		c.Writer.Header()[name] = values
	}
	c.Header("Content-Type", problemType)
	c.AbortWithStatusJSON(p.Status, body)
}

// showProblem writes huma's own errors as ours. What it can't validate (422) or
// read (500) is a bad request.
func showProblem(ctx huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := malformed(model.Status, model.Detail)
	if p.Status == http.StatusUnprocessableEntity || p.Status == http.StatusInternalServerError {
		p.Status = http.StatusBadRequest
	}
	if c, ok := ctx.(*requestContext); ok {
		c.status = p.Status
	}
	p.RequestID = requestID(ctx.Context())
	var errs []error
	for _, e := range model.Errors {
		if e != nil {
			errs = append(errs, e)
		}
	}
	p.Errors = faultsOf(errs)
	return p, nil
}

// faultsOf tells where and what, and not the values: they may be secrets.
func faultsOf(errs []error) []Fault {
	var faults []Fault
	for _, err := range errs[:min(len(errs), maxFaults)] {
		var detail *huma.ErrorDetail
		if errors.As(err, &detail) {
			faults = append(faults, Fault{Location: detail.Location, Message: detail.Message})
		}
	}
	return faults
}
