package check

// Metric is one that the binary shows on /metrics.
type Metric struct {
	Name      string
	Histogram bool
	// Labels are those that it has, each with all of its values, or with none
	// here if they can't be listed.
	Labels map[string][]string
}

// Metrics are the metrics that rules and dashboards may ask for: Portico's own,
// and those of the Go and process collectors and of Prometheus that are of use.
func Metrics() []Metric {
	free := []string(nil)
	modes := []string{"strict", "bounded", "token", "full"}
	sources := []string{"index", "redis", "spicedb", "none"}
	outcomes := []string{
		"ok", "cancelled", "invalid", "unauthenticated", "forbidden", "not_found", "conflict", "stale", "unavailable", "internal",
	}
	return []Metric{
		{Name: "portico_checks_total", Labels: map[string][]string{
			"decision": {"allow", "deny", "conditional", "error"}, "mode": modes, "source": sources,
		}},
		{Name: "portico_check_duration_seconds", Histogram: true, Labels: map[string][]string{"mode": modes, "source": sources}},
		{Name: "portico_http_requests_total", Labels: map[string][]string{"method": free, "route": free, "status": free}},
		{Name: "portico_http_request_duration_seconds", Histogram: true, Labels: map[string][]string{"method": free, "route": free}},
		{Name: "portico_epoch_reads_total", Labels: map[string][]string{"outcome": {"ok", "error"}}},
		{Name: "portico_epoch_waiters_total"},
		{Name: "portico_store_duration_seconds", Histogram: true, Labels: map[string][]string{"call": free, "outcome": outcomes}},
		{Name: "portico_graph_duration_seconds", Histogram: true, Labels: map[string][]string{"call": free, "outcome": outcomes}},
		{Name: "portico_cache_lookups_total", Labels: map[string][]string{"outcome": {"hit", "miss", "refused", "error"}}},
		{Name: "portico_cache_duration_seconds", Histogram: true, Labels: map[string][]string{"call": free, "outcome": outcomes}},
		{Name: "portico_cache_dropped_saves_total"},
		{Name: "portico_cache_breaker_state"},
		{Name: "portico_journal_pending"},
		{Name: "portico_journal_oldest_pending_seconds"},
		{Name: "portico_operations_total", Labels: map[string][]string{
			"operation": free, "outcome": {"applied", "refused", "rejected", "unavailable"},
		}},
		{Name: "portico_operation_duration_seconds", Histogram: true, Labels: map[string][]string{"operation": free}},
		{Name: "portico_renewals_total", Labels: map[string][]string{"reason": {"aged", "expired", "schema"}}},
		{Name: "portico_diverged_total"},
		{Name: "portico_limited_total", Labels: map[string][]string{
			"limit": {"key_rate", "partner_rate", "key_concurrency", "partner_concurrency", "server_concurrency"},
		}},
		{Name: "portico_build_info", Labels: map[string][]string{"version": free, "spicedb": free}},

		{Name: "go_memstats_heap_alloc_bytes"},
		{Name: "process_cpu_seconds_total"},
		{Name: "process_max_fds"},
		{Name: "process_open_fds"},
		{Name: "process_resident_memory_bytes"},
		{Name: "process_start_time_seconds"},
		{Name: "up"},
	}
}

// TargetLabels are those that Prometheus adds to every metric of a target.
func TargetLabels() []string { return []string{"job", "instance"} }
