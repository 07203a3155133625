package main

import "github.com/portico-authz/portico/examples/story"

// deactivation is about a break, and who teaches meanwhile.
func deactivation(s *story.Story) {
	s.Fact("ST-8", "Who teaches running or coming classes must first be replaced: deactivation is refused with the list of them, and one call hands all over and deactivates.")
	s.RefusedNaming(flora, "to deactivate Ivan", "conflict", []string{"Morning yoga", "Teacher training"}, "POST", "/staff/ivan/deactivate", params{})
	s.May(ivan, "enter", "")
	dry := s.Ask(flora, "POST", "/staff/ivan/deactivate?dry_run=true", params{"hand_over_to": ines.Seat()})
	s.Expect(dry.Summary != "" && len(dry.Impact.Losses) > 0, "a dry run tells no losses: %s", dry.Detail)
	s.Print("    · A dry run tells that others would gain %d permissions, and Ivan lose %d.\n", len(dry.Impact.Gains), len(dry.Impact.Losses))
	s.Does(flora, "POST", "/staff/ivan/deactivate", params{
		"hand_over_to": ines.Seat(), "replacements": map[string]string{"training": noe.Seat()},
	})
	s.Sees(flora, "who teaches in the morning", "/events/morning/instructors", "Ines Morel")
	s.Sees(flora, "who trains the teachers", "/events/training/instructors", "Noe Garnier")

	s.Fact("ST-7", "The deactivated are on the inactive list, can't be chosen as instructor, and have no access at all.")
	s.Sees(flora, "the inactive", "/staff?state=inactive", "Ivan Blanc")
	s.Sees(flora, "who can be chosen", "/instructors", "Flora Roy", "Ines Morel", "Marc Fontaine", "Noe Garnier", "Rosa Petit")
	s.Refused(flora, "to have Ivan teach the lecture", "conflict", "PUT", "/events/lecture/instructors/ivan", nil)
	s.MayNot(ivan, "enter", "")
	s.MayNot(ivan, "view", "event/open") // which he taught
}

// reactivation is about the end of a break.
func reactivation(s *story.Story) {
	s.Fact("ST-9", "Inactive staff are edited, reactivated with what they had, or deleted.")
	s.Does(flora, "PATCH", "/staff/ivan", params{"last_name": "Blanchard"})
	s.Does(flora, "POST", "/staff/ivan/reactivate", nil)
	s.May(ivan, "enter", "")
	s.Sees(ivan, "the events", "/events", "Open day")
	s.Sees(flora, "who can be chosen", "/instructors",
		"Flora Roy", "Ines Morel", "Ivan Blanchard", "Marc Fontaine", "Noe Garnier", "Rosa Petit")
	s.Print("    One's classes can be handed over without a break, too:\n")
	s.Does(flora, "POST", "/staff/noe/hand_over", params{"replacements": map[string]string{"training": ivan.Seat()}})
	s.Sees(ivan, "what Ivan teaches from now on", "/staff/ivan/events?when=current", "Teacher training")
}

// deletion is about those who don't come back.
func deletion(s *story.Story) {
	s.Fact("ST-7", "The active are edited and deactivated; only the inactive are deleted.")
	s.Refused(flora, "to delete Ines at once", "conflict", "DELETE", "/staff/ines", nil)

	s.Fact("ST-8", "Nobody leaves their classes behind, the invited neither.")
	s.Does(flora, "PUT", "/events/lecture/instructors/marc", nil)
	s.RefusedNaming(flora, "to withdraw Marc's invitation", "conflict", []string{"Evening lecture"}, "DELETE", "/staff/marc/invitation", nil)
	s.Does(flora, "DELETE", "/events/lecture/instructors/marc", nil)
	s.RefusedNaming(flora, "to deactivate Ines", "conflict", []string{"Morning yoga"}, "POST", "/staff/ines/deactivate", params{})
	s.Refused(flora, "to hand over to Eve, who isn't on the staff", "not_found",
		"POST", "/staff/ines/deactivate", params{"hand_over_to": eve.Seat()})
	s.Does(flora, "POST", "/staff/ines/deactivate", params{"hand_over_to": flora.Seat()})

	s.Fact("ST-10", "Deleted staff are gone from the list, have no access, and appear in no event.")
	s.Does(flora, "POST", "/staff/noe/hand_over", params{"to": ivan.Seat()})
	s.Does(flora, "POST", "/staff/noe/deactivate", params{})
	s.Does(flora, "DELETE", "/staff/noe", nil)
	s.Does(flora, "DELETE", "/staff/ines", nil)
	s.Does(flora, "DELETE", "/staff/marc/invitation", nil)
	s.Sees(flora, "the staff", "/staff", "Flora Roy", "Ivan Blanchard", "Rosa Petit")
	s.MayNot(ines, "enter", "")
	s.Sees(flora, "who teaches in the morning", "/events/morning/instructors", "Flora Roy")
	s.Sees(flora, "who gives the lecture", "/events/lecture/instructors", "Ivan Blanchard")
	s.Refused(flora, "to bring Ines back", "not_found", "POST", "/staff/ines/reactivate", nil)
}

// record is about what holds in every portal.
func record(s *story.Story) {
	s.Fact("XP-1", "One person may work for several venues; nothing crosses from one to another.")
	s.OwnFirm(ivan, flora, "Ivan's own studio")

	s.Fact("XP-2", "Everything needs a permission, and a refusal names the one that is missing.")
	s.RefusedNaming(ivan, "to call the training off", "forbidden", []string{"manage"}, "DELETE", "/events/training", nil)

	s.Fact("XP-3", "Everything is on record, and the record answers who gave whom which access.")
	s.Recorded(flora, "deactivate_staff", "staff/ines", flora)
	s.Explains(ivan, "view", "event/open", "because they teach Open day")

	s.Fact("XP-4", "What is refused changes nothing.")
	s.Refused(flora, "to make a second event under the name of the training", "conflict", "POST", "/events", event("training", "event", "Second", day, day, ivan))
	s.Sees(flora, "the events", "/events", "Evening lecture", "Morning yoga", "Open day", "Teacher training")
}
