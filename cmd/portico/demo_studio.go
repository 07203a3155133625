package main

import (
	"time"

	"github.com/portico-authz/portico/engine"
)

// studioEvent is an event or a course: from which day on, counted from today,
// from which hour, and how long. Without hours it takes the whole time.
type studioEvent struct {
	title       string
	day, days   int // days is that of a course; 0 for a single hour
	hour        int
	instructors []string
}

var studioEvents = []studioEvent{
	{"Winter retreat", -90, 4, 9, []string{"petra", "ben"}},
	{"Breathing basics", -60, 14, 18, []string{"petra"}},
	{"Spring opening", -30, 0, 10, []string{"ana", "ben", "eva"}},
	{"Handstands", -21, 0, 17, []string{"finn"}},
	{"Yin evening", -14, 0, 19, []string{"gita"}},
	{"Singing bowls", -7, 0, 20, []string{"luca"}},
	{"Partner acro", -3, 0, 18, []string{"hugo", "ines"}},

	{"Vinyasa course", -28, 84, 18, []string{"ben"}},
	{"Prenatal course", -14, 70, 10, []string{"eva"}},
	{"Teacher training", -60, 365, 9, []string{"jon", "kira"}},
	{"Open studio", 0, 1, 0, []string{"carl"}},

	{"Sunrise flow", 1, 0, 6, []string{"ben"}},
	{"Lunch stretch", 1, 0, 12, []string{"finn"}},
	{"Power hour", 2, 0, 17, []string{"gita"}},
	{"Kids class", 3, 0, 15, []string{"ines"}},
	{"Back care", 4, 0, 11, []string{"hugo"}},
	{"Full moon class", 6, 0, 20, []string{"eva", "ben"}},
	{"Guest lecture", 9, 0, 19, []string{"mina"}},
	{"Acro jam", 12, 0, 16, []string{"hugo", "ines"}},
	{"Restorative weekend", 20, 2, 9, []string{"petra"}},
	{"Meditation course", 14, 56, 7, []string{"petra"}},
	{"Summer retreat", 75, 7, 9, []string{"eva", "noah"}},
	{"Inversions", 30, 0, 17, []string{"finn"}},
}

// studioDemo is a yoga studio. Its hints are about a course that runs for weeks
// and a class of tomorrow; a demo that is older has them in the past.
func studioDemo() demo {
	return demo{
		portal: "studio", store: "portico-demo-studio.db", script: studioScript,
		hints: []demoHint{
			{"Ben is an instructor, and sees only what he teaches: not Eva's course", "portico check event:acme/prenatal view user:ben@acme.example"},
			{"Why he sees his own", "portico explain event:acme/vinyasa view user:ben@acme.example"},
			{"All that he sees", "portico list resources event view user:ben@acme.example --partner acme"},
			{"Who can be chosen to teach: seats, also of those who have no access", "portico list subjects partner:acme teach --type staff"},
			{
				"What it takes to deactivate Ben, with Eva in his place; nothing is changed",
				"portico do deactivate_staff --partner acme --staff ben --hand-over-to eva --as user:olivia@acme.example --dry-run",
			},
			viewHint("What Ben teaches from now on", "/staff/ben/events?when=current"),
		},
	}
}

func studioScript(s *demoScript) {
	s.firstAndLast = true
	acme := s.firm(demoPartner, "Acme Yoga", "Olivia Grant")
	acme.join(acme.owner, "full", "Ana Lima")
	admin := acme.actor("Ana Lima")
	acme.join(admin, "restricted", "Carl Weiss", "Dora Novak")
	acme.join(admin, "instructor",
		"Ben Okafor", "Eva Rossi", "Finn Larsen", "Gita Rao", "Hugo Blanc", "Ines Costa", "Jon Berg", "Kira Sato", "Petra Kral", "Tom Reed")
	acme.invite(admin, "none", "Luca Moretti", "Mina Haddad", "Noah Fischer") // who are active without answering
	acme.invite(admin, "instructor", "Rosa Diaz")
	acme.invite(admin, "restricted", "Sven Holm")
	for _, e := range studioEvents {
		acme.do(admin, e.made(acme))
	}
	acme.do(admin, &engine.ArchiveEvent{Partner: acme.id, Event: "inversions"}) // called off
	studioLeavers(acme)

	globex := s.firm(demoLastPartner, "Globex Gym", "Greta Holt")
	globex.joinAt(globex.owner, "instructor", "Ben Okafor", demoAdvisor)
	globex.join(globex.owner, "restricted", "Uma Patel")
	globex.do(globex.owner, studioEvent{"Boxing course", -7, 60, 19, []string{"ben"}}.made(globex))
	globex.do(globex.owner, studioEvent{"Spinning", 2, 0, 8, []string{"greta"}}.made(globex))
}

// made is the operation that makes the event.
func (e studioEvent) made(f *demoFirm) *engine.CreateEvent {
	starts := f.today.AddDate(0, 0, e.day).Add(time.Duration(e.hour) * time.Hour)
	op := &engine.CreateEvent{
		Partner: f.id, Event: slug(e.title), Kind: "event", Title: e.title, Instructors: e.instructors,
		StartsAt: starts, EndsAt: starts.Add(time.Hour),
	}
	if e.days > 0 {
		op.EndsAt = starts.AddDate(0, 0, e.days)
	}
	if e.days > 7 {
		op.Kind = "course"
	}
	return op
}

// studioLeavers has Petra take a break, her classes handed over, and Tom leave
// for good.
func studioLeavers(f *demoFirm) {
	admin := f.actor("Ana Lima")
	f.do(admin, &engine.DeactivateStaff{
		Partner: f.id, Staff: "petra", HandOverTo: "eva", Replacements: map[string]string{"meditation": "luca"},
	})
	f.do(admin, &engine.DeactivateStaff{Partner: f.id, Staff: "tom"})
	f.do(admin, &engine.RemoveStaff{Partner: f.id, Staff: "tom"})
}
