package prom

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/portico-authz/portico/engine"
)

// Engine shows what an engine counts.
func (m *Metrics) Engine(stats func() engine.Stats) { m.registry.MustRegister(statsCollector(stats)) }

// statsCollector shows [engine.Stats] at each scrape.
type statsCollector func() engine.Stats

var (
	epochReads = prometheus.NewDesc("portico_epoch_reads_total",
		"Queries for epochs sent to the store.", []string{"outcome"}, nil)
	epochWaiters = prometheus.NewDesc("portico_epoch_waiters_total",
		"Reads that these queries answered.", nil, nil)
	renewals = prometheus.NewDesc("portico_renewals_total",
		"Tokens renewed, by reason.", []string{"reason"}, nil)
	diverged = prometheus.NewDesc("portico_diverged_total",
		"Times the graph turned out not to follow the store.", nil, nil)
	cacheLookups = prometheus.NewDesc("portico_cache_lookups_total",
		"Decisions looked up in the cache: hit, miss, refused (nobody of us wrote it for the request); error is one per call.", []string{"outcome"}, nil)
	cacheDropped = prometheus.NewDesc("portico_cache_dropped_saves_total",
		"Saves left out, since too many were under way.", nil, nil)
)

// Describe implements [prometheus.Collector].
func (c statsCollector) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, to) }

// Collect implements [prometheus.Collector].
func (c statsCollector) Collect(to chan<- prometheus.Metric) {
	count := func(d *prometheus.Desc, n int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	s := c()
	count(epochReads, s.EpochReads-s.EpochFailures, "ok")
	count(epochReads, s.EpochFailures, "error")
	count(epochWaiters, s.EpochWaiters)
	count(renewals, s.RenewalsAged, "aged")
	count(renewals, s.RenewalsExpired, "expired")
	count(renewals, s.RenewalsSchema, "schema")
	count(diverged, s.Diverged)
	count(cacheLookups, s.CacheHits, "hit")
	count(cacheLookups, s.CacheMisses, "miss")
	count(cacheLookups, s.CacheRefused, "refused")
	count(cacheLookups, s.CacheFailures, "error")
	count(cacheDropped, s.CacheDropped)
}
