package history_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest/history"
)

var (
	ana = history.Cell{Partner: "acme", Folder: "retail", Person: "ana"}
	ben = history.Cell{Partner: "acme", Folder: "retail", Person: "ben"}
)

// story is a right history: ana is granted in epoch 2 and revoked in epoch 3,
// and somebody looks before, between and behind.
func story() (changes []history.Change, checks []history.Check, journal []history.Record) {
	changes = []history.Change{
		{Cell: ana, Name: "one", Grant: true, Sent: 10, Done: 20, Outcome: history.Acknowledged, Epoch: 2},
		{Cell: ana, Name: "two", Sent: 50, Done: 60, Outcome: history.Acknowledged, Epoch: 3},
	}
	checks = []history.Check{
		look(1, 5, answer(ana, false, 1)),
		look(30, 40, answer(ana, true, 2), answer(ben, false, 2)),
		look(70, 80, answer(ana, false, 3)),
	}
	journal = []history.Record{
		{Partner: "acme", Epoch: 1},
		{Partner: "acme", Epoch: 2, Name: "one", Effects: []history.Effect{{Cell: ana, Grant: true}}},
		{Partner: "acme", Epoch: 3, Name: "two", Effects: []history.Effect{{Cell: ana}}},
	}
	return changes, checks, journal
}

func look(sent, done time.Duration, answers ...history.Answer) history.Check {
	return history.Check{Mode: engine.Strict, Sent: sent, Done: done, Answers: answers}
}

func answer(c history.Cell, allow bool, epoch int64) history.Answer {
	return history.Answer{Cell: c, Permission: "access", Allow: allow, Epoch: epoch}
}

func historyOf(changes []history.Change, checks []history.Check, journal []history.Record) *history.History {
	h := history.New("access")
	h.Changed(changes...)
	for _, c := range checks {
		h.Checked(c)
	}
	h.Journaled(journal...)
	return h
}

func TestRightHistory(t *testing.T) {
	changes, checks, journal := story()
	for mode, check := range map[engine.Mode]history.Check{
		engine.Full:    {Mode: engine.Full, Sent: 70, Done: 75, Answers: []history.Answer{answer(ana, false, 3)}},
		engine.Bounded: {Mode: engine.Bounded, MaxAge: 30, Sent: 70, Done: 75, Answers: []history.Answer{answer(ana, true, 2)}},
		engine.AtLeast: {Mode: engine.AtLeast, AtLeast: 2, Of: "acme", Sent: 70, Done: 75, Answers: []history.Answer{answer(ana, true, 2)}},
	} {
		h := historyOf(changes, append(checks, check), journal)
		wantRight(t, string(mode), h)
	}
	// Permissions that a grant doesn't give are nobody's; what had no answer
	// says nothing; a change of unknown outcome may have happened or not.
	checks = append(checks,
		look(30, 40, history.Answer{Cell: ana, Permission: "oversee", Epoch: 2}), look(1, 100),
		look(90, 95, answer(ben, true, 4)))
	changes = append(changes,
		history.Change{Cell: ben, Name: "three", Grant: true, Sent: 81, Done: 82},
		history.Change{Cell: ben, Name: "four", Sent: 81, Done: 82},
		history.Change{Cell: ana, Name: "five", Sent: 81, Done: 82, Outcome: history.Refused})
	journal = append(journal, history.Record{
		Partner: "acme", Epoch: 4, Name: "three", Effects: []history.Effect{{Cell: ben, Grant: true}},
	})
	h := historyOf(changes, checks, journal)
	wantRight(t, "more", h)
	want := history.Counts{Checks: 6, Answers: 6, Unanswered: 1, Changes: 5, Acknowledged: 2, Refused: 1, Unknown: 2}
	if got := h.Counts(); got != want {
		t.Errorf("counts: %+v, want %+v", got, want)
	}
}

func wantRight(t *testing.T, name string, h *history.History) {
	t.Helper()
	if found := h.Violations(); len(found) > 0 {
		t.Errorf("%s: %s", name, strings.Join(found, "\n"))
	}
	verdict, err := h.Linearize(t.TempDir(), time.Minute)
	if err != nil || len(verdict.Illegal)+len(verdict.Undecided) > 0 || verdict.Cells == 0 {
		t.Errorf("%s: %+v, %v", name, verdict, err)
	}
}

