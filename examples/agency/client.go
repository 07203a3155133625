package main

// folders is about client folders and who reaches them.
func folders(s *story) {
	s.fact("AG-7", "An admin makes and edits client folders.")
	s.does(adam, "POST", "/clients", params{"client": "retail", "title": "Retail shop"})
	s.does(adam, "PATCH", "/clients/retail", params{"title": "Retail"})
	s.does(adam, "POST", "/clients", params{"client": "bakery", "title": "Bakery"})
	s.does(adam, "POST", "/clients/retail/accounts", params{"account": "ledger", "title": "Ledger"})
	s.does(adam, "POST", "/clients/bakery/accounts", params{"account": "oven", "title": "Oven lease"})

	s.fact("AG-8", "An admin reaches every client account, without being on the folder.")
	s.may(adam, "access", "account/ledger")
	s.may(adam, "access", "account/oven")
	s.explains(adam, "account/oven", "because they are an admin")

	s.fact("AG-11", "An advisor reaches the folders that they were added to, and at first none.")
	s.sees(vera, "her folders", "/clients")
	s.explains(vera, "client/retail", "aren't on the folder Retail")
	s.does(olga, "PUT", "/clients/retail/staff/vera", nil)
	s.sees(vera, "her folders", "/clients", "Retail")
	s.mayNot(vera, "access", "client/bakery")

	s.fact("AG-12", "In their folders advisors add accounts and reach them; not in others.")
	s.does(vera, "POST", "/clients/retail/accounts", params{"account": "till", "title": "Till"})
	s.may(vera, "access", "account/till")
	s.refused(vera, "to add an account to the folder Bakery", "not_found", "POST", "/clients/bakery/accounts", params{"title": "Mine"})
	s.mayNot(vera, "access", "account/oven")
}

// bothWays is about the two pages on which access is managed.
func bothWays(s *story) {
	s.fact("AG-15", "Via staff: the folders that one staff member reaches, more of them, and one less.")
	s.does(adam, "PUT", "/clients/bakery/staff/vera", nil)
	s.sees(adam, "Vera's folders", "/staff/vera/clients", "Bakery", "Retail")
	s.does(adam, "DELETE", "/clients/bakery/staff/vera", nil)
	s.sees(adam, "Vera's folders", "/staff/vera/clients", "Retail")

	s.fact("AG-16", "Via clients: the staff of one folder, more of them, and one less.")
	s.sees(adam, "the staff of Retail", "/clients/retail/staff", "Vera")
	s.does(adam, "PUT", "/clients/retail/staff/val", nil)
	s.sees(adam, "the staff of Retail", "/clients/retail/staff", "Valentin", "Vera")

	s.fact("AG-17", "Both ways write and read the same facts.")
	s.sees(adam, "Valentin's folders", "/staff/val/clients", "Retail")
}
