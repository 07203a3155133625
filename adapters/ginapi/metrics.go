package ginapi

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the façade's. No label holds an id.
type metrics struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	checks    *prometheus.CounterVec
}

func newMetrics(r *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "portico_http_requests_total", Help: "Requests answered.",
		}, []string{"method", "route", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "portico_http_request_duration_seconds", Help: "How long requests took.",
			Buckets: prometheus.ExponentialBuckets(0.00025, 2, 16), // to 8 s
		}, []string{"method", "route"}),
		checks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "portico_checks_total", Help: "Checks answered, by decision; error if none could be made.",
		}, []string{"decision"}),
	}
	r.MustRegister(m.requests, m.durations, m.checks)
	return m
}

func (m *metrics) request(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.durations.WithLabelValues(method, route).Observe(took.Seconds())
}

func (m *metrics) check(decision string, n int) {
	m.checks.WithLabelValues(decision).Add(float64(n))
}
