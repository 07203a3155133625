package tracing

import (
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Handler makes a span of each request to h; it goes on with the caller's trace
// if the request names one (W3C traceparent). Its name is the method and the
// route, where h sets [http.Request.Pattern], be it before a panic, and
// "unmatched" elsewhere: the address has ids in it, and a caller could make up
// any number of methods. An answer of 500 or more, or one cut off by a panic, is
// an error; the panic's value is not told.
func (t *Tracer) Handler(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := t.tracer.Start(ctx, "unmatched", trace.WithSpanKind(trace.SpanKindServer))
		r = r.WithContext(ctx)
		a, whole := &answer{ResponseWriter: w}, false
		defer func() {
			route(span, r)
			a.describe(span, whole)
			span.End() // deferred by itself it would take down the panic's value
		}()
		h.ServeHTTP(a, r)
		whole = true
	})
}

// route names the span after the request's route, if it has one.
func route(span trace.Span, r *http.Request) {
	if r.Pattern != "" {
		span.SetName(r.Method + " " + r.Pattern)
		span.SetAttributes(attribute.String("http.route", r.Pattern))
	}
}

// answer is a response that remembers its status.
type answer struct {
	http.ResponseWriter
	status int // 0 until it is sent
}

// describe says how the request was answered; not whole is cut off by a panic.
func (a *answer) describe(span trace.Span, whole bool) {
	if whole {
		a.sent(http.StatusOK) // what net/http answers if h wrote nothing
	}
	if a.status != 0 {
		span.SetAttributes(attribute.Int("http.response.status_code", a.status))
	}
	switch {
	case !whole:
		span.SetStatus(codes.Error, "cut off by a panic")
	case a.status >= http.StatusInternalServerError:
		span.SetStatus(codes.Error, "")
	}
}

// sent notes the status that goes out first: those of 1xx but for 101 come before it.
func (a *answer) sent(status int) {
	if a.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		a.status = status
	}
}

// WriteHeader is [http.ResponseWriter.WriteHeader].
func (a *answer) WriteHeader(status int) {
	a.sent(status)
	a.ResponseWriter.WriteHeader(status)
}

// Write is [http.ResponseWriter.Write].
func (a *answer) Write(data []byte) (int, error) {
	a.sent(http.StatusOK)
	return a.ResponseWriter.Write(data)
}

// Flush is [http.Flusher.Flush]; it does nothing where the response can't.
func (a *answer) Flush() {
	a.sent(http.StatusOK)
	_ = http.NewResponseController(a.ResponseWriter).Flush()
}

// Unwrap is for [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
