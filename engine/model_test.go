package engine_test

import (
	"flag"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

// A model test lets random persons do random things at a few partners of one
// real engine, and compares all that comes of it with an [article]: a small
// model of the portal, written from its help-centre article and from nothing
// else. After each step the outcome, the journal, a sample of decisions and the
// invariants must agree; at intervals every decision and every list.
//
// A portal's test is one line, and its model one type:
//
//	func TestProgramModel(t *testing.T) {
//		checkModel(t, modelled{Portal: "program", Partners: 3, Persons: []string{"ana", …}, New: newProgramModel})
//	}
//
// A run is one check of rapid, on partners and persons of its own in the same
// engine. A failing run is replayed and shrunk, so nothing in a model may depend
// on anything but what it drew: no map order, no time but [world.Now], no ids
// that the engine mints.
//
//	go test -run Model ./engine -modelsteps=100000 -v -timeout=1h

var modelSteps = flag.Int("modelsteps", 2000, "how many random operations each portal's model test does; a tenth with -short or under the race detector")

// modelled is a portal under a model test.
type modelled struct {
	Portal   string   // its name, for [schema.Builtin]
	Partners int      // how many can be signed up
	Persons  []string // what the persons of a run are called
	// New returns a model of a portal at which nobody has signed up yet.
	New func(*world) article
	// Rehearsed has some acts done dry before they are done, and compares what was
	// foreseen with what the model says has come of them.
	Rehearsed bool
}

// article is a model of a portal: plain Go values, changed only by what
// [article.Judge] returns and by [article.Pass]. It reads neither the engine nor
// the portal's files.
type article interface {
	// Opening does what comes first in every run, so that there is something to
	// draw from; all of it is permitted. It is judged and compared like the rest.
	Opening(do func(act))

	// Draw draws who does what next. Most of it should make sense and be
	// refused as often as not: few names, objects that are gone, what was done before.
	Draw(t *rapid.T) act

	// Judge says what must come of an act now, and changes nothing.
	Judge(a act) verdict

	// Pass drops what has expired by [world.Now].
	Pass()

	// Objects returns every object that there is or ever was, users excepted, in
	// the order in which they were made.
	Objects() []schema.Object

	// May reports whether the person has the permission on the object. It knows
	// every permission of the portal.
	May(person string, on schema.Object, permission string) bool

	// Broken returns which of the portal's own invariants don't hold in what the
	// store has of a partner. Those of [facts.broken] hold in every portal.
	Broken(f facts) []string
}

// act is an operation by somebody.
type act struct {
	Actor engine.Actor
	Op    engine.Operation
}

// verdict is what must come of an act.
type verdict struct {
	refusals []engine.Code        // any of these; the act succeeds if there are none
	change   func(*engine.Result) // makes the change to the model
}

// refuse returns the verdict that the act fails with one of the codes.
func refuse(codes ...engine.Code) verdict { return verdict{refusals: codes} }

// permit returns the verdict that the act succeeds, and then changes the model.
func permit(change func(*engine.Result)) verdict { return verdict{change: change} }

// judge permits the change unless there is a reason to refuse it.
func judge(refusals []engine.Code, change func()) verdict {
	if len(refusals) > 0 {
		return refuse(refusals...)
	}
	return permit(func(*engine.Result) { change() })
}

// world is what a run happens in.
type world struct {
	Partners []schema.Domain // none is there before somebody signs it up
	Persons  []string        // users, in the order of [modelled.Persons]

	suffix string // that makes the run's partners and persons its own
	clock  *frozen
	post   *post
}

// Now is the time; it stands still but for the harness's turning it on. Whole
// seconds.
func (w *world) Now() time.Time { return w.clock.Now() }

// Person returns the user whom [modelled.Persons] calls name.
func (w *world) Person(name string) string { return name + w.suffix }

// Token returns the token that was mailed last to the address in this run.
func (w *world) Token(email string) string {
	w.post.mu.Lock()
	defer w.post.mu.Unlock()
	sent := w.post.sent[strings.ToLower(email)]
	if len(sent) == 0 {
		return ""
	}
	return sent[len(sent)-1].Token
}

// plain takes from a text what is different in every run.
func (w *world) plain(text string) string { return strings.ReplaceAll(text, w.suffix, "") }

const modelRun = 250 // steps of a run, on average

// checkModel runs a portal's model test for at least -modelsteps steps.
func checkModel(t *testing.T, p modelled) {
	t.Helper()
	if testing.Short() || enginetest.UnderRace {
		all := *modelSteps
		*modelSteps = max(all/10, 1)
		defer func() { *modelSteps = all }()
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // SpiceDB makes much garbage, and keeps little
	setFlag(t, "rapid.steps", fmt.Sprint(modelRun))
	setFlag(t, "rapid.checks", fmt.Sprint(100+50**modelSteps/modelRun)) // those after the last step do nothing
	b := newModelBench(t, p)
	rapid.Check(t, func(rt *rapid.T) {
		if b.steps >= *modelSteps && !b.failing {
			return
		}
		r := b.run(t)
		r.open()
		rt.Repeat(map[string]func(*rapid.T){"step": r.step})
		r.close()
		// One place for every failure, and no text of one run only: rapid takes
		// what differs in either for another failure, and doesn't shrink it.
		if r.err != nil {
			b.failing = true
			rt.Fatal(r.w.plain(r.err.Error()))
		}
	})
	b.finish(t)
}

// setFlag sets one of rapid's flags for a test: it has no other way.
func setFlag(t *testing.T, name, value string) {
	t.Helper()
	old := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, old) }) // it was set before
}
