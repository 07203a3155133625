package tracing_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/portico-authz/portico/adapters/tracing"
	"github.com/portico-authz/portico/engine"
)

// TestSpans: a request that is traced has a span with a child per call, one
// that isn't has none, and no span has anything of the address.
func TestSpans(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	tracer := tracing.New(sdk.NewTracerProvider(sdk.WithSpanProcessor(recorder), sdk.WithSampler(sdk.ParentBased(sdk.NeverSample()))))
	handler := tracer.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.Pattern = "/v1/support/:user"
		for _, err := range []error{nil, engine.WrapError(engine.Unavailable, "read", errors.New("secret@acme.example"))} {
			_, end := tracer.Around(r.Context(), "store", "domains")
			end(err)
		}
	}))
	ask := func(traceparent string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/support/secret@acme.example?q=secret", nil)
		r.Header.Set("Traceparent", traceparent)
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	const trace = "0af7651916cd43dd8448eb211c80319c"
	ask("00-" + trace + "-b7ad6b7169203331-00")
	if n := len(recorder.Ended()); n != 0 {
		t.Errorf("%d spans of a request that isn't traced", n)
	}
	ask("00-" + trace + "-b7ad6b7169203331-01")
	var names []string
	for _, span := range recorder.Ended() {
		names = append(names, span.Name()+" "+span.Status().Description)
		if span.SpanContext().TraceID().String() != trace {
			t.Errorf("%s is of another trace", span.Name())
		}
		for _, a := range span.Attributes() {
			if strings.Contains(a.Value.AsString(), "secret") {
				t.Errorf("%s has %s=%s", span.Name(), a.Key, a.Value.AsString())
			}
		}
	}
	want := "store.domains , store.domains unavailable, GET /v1/support/:user "
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("spans %q, want %q", got, want)
	}
	if err := tracer.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestStartWithoutACollector: the program starts and ends, whether or not
// anybody takes its traces.
func TestStartWithoutACollector(t *testing.T) {
	tracer, err := tracing.Start(t.Context(), tracing.Options{Endpoint: "127.0.0.1:1", Insecure: true, Ratio: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := tracer.Close(t.Context()); err != nil {
		t.Errorf("with nothing to send: %v", err)
	}
}
