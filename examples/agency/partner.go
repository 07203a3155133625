package main

import "slices"

// signUp is about the firm and its owner.
func signUp(s *story) {
	s.fact("AG-1", "Whoever signs a firm up becomes its owner.")
	s.does(olga, "POST", "/v1/partners", params{
		"partner": s.firm, "staff": olga.seat(), "title": "Harbour Accounting", "contact_name": "Olga", "email": s.user(olga),
	})
	s.may(olga, "enter", "")
	s.mayNot(eve, "enter", "")

	s.fact("AG-4", "The owner may do everything in the portal.")
	all := s.ask(operator, "GET", "/v1/portal", nil).Types["partner"].Permissions
	hers := s.ask(operator, "POST", "/v1/list/permissions", params{"resource": "partner:" + s.firm, "subject": "user:" + s.user(olga)}).Permissions
	s.expect(len(all) > 0 && slices.Equal(hers, all), "of %v Olga may do only %v", all, hers)
	s.print("    ✓ Olga may do all %d things that there are permissions for\n", len(all))
}

// handover is about passing the firm on.
func handover(s *story) {
	s.fact("AG-3", "Only the portal's support team passes a firm on. The owner can't, an admin can't.")
	toAdam := params{"staff": adam.seat()}
	s.does(operator, "POST", "/v1/support", params{"user": s.user(sam)})
	s.refused(olga, "to make Adam the owner", "forbidden", "POST", "/owner", toAdam)
	s.refused(adam, "to make himself the owner", "forbidden", "POST", "/owner", toAdam)
	s.does(sam, "POST", "/owner", toAdam)
	s.may(adam, "manage_payment_method", "")
	s.mayNot(olga, "manage_payment_method", "")

	s.fact("AG-2", "A firm has one owner, before and after. Nobody can add another or take the one away.")
	s.refused(adam, "to promote Olga to owner", "invalid", "PUT", "/staff/olga/role", params{"role": "owner"})
	s.refused(olga, "to remove Adam, the owner", "conflict", "DELETE", "/staff/adam", nil)
	owners := 0
	for _, member := range s.ask(adam, "GET", "/staff", nil).Entries {
		if member.Role == "owner" {
			owners++
		}
	}
	s.expect(owners == 1, "the firm has %d owners", owners)
	s.print("    · Owners on the list of staff: %d\n", owners)
	s.does(operator, "DELETE", "/v1/support/"+s.user(sam), nil)
}

// record is about what holds in every portal.
func record(s *story) {
	s.fact("XP-1", "One person may work for several firms; nothing crosses from one to another.")
	s.does(vera, "POST", "/v1/partners", params{
		"partner": s.firm + "-2", "title": "Vera on her own", "contact_name": "Vera", "email": s.user(vera),
	})
	s.refused(adam, "to look into Vera's own firm", "not_found", "GET", "/v1/partners/"+s.firm+"-2/staff", nil)

	s.fact("XP-2", "Everything needs a permission, and a refusal names the one that is missing.")
	s.refused(vera, "to rename the folder Retail", "forbidden", "PATCH", "/clients/retail", params{"title": "Mine"})

	s.fact("XP-3", "Everything is on record, and the record answers who gave whom which access.")
	added := s.ask(adam, "GET", "/journal?operation=add_client_staff&object=client:"+s.firm+"/retail", nil).Records
	first := len(added) - 1 // the newest is on top
	s.expect(first >= 0 && added[first].Actor.User == s.user(olga), "the journal of Retail: %v", added)
	for _, r := range added {
		s.print("    · On record: %s %s\n", r.Actor.User, r.Summary)
	}
	s.explains(vera, "client/retail", "because they are on the folder Retail, added there by the owner")

	s.fact("XP-4", "What is refused changes nothing.")
	s.refused(adam, "to make a second folder Retail", "conflict", "POST", "/clients", params{"title": "Retail"})
	s.sees(adam, "the folders", "/clients", "Bakery", "Retail")
}
