package main

import "github.com/portico-authz/portico/examples/story"

// folders is about client folders and who reaches them.
func folders(s *story.Story) {
	s.Fact("AG-7", "An admin makes and edits client folders.")
	s.Does(adam, "POST", "/clients", params{"client": "retail", "title": "Retail shop"})
	s.Does(adam, "PATCH", "/clients/retail", params{"title": "Retail"})
	s.Does(adam, "POST", "/clients", params{"client": "bakery", "title": "Bakery"})
	s.Does(adam, "POST", "/clients/retail/accounts", params{"account": "ledger", "title": "Ledger"})
	s.Does(adam, "POST", "/clients/bakery/accounts", params{"account": "oven", "title": "Oven lease"})

	s.Fact("AG-8", "An admin reaches every client account, without being on the folder.")
	s.May(adam, "access", "account/ledger")
	s.May(adam, "access", "account/oven")
	s.Explains(adam, "access", "account/oven", "because they are an admin")

	s.Fact("AG-11", "An advisor reaches the folders that they were added to, and at first none.")
	s.Sees(vera, "her folders", "/clients")
	s.Explains(vera, "access", "client/retail", "aren't on the folder Retail")
	s.Does(olga, "PUT", "/clients/retail/staff/vera", nil)
	s.Sees(vera, "her folders", "/clients", "Retail")
	s.MayNot(vera, "access", "client/bakery")

	s.Fact("AG-12", "In their folders advisors add accounts and reach them; not in others.")
	s.Does(vera, "POST", "/clients/retail/accounts", params{"account": "till", "title": "Till"})
	s.May(vera, "access", "account/till")
	s.Refused(vera, "to add an account to the folder Bakery", "not_found", "POST", "/clients/bakery/accounts", params{"title": "Mine"})
	s.MayNot(vera, "access", "account/oven")
}

// bothWays is about the two pages on which access is managed.
func bothWays(s *story.Story) {
	s.Fact("AG-15", "Via staff: the folders that one staff member reaches, more of them, and one less.")
	s.Does(adam, "PUT", "/clients/bakery/staff/vera", nil)
	s.Sees(adam, "Vera's folders", "/staff/vera/clients", "Bakery", "Retail")
	s.Does(adam, "DELETE", "/clients/bakery/staff/vera", nil)
	s.Sees(adam, "Vera's folders", "/staff/vera/clients", "Retail")

	s.Fact("AG-16", "Via clients: the staff of one folder, more of them, and one less.")
	s.Sees(adam, "the staff of Retail", "/clients/retail/staff", "Vera")
	s.Does(adam, "PUT", "/clients/retail/staff/val", nil)
	s.Sees(adam, "the staff of Retail", "/clients/retail/staff", "Valentin", "Vera")

	s.Fact("AG-17", "Both ways write and read the same facts.")
	s.Sees(adam, "Valentin's folders", "/staff/val/clients", "Retail")
}
