package memory_test

import (
	"iter"

	"github.com/authzed/spicedb/pkg/datastore/options"
	"github.com/authzed/spicedb/pkg/tuple"
	"pgregory.net/rapid"
)

// modelHeld is an iterator that somebody is slow to read. Nothing that happens
// meanwhile may show in it, and it may keep nobody waiting.
type modelHeld struct {
	at       *modelKept
	question question
	next     func() (tuple.Relationship, error, bool)
	stop     func()
	got      []tuple.Relationship
}

func (m *modelMachine) hold(t *rapid.T) {
	h := &modelHeld{at: m.any(t), question: drawQuestion(t, m.last().state).all()}
	h.question.skipExpiration = true // when it is that something expires in between is open
	it, err := h.question.open(t.Context(), m.store.SnapshotReader(h.at.revision))
	if m.mayBeStale(h.at, err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	h.next, h.stop = iter.Pull2(iter.Seq2[tuple.Relationship, error](it))
	m.held = append(m.held, h)
}

func (m *modelMachine) goOn(t *rapid.T) {
	if len(m.held) == 0 {
		t.Skip("nothing is held")
	}
	i := rapid.IntRange(0, len(m.held)-1).Draw(t, "held")
	h := m.held[i]
	for range rapid.IntRange(1, 200).Draw(t, "read") {
		rel, err, ok := h.next()
		switch {
		case ok && err == nil:
			h.got = append(h.got, rel)
			continue
		case ok && !m.mayBeStale(h.at, err):
			t.Fatalf("%s: %v", h.question, err)
		case !ok:
			h.compare(checker{t: t, state: h.at.state, now: m.now})
		}
		h.stop()
		m.held = append(m.held[:i], m.held[i+1:]...)
		return
	}
}

func (h *modelHeld) compare(c checker) {
	want := h.question.answer(c.state, c.now)
	if h.question.order == options.ByResource || h.question.order == options.BySubject {
		c.same(h.question, want, h.got)
	} else {
		c.among(h.question, want, h.got)
	}
}