// TestViolations: each way to be wrong is found.
func TestViolations(t *testing.T) {
	type parts struct {
		changes []history.Change
		checks  []history.Check
		journal []history.Record
	}
	tests := map[string]struct {
		change func(*parts)
		want   string
	}{
		"a wrong answer":         {func(p *parts) { p.checks[1].Answers[0].Allow = false }, "the journal says true"},
		"a permission of nobody": {func(p *parts) { p.checks[1].Answers[0].Permission = "oversee" }, "the journal says false"},
		"an old answer":          {func(p *parts) { p.checks[2].Answers[0] = answer(ana, true, 2) }, "must know 3"},
		"older than somebody was told": {func(p *parts) {
			p.changes[1].Outcome, p.checks[2].Answers[0] = history.Unknown, answer(ana, false, 3)
			p.checks = append(p.checks, look(81, 82, answer(ana, true, 2)))
		}, "must know 3"},
		"older than bounded": {func(p *parts) {
			p.checks[2].Mode, p.checks[2].MaxAge, p.checks[2].Answers[0] = engine.Bounded, 5, answer(ana, true, 2)
		}, "must know 3"},
		"older than the token": {func(p *parts) {
			p.checks[1] = history.Check{Mode: engine.AtLeast, AtLeast: 2, Of: "acme", Sent: 30, Done: 40, Answers: []history.Answer{answer(ana, false, 1)}}
		}, "must know 2"},
		"an epoch before its time":  {func(p *parts) { p.checks[1].Answers = []history.Answer{answer(ana, false, 3)} }, "was asked for at"},
		"an epoch that never was":   {func(p *parts) { p.checks[2].Answers[0] = answer(ana, false, 4) }, "never was"},
		"two epochs in one answer":  {func(p *parts) { p.checks[1].Answers[1].Epoch = 1 }, "the epochs 2 and 1"},
		"a gap":                     {func(p *parts) { p.journal[2].Epoch = 4 }, "in place 3"},
		"twice":                     {func(p *parts) { p.journal[2] = p.journal[1]; p.journal[2].Epoch = 3 }, "happened twice"},
		"acknowledged and lost":     {func(p *parts) { p.journal = p.journal[:2] }, "the journal has it in epoch 0"},
		"acknowledged with another": {func(p *parts) { p.changes[0].Epoch = 1 }, "acknowledged in epoch 1"},
		"refused and done":          {func(p *parts) { p.changes[1].Outcome = history.Refused }, "was refused, and happened"},
		"done, then refused": {func(p *parts) {
			p.changes = append(p.changes, history.Change{Cell: ana, Name: "two", Sent: 61, Done: 62, Outcome: history.Refused})
		}, "and then it was refused"},
		"done, told by an answer, then refused": {func(p *parts) {
			p.changes[1].Outcome = history.Unknown
			p.changes = append(p.changes, history.Change{Cell: ana, Name: "two", Sent: 81, Done: 82, Outcome: history.Refused})
		}, "and then it was refused"},
		"what nobody asked for": {func(p *parts) { p.changes = p.changes[:1] }, "nobody asked for what epoch 3"},
		"older than another partner's token excuses": {func(p *parts) {
			p.checks[2].Mode, p.checks[2].AtLeast, p.checks[2].Of = engine.AtLeast, 1, "bolt"
			p.checks[2].Answers[0] = answer(ana, true, 2)
		}, "must know 3"},
		"another effect": {func(p *parts) { p.journal[1].Effects[0].Cell = ben }, "did otherwise"},
		"before its time": {func(p *parts) {
			p.changes[0].Sent, p.changes[0].Done = 61, 65
			p.checks = p.checks[:1]
		}, "epoch 3 was known before it was sent"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var p parts
			p.changes, p.checks, p.journal = story()
			tt.change(&p)
			found := strings.Join(historyOf(p.changes, p.checks, p.journal).Violations(), "\n")
			if !strings.Contains(found, tt.want) {
				t.Errorf("found %q, want %q", found, tt.want)
			}
		})
	}
}

// TestLinearize: an allow after an acknowledged revoke is explained by no order,
// whatever its epoch, and drawn.
func TestLinearize(t *testing.T) {
	changes, checks, journal := story()
	checks = append(checks, look(90, 95, answer(ana, true, 3)))
	folder := t.TempDir()
	verdict, err := historyOf(changes, checks, journal).Linearize(folder, time.Minute)
	if err != nil || len(verdict.Illegal) != 1 || verdict.Illegal[0] != ana {
		t.Errorf("%+v, %v", verdict, err)
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 1 {
		t.Errorf("pictures: %v, %v", files, err)
	}
	for name, told := range map[string]history.Change{
		"a revoke is refused though there is a grant": {Cell: ana, Name: "three", Sent: 30, Done: 40, Outcome: history.Refused},
		"a revoke is done though there is nothing":    {Cell: ana, Name: "three", Sent: 2, Done: 4, Outcome: history.Acknowledged},
	} {
		changes, checks, journal := story()
		verdict, err := historyOf(append(changes, told), checks, journal).Linearize(t.TempDir(), time.Minute)
		if err != nil || len(verdict.Illegal) != 1 {
			t.Errorf("%s: %+v, %v", name, verdict, err)
		}
	}
}

// TestLaterHistory: a history may begin where another has ended, and knows what
// was known then.
func TestLaterHistory(t *testing.T) {
	_, _, journal := story()
	later := func(journal []history.Record, checks ...history.Check) *history.History {
		h := historyOf(nil, checks, journal)
		h.Begins("acme", 2)
		return h
	}
	wantRight(t, "right", later(journal[:2], look(1, 2, answer(ana, true, 2), answer(ben, false, 2))))
	if found := later(journal[:2], look(1, 2, answer(ana, false, 1))).Violations(); len(found) != 1 || !strings.Contains(found[0], "must know 2") {
		t.Errorf("an answer from before: %v", found)
	}
	if found := later(journal, look(1, 2, answer(ana, true, 2))).Violations(); len(found) != 1 || !strings.Contains(found[0], "nobody asked") {
		t.Errorf("a late record: %v", found)
	}
}
