package main

import (
	"fmt"

	"github.com/portico-authz/portico/engine"
)

// The names that hints and measures of the agency's demo use.
const (
	demoAdvisorSeat = "ben"
	demoClient      = "alder"
)

var (
	demoAdmins   = []string{"Ana Lima", "Carl Weiss", "Dora Novak"}
	demoAdvisors = []string{
		"Ben Okafor", "Eva Rossi", "Finn Larsen", "Gita Rao", "Hugo Blanc", "Ines Costa",
		"Jon Berg", "Kira Sato", "Luca Moretti", "Mina Haddad", "Noah Fischer", "Petra Kral",
	}
	demoInvited = []string{"Rosa Diaz", "Sven Holm"}
	demoClients = []string{
		"Alder", "Aspen", "Beech", "Birch", "Cedar", "Cherry", "Cypress", "Elder", "Elm", "Fir",
		"Ginkgo", "Hazel", "Hickory", "Holly", "Juniper", "Larch", "Laurel", "Linden", "Maple", "Myrtle",
		"Oak", "Olive", "Palm", "Pine", "Poplar", "Rowan", "Spruce", "Teak", "Walnut", "Willow",
	}
	demoAccounts = []string{"Ledger", "Payroll", "Tax", "Invoices", "Banking", "Archive"}
	demoGroups   = []string{"North", "South", "East", "West"}
	demoInternal = []string{"Our Payroll", "Our Ledger", "Our Contracts"}
)

// agencyDemo is an accounting firm with thirty clients.
func agencyDemo() demo {
	return demo{
		portal: "agency", store: "portico-demo.db", script: agencyScript,
		hints: []demoHint{
			{"Ben is an advisor on the folder Alder, and reaches its accounts", "portico check account:acme/alder-ledger access user:ben@acme.example"},
			{"Why he does", "portico explain account:acme/alder-ledger access user:ben@acme.example"},
			{"All his folders", "portico list resources client access user:ben@acme.example --partner acme"},
			{
				"What he would lose with the folder; nothing is changed",
				"portico do remove_client_staff --partner acme --client alder --staff ben --as user:olivia@acme.example --dry-run",
			},
			viewHint("Who reaches which account of the folder", "/clients/alder/access"),
		},
	}
}

func agencyScript(s *demoScript) {
	acme := s.firm(demoPartner, "Acme Advisory", "Olivia Grant")
	acme.join(acme.owner, "admin", demoAdmins...)
	admin := acme.actor("Ana Lima")
	acme.join(admin, "advisor", demoAdvisors...)
	acme.invite(admin, "advisor", demoInvited...)
	agencyFolders(acme, admin, demoClients, demoAccounts)
	agencyGrants(acme, admin)
	agencyGroups(acme, admin)
	for i, title := range demoInternal {
		account := dashed(title)
		s.do(acme.owner, &engine.CreateInternalAccount{Partner: acme.id, Account: account, Title: title})
		s.do(acme.owner, &engine.AddAccountStaff{Partner: acme.id, Account: account, Staff: slug(demoAdmins[i])})
	}

	globex := s.firm(demoLastPartner, "Globex Partners", "Greta Holt")
	globex.joinAt(globex.owner, "admin", "Ben Okafor", demoAdvisor)
	globex.join(globex.owner, "advisor", "Tom Reed")
	agencyFolders(globex, globex.owner, demoClients[:3], demoAccounts[:3])
	s.do(globex.owner, &engine.AddClientStaff{Partner: globex.id, Client: "alder", Staff: "tom"})
}

func agencyFolders(f *demoFirm, by engine.Actor, clients, accounts []string) {
	for _, title := range clients {
		client := slug(title)
		f.do(by, &engine.CreateClient{Partner: f.id, Client: client, Title: title})
		for _, kind := range accounts {
			name := fmt.Sprintf("%s-%s", client, slug(kind))
			f.do(by, &engine.AddAccount{Partner: f.id, Client: client, Account: name, Title: kind})
		}
	}
}

// agencyGrants puts each advisor on eight folders, some for a time, with some
// accounts switched off.
func agencyGrants(f *demoFirm, admin engine.Actor) {
	for i, name := range demoAdvisors {
		for j := range 8 {
			grant := &engine.AddClientStaff{Partner: f.id, Client: slug(demoClients[(i*5+j)%len(demoClients)]), Staff: slug(name)}
			if j == 7 {
				grant.ExpiresAt = f.today.AddDate(0, 0, 30+i)
			}
			f.do(admin, grant)
			if j == 2 || j == 5 {
				account := grant.Client + "-" + slug(demoAccounts[(i+j)%len(demoAccounts)])
				f.do(admin, &engine.SwitchAccount{Partner: f.id, Account: account, Staff: grant.Staff, Enabled: false})
			}
		}
	}
}

// agencyGroups gathers accounts across folders, two of each seventh.
func agencyGroups(f *demoFirm, admin engine.Actor) {
	for g, title := range demoGroups {
		group := slug(title)
		f.do(admin, &engine.CreateGroup{Partner: f.id, Group: group, Title: title})
		for i := g; i < len(demoClients); i += len(demoGroups) {
			for _, kind := range demoAccounts[:2] {
				f.do(admin, &engine.AddGroupAccount{Partner: f.id, Group: group, Account: slug(demoClients[i]) + "-" + slug(kind)})
			}
		}
		f.do(admin, &engine.AddRepresentative{Partner: f.id, Group: group, Staff: slug(demoAdvisors[g*2+1])})
	}
}
