package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// run is one sequence of steps, on a model and partners of its own.
type run struct {
	*modelBench
	t   *testing.T // for progress only
	w   *world
	m   article
	err error // the first disagreement; nothing happens after it

	made   int
	states map[schema.Domain]engine.DomainState // after the last step
	kept   []keyed
	last   schema.Object // what the last act that was applied was about
}

// keyed is an act that was done with an idempotency key.
type keyed struct {
	act
	key    string
	result *engine.Result
}

func (b *modelBench) run(t *testing.T) *run {
	t.Helper()
	r := &run{modelBench: b, t: t, w: b.world(), states: map[schema.Domain]engine.DomainState{}}
	r.m = b.modelled.New(r.w)
	r.err = r.see()
	return r
}

// open makes the small world.
func (r *run) open() {
	r.m.Opening(func(a act) {
		if r.err != nil {
			return
		}
		if v := r.m.Judge(a); len(v.refusals) > 0 {
			r.err = fmt.Errorf("the opening act %s by %s is refused by the model: %v", a.Op.Name(), a.Actor.User, v.refusals)
			return
		}
		r.err = r.do(a, manner{})
	})
}

// close compares everything once more. A run that shrinks has done so after
// every step.
func (r *run) close() {
	if r.err == nil && !r.failing {
		r.err = r.compareAll(r.domains()...)
	}
}

const modelInterval = 50 // steps between comparisons of all decisions

// step is one random step, and all comparisons after it.
func (r *run) step(t *rapid.T) {
	if r.err != nil {
		return
	}
	r.made++
	r.steps++
	if r.err = r.random(t); r.err == nil {
		r.err = r.compareAfter(t)
	}
	if r.err != nil {
		r.err = fmt.Errorf("step %d: %w", r.made, r.err)
	}
	if r.steps%10_000 == 0 {
		r.progress(r.t)
	}
}

// compareAfter compares a sample, and at intervals all decisions and, of one
// domain after the other, all lists. A run that shrinks leaves nothing to luck.
func (r *run) compareAfter(t *rapid.T) error {
	switch n := r.made / modelInterval; {
	case r.failing:
		return r.compareAll(r.domains()...)
	case r.made%modelInterval == 0:
		return r.compareAll(r.domains()[n%len(r.domains())])
	default:
		return r.compareSome(t)
	}
}

// random does one of the kinds of step.
func (r *run) random(t *rapid.T) error {
	switch n := roll(t, "kind", 100); {
	case n >= 96:
		return r.turn(t)
	case n >= 92 && len(r.kept) > 0:
		return r.repeat(t, pick(t, "which", r.kept...))
	case n >= 80:
		a := r.m.Draw(t)
		return r.tell(t, a, manner{dry: true})
	case n >= 70:
		a := r.m.Draw(t)
		return r.tell(t, a, manner{key: fmt.Sprintf("k%d%s", r.made, r.w.suffix)}) // the operator is one in all runs
	case n >= 50 && r.modelled.Rehearsed:
		return r.rehearse(t, r.m.Draw(t))
	default:
		return r.tell(t, r.m.Draw(t), manner{})
	}
}

// manner is how an act is done.
type manner struct {
	dry bool
	key string
}

// tell does an act, and logs it where rapid shows the failing run.
func (r *run) tell(t *rapid.T, a act, how manner) error {
	v := r.m.Judge(a)
	t.Logf("%3d %s%s %s → %v", r.made, logged{r.w, a}, map[bool]string{true: " (dry run)"}[how.dry], how.key, v.refusals)
	return r.do(a, how)
}

// logged is an act as the log has it; it is worked out only if that is shown.
type logged struct {
	w *world
	a act
}

func (l logged) String() string {
	params, err := json.Marshal(l.a.Op)
	if err != nil {
		params = []byte(err.Error())
	}
	who := l.a.Actor.User
	if l.a.Actor.Kind != engine.Person {
		who = string(l.a.Actor.Kind)
	}
	if l.a.Actor.Partner != "" {
		who += " (of " + string(l.a.Actor.Partner) + " only)"
	}
	if l.a.Actor.Email != "" {
		who += " (" + l.a.Actor.Email + ")"
	}
	return l.w.plain(fmt.Sprintf("%s: %s %s", who, l.a.Op.Name(), params))
}

// do does an act, and compares its outcome and what it left with the model.
func (r *run) do(a act, how manner) error {
	v := r.m.Judge(a)
	result, err := r.Do(context.Background(), a.Actor, a.Op, &engine.DoOptions{DryRun: how.dry, IdempotencyKey: how.key})
	r.count(a.Op.Name(), engine.CodeOf(err), how)
	if code := engine.CodeOf(err); len(v.refusals) == 0 && err != nil || len(v.refusals) > 0 && !slices.Contains(v.refusals, code) {
		return fmt.Errorf("%s by %s: %q (%w), and the model says %v", a.Op.Name(), a.Actor.User, code, orNil(err), v.refusals)
	}
	if err != nil || how.dry {
		return r.unchanged(fmt.Sprintf("%s by %s (dry: %t, %q)", a.Op.Name(), a.Actor.User, how.dry, engine.CodeOf(err)))
	}
	v.change(result)
	r.last = result.Object
	if how.key != "" {
		r.kept = append(r.kept, keyed{act: a, key: how.key, result: result})
	}
	return r.recorded(a, result)
}

// orNil is err as something that can be formatted in an error.
func orNil(err error) error {
	if err == nil {
		return fmt.Errorf("no error")
	}
	return err
}

// repeat does a request once more with its key: the answer is that of the first
// time, whatever has happened since, and nothing happens.
func (r *run) repeat(t *rapid.T, k keyed) error {
	t.Logf("%3d again %s %s", r.made, logged{r.w, k.act}, k.key)
	result, err := r.Do(context.Background(), k.Actor, k.Op, &engine.DoOptions{IdempotencyKey: k.key})
	if err != nil {
		return fmt.Errorf("%s by %s, repeated with its key: %w", k.Op.Name(), k.Actor.User, err)
	}
	if diff := cmp.Diff(k.result, result); diff != "" {
		return fmt.Errorf("%s by %s, repeated with its key, has another answer", k.Op.Name(), k.Actor.User)
	}
	return r.unchanged(k.Op.Name() + " repeated with its key")
}

// turn lets time pass.
func (r *run) turn(t *rapid.T) error {
	d := pick(t, "time passes", time.Minute, time.Hour, 25*time.Hour, 8*24*time.Hour)
	t.Logf("%3d %s pass", r.made, d)
	r.clock.turn(d)
	r.m.Pass()
	return r.unchanged("the clock")
}

// roll draws one of 0 to n-1, all of them as often; a run that shrinks draws
// small ones. Rapid's own integers are mostly small, which is good for values
// and bad for choices.
func roll(t *rapid.T, label string, n int) int {
	if n < 2 {
		return 0
	}
	coin, tosses := rapid.Bool(), bits.Len(uint(n-1))+6
	return rapid.Custom(func(t *rapid.T) int {
		v := 0
		for range tosses {
			v <<= 1
			if coin.Draw(t, "coin") {
				v++
			}
		}
		return v * n >> tosses
	}).Draw(t, label)
}

// pick draws one of some values.
func pick[V any](t *rapid.T, label string, from ...V) V {
	return from[roll(t, label, len(from))]
}

// chance draws whether something happens, in percent of the cases. A run that
// shrinks has it not happen.
func chance(t *rapid.T, label string, percent int) bool {
	return roll(t, label, 100) >= 100-percent
}
