package main

import (
	"strings"
	"testing"
	"time"
)

func small() world {
	return world{
		partners: 1000, requests: 50, replicas: 2, writes: 20, query: time.Millisecond, life: time.Hour, sample: 50_000, seed: 1,
	}
}

// TestEpochReadsAreBounded: whatever the load, a replica sends one query after
// the other, and nobody waits for more than two.
func TestEpochReadsAreBounded(t *testing.T) {
	w := small()
	for _, rate := range []float64{10, 1000, 100_000} {
		r := w.run(rate)
		if most := float64(w.replicas) / w.query.Seconds(); r.queryRate() > most*1.01 || r.queryRate() > rate*1.1 {
			t.Errorf("at %.0f checks/s: %.0f queries/s, more than %.0f or one per check", rate, r.queryRate(), most)
		}
		for _, wait := range r.waits {
			if wait < w.query || wait > 2*w.query {
				t.Fatalf("at %.0f checks/s: a wait of %s", rate, wait)
			}
		}
	}
}

// TestHits: what isn't written to is remembered, and what is written to before
// each check never is.
func TestHits(t *testing.T) {
	w := small()
	w.writes = 0
	if r := w.run(1000); r.hitRatio() < 0.5 {
		t.Errorf("hits without writes: %.2f", r.hitRatio())
	}
	w.writes = 1e9
	if r := w.run(1000); r.hitRatio() > 0.01 {
		t.Errorf("hits with a write before each check: %.2f", r.hitRatio())
	}
}

func TestShow(t *testing.T) {
	var out strings.Builder
	if err := show(&out, small(), []float64{100, 1000}); err != nil || strings.Count(out.String(), "\n") != 3 {
		t.Errorf("%v:\n%s", err, out.String())
	}
}
