package replicas_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest/history"
	"github.com/portico-authz/portico/engine/failpoint"
)

// stage is where a schedule is played: a firm with two folders and one advisor,
// and two replicas, which the schedule orders about.
type stage struct {
	*witness
	t    *testing.T
	w    *world
	firm *firm
	a    *replica // may have a defect
	own  *link    // a's to SpiceDB
	b    *replica // as it should be

	names   atomic.Int64
	silence []string // what wasn't answered
}

// cell is the advisor on the first folder, other on the second.
func (s *stage) cell() history.Cell  { return s.firm.cells[0] }
func (s *stage) other() history.Cell { return s.firm.cells[1] }

// turn asks for a change of the cell, which nothing keeps from being acknowledged.
func (s *stage) turn(r *replica, cell history.Cell, grant bool) {
	s.t.Helper()
	s.wantAcknowledged(r, s.try(r, cell, grant))
}

// wantAcknowledged must be called by the test's own goroutine, as all that may
// end the test; try and look may be called aside.
func (s *stage) wantAcknowledged(r *replica, c history.Change) {
	s.t.Helper()
	if c.Outcome != history.Acknowledged {
		s.t.Fatalf("grant %t of %s by %s: it isn't acknowledged", c.Grant, c.Cell, r.what)
	}
}

func (s *stage) try(r *replica, cell history.Cell, grant bool) history.Change {
	return s.named(r, cell, grant, fmt.Sprintf("%s-%d", s.firm.partner, s.names.Add(1)))
}

// named asks with an idempotency key.
func (s *stage) named(r *replica, cell history.Cell, grant bool, name string) history.Change {
	return s.change(r.url, asking{client: 1, cell: cell, grant: grant, name: name, key: name})
}

// look asks whether the advisor has the permission.
func (s *stage) look(r *replica, mode engine.Mode, permission string) {
	s.pose(r, question{mode: mode, queries: []query{{s.cell(), permission}}})
}

// pose asks, and keeps it if there is no answer.
func (s *stage) pose(r *replica, q question) {
	q.client = 2
	if c := s.ask(r.url, q); len(c.Answers) == 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		one := q.queries[0]
		s.silence = append(s.silence, fmt.Sprintf("%s didn't answer whether %s has %s (%s)", r.what, one.cell, one.permission, q.mode))
	}
}

// aside does something beside the schedule, which must not end the test, and
// returns a function that waits for its end.
func aside(do func()) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	return func() { <-done }
}

// order has the replica do so at the point, once: "pause" or "kill".
func (s *stage) order(r *replica, p failpoint.Point, what string) {
	s.t.Helper()
	file := filepath.Join(r.orders, string(p))
	if err := errors.Join(os.WriteFile(file+".new", []byte(what), 0o600), os.Rename(file+".new", file)); err != nil {
		s.t.Fatal(err)
	}
}

// reached waits until the replica obeys.
func (s *stage) reached(r *replica, p failpoint.Point) {
	s.t.Helper()
	await(s.t, fmt.Sprintf("%s reaches %s", r.what, p), func() error {
		_, err := os.Stat(filepath.Join(r.orders, string(p)+".reached"))
		return err
	})
}

// release takes the order back, or ends the pause, whichever it has come to.
func (s *stage) release(r *replica, p failpoint.Point) {
	s.t.Helper()
	for _, file := range []string{string(p), string(p) + ".reached"} { // so: the replica renames the one to the other
		if err := os.Remove(filepath.Join(r.orders, file)); err != nil && !errors.Is(err, os.ErrNotExist) {
			s.t.Error(err)
		}
	}
}

// paused has the replica pause at the point during do, and calls meanwhile when
// it does. However that ends, the replica goes on, and do has ended.
func (s *stage) paused(r *replica, p failpoint.Point, do, meanwhile func()) {
	s.t.Helper()
	s.order(r, p, "pause")
	wait := aside(do)
	defer wait()
	defer s.release(r, p)
	s.reached(r, p)
	meanwhile()
}

// cached returns how many keys Redis has.
func (s *stage) cached() int64 {
	s.t.Helper()
	return s.w.redisServer.Do(s.t, "DBSIZE").(int64)
}

// awaitCached waits until Redis has more keys than that.
func (s *stage) awaitCached(before int64) {
	s.t.Helper()
	await(s.t, "a decision is cached", func() error {
		if s.cached() <= before {
			return errors.New("none is")
		}
		return nil
	})
}

// stageFor founds a firm for a schedule.
func (w *world) stageFor(t *testing.T, name string, a, b *replica, own *link, gives ...string) *stage {
	t.Helper()
	return &stage{
		witness: newWitness(w.key, gives...), t: t, w: w, a: a, b: b, own: own,
		firm: w.found(t, fmt.Sprintf("%s-%d", name, time.Now().UnixNano()%1e9), 2, 1),
	}
}

// wantNothing plays a schedule that shows no defect.
func (s *stage) wantNothing(play func(*stage)) {
	s.t.Helper()
	play(s)
	s.settle(s.t, s.b.url, []*firm{s.firm})
	j := s.judge(s.t)
	s.t.Logf("%s: %s (%d checks, %d changes)", s.a.what, j, j.counts.Checks, j.counts.Changes)
	if j.wrong() || len(s.silence)+len(s.odd) > 0 {
		s.t.Errorf("%s: %s %q %q", s.a.what, j, s.silence, s.odd)
	}
}

// wantShown plays a schedule in which defects must show. Nothing more is asked
// afterwards: the firm may be beyond that.
func (s *stage) wantShown(one tooth) {
	s.t.Helper()
	one.play(s)
	s.firm.read(s.t, s.caller, s.b.url)
	s.Journaled(s.firm.records...)
	j, said := s.judge(s.t), s.a.tail()
	s.t.Logf("%s: %s %q", s.a.what, j, s.silence)
	if !one.shows(j, s.silence, said) {
		s.t.Errorf("%s: want %q; the replica says\n%s", s.a.what, one.want+one.guard, said)
	}
}

// TestPausesEnd: when a schedule fails half-way, the replica goes on for the
// next one, and what was asked aside has ended.
func TestPausesEnd(t *testing.T) {
	s, r := &stage{t: t}, &replica{orders: t.TempDir()}
	file := filepath.Join(r.orders, string(failpoint.EpochRead))
	wentOn := false
	aside(func() {
		s.paused(r, failpoint.EpochRead, func() { wentOn = obey(file) }, runtime.Goexit) // as Fatal does
	})()
	if !wentOn {
		t.Error("the replica doesn't go on")
	}
	s.order(r, failpoint.EpochRead, "pause") // which nobody obeys
	for range 2 {
		s.release(r, failpoint.EpochRead)
	}
	if left, err := os.ReadDir(r.orders); err != nil || len(left) > 0 {
		t.Errorf("orders are left: %v, %v", left, err)
	}
}

// obey pauses as package failpoint does, and reports whether that ended.
func obey(file string) bool {
	if os.Rename(file, file+".reached") != nil {
		return false
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(file + ".reached"); err != nil {
			return true
		}
	}
	return false
}
