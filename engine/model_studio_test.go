package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func TestStudioModel(t *testing.T) {
	checkModel(t, modelled{
		Portal: "studio", Partners: 3, New: newStudioModel, Rehearsed: true,
		Persons: []string{"ana", "ben", "cat", "dan", "eve", "sue", "sid"},
	})
}

// studioModel is the article of the studio portal: ST-1 to ST-10.
type studioModel struct {
	w       *world
	gate    gate
	support []string // in the order of joining
	venues  []*studioVenue
	objects []schema.Object
	mails   map[string]int // invitations sent, by address
}

type studioVenue struct {
	id     schema.Domain
	title  string
	seats  []*studioSeat
	events []*studioEvent
}

// studioSeat is a staff member. Active ones without access need no person on
// their seat (ST-3), invited ones have none yet, and inactive ones keep theirs
// for when they are back (ST-9).
type studioSeat struct {
	name, level, email string
	person             string
	state              engine.State

	token string // the invitation's, while invited
	until time.Time
	void  []string // former tokens
}

type studioEvent struct {
	name, title, kind string
	starts, ends      time.Time
	archived          bool
	taughtBy          map[*studioSeat]bool
}

func newStudioModel(w *world) article {
	m := &studioModel{w: w, objects: []schema.Object{schema.Platform()}, mails: map[string]int{}}
	m.gate = gate{May: m.May, There: m.there, Visible: map[string]string{
		"partner": "enter", "staff": "view", "event": "view",
	}}
	return m
}

func (m *studioModel) venue(id schema.Domain) *studioVenue {
	return find(m.venues, string(id), func(v *studioVenue) string { return string(v.id) })
}

func studioSeatName(s *studioSeat) string   { return s.name }
func studioEventName(e *studioEvent) string { return e.name }

// seat returns a staff member who hasn't been deleted.
func (v *studioVenue) seat(name string) *studioSeat {
	if s := find(v.seats, name, studioSeatName); s != nil && !s.removed() {
		return s
	}
	return nil
}

func (s *studioSeat) removed() bool { return s.state == engine.Removed }

// choosable is ST-2 and ST-7: everyone who was added and isn't inactive.
func (s *studioSeat) choosable() bool { return s.state == engine.Active || s.state == engine.Invited }

// of returns the person's seat, in use or not, if they have one.
func (v *studioVenue) of(person string) *studioSeat {
	i := slices.IndexFunc(v.seats, func(s *studioSeat) bool { return !s.removed() && s.person == person })
	if i < 0 || person == "" {
		return nil
	}
	return v.seats[i]
}

// event returns an event that hasn't been called off.
func (v *studioVenue) event(name string) *studioEvent {
	if e := find(v.events, name, studioEventName); e != nil && !e.archived {
		return e
	}
	return nil
}

func (m *studioModel) over(e *studioEvent) bool { return !e.ends.After(m.w.Now()) }

// classes is ST-8: the running and coming ones that the member teaches.
func (m *studioModel) classes(v *studioVenue, s *studioSeat) []*studioEvent {
	var classes []*studioEvent
	for _, e := range v.events {
		if !e.archived && !m.over(e) && e.taughtBy[s] {
			classes = append(classes, e)
		}
	}
	return classes
}

// irreplaceable reports whether nobody else active has full access: then it
// stays theirs, or nobody could manage the venue any more.
func (v *studioVenue) irreplaceable(s *studioSeat) bool {
	full := func(s *studioSeat) bool { return s.state == engine.Active && s.level == "full" }
	return full(s) && !slices.ContainsFunc(v.seats, func(other *studioSeat) bool { return other != s && full(other) })
}

func (m *studioModel) Objects() []schema.Object { return m.objects }

// there reports whether an object can be spoken of: it was made, and isn't a
// staff member who was deleted.
func (m *studioModel) there(o schema.Object) bool {
	if o.Type == schema.TypeStaff {
		v := m.venue(o.Domain())
		return v != nil && v.seat(o.Name()) != nil
	}
	return slices.Contains(m.objects, o)
}

func (m *studioModel) May(person string, on schema.Object, permission string) bool {
	if on.Type == schema.TypePlatform {
		return slices.Contains(m.support, person)
	}
	v := m.venue(on.Domain())
	if v == nil {
		return false
	}
	s := v.of(person)
	if s == nil || s.state != engine.Active || s.level == "none" {
		return false // ST-3, ST-7, ST-10, XP-1
	}
	full := s.level == "full"
	all := full || s.level == "restricted"
	switch on.Type {
	case schema.TypePartner:
		switch permission {
		case "enter":
			return true
		case "view_events":
			return all // ST-4, ST-5
		case "teach":
			return false // asked of seats, never of people
		default:
			return full // ST-5, ST-6
		}
	case schema.TypeStaff:
		about := v.seat(on.Name())
		return about != nil && (full || permission == "view" && about == s)
	default:
		e := v.event(on.Name())
		return e != nil && (full || permission == "view" && (all || e.taughtBy[s])) // ST-4, ST-5
	}
}

