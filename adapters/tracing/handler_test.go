package tracing_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/portico-authz/portico/adapters/tracing"
)

// spanOf answers one request, of a method that the caller made up, and returns
// all that its span says. Handler's panic is net/http's to see.
func spanOf(t *testing.T, handle http.HandlerFunc) (said []string, panicked any) {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	handler := tracing.New(sdk.NewTracerProvider(sdk.WithSpanProcessor(recorder))).Handler(handle)
	func() {
		defer func() { panicked = recover() }()
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "BREW", "/v1/check", nil))
	}()
	ended := recorder.Ended()
	if len(ended) != 1 {
		t.Fatalf("%d spans ended, want 1", len(ended))
	}
	said = []string{ended[0].Name(), ended[0].Status().Code.String() + " " + ended[0].Status().Description}
	for _, a := range ended[0].Attributes() {
		said = append(said, fmt.Sprint(a.Key, "=", a.Value.AsInterface()))
	}
	for _, e := range ended[0].Events() {
		said = append(said, fmt.Sprint(e.Name, e.Attributes))
	}
	return said, panicked
}

// TestRequests: a span says by which route a request was answered, and how, also
// where a panic cut the answer off; and nothing that a caller or a panic made up.
func TestRequests(t *testing.T) {
	const route, matched = "http.route=/v1/check", "BREW /v1/check"
	tests := map[string]struct {
		answer   func(w http.ResponseWriter, r *http.Request)
		want     []string
		panicked any
	}{
		"nothing written": {
			answer: func(_ http.ResponseWriter, r *http.Request) { r.Pattern = "/v1/check" },
			want:   []string{matched, "Unset ", route, "http.response.status_code=200"},
		},
		"refused": {
			answer: func(w http.ResponseWriter, r *http.Request) {
				r.Pattern = "/v1/check"
				w.WriteHeader(http.StatusForbidden)
			},
			want: []string{matched, "Unset ", route, "http.response.status_code=403"},
		},
		"failed, after a hint": {
			answer: func(w http.ResponseWriter, r *http.Request) {
				r.Pattern = "/v1/check"
				w.WriteHeader(http.StatusEarlyHints)
				w.WriteHeader(http.StatusServiceUnavailable)
			},
			want: []string{matched, "Error ", route, "http.response.status_code=503"},
		},
		"unmatched": {
			answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
			want:   []string{"unmatched", "Unset ", "http.response.status_code=404"},
		},
		"cut off": {
			answer: func(w http.ResponseWriter, r *http.Request) {
				defer func() { r.Pattern = "/v1/check" }() // as the façade does
				_, _ = w.Write([]byte("a part"))
				panic(http.ErrAbortHandler)
			},
			want:     []string{matched, "Error cut off by a panic", route, "http.response.status_code=200"},
			panicked: http.ErrAbortHandler,
		},
		"never answered": {
			answer:   func(http.ResponseWriter, *http.Request) { panic("secret@acme.example") },
			want:     []string{"unmatched", "Error cut off by a panic"},
			panicked: "secret@acme.example",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			said, panicked := spanOf(t, tt.answer)
			if diff := cmp.Diff(tt.want, said); diff != "" {
				t.Errorf("the span (-want +got):\n%s", diff)
			}
			if panicked != tt.panicked {
				t.Errorf("net/http sees the panic %v, want %v", panicked, tt.panicked)
			}
		})
	}
}

// deadlined is a response whose deadline can be set.
type deadlined struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (d *deadlined) SetWriteDeadline(deadline time.Time) error {
	d.deadline = deadline
	return nil
}

// TestStreamsAreTraced: a traced answer can be flushed, and given a deadline.
func TestStreamsAreTraced(t *testing.T) {
	want := time.Unix(1, 0)
	tracer := tracing.New(sdk.NewTracerProvider())
	handler := tracer.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).SetWriteDeadline(want); err != nil {
			t.Error(err)
		}
		w.(http.Flusher).Flush() // as gin asks for it
	}))
	w := &deadlined{ResponseRecorder: httptest.NewRecorder()}
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/partners/acme/journal", nil))
	if !w.Flushed || !w.deadline.Equal(want) {
		t.Errorf("flushed: %v, deadline %v", w.Flushed, w.deadline)
	}
}
