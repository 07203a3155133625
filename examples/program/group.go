package main

import (
	"strings"

	"github.com/portico-authz/portico/examples/story"
)

// restrictions is about roles that count in some groups only.
func restrictions(s *story.Story) {
	s.Fact("PR-8", "Restricted to groups, a teammate uses their role on the partners of those groups only; lifted, on all again.")
	for _, account := range []string{"Alder", "Birch", "Cedar"} {
		s.Does(pam, "POST", "/accounts", params{"account": strings.ToLower(account), "title": account})
	}
	s.Does(pam, "POST", "/groups", params{"group": "north", "title": "North"})
	s.Does(pam, "POST", "/groups", params{"group": "south", "title": "South"})
	s.Does(pam, "PUT", "/groups/north/accounts/alder", nil)
	s.Does(pam, "PUT", "/groups/south/accounts/birch", nil)
	s.Sees(paul, "the partners", "/accounts", "Alder", "Birch", "Cedar")
	s.Does(ada, "PUT", "/staff/paul/restriction", params{"groups": []string{"north"}})
	s.Sees(paul, "the partners", "/accounts", "Alder")
	s.May(paul, "manage_partners", "account/alder")
	s.MayNot(paul, "view_partners", "account/birch")
	s.MayNot(paul, "view_financial_data", "account/alder") // his role has none
	s.Refused(paul, "to rename Birch", "not_found", "PATCH", "/accounts/birch", params{"title": "Mine"})
	s.Refused(paul, "to take Cedar into his group", "not_found", "PUT", "/groups/north/accounts/cedar", nil)
	s.Sees(ada, "who is restricted to North", "/groups/north/staff", "Paul")
	s.Print("    Another restriction takes the place of the former:\n")
	s.Does(ada, "PUT", "/staff/paul/restriction", params{"groups": []string{"south"}})
	s.Sees(paul, "the partners", "/accounts", "Birch")
	s.Does(ada, "PUT", "/staff/paul/restriction", params{"groups": []string{"north", "south"}})
	s.Sees(paul, "the partners", "/accounts", "Alder", "Birch")
	s.Refused(ada, "to restrict herself", "conflict", "PUT", "/staff/ada/restriction", params{"groups": []string{"north"}})
	s.Does(ada, "DELETE", "/staff/paul/restriction", nil)
	s.Sees(paul, "the partners", "/accounts", "Alder", "Birch", "Cedar")
}

// representatives is about who stands for a group.
func representatives(s *story.Story) {
	s.Fact("PR-9", "A representative represents one or more groups.")
	s.Does(ada, "PUT", "/groups/north/representatives/paul", nil)
	s.Does(ada, "PUT", "/groups/south/representatives/paul", nil)
	s.Does(ada, "PUT", "/groups/north/representatives/cleo", nil)
	s.Sees(ada, "the representatives of North", "/groups/north/representatives", "Cleo", "Paul")
	s.Print("    With nothing switched on, Cleo knows of its accounts, no more:\n")
	s.Does(ada, "PUT", "/staff/cleo/capabilities/view_financial_data", params{"enabled": false})
	s.Explains(cleo, "access", "account/alder", "they represent the group North")
	s.MayNot(cleo, "view_partners", "account/alder")

	s.Fact("PR-10", "With managed payouts the representative receives all commissions of the group. Who receives an account's commissions can be asked.")
	s.Sees(ada, "who receives the commissions of Alder", "/accounts/alder/commissions")
	s.Does(ada, "PUT", "/groups/north/payouts/paul", params{"enabled": true})
	s.Sees(ada, "who receives the commissions of Alder", "/accounts/alder/commissions", "Paul")
	s.Sees(ada, "who receives the commissions of Birch", "/accounts/birch/commissions")
	s.May(paul, "receive_commissions", "account/alder")
	s.Refused(ada, "to give Cleo all of them as well", "conflict", "PUT", "/groups/north/payouts/cleo", params{"enabled": true})
	s.Refused(ada, "to give them to Tom, who represents nobody", "conflict", "PUT", "/groups/south/payouts/tom", params{"enabled": true})
	s.Does(ada, "PUT", "/groups/north/payouts/paul", params{"enabled": false})
	s.MayNot(paul, "receive_commissions", "account/alder")
	s.Print("    Who represents the group no more isn't paid for it:\n")
	s.Does(ada, "PUT", "/groups/north/payouts/cleo", params{"enabled": true})
	s.Does(ada, "DELETE", "/groups/north/representatives/cleo", nil)
	s.Sees(ada, "who receives the commissions of Alder", "/accounts/alder/commissions")
}
