package main

import "github.com/portico-authz/portico/examples/story"

// ladder is about changing roles.
func ladder(s *story.Story) {
	s.Fact("WS-8", "Roles change only up the ladder. A demotion is refused with the reason and the way out. Nobody is promoted to super admin.")
	s.Does(adam, "PUT", "/staff/fay/role", params{"role": "teammate"})
	s.May(fay, "join_team_talk", "project/bridge")
	s.RefusedNaming(adam, "to make Petra, a project manager, a teammate", "conflict", []string{"upward", "add"},
		"PUT", "/staff/petra/role", params{"role": "teammate"})
	s.Refused(sophie, "to promote Adam to super admin", "invalid", "PUT", "/staff/adam/role", params{"role": "super_admin"})
}

// trash is about leaving.
func trash(s *story.Story) {
	s.Fact("WS-9", "Deleting moves a staff member to the trash: no access, and all is kept. From there they are restored, or deleted for good; then they can be added again, in any role but super admin.")
	s.Does(adam, "DELETE", "/staff/tim", nil)
	s.MayNot(tim, "enter", "")
	s.MayNot(tim, "view", "project/bridge")
	s.Sees(adam, "the trash", "/staff?state=trashed", "Tim")
	s.Refused(petra, "to put Tim on the tower", "conflict", "PUT", "/projects/tower/staff/tim", nil)
	s.Does(adam, "POST", "/staff/tim/restore", nil)
	s.Sees(tim, "the projects", "/projects", "Bridge")

	s.Print("    The way down the ladder: deleted for good, and added again.\n")
	s.Refused(adam, "to delete Petra for good at once", "conflict", "POST", "/staff/petra/purge", nil)
	s.Does(adam, "DELETE", "/staff/petra", nil)
	s.Does(adam, "POST", "/staff/petra/purge", nil)
	s.Sees(adam, "the trash", "/staff?state=trashed")
	again := s.CardFor(petra, "teammate")
	again["staff"] = "petra-2" // a name isn't given twice
	s.Does(adam, "POST", "/staff", again)
	s.Accepts(petra)
	s.MayNot(petra, "manage_projects", "")
	s.MayNot(petra, "lead", "project/bridge")
	again["role"] = "super_admin"
	s.Refused(adam, "to add somebody as super admin", "invalid", "POST", "/staff", again)
}

// record is about what holds in every portal.
func record(s *story.Story) {
	s.Fact("XP-1", "One person may work for several firms; nothing crosses from one to another.")
	s.OwnFirm(petra, sophie, "Petra on her own")

	s.Fact("XP-2", "Everything needs a permission, and a refusal names the one that is missing.")
	s.RefusedNaming(tim, "to rename the bridge", "forbidden", []string{"manage"}, "PATCH", "/projects/bridge", params{"title": "Mine"})

	s.Fact("XP-3", "Everything is on record, and the record answers who gave whom which access.")
	s.Recorded(sophie, "remove_staff", "staff/tim", adam)
	s.Explains(fay, "join_team_talk", "project/bridge", "are assigned to the project Bridge")

	s.Fact("XP-4", "What is refused changes nothing.")
	s.Refused(adam, "to open a second project under the name of the bridge", "conflict", "POST", "/projects", params{"project": "bridge", "title": "Second"})
	s.Sees(adam, "the projects", "/projects", "Bridge", "Tower")
}
