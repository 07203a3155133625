package replicas_test

import (
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest/history"
	"github.com/portico-authz/portico/engine/failpoint"
)

// TestSchedules: what matters is the order, so failpoints bring it about. A
// replica that dies at a point of the protocol does no harm. And each defect of
// package failpoint, brought into one of two replicas, is noticed in the schedule
// that shows it, while nothing is where there is no defect.
func TestSchedules(t *testing.T) {
	w := newWorld(t, program(t, ordered))
	w.maintenance = time.Hour // nothing happens beside the schedules
	w.redisTimeout = time.Second
	w.serve(t, 1)
	right, own := w.rival(t, "")
	var firms []*firm
	for _, point := range failpoint.Points() {
		if point == failpoint.Renewed {
			continue // the rollout has it
		}
		t.Run("killed at "+string(point), func(t *testing.T) {
			s := w.stageFor(t, "killed", right, w.replicas[0], own, "access")
			s.wantNothing(func(s *stage) { killedAt(s, point) })
			firms = append(firms, s.firm)
		})
	}
	for _, defect := range failpoint.Defects() {
		if defect == failpoint.SchemaNotRenewed {
			continue // the rollout has it
		}
		t.Run(string(defect), func(t *testing.T) {
			s := w.stageFor(t, "right", right, w.replicas[0], own, "access")
			s.wantNothing(schedules()[defect])
			firms = append(firms, s.firm)
			w.wantTooth(t, defect)
		})
	}
	// The last, since what has the first schema can't start after it.
	t.Run(string(failpoint.SchemaNotRenewed), func(t *testing.T) {
		w.wantAgreement(t, append(firms, w.rolledOut(t)))
	})
}

// wantTooth wants a replica with the defect to be noticed.
func (w *world) wantTooth(t *testing.T, defect failpoint.Defect) {
	t.Helper()
	if defect == failpoint.NewestSnapshot {
		w.wantNoStart(t, defect)
		return
	}
	wrong, own := w.rival(t, string(defect))
	w.stageFor(t, "wrong", wrong, w.replicas[0], own, "access").wantNotice(schedules()[defect])
}

// killedAt: a replica dies at the point, while it revokes, or answers. The other
// one answers rightly, and finishes the revoke when asked again; so does the
// first when it is back.
func killedAt(s *stage, p failpoint.Point) {
	s.turn(s.b, s.cell(), true)
	s.order(s.a, p, "kill")
	name := s.firm.partner + "-revoke"
	switch p {
	case failpoint.OperationJournaled, failpoint.OperationProjected, failpoint.OperationApplied:
		s.named(s.a, s.cell(), false, name)
	default:
		s.ask(s.a.url, question{client: 1, mode: engine.Strict, queries: []query{{s.cell(), "access"}}})
	}
	s.a.awaitEnd(s.t)
	s.look(s.b, engine.Strict, "access")
	s.look(s.b, engine.Full, "access")
	if c := s.named(s.b, s.cell(), false, name); c.Outcome != history.Acknowledged {
		s.t.Errorf("repeating the revoke: it isn't acknowledged")
	}
	s.look(s.b, engine.Strict, "access")
	s.a.start(s.t)
	s.a.awaitReady(s.t)
	s.look(s.a, engine.Strict, "access")
	s.look(s.a, engine.Full, "access")
}

// rival starts a replica that may have a defect, with a link of its own.
func (w *world) rival(t *testing.T, defect string) (*replica, *link) {
	t.Helper()
	own := newLink(t, w.spicedbDirect)
	name := "without a defect"
	if defect != "" {
		name = "with " + defect
	}
	return w.replica(t, made{name: name, program: w.program, defect: defect, spicedb: own.address}), own
}

// wantNothing plays a schedule that shows no defect.
func (s *stage) wantNothing(play func(*stage)) {
	s.t.Helper()
	play(s)
	s.settle(s.t, s.b.url, []*firm{s.firm})
	j := s.judge(s.t)
	s.t.Logf("without the defect: %s (%d checks, %d changes)", j, j.counts.Checks, j.counts.Changes)
	if j.wrong() || len(s.silence)+len(s.odd) > 0 {
		s.t.Errorf("without the defect: %s %q %q", j, s.silence, s.odd)
	}
}

// wantNotice plays a schedule that must show a defect. Nothing more is asked
// afterwards: the firm may be beyond that.
func (s *stage) wantNotice(play func(*stage)) {
	s.t.Helper()
	play(s)
	s.firm.read(s.t, s.caller, s.b.url)
	s.Journaled(s.firm.records...)
	j := s.judge(s.t)
	if !j.wrong() && len(s.silence) == 0 {
		s.t.Errorf("the defect goes unnoticed")
	}
	s.t.Logf("with the defect: %s %q", j, s.silence)
}

