package ginapi

import (
	"errors"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/portico-authz/portico/engine"
)

// metrics are the façade's. No label holds an id.
type metrics struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	checks    *prometheus.CounterVec
	asked     *prometheus.HistogramVec // single checks
	limits    *prometheus.CounterVec
	done      *prometheus.CounterVec
	doing     *prometheus.HistogramVec
}

// newMetrics registers them. The operations are the portal's.
func newMetrics(r *prometheus.Registry, operations []engine.Definition) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "portico_http_requests_total", Help: "Requests answered.",
		}, []string{"method", "route", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "portico_http_request_duration_seconds", Help: "How long requests took.",
			Buckets: prometheus.ExponentialBuckets(0.00025, 2, 16), // to 8 s
		}, []string{"method", "route"}),
		checks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "portico_checks_total", Help: "Checks answered, by decision (error if none could be made), mode, and what gave it.",
		}, []string{"decision", "mode", "source"}),
		asked: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "portico_check_duration_seconds", Help: "How long single checks took, by mode and what gave the decision.",
			Buckets: prometheus.ExponentialBuckets(0.00002, 2, 20), // to 10 s
		}, []string{"mode", "source"}),
		limits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "portico_limited_total", Help: "Requests refused, by the limit that they were over.",
		}, []string{"limit"}),
		done: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "portico_operations_total",
			Help: "Operations, without dry runs: applied, refused (by the rules), rejected (by SpiceDB: a defect) or unavailable.",
		}, []string{"operation", "outcome"}),
		doing: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "portico_operation_duration_seconds", Help: "How long operations took, without dry runs.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 16), // to 16 s
		}, []string{"operation"}),
	}
	r.MustRegister(m.requests, m.durations, m.checks, m.asked, m.limits, m.done, m.doing)
	for _, limit := range []string{keyRate, partnerRate, keyConcurrency, partnerConcurrency, serverConcurrency} {
		m.limits.WithLabelValues(limit) // there from the start, so that its rise is seen
	}
	for _, d := range operations {
		m.done.WithLabelValues(d.Name, rejected) // likewise
	}
	return m
}

// The outcomes of operations.
const (
	applied     = "applied"
	refused     = "refused"
	rejected    = "rejected"
	unavailable = "unavailable"
)

func (m *metrics) operation(name string, err error, took time.Duration) {
	outcome := refused
	switch {
	case err == nil:
		outcome = applied
	case errors.Is(err, engine.ErrRejected):
		outcome = rejected
	case ours(engine.CodeOf(err)):
		outcome = unavailable
	}
	m.done.WithLabelValues(name, outcome).Inc()
	m.doing.WithLabelValues(name).Observe(took.Seconds())
}

func (m *metrics) request(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.durations.WithLabelValues(method, route).Observe(took.Seconds())
}

// checked counts n decisions that were answered alike.
func (m *metrics) checked(decision engine.Decision, mode engine.Mode, source engine.Source, n int) {
	m.checks.WithLabelValues(string(decision), string(mode), string(source)).Add(float64(n))
}

// unchecked counts n decisions that couldn't be made.
func (m *metrics) unchecked(mode engine.Mode, n int) { m.checked("error", mode, engine.FromNothing, n) }

func (m *metrics) took(mode engine.Mode, source engine.Source, d time.Duration) {
	m.asked.WithLabelValues(string(mode), string(source)).Observe(d.Seconds())
}

func (m *metrics) limited(limit string) { m.limits.WithLabelValues(limit).Inc() }
