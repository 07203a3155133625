package main

// switches is about single accounts of a folder.
func switches(s *story) {
	s.fact("AG-18", "Each account of a folder is switched on or off per staff member; a new one is on.")
	s.does(adam, "PUT", "/accounts/ledger/staff/vera", params{"enabled": false})
	s.mayNot(vera, "access", "account/ledger")
	s.may(vera, "access", "account/till")
	s.may(val, "access", "account/ledger")
	s.does(val, "POST", "/clients/retail/accounts", params{"account": "books", "title": "Books"})
	s.may(vera, "access", "account/books")
	s.matrix(adam, "/clients/retail/access")
	s.explains(vera, "account/ledger", "they are switched off for the account Ledger")
	s.does(adam, "PUT", "/accounts/ledger/staff/vera", params{"enabled": true})
	s.may(vera, "access", "account/ledger")
	s.print("    Removed from the folder and added again, one starts with all on:\n")
	s.does(adam, "PUT", "/accounts/till/staff/vera", params{"enabled": false})
	s.does(adam, "DELETE", "/clients/retail/staff/vera", nil)
	s.does(olga, "PUT", "/clients/retail/staff/vera", nil)
	s.may(vera, "access", "account/till")

	s.fact("AG-19", "Switching off holds back neither the owner nor an admin.")
	s.does(adam, "PUT", "/clients/retail/staff/adam", nil)
	s.does(olga, "PUT", "/accounts/ledger/staff/adam", params{"enabled": false})
	s.may(adam, "access", "account/ledger")
	s.does(adam, "DELETE", "/clients/retail/staff/adam", nil)
}

// matrix shows who reaches which account of a folder.
func (s *story) matrix(p person, path string) {
	a := s.ask(p, "GET", path, nil)
	s.expect(len(a.Rows) > 0 && len(a.Accounts) > 0, "the matrix is empty %s", a.Detail)
	s.print("    · %s looks at the folder's page:\n\n      %-10s", p, "")
	for _, account := range a.Accounts {
		s.print("%-8s", account.Title)
	}
	for _, row := range a.Rows {
		s.print("\n      %-10s", row.Staff.Title)
		for _, cell := range row.Cells {
			mark := "✗"
			if cell.Access {
				mark = "✓"
			}
			s.print("%-8s", mark)
		}
	}
	s.print("\n\n")
}

// internalAccounts is about the accounts that are the firm's own.
func internalAccounts(s *story) {
	s.fact("AG-6", "The firm's own accounts, and who is added to them, are the owner's to manage.")
	s.refused(adam, "to open an internal account", "forbidden", "POST", "/accounts", params{"title": "Our payroll"})
	s.does(olga, "POST", "/accounts", params{"account": "payroll", "title": "Our payroll"})
	s.refused(adam, "to add himself to it", "not_found", "PUT", "/accounts/payroll/staff/adam", nil)

	s.fact("AG-20", "Nobody but the owner reaches them, admins included, unless added one by one.")
	s.may(olga, "access", "account/payroll")
	s.mayNot(adam, "access", "account/payroll")
	s.mayNot(vera, "access", "account/payroll")
	s.does(olga, "PUT", "/accounts/payroll/staff/vera", nil)
	s.may(vera, "access", "account/payroll")
	s.sees(olga, "the staff of the account", "/accounts/payroll/staff", "Vera")
	s.does(olga, "DELETE", "/accounts/payroll/staff/vera", nil)
	s.mayNot(vera, "access", "account/payroll")
}

// groups is about accounts that are gathered across folders.
func groups(s *story) {
	s.fact("AG-22", "A group gathers accounts; its representative reaches all of them, unless switched off.")
	s.does(adam, "POST", "/groups", params{"group": "north", "title": "North"})
	s.does(adam, "PUT", "/groups/north/accounts/oven", nil)
	s.mayNot(val, "access", "account/oven")
	s.does(adam, "PUT", "/groups/north/representatives/val", nil)
	s.may(val, "access", "account/oven")
	s.mayNot(val, "access", "client/bakery")
	s.explains(val, "account/oven", "because they represent the group North")
	s.does(adam, "PUT", "/accounts/oven/staff/val", params{"enabled": false})
	s.mayNot(val, "access", "account/oven")
	s.does(adam, "PUT", "/accounts/oven/staff/val", params{"enabled": true})
	s.may(val, "access", "account/oven")
}
