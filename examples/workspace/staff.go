package main

import "github.com/portico-authz/portico/examples/story"

// signUp is about the super admin.
func signUp(s *story.Story) {
	s.Fact("WS-1", "The super admin may do everything, and alone manages the licence. There is exactly one, who can't be changed.")
	s.SignsUp(sophie, "Harbour Works")
	s.MayAll(sophie)
	s.May(sophie, "manage_subscription", "")
	s.MayNot(eve, "enter", "")
	s.Refused(sophie, "to invite another super admin", "invalid", "POST", "/staff", s.CardFor(eve, "super_admin"))
	s.Refused(sophie, "to become an admin", "conflict", "PUT", "/staff/sophie/role", params{"role": "admin"})
	s.Refused(sophie, "to remove herself", "conflict", "DELETE", "/staff/sophie", nil)
}

// admins is about those next to the super admin.
func admins(s *story.Story) {
	s.Fact("WS-2", "Admins may do nearly everything. There can be many; none of them sees or edits the super admin, or the licence.")
	s.Joins(sophie, adam, "admin")
	s.May(adam, "manage_staff", "")
	s.May(adam, "manage_settings", "")
	s.May(adam, "manage_billing", "")
	s.May(adam, "manage_client_pages", "")
	s.MayNot(adam, "view_subscription", "")
	s.MayNot(adam, "manage_subscription", "")
	s.Sees(sophie, "the staff", "/staff", "Adam", "Sophie")
	s.Sees(adam, "the staff", "/staff", "Adam")
	s.Refused(adam, "to look at Sophie's details", "not_found", "GET", "/staff/sophie", nil)
	s.Refused(adam, "to edit them", "not_found", "PATCH", "/staff/sophie", params{"contact_name": "Nobody"})
	s.Refused(adam, "to remove her", "not_found", "DELETE", "/staff/sophie", nil)
	s.Print("    Another admin, whom the first invites:\n")
	s.Does(adam, "POST", "/staff", params{"staff": "anna", "contact_name": "Anna", "email": "anna@" + s.Firm + ".example", "role": "admin"})
	s.Sees(adam, "the staff", "/staff", "Adam", "Anna")
	s.Does(adam, "DELETE", "/staff/anna/invitation", nil)
}

// section is a part of the platform; somebody who works there may all of these.
type section []string

var (
	projectSection = section{"view_projects", "manage_projects", "lead_projects"}
	crmSection     = section{"view_crm", "manage_crm", "create_records"}
	billing        = section{"view_billing", "manage_billing"}
	clientPages    = section{"view_client_pages", "manage_client_pages"}
	settings       = section{"view_settings", "manage_settings", "manage_staff"}
)

// works checks in which sections somebody works, and that they don't in others.
func works(s *story.Story, p story.Person, in, out []section) {
	for _, list := range in {
		for _, permission := range list {
			s.May(p, permission, "")
		}
	}
	for _, list := range out {
		for _, permission := range list {
			s.MayNot(p, permission, "")
		}
	}
}

// roles is about project managers and office managers.
func roles(s *story.Story) {
	s.Joins(adam, petra, "project_manager")
	s.Joins(adam, otto, "office_manager")

	s.Fact("WS-3", "A project manager works in projects and the CRM; not in billing, not on client pages, not in the admin settings.")
	works(s, petra, []section{projectSection, crmSection}, []section{billing, clientPages, settings})
	s.Refused(petra, "to invite Eve", "forbidden", "POST", "/staff", s.CardFor(eve, "freelancer"))

	s.Fact("WS-4", "An office manager works in billing and the CRM; not in projects, not on client pages, not in the admin settings.")
	works(s, otto, []section{billing, crmSection}, []section{projectSection, clientPages, settings})
	s.Refused(otto, "to open a project", "forbidden", "POST", "/projects", params{"title": "Mine"})
}
