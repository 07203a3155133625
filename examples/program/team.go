package main

import "github.com/portico-authz/portico/examples/story"

// signUp is about the programme and its first administrator.
func signUp(s *story.Story) {
	s.Fact("PR-1", "An administrator may do everything on the dashboard.")
	s.SignsUp(ada, "Harbour partner programme")
	s.MayAll(ada)
	s.MayNot(eve, "enter", "")
	s.Print("    There always is one, or nobody could manage the team any more:\n")
	s.Refused(ada, "to become read-only", "conflict", "PUT", "/staff/ada/role", params{"role": "read_only"})
}

// invitations is about how teammates come.
func invitations(s *story.Story) {
	s.Fact("PR-11", "Invitations are sent again; the list shows who was invited and who joined.")
	s.Invites(ada, tom, "teammate")
	s.Invites(ada, karla, "teammate")
	s.Sees(ada, "the invited", "/staff?state=invited", "Karla", "Tom")
	s.MayNot(tom, "enter", "")
	s.Does(ada, "POST", "/staff/tom/invitation", nil)
	s.Accepts(tom)
	s.Sees(ada, "the invited", "/staff?state=invited", "Karla")
	s.Sees(ada, "those who joined", "/staff?state=active", "Ada", "Tom")
	s.Joins(ada, tess, "technical_teammate")
	s.Joins(ada, pam, "program_manager")
	s.Joins(ada, paul, "program_manager")
	s.Joins(ada, rita, "read_only")
	s.Joins(ada, cleo, "custom")
}

// leaving is about how teammates go.
func leaving(s *story.Story) {
	s.Fact("PR-11", "A teammate who leaves the company is removed, with all of their access.")
	s.May(tom, "manage_financial_data", "")
	losses := s.Ask(ada, "DELETE", "/staff/tom?dry_run=true", nil).Impact.Losses
	s.Expect(len(losses) > 0, "a dry run of removing Tom tells no losses")
	s.Print("    · A dry run tells that Tom would lose %d permissions.\n", len(losses))
	s.Does(ada, "DELETE", "/staff/tom", nil)
	s.MayNot(tom, "enter", "")
	s.MayNot(tom, "view_partners", "account/alder")
	s.Does(ada, "DELETE", "/staff/karla/invitation", nil)
	s.Sees(ada, "the team", "/staff", "Ada", "Cleo", "Pam", "Paul", "Rita", "Tess")
}

// record is about what holds in every portal.
func record(s *story.Story) {
	s.Fact("XP-1", "One person may work for several programmes; nothing crosses from one to another.")
	s.OwnFirm(pam, ada, "Pam's own programme")

	s.Fact("XP-2", "Everything needs a permission, and a refusal names the one that is missing.")
	s.RefusedNaming(rita, "to make a group", "forbidden", []string{"manage_partners"}, "POST", "/groups", params{"title": "Mine"})

	s.Fact("XP-3", "Everything is on record, and the record answers who gave whom which access.")
	s.Recorded(ada, "set_managed_payouts", "group/north", ada, ada, ada)
	s.Explains(pam, "manage_partners", "account/alder", "because they are a program manager, made program manager by the administrator")

	s.Fact("XP-4", "What is refused changes nothing.")
	s.Refused(pam, "to make a second group North", "conflict", "POST", "/groups", params{"group": "north", "title": "North again"})
	s.Sees(pam, "the groups", "/groups", "North", "South")
}
