package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/portico-authz/portico/adapters/observed"
	"github.com/portico-authz/portico/adapters/prom"
	"github.com/portico-authz/portico/adapters/tracing"
)

// watch is who watches the calls to the ports: the metrics, and traces if they
// are configured.
type watch struct {
	registry *prometheus.Registry
	metrics  *prom.Metrics
	tracer   *tracing.Tracer // nil if there are no traces
	around   observed.Around
}

func newWatch(ctx context.Context, c Tracing) (*watch, error) {
	built := builtFrom()
	w := &watch{registry: prometheus.NewRegistry()}
	w.metrics = prom.New(w.registry, built.Version, built.SpiceDB)
	w.around = w.metrics.Around
	if c.Endpoint == "" {
		return w, nil
	}
	var err error
	w.tracer, err = tracing.Start(ctx, tracing.Options{
		Endpoint: c.Endpoint, Insecure: c.Insecure, Ratio: c.Ratio, Version: built.Version,
	})
	if err != nil {
		return nil, err
	}
	w.around = observed.Both(w.metrics.Around, w.tracer.Around)
	return w, nil
}

// handler is h, traced if there are traces.
func (w *watch) handler(h http.Handler) http.Handler {
	if w.tracer == nil {
		return h
	}
	return w.tracer.Handler(h)
}

// lastTraces is how long the collector may take for what is left at the end.
const lastTraces = 5 * time.Second

// close sends the last traces, if the collector takes them.
func (w *watch) close(log *slog.Logger) {
	if w.tracer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastTraces)
	defer cancel()
	if err := w.tracer.Close(ctx); err != nil {
		log.WarnContext(ctx, "the last traces were lost", "error", err)
	}
}
