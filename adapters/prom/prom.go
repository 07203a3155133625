// Package prom counts and times, for Prometheus, what the engine and its ports
// do. No metric has an id, a name or an e-mail address in a label.
//
// Start at [New].
package prom

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/portico-authz/portico/engine"
)

// Metrics are what is not the façade's own. They are safe for concurrent use.
type Metrics struct {
	calls           map[string]*prometheus.HistogramVec // by port
	pending, oldest prometheus.Gauge
	registry        *prometheus.Registry
}

// New registers the metrics, those of Go and of the process among them.
func New(r *prometheus.Registry, version, spicedb string) *Metrics {
	m := &Metrics{calls: map[string]*prometheus.HistogramVec{}, registry: r}
	for _, port := range []string{"store", "graph", "cache"} {
		m.calls[port] = prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "portico_" + port + "_duration_seconds", Help: "How long calls to the " + port + " took, by call and outcome.",
			Buckets: buckets(),
		}, []string{"call", "outcome"})
		r.MustRegister(m.calls[port])
	}
	m.pending = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "portico_journal_pending", Help: "Operations that are journaled and not finished.",
	})
	m.oldest = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "portico_journal_oldest_pending_seconds", Help: "Age of the oldest of them; 0 if there is none.",
	})
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "portico_build_info", Help: "1, with the versions.",
		ConstLabels: prometheus.Labels{"version": version, "spicedb": spicedb},
	})
	build.Set(1)
	r.MustRegister(m.pending, m.oldest, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// buckets go from 50 µs, which a call on the same machine takes, to 13 s.
func buckets() []float64 { return prometheus.ExponentialBuckets(0.00005, 2, 19) }

// Around times a call to a port: see package observed.
func (m *Metrics) Around(ctx context.Context, port, call string) (context.Context, func(error)) {
	began := time.Now()
	return ctx, func(err error) {
		m.calls[port].WithLabelValues(call, outcome(ctx, err)).Observe(time.Since(began).Seconds())
	}
}

// outcome is ok, or the error's code. A call that couldn't be answered because
// its caller hung up is cancelled: it says nothing of the port.
func outcome(ctx context.Context, err error) string {
	code := engine.CodeOf(err)
	switch {
	case err == nil:
		return "ok"
	case code == engine.Unavailable && errors.Is(ctx.Err(), context.Canceled):
		return "cancelled"
	default:
		return string(code)
	}
}

// Pending notes how many operations are unfinished, and how old the oldest is.
func (m *Metrics) Pending(n int, oldest time.Duration) {
	m.pending.Set(float64(n))
	m.oldest.Set(oldest.Seconds())
}

// Breaker shows the state of the cache's circuit breaker, as a number.
func (m *Metrics) Breaker(state func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "portico_cache_breaker_state", Help: "0 closed, 1 half-open, 2 open.",
	}, state))
}
