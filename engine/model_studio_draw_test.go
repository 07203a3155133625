package engine_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/portico-authz/portico/engine"
)

// Opening founds two venues, with staff of all levels, and classes that are
// over, running and to come. Ben and Ana work at both.
func (m *studioModel) Opening(do func(act)) {
	do(act{Actor: engine.Actor{Kind: engine.Operator}, Op: &engine.AddSupport{User: m.w.Person("sue")}})
	as := func(name string, op engine.Operation) { do(act{Actor: engine.PersonActor(m.w.Person(name)), Op: op}) }
	one, two := string(m.w.Partners[0]), string(m.w.Partners[1])
	hire := func(boss, partner, person, seat, level string) {
		email := "a" + seat[1:] + "@x.example"
		as(boss, &engine.InviteStaff{Partner: partner, Staff: seat, FirstName: person, LastName: "Lima", Email: email, Role: level})
		if level != "none" {
			as(person, &engine.AcceptInvitation{Token: m.w.Token(email)})
		}
	}
	class := func(boss, partner, event string, starts, lasts time.Duration, by ...string) {
		at := m.w.Now().Add(starts)
		as(boss, &engine.CreateEvent{Partner: partner, Event: event, Kind: "course", Title: "North", StartsAt: at, EndsAt: at.Add(lasts), Instructors: by})
	}
	as("ana", &engine.SignUp{Partner: one, Staff: "s0", Title: "First", FirstName: "Ana", LastName: "Lima", Email: "a0@x.example"})
	hire("ana", one, "ben", "s1", "full")
	hire("ben", one, "cat", "s2", "instructor")
	hire("ben", one, "dan", "s3", "restricted")
	hire("ben", one, "noel", "s4", "none")
	class("ana", one, "e0", -3*time.Hour, time.Hour, "s2", "s3")
	class("ana", one, "e1", -time.Hour, 90*time.Minute, "s2")
	class("ana", one, "e2", time.Hour, 100*time.Hour, "s2", "s4")
	as("ben", &engine.SignUp{Partner: two, Staff: "s0", Title: "Second", FirstName: "Ben", LastName: "Lima", Email: "a0@x.example"})
	hire("ben", two, "ana", "s1", "instructor")
	class("ben", two, "e0", time.Hour, time.Hour, "s1")
}

// studioDraw is one act in the making.
type studioDraw struct {
	m       *studioModel
	t       *rapid.T
	v       *studioVenue // empty if nobody signed up there
	partner string
}

// Draw implements [article].
func (m *studioModel) Draw(t *rapid.T) act {
	d := studioDraw{m: m, t: t}
	id := pick(t, "partner", m.w.Partners[0], m.w.Partners[0], m.w.Partners[0], m.w.Partners[0], m.w.Partners[1], m.w.Partners[1], m.w.Partners[2])
	d.partner = string(id)
	if d.v = m.venue(id); d.v == nil && chance(t, "where there is one", 70) {
		d.v = m.venues[0]
		d.partner = string(d.v.id)
	}
	if d.v == nil {
		d.v = &studioVenue{id: id}
	}
	ops := []func() engine.Operation{
		d.inviteStaff, d.inviteStaff, d.acceptInvitation, d.acceptInvitation, d.staffOp, d.staffOp, d.staffOp, d.staffOp,
		d.deactivate, d.deactivate, d.deactivate, d.deactivate, d.reactivate, d.reactivate, d.reactivate, d.removeStaff,
		d.handOver, d.handOver, d.handOver, d.createEvent, d.createEvent, d.editEvent, d.editEvent, d.editEvent, d.archiveEvent,
		d.assign, d.assign, d.unassign, d.unassign, d.partnerOp, d.platformOp,
	}
	op := ops[roll(t, "operation", len(ops))]()
	return act{Actor: d.actor(op), Op: op}
}

