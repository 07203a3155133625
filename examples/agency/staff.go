package main

import "github.com/portico-authz/portico/examples/story"

// invitations is about how people come.
func invitations(s *story.Story) {
	s.Fact("AG-14", "An invitation has a name, an address and a role. It gives nothing before it is accepted; it can be sent again, and withdrawn.")
	s.Does(olga, "POST", "/staff", params{"staff": "adam", "contact_name": "Adam", "email": s.User(adam), "role": "admin"})
	s.Sees(olga, "the invited", "/staff?state=invited", "Adam")
	s.MayNot(adam, "enter", "")
	s.Does(olga, "POST", "/staff/adam/invitation", nil)
	s.Accepts(adam)
	s.May(adam, "enter", "")
	s.Invites(olga, eve, "advisor")
	s.Does(olga, "DELETE", "/staff/eve/invitation", nil)
	s.Refused(eve, "to accept all the same", "not_found", "POST", "/v1/invitations/accept", params{"token": s.Invitation(eve)})

	s.Fact("AG-2", "A second owner can't be invited, not even by the owner.")
	s.Refused(olga, "to invite another owner", "invalid", "POST", "/staff", s.CardFor(eve, "owner"))
}

// roles is about what each role may do.
func roles(s *story.Story) {
	s.Fact("AG-9", "An admin manages staff: invites, edits, changes roles, their own too.")
	s.Joins(adam, vera, "advisor")
	s.Joins(adam, val, "advisor")
	s.Does(adam, "PATCH", "/staff/val", params{"contact_name": "Valentin"})
	s.Does(adam, "PUT", "/staff/val/role", params{"role": "admin"})
	s.May(val, "manage_staff", "")
	s.Does(adam, "PUT", "/staff/val/role", params{"role": "advisor"})
	s.MayNot(val, "manage_staff", "")

	s.Fact("AG-10", "An admin sees the subscription and its history, and can't change how it is paid.")
	s.May(adam, "view_subscription", "")
	s.MayNot(adam, "manage_payment_method", "")

	s.Fact("AG-5", "The payment method is the owner's alone, to see and to change.")
	s.May(olga, "manage_payment_method", "")
	s.MayNot(adam, "view_payment_method", "")
	s.MayNot(vera, "view_payment_method", "")

	s.Fact("AG-13", "An advisor can't make folders, manage staff or see the subscription.")
	s.Refused(vera, "to make a folder", "forbidden", "POST", "/clients", params{"title": "Vera's"})
	s.Refused(vera, "to invite Eve", "forbidden", "POST", "/staff", s.CardFor(eve, "advisor"))
	s.MayNot(vera, "view_subscription", "")
}

// leaving is about how people go.
func leaving(s *story.Story) {
	s.Fact("AG-21", "Removing a staff member removes all of their access, at once.")
	s.May(val, "access", "account/till")
	losses := s.Ask(adam, "DELETE", "/staff/val?dry_run=true", nil).Impact.Losses
	s.Expect(len(losses) > 0, "a dry run of removing Val tells no losses")
	s.Print("    · A dry run tells that Valentin would lose %d permissions.\n", len(losses))
	s.Does(adam, "DELETE", "/staff/val", nil)
	for _, object := range []string{"client/retail", "account/till", "account/oven"} {
		s.MayNot(val, "access", object)
	}
	s.MayNot(val, "enter", "")
	s.Sees(adam, "the staff of Retail", "/clients/retail/staff", "Vera")
}
