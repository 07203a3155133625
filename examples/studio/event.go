package main

import (
	"time"

	"github.com/portico-authz/portico/examples/story"
)

const day = 24 * time.Hour

// event is what makes an event or a course that starts so long after now, or
// before.
func event(name, kind, title string, starts, lasts time.Duration, instructors ...story.Person) params {
	begins := time.Now().Add(starts).UTC().Truncate(time.Second)
	seats := []string{}
	for _, p := range instructors {
		seats = append(seats, p.Seat())
	}
	return params{
		"event": name, "kind": kind, "title": title, "instructors": seats,
		"starts_at": begins.Format(time.RFC3339), "ends_at": begins.Add(lasts).Format(time.RFC3339),
	}
}

// teaching is about events, which have a time and instructors.
func teaching(s *story.Story) {
	s.Fact("ST-2", "When an event is made, all of the staff appear as instructors.")
	s.Does(flora, "POST", "/events", event("open", "event", "Open day", -30*day, day, ivan))
	s.Does(flora, "POST", "/events", event("training", "course", "Teacher training", -10*day, 60*day, ivan))
	s.Does(flora, "POST", "/events", event("morning", "event", "Morning yoga", 2*day, time.Hour, ivan, ines))
	s.Does(flora, "POST", "/events", event("lecture", "event", "Guest lecture", 5*day, time.Hour, noe))
	s.Refused(flora, "to make an event that nobody teaches", "invalid", "POST", "/events", event("none", "event", "Silence", day, time.Hour))
	s.Sees(flora, "who teaches in the morning", "/events/morning/instructors", "Ines Morel", "Ivan Blanc")
	s.Does(flora, "PUT", "/events/morning/instructors/rosa", nil)
	s.Does(flora, "DELETE", "/events/morning/instructors/rosa", nil)
	s.Refused(flora, "to leave the lecture without anybody", "conflict", "DELETE", "/events/lecture/instructors/noe", nil)
	s.Sees(flora, "what is over", "/events?when=past", "Open day")
	s.Sees(flora, "what runs or comes", "/events?when=current", "Guest lecture", "Morning yoga", "Teacher training")
}
