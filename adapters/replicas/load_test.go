package replicas_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest/history"
)

const clients = 6

// load is clients that ask all replicas, until they are stopped.
type load struct {
	*witness
	world *world
	t     *testing.T
	name  string
	urls  []string
	firms []*firm

	requests, failed, unanswered, decisions, names atomic.Int64 // unanswered are the checks of those that failed
	stopped                                        chan struct{}
	running                                        sync.WaitGroup
}

// start has the clients begin, where the firms' journals end now.
func (w *world) start(t *testing.T, name string, firms []*firm) *load {
	t.Helper()
	seed := cmp.Or(*historySeed, uint64(time.Now().UnixNano()))
	t.Logf("seed %d", seed)
	l := &load{witness: newWitness(w.key, "access"), world: w, t: t, name: name, firms: firms, stopped: make(chan struct{})}
	for _, r := range w.replicas {
		l.urls = append(l.urls, r.url)
	}
	for _, f := range firms {
		if pending := f.read(t, l.caller, l.urls[0]); pending > 0 {
			t.Fatalf("%d operations at %s are pending", pending, f.partner)
		}
		l.Begins(f.partner, int64(len(f.records)))
	}
	for i := range clients {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		l.running.Go(func() {
			for !l.over() {
				l.act(i+1, random)
			}
		})
	}
	t.Cleanup(l.stop)
	return l
}

func (l *load) over() bool {
	select {
	case <-l.stopped:
		return true
	default:
		return false
	}
}

// stop has the clients end.
func (l *load) stop() {
	if !l.over() {
		close(l.stopped)
	}
	l.running.Wait()
}

// act sends one request: mostly a check.
func (l *load) act(client int, random *rand.Rand) {
	ok := false
	if random.IntN(8) == 0 {
		ok = l.turn(client, random)
	} else {
		q := l.question(random)
		q.client = client
		answers := l.ask(pick(random, l.urls), q).Answers
		l.decisions.Add(int64(len(answers)))
		if ok = len(answers) > 0; !ok {
			l.unanswered.Add(1)
		}
	}
	l.requests.Add(1)
	if !ok {
		l.failed.Add(1)
		time.Sleep(5 * time.Millisecond) // who is refused doesn't ask again at once
	}
}

// turn grants or revokes. Some changes are asked of two replicas at once, and
// some again after a failure: they have a key.
func (l *load) turn(client int, random *rand.Rand) bool {
	f := pick(random, l.firms)
	a := asking{client: client, cell: pick(random, f.cells), grant: random.IntN(2) == 0, name: fmt.Sprintf("%s-%d", l.name, l.names.Add(1))}
	twice, again := random.IntN(5) == 0, random.IntN(2) == 0
	if twice || again {
		a.key = a.name
	}
	var other sync.WaitGroup
	if twice {
		elsewhere := pick(random, l.urls)
		other.Go(func() { l.change(elsewhere, a) })
	}
	c := l.change(pick(random, l.urls), a)
	other.Wait()
	if c.Outcome == history.Unknown && again {
		c = l.change(pick(random, l.urls), a)
	}
	return c.Outcome != history.Unknown
}

// question draws a check of any mode, about one cell or many.
func (l *load) question(random *rand.Rand) question {
	f := pick(random, l.firms)
	q := question{mode: engine.Strict}
	switch n := random.IntN(20); {
	case n < 3:
		q.mode = engine.Full
	case n < 6:
		q.mode, q.maxAge = engine.Bounded, time.Duration(random.IntN(300))*time.Millisecond
	case n < 10:
		if q.token = l.token(f.partner); q.token.epoch > 0 {
			q.mode, q.of = engine.AtLeast, f.partner
		}
	}
	permission := "access"
	if random.IntN(10) == 0 {
		permission = "oversee" // which advisors never have
	}
	if random.IntN(3) > 0 {
		q.queries = []query{{pick(random, f.cells), permission}}
		return q
	}
	for _, cell := range f.cells {
		q.queries = append(q.queries, query{cell, permission})
	}
	if other := pick(random, l.firms); other != f {
		q.queries = append(q.queries, query{pick(random, other.cells), "access"}, query{pick(random, other.cells), "access"})
	}
	return q
}

func pick[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }

// pass waits until the clients have sent n more requests, or tried for long.
func (l *load) pass(n int) {
	l.t.Helper()
	start := l.requests.Load()
	for deadline := time.Now().Add(10 * time.Second); l.requests.Load() < start+int64(n) && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if l.requests.Load() == start {
		l.t.Error("the clients have stopped asking")
	}
}

// awaitMore waits until the clients' requests have made the count rise.
func (l *load) awaitMore(what string, count func() float64) {
	l.t.Helper()
	before := count()
	await(l.t, what, func() error {
		if count() <= before {
			return errors.New("none more")
		}
		return nil
	})
}

// silent counts the checks that weren't answered.
func (l *load) silent() float64 { return float64(l.unanswered.Load()) }

// metric sums what all replicas count, which all must be there.
func (l *load) metric(name, label string) func() float64 {
	return func() (sum float64) {
		for _, r := range l.world.replicas {
			sum += r.metric(l.t, name, label)
		}
		return sum
	}
}

// recover waits until every replica answers again and does what it is asked to,
// then wants nearly all to succeed.
func (l *load) recover(n int) {
	l.t.Helper()
	for _, url := range l.urls {
		for _, f := range l.firms {
			await(l.t, url+" works again", func() error {
				c := l.change(url, asking{cell: f.cells[0], grant: true, name: fmt.Sprintf("%s-%d", l.name, l.names.Add(1))})
				answers := l.ask(url, question{mode: engine.Full, queries: []query{{f.cells[0], "access"}}}).Answers
				if c.Outcome != history.Acknowledged || len(answers) == 0 {
					return errors.New("it doesn't")
				}
				return nil
			})
		}
	}
	requests, failed := l.requests.Load(), l.failed.Load()
	l.pass(n)
	requests, failed = l.requests.Load()-requests, l.failed.Load()-failed
	if failed*10 > requests {
		l.t.Errorf("after the fault %d of %d requests failed", failed, requests)
	}
}

// end stops the clients and wants all that they were told to be right.
func (l *load) end() {
	l.t.Helper()
	l.stop()
	l.settle(l.t, l.urls[0], l.firms)
	j := l.judge(l.t)
	n := j.counts
	l.t.Logf("%d checks with %d decisions, %d unanswered; %d changes: %d acknowledged, %d refused, %d unknown; %d cells, %d steps",
		n.Checks, n.Answers, n.Unanswered, n.Changes, n.Acknowledged, n.Refused, n.Unknown, j.verdict.Cells, j.verdict.Steps)
	if j.wrong() {
		l.t.Errorf("%s", j)
	}
	if undecided := j.verdict.Undecided; len(undecided) > 0 {
		l.t.Errorf("it took too long to tell about %v", undecided)
	}
	for _, odd := range l.odd[:min(len(l.odd), 10)] {
		l.t.Errorf("an answer that nothing excuses: %s\n%s", odd, l.world.said(odd))
	}
}
