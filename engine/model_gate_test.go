package engine_test

import (
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// gate is what the articles have alike: who lacks a permission is refused, and
// learns of nothing that they may not see (XP-2, way 9 of the house).
type gate struct {
	May     func(person string, on schema.Object, permission string) bool
	There   func(o schema.Object) bool // whether it is there: archived, but not removed
	Visible map[string]string          // by type: who lacks this on an object is told that there is none
}

// refusals returns the code with which an act is refused before anybody looks
// at what it would do; none if it isn't. Needs is a permission of a type that
// the act is about, "client#share", perhaps with " or operator"; or "anyone". The
// first object that the act is about is the root of its domain, the second the
// one that it changes, and those that follow the ones that it uses for it.
func (g gate) refusals(a act, needs string, about ...schema.Object) []engine.Code {
	needs, operators := strings.CutSuffix(needs, " or operator")
	switch {
	case slices.ContainsFunc(about, func(o schema.Object) bool { return o.Validate() != nil }):
		return []engine.Code{engine.Invalid}
	case a.Actor.Partner != "" && a.Actor.Partner != about[0].Domain(), !g.There(about[0]):
		return []engine.Code{engine.NotFound}
	case needs == "anyone", a.Actor.Kind == engine.Operator && operators:
		return g.missing(about)
	case a.Actor.Kind != engine.Person:
		return []engine.Code{engine.Forbidden}
	}
	if !g.has(a.Actor.User, needs, about) {
		if slices.ContainsFunc(about, func(o schema.Object) bool { return !g.sees(a.Actor.User, o) }) {
			return []engine.Code{engine.NotFound}
		}
		return []engine.Code{engine.Forbidden}
	}
	if len(about) > 2 && slices.ContainsFunc(about[2:], func(o schema.Object) bool { return !g.sees(a.Actor.User, o) }) {
		return []engine.Code{engine.NotFound}
	}
	return g.missing(about)
}

func (g gate) has(person, needs string, about []schema.Object) bool {
	typ, permission, _ := strings.Cut(needs, "#")
	if typ == schema.TypePlatform {
		return g.May(person, schema.Platform(), permission)
	}
	i := slices.IndexFunc(about, func(o schema.Object) bool { return o.Type == typ })
	return g.May(person, about[i], permission)
}

func (g gate) sees(person string, o schema.Object) bool {
	permission := g.Visible[o.Type]
	return permission == "" || g.May(person, o, permission)
}

func (g gate) missing(about []schema.Object) []engine.Code {
	for _, o := range about {
		if !g.There(o) {
			return []engine.Code{engine.NotFound}
		}
	}
	return nil
}

// problems gathers what is wrong with an act that has passed the gate. Where
// more than one thing is, the articles don't say which is told.
type problems []engine.Code

func (p *problems) note(wrong bool, code engine.Code) {
	if wrong {
		*p = append(*p, code)
	}
}

// Names and words that operations are drawn with.

// drawName draws the name of an object that is there, that is gone, or that
// never was; there must be some for it to be the first most often.
func drawName(t *rapid.T, label string, known []string) string {
	switch n := roll(t, label+"?", 50); {
	case n == 49:
		return pick(t, label+" misspelt", "", "a/b", "no name")
	case n >= 47 || len(known) == 0:
		return "nobodys"
	default:
		return pick(t, label, known...)
	}
}

// drawNew draws a name for a new object: a fresh one, or, as often as percent
// says, one that was given before.
func drawNew(t *rapid.T, label, fresh string, known []string, percent int) string {
	if len(known) > 0 && chance(t, label+" used before", percent) {
		return pick(t, label, known...)
	}
	if chance(t, label+" misspelt", 1) {
		return "a/b"
	}
	return fresh
}

// drawTitle draws a title: one of a few, in several spellings, seldom one that
// is none.
func drawTitle(t *rapid.T) string {
	if chance(t, "no title", 2) {
		return pick(t, "title", " ", "two\nlines", strings.Repeat("x", 201))
	}
	return pick(t, "title", "North", "South", "East", "West", "north", " South ", "Up", "Down", "In", "Out")
}

func badTitle(s string) bool {
	s = strings.TrimSpace(s)
	return s == "" || len(s) > 200 || strings.ContainsAny(s, "\n")
}

// sameTitle reports whether two titles are one to a reader.
func sameTitle(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// drawExpiry draws when a grant ends: mostly never, seldom in the past.
func drawExpiry(t *rapid.T, now time.Time) time.Time {
	switch n := roll(t, "expires", 20); {
	case n == 19:
		return now.Add(-time.Hour)
	case n == 18:
		return now
	case n >= 11:
		return now.Add(pick(t, "in", 90*time.Minute, time.Minute, 48*time.Hour, 30*24*time.Hour))
	default:
		return time.Time{}
	}
}
