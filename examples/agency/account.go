package main

import "github.com/portico-authz/portico/examples/story"

// switches is about single accounts of a folder.
func switches(s *story.Story) {
	s.Fact("AG-18", "Each account of a folder is switched on or off per staff member; a new one is on.")
	s.Does(adam, "PUT", "/accounts/ledger/staff/vera", params{"enabled": false})
	s.MayNot(vera, "access", "account/ledger")
	s.May(vera, "access", "account/till")
	s.May(val, "access", "account/ledger")
	s.Does(val, "POST", "/clients/retail/accounts", params{"account": "books", "title": "Books"})
	s.May(vera, "access", "account/books")
	matrix(s, adam, "/clients/retail/access")
	s.Explains(vera, "access", "account/ledger", "they are switched off for the account Ledger")
	s.Does(adam, "PUT", "/accounts/ledger/staff/vera", params{"enabled": true})
	s.May(vera, "access", "account/ledger")
	s.Print("    Removed from the folder and added again, one starts with all on:\n")
	s.Does(adam, "PUT", "/accounts/till/staff/vera", params{"enabled": false})
	s.Does(adam, "DELETE", "/clients/retail/staff/vera", nil)
	s.Does(olga, "PUT", "/clients/retail/staff/vera", nil)
	s.May(vera, "access", "account/till")

	s.Fact("AG-19", "Switching off holds back neither the owner nor an admin.")
	s.Does(adam, "PUT", "/clients/retail/staff/adam", nil)
	s.Does(olga, "PUT", "/accounts/ledger/staff/adam", params{"enabled": false})
	s.May(adam, "access", "account/ledger")
	s.Does(adam, "DELETE", "/clients/retail/staff/adam", nil)
}

// matrix shows who reaches which account of a folder.
func matrix(s *story.Story, p story.Person, path string) {
	var a struct {
		Accounts []story.Entry
		Rows     []struct {
			Staff story.Entry
			Cells []struct{ Enabled, Access bool }
		}
	}
	s.Ask(p, "GET", path, nil).Read(&a)
	s.Expect(len(a.Rows) > 0 && len(a.Accounts) > 0, "the matrix is empty")
	s.Print("    · %s looks at the folder's page:\n\n      %-10s", p, "")
	for _, account := range a.Accounts {
		s.Print("%-8s", account.Title)
	}
	for _, row := range a.Rows {
		s.Print("\n      %-10s", row.Staff.Title)
		for _, cell := range row.Cells {
			mark := "✗"
			if cell.Access {
				mark = "✓"
			}
			s.Print("%-8s", mark)
		}
	}
	s.Print("\n\n")
}

// internalAccounts is about the accounts that are the firm's own.
func internalAccounts(s *story.Story) {
	s.Fact("AG-6", "The firm's own accounts, and who is added to them, are the owner's to manage.")
	s.Refused(adam, "to open an internal account", "forbidden", "POST", "/accounts", params{"title": "Our payroll"})
	s.Does(olga, "POST", "/accounts", params{"account": "payroll", "title": "Our payroll"})
	s.Refused(adam, "to add himself to it", "not_found", "PUT", "/accounts/payroll/staff/adam", nil)

	s.Fact("AG-20", "Nobody but the owner reaches them, admins included, unless added one by one.")
	s.May(olga, "access", "account/payroll")
	s.MayNot(adam, "access", "account/payroll")
	s.MayNot(vera, "access", "account/payroll")
	s.Does(olga, "PUT", "/accounts/payroll/staff/vera", nil)
	s.May(vera, "access", "account/payroll")
	s.Sees(olga, "the staff of the account", "/accounts/payroll/staff", "Vera")
	s.Does(olga, "DELETE", "/accounts/payroll/staff/vera", nil)
	s.MayNot(vera, "access", "account/payroll")
}

// groups is about accounts that are gathered across folders.
func groups(s *story.Story) {
	s.Fact("AG-22", "A group gathers accounts; its representative reaches all of them, unless switched off.")
	s.Does(adam, "POST", "/groups", params{"group": "north", "title": "North"})
	s.Does(adam, "PUT", "/groups/north/accounts/oven", nil)
	s.MayNot(val, "access", "account/oven")
	s.Does(adam, "PUT", "/groups/north/representatives/val", nil)
	s.May(val, "access", "account/oven")
	s.MayNot(val, "access", "client/bakery")
	s.Explains(val, "access", "account/oven", "because they represent the group North")
	s.Does(adam, "PUT", "/accounts/oven/staff/val", params{"enabled": false})
	s.MayNot(val, "access", "account/oven")
	s.Does(adam, "PUT", "/accounts/oven/staff/val", params{"enabled": true})
	s.May(val, "access", "account/oven")
}
