package main

import "github.com/portico-authz/portico/examples/story"

// signUp is about the first of those with full access.
func signUp(s *story.Story) {
	s.Fact("ST-6", "Full access means everything.")
	s.SignsUp(flora, "Harbour Yoga")
	s.MayAll(flora, "teach") // which is asked of seats
	s.MayNot(eve, "enter", "")
	s.Print("    There always is somebody with it, or nobody could manage the venue any more:\n")
	s.Refused(flora, "to take it from herself", "conflict", "PUT", "/staff/flora/role", params{"role": "instructor"})
}

// adding is about how staff come.
func adding(s *story.Story) {
	s.Fact("ST-1", "Staff are added with first name, last name, e-mail and a level of access.")
	s.Does(flora, "POST", "/staff", params{
		"staff": rosa.Seat(), "first_name": "Rosa", "last_name": "Petit", "email": s.User(rosa), "role": "restricted",
	})
	s.MayNot(rosa, "enter", "")
	s.Accepts(rosa)
	s.May(rosa, "enter", "")
	s.Joins(flora, ivan, "instructor")
	s.Joins(flora, ines, "instructor")
	s.Invites(flora, marc, "instructor")
	s.Refused(flora, "to add Eve without a last name", "invalid", "POST", "/staff",
		params{"first_name": "Eve", "email": s.User(eve), "role": "instructor"})

	s.Fact("ST-3", "Without access one can't enter the portal, and can be chosen as instructor.")
	s.Does(flora, "POST", "/staff", s.CardFor(noe, "none")) // who needn't accept anything
	s.Sees(flora, "the active", "/staff?state=active", "Flora Roy", "Ines Morel", "Ivan Blanc", "Noe Garnier", "Rosa Petit")
	s.MayNot(noe, "enter", "")

	s.Fact("ST-2", "Every staff member added can be chosen as the instructor of an event, whatever the level.")
	s.Sees(flora, "who can be chosen", "/instructors",
		"Flora Roy", "Ines Morel", "Ivan Blanc", "Marc Fontaine", "Noe Garnier", "Rosa Petit")
}

// levels is about what each level opens.
func levels(s *story.Story) {
	s.Fact("ST-4", "With instructor access one sees one's own events and courses only.")
	s.Sees(ivan, "the events", "/events", "Morning yoga", "Open day", "Teacher training")
	s.MayNot(ivan, "view", "event/lecture")
	s.Refused(ivan, "to look at the lecture", "not_found", "GET", "/events/lecture", nil)
	s.MayNot(ivan, "view_events", "")

	s.Fact("ST-5", "With restricted access one sees all events; not the settings, not the venue's configuration.")
	s.Sees(rosa, "the events", "/events", "Guest lecture", "Morning yoga", "Open day", "Teacher training")
	s.MayNot(rosa, "view_settings", "")
	s.MayNot(rosa, "view_configuration", "")
	s.Refused(rosa, "to add Eve", "forbidden", "POST", "/staff", s.CardFor(eve, "none"))
	s.Refused(rosa, "to rename the lecture", "forbidden", "PATCH", "/events/lecture", params{"title": "Mine"})

	s.Fact("ST-3", "Taken down to no access, one can't enter any more, and can still be chosen.")
	s.Does(flora, "PUT", "/staff/rosa/role", params{"role": "none"})
	s.MayNot(rosa, "enter", "")
	s.Does(flora, "PUT", "/events/lecture/instructors/rosa", nil)
	s.MayNot(rosa, "view", "event/lecture")
	s.Does(flora, "DELETE", "/events/lecture/instructors/rosa", nil)
	s.Does(flora, "PUT", "/staff/rosa/role", params{"role": "restricted"})
	s.May(rosa, "enter", "")

	s.Fact("ST-6", "With full access one sees and sets all of it.")
	s.May(flora, "manage_settings", "")
	s.May(flora, "manage_configuration", "")
	s.Does(flora, "PATCH", "/events/lecture", params{"title": "Evening lecture"})
}