// schedules are what shows the defects.
func schedules() map[failpoint.Defect]func(*stage) {
	return map[failpoint.Defect]func(*stage){
		failpoint.LaterEpoch:         cachedTooLate,
		failpoint.EpochFromCache:     revokedElsewhere,
		failpoint.EpochFirst:         cutBeforeTheGraph,
		failpoint.NewestSnapshot:     askedHalfWay,
		failpoint.FenceIgnored:       lateWrite,
		failpoint.KeyLacksPermission: anotherPermission,
		failpoint.MACIgnored:         flippedInRedis,
		failpoint.QueryInFlight:      cameLater,
	}
}

// cachedTooLate: between the graph's answer and its caching, another replica
// revokes.
func cachedTooLate(s *stage) {
	s.turn(s.b, s.cell(), true)
	before := s.cached()
	s.paused(s.a, failpoint.CheckDecided,
		func() { s.look(s.a, engine.Strict, "access") },
		func() { s.turn(s.b, s.cell(), false) })
	s.awaitCached(before)
	s.look(s.a, engine.Strict, "access")
}

// revokedElsewhere: a replica that knows an epoch doesn't see the next begin.
func revokedElsewhere(s *stage) {
	s.turn(s.b, s.cell(), true)
	s.look(s.a, engine.Strict, "access")
	s.turn(s.b, s.cell(), false)
	s.look(s.a, engine.Strict, "access")
}

// cutBeforeTheGraph: SpiceDB is out of reach before a revoke gets there.
func cutBeforeTheGraph(s *stage) {
	s.turn(s.b, s.cell(), true)
	s.paused(s.a, failpoint.OperationJournaled,
		func() { s.try(s.a, s.cell(), false) },
		s.own.cut)
	s.look(s.b, engine.Full, "access")
	s.own.open(s.t)
	s.a.awaitReady(s.t)
}

// askedHalfWay: SpiceDB has a revoke, and the store hasn't yet.
func askedHalfWay(s *stage) {
	s.turn(s.b, s.cell(), true)
	s.paused(s.b, failpoint.OperationProjected,
		func() { s.turn(s.b, s.cell(), false) },
		func() { s.look(s.a, engine.Full, "access") })
}

// lateWrite: a replica that paused before it wrote a grant goes on after another
// has finished the grant and revoked it.
func lateWrite(s *stage) {
	s.turn(s.b, s.cell(), true)
	s.turn(s.b, s.cell(), false)
	s.paused(s.a, failpoint.OperationJournaled,
		func() { s.try(s.a, s.cell(), true) },
		func() { s.turn(s.b, s.cell(), false) })
	s.turn(s.b, s.other(), true) // the next snapshot has whatever came late
	s.look(s.b, engine.Full, "access")
}

// anotherPermission: one that the advisor hasn't, after one that they have.
func anotherPermission(s *stage) {
	s.turn(s.b, s.cell(), true)
	before := s.cached()
	s.look(s.a, engine.Strict, "access")
	s.awaitCached(before)
	s.look(s.a, engine.Strict, "oversee")
}

// flippedInRedis: somebody turns every decision in Redis into its opposite.
func flippedInRedis(s *stage) {
	s.turn(s.b, s.cell(), true)
	before := s.cached()
	s.look(s.a, engine.Strict, "access")
	s.awaitCached(before)
	s.w.redisServer.Do(s.t, "EVAL", `for _, key in ipairs(redis.call('KEYS', 'portico:*')) do
		local allow = redis.call('GETRANGE', key, 5, 5) == '\1'
		redis.call('SETRANGE', key, 5, allow and '\2' or '\1')
	end
	return 1`, 0)
	s.look(s.a, engine.Strict, "access")
}

// cameLater: a check comes while the answer to an older one's query for epochs,
// from before a revoke, is on its way.
func cameLater(s *stage) {
	s.turn(s.b, s.cell(), true)
	var wait func()
	s.paused(s.a, failpoint.EpochRead,
		func() { s.look(s.a, engine.Strict, "access") },
		func() {
			s.turn(s.b, s.cell(), false)
			waiting := s.waiters(s.a)
			wait = aside(func() { s.look(s.a, engine.Strict, "access") })
			s.awaitWaiters(s.a, waiting)
		})
	wait()
}
