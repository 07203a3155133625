package main

import "github.com/portico-authz/portico/examples/story"

// signUp is about the firm and its owner.
func signUp(s *story.Story) {
	s.Fact("AG-1", "Whoever signs a firm up becomes its owner.")
	s.Does(olga, "POST", "/v1/partners", params{
		"partner": s.Firm, "staff": olga.Seat(), "title": "Harbour Accounting", "contact_name": "Olga", "email": s.User(olga),
	})
	s.May(olga, "enter", "")
	s.MayNot(eve, "enter", "")

	s.Fact("AG-4", "The owner may do everything in the portal.")
	s.MayAll(olga)
}

// handover is about passing the firm on.
func handover(s *story.Story) {
	s.Fact("AG-3", "Only the portal's support team passes a firm on. The owner can't, an admin can't.")
	toAdam := params{"staff": adam.Seat()}
	s.Does(story.Operator, "POST", "/v1/support", params{"user": s.User(sam)})
	s.Refused(olga, "to make Adam the owner", "forbidden", "POST", "/owner", toAdam)
	s.Refused(adam, "to make himself the owner", "forbidden", "POST", "/owner", toAdam)
	s.Does(sam, "POST", "/owner", toAdam)
	s.May(adam, "manage_payment_method", "")
	s.MayNot(olga, "manage_payment_method", "")

	s.Fact("AG-2", "A firm has one owner, before and after. Nobody can add another or take the one away.")
	s.Refused(adam, "to promote Olga to owner", "invalid", "PUT", "/staff/olga/role", params{"role": "owner"})
	s.Refused(olga, "to remove Adam, the owner", "conflict", "DELETE", "/staff/adam", nil)
	owners := 0
	for _, member := range s.Ask(adam, "GET", "/staff", nil).Entries {
		if member.Role == "owner" {
			owners++
		}
	}
	s.Expect(owners == 1, "the firm has %d owners", owners)
	s.Print("    · Owners on the list of staff: %d\n", owners)
	s.Does(story.Operator, "DELETE", "/v1/support/"+s.User(sam), nil)
}

// record is about what holds in every portal.
func record(s *story.Story) {
	s.Fact("XP-1", "One person may work for several firms; nothing crosses from one to another.")
	s.OwnFirm(vera, adam, "Vera on her own")

	s.Fact("XP-2", "Everything needs a permission, and a refusal names the one that is missing.")
	s.Refused(vera, "to rename the folder Retail", "forbidden", "PATCH", "/clients/retail", params{"title": "Mine"})

	s.Fact("XP-3", "Everything is on record, and the record answers who gave whom which access.")
	s.Recorded(adam, "add_client_staff", "client/retail", adam, olga, adam, olga)
	s.Explains(vera, "access", "client/retail", "because they are on the folder Retail, added there by the owner")

	s.Fact("XP-4", "What is refused changes nothing.")
	s.Refused(adam, "to make a second folder Retail", "conflict", "POST", "/clients", params{"title": "Retail"})
	s.Sees(adam, "the folders", "/clients", "Bakery", "Retail")
}