// Pass implements [article]. Nothing is granted for a time, and what is over is
// seen by looking at the clock.
func (m *studioModel) Pass() {}

// Broken checks that there is somebody with full access, ST-2, ST-7, ST-8 and
// ST-10; and that the directory and who teaches what are as the model has them,
// which shows in no decision where the level is none, restricted or full.
func (m *studioModel) Broken(f facts) []string {
	var broken []string
	wrong := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	if len(f.Holders("full")) == 0 {
		wrong("%s has nobody active with full access", f.Domain)
	}
	v := m.venue(f.Domain)
	if address := m.misdirected(); address != "" {
		wrong("another number of invitations was mailed to %s than the model says", address)
	}
	pool := f.Of(f.Domain.Root(), "instructor_pool")
	for _, s := range v.seats {
		o := schema.Obj(schema.TypeStaff, f.Domain, s.name)
		e, _ := f.Entry(o)
		if !s.is(e) {
			wrong("%s is %s, %s, of %q at %q, and the model says %s, %s, of %q at %q",
				o, e.State, e.Role, e.User, e.Email, s.state, s.level, s.person, s.email)
		}
		chosen := slices.ContainsFunc(pool, func(r engine.Row) bool { return r.Subject == schema.Subject{Object: o} })
		if chosen != s.choosable() {
			wrong("%s is %s, and among the possible instructors: %t", o, s.state, chosen)
		}
	}
	for _, e := range v.events {
		broken = append(broken, m.misheld(f, v, e)...)
	}
	return broken
}

// is reports whether a directory row says of the seat what the model does. What
// the row of a deleted one keeps is nobody's business.
func (s *studioSeat) is(e engine.Entry) bool {
	if e.State != s.state || s.removed() {
		return e.State == s.state
	}
	invited := e.Invitation == nil || e.User != "" // who joined has an invitation that was accepted
	if s.state == engine.Invited {
		invited = e.Invitation != nil && e.Invitation.ExpiresAt.Equal(s.until)
	}
	return e.Role == s.level && e.User == s.person && e.Email == s.email && invited
}

// misdirected returns an address to which more or less was mailed than should
// be; "" if there is none.
func (m *studioModel) misdirected() string {
	m.w.post.mu.Lock()
	defer m.w.post.mu.Unlock()
	for _, address := range studioAddresses {
		if len(m.w.post.sent[address]) != m.mails[address] {
			return address
		}
	}
	return ""
}

// misheld says what is wrong with an event: one that is running or coming has
// instructors, all of them active (ST-8).
func (m *studioModel) misheld(f facts, v *studioVenue, e *studioEvent) []string {
	var broken []string
	wrong := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	o := schema.Obj("event", f.Domain, e.name)
	row, _ := f.Entry(o)
	if !e.is(row) {
		wrong("%s is %s, a %s called %q from %s to %s, and the model says otherwise", o, row.State, row.Kind, row.Title, row.StartsAt(), row.EndsAt())
	}
	taught := f.Of(o, "instructor")
	for _, r := range taught {
		s, _ := f.Entry(r.Subject.Object)
		running := row.State == engine.Active && row.EndsAt().After(m.w.Now())
		if s.State == engine.Removed || running && s.State != engine.Active && s.State != engine.Invited {
			wrong("%s (running or coming: %t) is taught by %s, who is %s", o, running, s.Object, s.State)
		}
		if !e.taughtBy[v.seat(r.Subject.Object.Name())] {
			wrong("%s is taught by %s, and not in the model", o, s.Object)
		}
	}
	if len(taught) != len(e.taughtBy) {
		wrong("%s is taught by %d, and in the model by %d", o, len(taught), len(e.taughtBy))
	}
	if len(taught) == 0 && row.State == engine.Active && row.EndsAt().After(m.w.Now()) {
		wrong("%s is to take place, and nobody teaches it", o)
	}
	return broken
}

func (e *studioEvent) is(row engine.Entry) bool {
	state := engine.Active
	if e.archived {
		state = engine.Archived
	}
	return row.State == state && row.Kind == e.kind && row.Title == e.title && row.StartsAt().Equal(e.starts) && row.EndsAt().Equal(e.ends)
}
