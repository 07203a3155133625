package replicas_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest/history"
	"github.com/portico-authz/portico/engine/failpoint"
)

// TestSchedules: what matters is the order, so failpoints bring it about. A
// replica that dies at a point of the protocol does no harm. And the defects of
// package failpoint, brought into one of two replicas, show by just what they
// must in their schedule, while nothing does where there is no defect.
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
	for _, one := range teeth() {
		t.Run(one.defects, func(t *testing.T) {
			s := w.stageFor(t, "right", right, w.replicas[0], own, "access")
			s.wantNothing(one.play)
			firms = append(firms, s.firm)
			w.wantTooth(t, one)
		})
	}
	t.Run(string(failpoint.NewestSnapshot), w.wantNoStart)
	// The last, since what has the first schema can't start after it.
	t.Run(notRenewed().defects, func(t *testing.T) {
		w.wantAgreement(t, append(firms, w.rolledOut(t)))
	})
}

// TestEachDefectHasATooth: none is brought in nowhere.
func TestEachDefectHasATooth(t *testing.T) {
	var named []string
	for _, one := range append(teeth(), notRenewed()) {
		named = append(named, strings.Split(one.defects, ",")...)
	}
	for _, defect := range failpoint.Defects() {
		if !slices.Contains(named, string(defect)) {
			t.Errorf("no schedule shows %s", defect)
		}
	}
}

// TestSilenceShowsNothing: nor does another violation than the one that is
// wanted, or a guard that speaks and lets the answer pass.
func TestSilenceShowsNothing(t *testing.T) {
	noticed, guarded := tooth{want: saysFalse}, tooth{guard: "doesn't follow"}
	stale, silence := judgement{violations: []string{"epoch 6, and must know 7"}}, []string{"no answer"}
	for name, shown := range map[string]bool{
		"silence":           noticed.shows(judgement{}, silence, "SpiceDB can't be reached"),
		"another violation": noticed.shows(stale, nil, ""),
		"another reason":    guarded.shows(judgement{}, silence, "SpiceDB can't be reached"),
		"an answer":         guarded.shows(judgement{}, nil, "the graph doesn't follow the store"),
		"a wrong answer":    guarded.shows(stale, silence, "the graph doesn't follow the store"),
	} {
		if shown {
			t.Errorf("%s shows a defect", name)
		}
	}
}

// wantTooth wants a replica with the defects to show them.
func (w *world) wantTooth(t *testing.T, one tooth) {
	t.Helper()
	wrong, own := w.rival(t, one.defects)
	w.stageFor(t, "wrong", wrong, w.replicas[0], own, "access").wantShown(one)
}

// wantNoStart: a program that asks for the newest snapshot finds out about it
// itself, and ends.
func (w *world) wantNoStart(t *testing.T) {
	const defect, complaint = string(failpoint.NewestSnapshot), "doesn't answer at the exact snapshot"
	r := w.begin(t, made{name: "with " + defect, program: w.program, defect: defect})
	r.awaitEnd(t)
	if said := r.tail(); !strings.Contains(said, complaint) {
		t.Errorf("%s doesn't say that SpiceDB %s:\n%s", r.what, complaint, said)
	}
}

// killedAt: a replica dies at the point, while it revokes, or answers. The other
// one answers rightly, and finishes the revoke when asked again; so does the
// first when it is back.
func killedAt(s *stage, p failpoint.Point) {
	s.turn(s.b, s.cell(), true)
	s.order(s.a, p, "kill")
	defer s.release(s.a, p) // lest it dies of it later
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
	own := newLink(t, w.spicedbServer.Endpoint)
	name := "without a defect"
	if defect != "" {
		name = "with " + defect
	}
	return w.replica(t, made{name: name, program: w.program, defect: defect, spicedb: own.address}), own
}

// tooth is a schedule in which defects must show.
type tooth struct {
	defects string // of one replica; several are separated by commas
	play    func(*stage)
	want    string // a part of what the judges tell; "" if there is a guard
	guard   string // a part of what the replica says that doesn't answer
}

