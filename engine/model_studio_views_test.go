package engine_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Views implements [viewer]: what the portal's lists show each person at a venue.
func (m *studioModel) Views(e *engine.Engine, d schema.Domain) error {
	v := m.venue(d)
	if v == nil {
		return nil // nobody has signed up there
	}
	for _, person := range m.w.Persons {
		r := studioReader{m: m, v: v, engine: e, person: person}
		looks := []func() error{r.events, r.staff, r.possible}
		if r.mayAll("enter") { // all others have been shown out by now
			looks = append(looks, r.instructors, r.classes)
		}
		for _, look := range looks {
			if err := look(); err != nil {
				return fmt.Errorf("for %s at %s %w", person, d, err)
			}
		}
	}
	return nil
}

// studioReader is a person who looks at a venue's lists.
type studioReader struct {
	m      *studioModel
	v      *studioVenue
	engine *engine.Engine
	person string
}

func (r studioReader) actor() engine.Actor { return engine.PersonActor(r.person) }

func (r studioReader) may(typ, name, permission string) bool {
	return r.m.May(r.person, schema.Obj(typ, r.v.id, name), permission)
}

func (r studioReader) mayAll(permission string) bool {
	return r.m.May(r.person, r.v.id.Root(), permission)
}

// same compares what a list shows with what it should; who may not see it sees
// nothing.
func (r studioReader) same(list string, may bool, want, got []string, err error) error {
	if code := engine.CodeOf(err); err != nil && (may || code != engine.NotFound && code != engine.Forbidden) {
		return fmt.Errorf("%s fail: %w", list, err)
	}
	if !may {
		want = nil
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		return fmt.Errorf("%s are listed as %v, and the model says %v", list, got, want)
	}
	return nil
}

// studioChosen returns what those of a list are called of which something is so.
func studioChosen[V any](all []V, name func(V) string, is func(V) bool) []string {
	var chosen []string
	for _, one := range all {
		if is(one) {
			chosen = append(chosen, name(one))
		}
	}
	return chosen
}

var studioPage = engine.Paging{Limit: engine.MaxPage}

// events is ST-4 to ST-6, and what is over.
func (r studioReader) events() error {
	times := map[engine.When]func(*studioEvent) bool{
		engine.Always:  func(*studioEvent) bool { return true },
		engine.Current: func(e *studioEvent) bool { return !r.m.over(e) },
		engine.Past:    r.m.over,
	}
	for _, when := range []engine.When{engine.Always, engine.Current, engine.Past} {
		is := times[when]
		want := studioChosen(r.v.events, studioEventName, func(e *studioEvent) bool { return is(e) && r.may("event", e.name, "view") })
		got, err := entries(r.engine.ViewEvents(context.Background(), r.actor(), r.v.id, when, studioPage))
		if err := r.same(string(when)+" events", r.mayAll("enter"), want, got, err); err != nil {
			return err
		}
	}
	return nil
}

// instructors is who teaches what: ST-10 has nobody there who was deleted.
func (r studioReader) instructors() error {
	for _, e := range r.v.events {
		want := studioChosen(r.v.seats, studioSeatName, func(s *studioSeat) bool { return e.taughtBy[s] })
		got, err := grants(r.engine.ViewEventInstructors(context.Background(), r.actor(), r.v.id, e.name))
		if err := r.same("instructors of "+e.name, r.may("event", e.name, "view"), want, got, err); err != nil {
			return err
		}
	}
	return nil
}

// staff is ST-7, ST-9 and ST-10: the lists of the active and of the inactive.
func (r studioReader) staff() error {
	for _, state := range []engine.State{engine.Active, engine.Invited, engine.Inactive} {
		want := studioChosen(r.v.seats, studioSeatName, func(s *studioSeat) bool { return s.state == state })
		got, err := entries(r.engine.ViewStaff(context.Background(), r.actor(), r.v.id, []engine.State{state}, studioPage))
		if err := r.same(string(state)+" staff", r.mayAll("manage_staff"), want, got, err); err != nil {
			return err
		}
	}
	return nil
}

// classes is ST-4 and ST-8: the classes of each member, of those that the reader
// sees.
func (r studioReader) classes() error {
	for _, s := range r.v.seats {
		want := studioChosen(r.m.classes(r.v, s), studioEventName, func(e *studioEvent) bool { return r.may("event", e.name, "view") })
		page, err := r.engine.ViewStaffEvents(context.Background(), r.actor(), r.v.id, s.name, engine.Current)
		var got []string
		for _, a := range page.Assignments {
			got = append(got, a.Entry.Object.Name())
		}
		if err := r.same("classes of "+s.name, r.may("staff", s.name, "view"), want, got, err); err != nil {
			return err
		}
	}
	return nil
}

// possible is ST-2 and ST-7.
func (r studioReader) possible() error {
	want := studioChosen(r.v.seats, studioSeatName, (*studioSeat).choosable)
	page, err := r.engine.ViewPossibleInstructors(context.Background(), r.actor(), r.v.id)
	var got []string
	for _, c := range page.Candidates {
		got = append(got, c.Staff.Object.Name())
	}
	return r.same("possible instructors", r.mayAll("manage_events"), want, got, err)
}
