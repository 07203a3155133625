package main

// invite has a person invite another, who accepts.
func (s *story) invite(by, who person, role string) {
	s.does(by, "POST", "/staff", params{
		"staff": who.seat(), "contact_name": who.String(), "email": s.user(who), "role": role,
	})
	s.does(who, "POST", "/v1/invitations/accept", params{"token": s.invitation(who)})
}

// invitation is the token from the mail to the person.
func (s *story) invitation(who person) string {
	if s.err != nil {
		return ""
	}
	token, err := s.at.invitation(s.user(who))
	s.expect(err == nil, "%v", err)
	return token
}

// invitations is about how people come.
func invitations(s *story) {
	s.fact("AG-14", "An invitation has a name, an address and a role. It gives nothing before it is accepted; it can be sent again, and withdrawn.")
	s.does(olga, "POST", "/staff", params{"staff": "adam", "contact_name": "Adam", "email": s.user(adam), "role": "admin"})
	s.sees(olga, "the invited", "/staff?state=invited", "Adam")
	s.mayNot(adam, "enter", "")
	s.does(olga, "POST", "/staff/adam/invitation", nil)
	s.does(adam, "POST", "/v1/invitations/accept", params{"token": s.invitation(adam)})
	s.may(adam, "enter", "")
	s.does(olga, "POST", "/staff", params{"staff": "eve", "contact_name": "Eve", "email": s.user(eve), "role": "advisor"})
	s.does(olga, "DELETE", "/staff/eve/invitation", nil)
	s.refused(eve, "to accept all the same", "not_found", "POST", "/v1/invitations/accept", params{"token": s.invitation(eve)})

	s.fact("AG-2", "A second owner can't be invited, not even by the owner.")
	s.refused(olga, "to invite another owner", "invalid", "POST", "/staff",
		params{"contact_name": "Eve", "email": s.user(eve), "role": "owner"})
}

// roles is about what each role may do.
func roles(s *story) {
	s.fact("AG-9", "An admin manages staff: invites, edits, changes roles, their own too.")
	s.invite(adam, vera, "advisor")
	s.invite(adam, val, "advisor")
	s.does(adam, "PATCH", "/staff/val", params{"contact_name": "Valentin"})
	s.does(adam, "PUT", "/staff/val/role", params{"role": "admin"})
	s.may(val, "manage_staff", "")
	s.does(adam, "PUT", "/staff/val/role", params{"role": "advisor"})
	s.mayNot(val, "manage_staff", "")

	s.fact("AG-10", "An admin sees the subscription and its history, and can't change how it is paid.")
	s.may(adam, "view_subscription", "")
	s.mayNot(adam, "manage_payment_method", "")

	s.fact("AG-5", "The payment method is the owner's alone, to see and to change.")
	s.may(olga, "manage_payment_method", "")
	s.mayNot(adam, "view_payment_method", "")
	s.mayNot(vera, "view_payment_method", "")

	s.fact("AG-13", "An advisor can't make folders, manage staff or see the subscription.")
	s.refused(vera, "to make a folder", "forbidden", "POST", "/clients", params{"title": "Vera's"})
	s.refused(vera, "to invite Eve", "forbidden", "POST", "/staff",
		params{"contact_name": "Eve", "email": s.user(eve), "role": "advisor"})
	s.mayNot(vera, "view_subscription", "")
}

// leaving is about how people go.
func leaving(s *story) {
	s.fact("AG-21", "Removing a staff member removes all of their access, at once.")
	s.may(val, "access", "account/till")
	losses := s.ask(adam, "DELETE", "/staff/val?dry_run=true", nil).Impact.Losses
	s.expect(len(losses) > 0, "a dry run of removing Val tells no losses")
	s.print("    · A dry run tells that Valentin would lose %d permissions.\n", len(losses))
	s.does(adam, "DELETE", "/staff/val", nil)
	for _, object := range []string{"client/retail", "account/till", "account/oven"} {
		s.mayNot(val, "access", object)
	}
	s.mayNot(val, "enter", "")
	s.sees(adam, "the staff of Retail", "/clients/retail/staff", "Vera")
}
