package replicas_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	silence []string // what must have been answered, and wasn't
}

// cell is the advisor on the first folder, other on the second.
func (s *stage) cell() history.Cell  { return s.firm.cells[0] }
func (s *stage) other() history.Cell { return s.firm.cells[1] }

// turn asks for a change of the cell, which nothing keeps from being acknowledged.
func (s *stage) turn(r *replica, cell history.Cell, grant bool) {
	s.t.Helper()
	if c := s.try(r, cell, grant); c.Outcome != history.Acknowledged {
		s.t.Fatalf("grant %t of %s by %s: it isn't acknowledged", grant, cell, r.what)
	}
}

func (s *stage) try(r *replica, cell history.Cell, grant bool) history.Change {
	return s.named(r, cell, grant, fmt.Sprintf("%s-%d", s.firm.partner, s.names.Add(1)))
}

// named asks with an idempotency key.
func (s *stage) named(r *replica, cell history.Cell, grant bool, name string) history.Change {
	return s.change(r.url, asking{client: 1, cell: cell, grant: grant, name: name, key: name})
}

// look asks one query, which must be answered.
func (s *stage) look(r *replica, mode engine.Mode, permission string) {
	c := s.ask(r.url, question{client: 2, mode: mode, queries: []query{{s.cell(), permission}}})
	if len(c.Answers) == 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.silence = append(s.silence, fmt.Sprintf("%s didn't answer whether %s has %s (%s)", r.what, s.cell(), permission, mode))
	}
}

// aside does something beside the schedule, and returns a function that waits
// for its end.
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

// resume ends a pause.
func (s *stage) resume(r *replica, p failpoint.Point) {
	s.t.Helper()
	if err := os.Remove(filepath.Join(r.orders, string(p)+".reached")); err != nil {
		s.t.Fatal(err)
	}
}

// paused has the replica pause at the point during do, and calls meanwhile when
// it does.
func (s *stage) paused(r *replica, p failpoint.Point, do, meanwhile func()) {
	s.t.Helper()
	s.order(r, p, "pause")
	wait := aside(do)
	s.reached(r, p)
	meanwhile()
	s.resume(r, p)
	wait()
}

// cached returns how many decisions Redis has.
func (s *stage) cached() int64 {
	s.t.Helper()
	return s.w.redisServer.Do(s.t, "DBSIZE").(int64)
}

// awaitCached waits until Redis has more decisions than that.
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
