package replicas_test

import (
	"fmt"
	"testing"
)

// TestHistory: three replicas give no wrong answer, whatever fails.
func TestHistory(t *testing.T) {
	w := newWorld(t, program(t, plain))
	w.serve(t, 3)
	firms := []*firm{w.found(t, "north", 3, 3), w.found(t, "south", 3, 3)}
	t.Run("calm", func(t *testing.T) { w.calm(t, firms) })
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			l := w.start(t, f.name, firms)
			n := scaleOf().load
			l.pass(n)
			l.awaitMore("answers from Redis", l.metric("portico_checks_total", `source="redis"`))
			f.happens(t, w, l, n)
			l.recover(2 * n)
			l.end()
		})
	}
	w.wantAgreement(t, firms)
	w.portico(t, "verify") // which fails if anything doesn't agree
}

// calm is load without a fault, judged in rounds.
func (w *world) calm(t *testing.T, firms []*firm) {
	t.Helper()
	s := scaleOf()
	for done, round := 0, 1; done < s.decisions; round++ {
		l := w.start(t, fmt.Sprintf("calm-%d", round), firms)
		for before := int64(-1); l.decisions.Load() < int64(s.round) && l.requests.Load() > before; {
			before = l.requests.Load() // without any more of them, it is over
			l.pass(100)
		}
		l.end()
		done += int(l.decisions.Load())
		// An operation may have to wait for too many others.
		if n, requests := l.unanswered.Load(), l.requests.Load(); n > 0 || l.failed.Load()*20 > requests {
			t.Errorf("without a fault %d of %d requests failed, of them %d checks", l.failed.Load(), requests, n)
		}
		if t.Failed() {
			return
		}
	}
}