// shows reports whether the schedule shows just what it is wanted to. That there
// was no answer says nothing by itself: the replica may have lost SpiceDB.
func (o tooth) shows(j judgement, silence []string, said string) bool {
	if o.guard == "" {
		return strings.Contains(j.String(), o.want)
	}
	return !j.wrong() && len(silence) > 0 && strings.Contains(said, o.guard)
}

// Parts of what the judges tell: a permission that nobody has, or that somebody
// has, and an epoch that is older than one that was known.
const (
	saysFalse = "the journal says false"
	saysTrue  = "the journal says true"
	mustKnow  = "must know"
)

// teeth are all but [notRenewed].
func teeth() []tooth {
	named := func(defects ...failpoint.Defect) string {
		names := make([]string, len(defects))
		for i, d := range defects {
			names[i] = string(d)
		}
		return strings.Join(names, ",")
	}
	newest, unprobed, unasked := failpoint.NewestSnapshot, failpoint.ProbeSkipped, failpoint.FenceUnasked
	return []tooth{
		{defects: named(failpoint.LaterEpoch), play: cachedTooLate, want: saysFalse},
		{defects: named(failpoint.EpochFromCache), play: revokedElsewhere, want: mustKnow},
		{defects: named(failpoint.EpochFirst), play: cutBeforeTheGraph, want: saysFalse},
		{defects: named(newest, unprobed), play: askedHalfWay, guard: "the graph doesn't follow the store"},
		{defects: named(newest, unprobed, unasked), play: askedHalfWay, want: saysTrue},
		{defects: named(failpoint.FenceIgnored), play: lateWrite, want: saysFalse},
		{defects: named(failpoint.KeyLacksPermission), play: anotherPermission, want: saysFalse},
		{defects: named(failpoint.MACIgnored), play: flippedInRedis, want: saysTrue},
		{defects: named(failpoint.QueryInFlight), play: cameLater, want: mustKnow},
		{defects: named(failpoint.AgeIgnored), play: askedOutOfBounds, want: mustKnow},
		{defects: named(failpoint.TokenIgnored), play: askedByToken, guard: "is not known here yet"},
		{defects: named(failpoint.TokenBelieved), play: askedByToken, want: saysFalse},
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
	knownAndRevoked(s)
	s.look(s.a, engine.Strict, "access")
}

// knownAndRevoked: a replica knows an epoch, and in the next another revokes.
func knownAndRevoked(s *stage) {
	s.turn(s.b, s.cell(), true)
	s.look(s.a, engine.Strict, "access")
	s.turn(s.b, s.cell(), false)
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
	var revoked history.Change
	s.paused(s.b, failpoint.OperationProjected,
		func() { revoked = s.try(s.b, s.cell(), false) },
		func() { s.look(s.a, engine.Full, "access") })
	s.wantAcknowledged(s.b, revoked)
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
	wait := func() {}
	defer func() { wait() }()
	s.paused(s.a, failpoint.EpochRead,
		func() { s.look(s.a, engine.Strict, "access") },
		func() {
			s.turn(s.b, s.cell(), false)
			waiting := s.waiters(s.a)
			wait = aside(func() { s.look(s.a, engine.Strict, "access") })
			s.awaitWaiters(s.a, waiting)
		})
}

// askedOutOfBounds: a replica that knows an epoch is asked with a bound that is
// shorter than the time since the next began.
func askedOutOfBounds(s *stage) {
	knownAndRevoked(s)
	const bound = time.Millisecond
	time.Sleep(20 * bound) // longer does as well
	s.pose(s.a, question{mode: engine.Bounded, maxAge: bound, queries: []query{{s.cell(), "access"}}})
}

// askedByToken: a replica that knows an epoch is asked with the token of the next.
func askedByToken(s *stage) {
	knownAndRevoked(s)
	partner := s.firm.partner
	s.pose(s.a, question{mode: engine.AtLeast, token: s.token(partner), of: partner, queries: []query{{s.cell(), "access"}}})
}
