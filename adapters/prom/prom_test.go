package prom_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/portico-authz/portico/adapters/prom"
	"github.com/portico-authz/portico/engine"
)

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	m := prom.New(registry, "v1", "v2")
	m.Engine(func() engine.Stats {
		return engine.Stats{EpochReads: 5, EpochFailures: 2, EpochWaiters: 9, RenewalsAged: 1, Diverged: 3, CacheHits: 7, CacheRefused: 4}
	})
	m.Breaker(func() float64 { return 2 })
	m.Pending(3, 90*time.Second)
	for _, err := range []error{nil, engine.WrapError(engine.Unavailable, "domains", errors.New("gone"))} {
		_, end := m.Around(t.Context(), "store", "domains")
		end(err)
	}
	want := `
# HELP portico_build_info 1, with the versions.
# TYPE portico_build_info gauge
portico_build_info{spicedb="v2",version="v1"} 1
# HELP portico_cache_breaker_state 0 closed, 1 half-open, 2 open.
# TYPE portico_cache_breaker_state gauge
portico_cache_breaker_state 2
# HELP portico_diverged_total Times the graph turned out not to follow the store.
# TYPE portico_diverged_total counter
portico_diverged_total 3
# HELP portico_epoch_reads_total Queries for epochs sent to the store.
# TYPE portico_epoch_reads_total counter
portico_epoch_reads_total{outcome="error"} 2
portico_epoch_reads_total{outcome="ok"} 3
# HELP portico_journal_oldest_pending_seconds Age of the oldest of them; 0 if there is none.
# TYPE portico_journal_oldest_pending_seconds gauge
portico_journal_oldest_pending_seconds 90
# HELP portico_journal_pending Operations that are journaled and not finished.
# TYPE portico_journal_pending gauge
portico_journal_pending 3
`
	err := testutil.GatherAndCompare(registry, strings.NewReader(want),
		"portico_build_info", "portico_cache_breaker_state", "portico_diverged_total", "portico_epoch_reads_total",
		"portico_journal_oldest_pending_seconds", "portico_journal_pending")
	if err != nil {
		t.Error(err)
	}
	for name, series := range map[string]int{
		"portico_store_duration_seconds": 2, "portico_cache_lookups_total": 4, "portico_renewals_total": 3,
	} {
		if n, err := testutil.GatherAndCount(registry, name); n != series || err != nil {
			t.Errorf("%s has %d series, %v; want %d", name, n, err, series)
		}
	}
}

// TestOutcomes: a call that failed after its caller hung up is told from one
// that the port couldn't answer; refusals and answers stay what they are.
func TestOutcomes(t *testing.T) {
	registry := prometheus.NewRegistry()
	m := prom.New(registry, "v1", "v2")
	hungUp, hangUp := context.WithCancel(t.Context())
	hangUp()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	unavailable, conflict := engine.Errorf(engine.Unavailable, "gone"), engine.Errorf(engine.Conflict, "there already")
	for _, call := range []struct {
		ctx  context.Context
		name string
		err  error
	}{
		{t.Context(), "waits", unavailable},
		{late, "waits too short", unavailable},
		{hungUp, "hangs up", unavailable},
		{hungUp, "hangs up on a refusal", conflict},
		{hungUp, "hangs up on an answer", nil},
	} {
		_, end := m.Around(call.ctx, "graph", call.name)
		end(call.err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, family := range families {
		for _, series := range family.GetMetric() {
			if family.GetName() == "portico_graph_duration_seconds" {
				got[series.GetLabel()[0].GetValue()] = series.GetLabel()[1].GetValue()
			}
		}
	}
	want := map[string]string{
		"waits": "unavailable", "waits too short": "unavailable",
		"hangs up": "cancelled", "hangs up on a refusal": "conflict", "hangs up on an answer": "ok",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}