// actor draws who acts: mostly staff of the venue who may do everything.
func (d studioDraw) actor(op engine.Operation) engine.Actor {
	persons := d.m.w.Persons
	stranger, staff := persons[len(persons)-1], persons[:len(persons)-1]
	switch op.(type) {
	case *engine.SignUp:
		if chance(d.t, "by the operator", 5) {
			return engine.Actor{Kind: engine.Operator}
		}
		return engine.PersonActor(pick(d.t, "by", staff...))
	case *engine.AcceptInvitation:
		if chance(d.t, "by nobody", 2) {
			return engine.Actor{Kind: engine.Operator}
		}
		for _, s := range d.v.seats {
			if s.state == engine.Inactive && s.person != "" && chance(d.t, "who is inactive", 10) {
				return engine.PersonActor(s.person)
			}
		}
		a := engine.PersonActor(pick(d.t, "by", staff...))
		if chance(d.t, "vouched for", 20) {
			a.Email = d.email()
		}
		return d.restricted(a)
	case *engine.AddSupport, *engine.RemoveSupport:
		if chance(d.t, "by support", 60) {
			return d.restricted(engine.PersonActor(d.m.w.Person("sue")))
		}
	}
	var bosses []string
	for _, s := range d.v.seats {
		if s.state == engine.Active && s.level == "full" {
			bosses = append(bosses, s.person)
		}
	}
	switch n := roll(d.t, "by whom", 100); {
	case n < 80 && len(bosses) > 0:
		return d.restricted(engine.PersonActor(pick(d.t, "by", bosses...)))
	case n == 99:
		return engine.Actor{Kind: engine.Operator}
	case n > 96:
		return engine.PersonActor(stranger)
	default:
		return d.restricted(engine.PersonActor(pick(d.t, "by", persons...)))
	}
}

// restricted lets an actor, now and then, reach one partner only.
func (d studioDraw) restricted(a engine.Actor) engine.Actor {
	if chance(d.t, "restricted", 5) {
		a.Partner = pick(d.t, "to", d.m.w.Partners...)
	}
	return a
}

func (d studioDraw) email() string {
	if chance(d.t, "no address", 2) {
		return "nobody"
	}
	return pick(d.t, "email", slices.Concat(studioAddresses, []string{"A1@x.example"})...)
}

var studioAddresses = []string{
	"a0@x.example", "a1@x.example", "a2@x.example", "a3@x.example", "a4@x.example", "a5@x.example", "a6@x.example", "a7@x.example",
}

func (d studioDraw) level() string {
	if chance(d.t, "odd level", 4) {
		return pick(d.t, "level", "", "boss", "owner")
	}
	return pick(d.t, "level", "none", "instructor", "restricted", "full", "none", "instructor", "full")
}

func (d studioDraw) seatNames() []string {
	return names(d.v.seats, studioSeatName, (*studioSeat).removed)
}

func (d studioDraw) eventNames() []string {
	return names(d.v.events, studioEventName, func(e *studioEvent) bool { return e.archived })
}

func (d studioDraw) staff() string { return drawName(d.t, "staff", d.seatNames()) }
func (d studioDraw) event() string { return drawName(d.t, "event", d.eventNames()) }

// staffWho draws a staff member, mostly one of whom something is so.
func (d studioDraw) staffWho(is func(*studioSeat) bool) string {
	var those []string
	for _, s := range d.v.seats {
		if !s.removed() && is(s) {
			those = append(those, s.name)
		}
	}
	if len(those) > 0 && chance(d.t, "such", 85) {
		return pick(d.t, "staff", those...)
	}
	return d.staff()
}

func (d studioDraw) staffIn(states ...engine.State) string {
	return d.staffWho(func(s *studioSeat) bool { return slices.Contains(states, s.state) })
}

// eventThat draws an event, mostly one of which something is so.
func (d studioDraw) eventThat(is func(*studioEvent) bool) string {
	var those []string
	for _, e := range d.v.events {
		if !e.archived && is(e) {
			those = append(those, e.name)
		}
	}
	if len(those) > 0 && chance(d.t, "such", 80) {
		return pick(d.t, "event", those...)
	}
	return d.event()
}

// fresh draws a new name, the more seldom the more there is of the kind.
func (d studioDraw) fresh(prefix string, open, ever int, known []string) string {
	return drawNew(d.t, "new", fmt.Sprintf("%s%d", prefix, ever), known, min(90, 5+open*open))
}

// times draws when an event takes place: it is over, runs, comes or can't be.
func (d studioDraw) times() (starts, ends time.Time) {
	now := d.m.w.Now()
	after := func(from time.Time) time.Time {
		return from.Add(pick(d.t, "lasts", time.Minute, 45*time.Minute, 3*time.Hour, 60*time.Hour, 15*24*time.Hour))
	}
	switch n := roll(d.t, "when", 100); {
	case n < 40:
		starts = now.Add(pick(d.t, "in", 0, time.Minute, time.Hour, 30*time.Hour, 10*24*time.Hour))
		return starts, after(starts)
	case n < 65:
		return now.Add(-time.Hour), after(now)
	case n < 94:
		ends = now.Add(-pick(d.t, "since", 0, time.Second, time.Hour, 50*time.Hour))
		return ends.Add(-time.Hour), ends
	default:
		starts, ends = now.Add(time.Hour), now.Add(pick(d.t, "ends", time.Hour, 0, -time.Hour))
		return pick(d.t, "starts", starts, time.Time{}), pick(d.t, "ends", ends, time.Time{}, now)
	}
}
