package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/portico-authz/portico/engine"
)

// The names that the demo's hints use.
const (
	demoPartner     = "acme"
	demoOwner       = "olivia@acme.example"
	demoAdvisor     = "ben@acme.example"
	demoAdvisorSeat = "ben"
	demoClient      = "alder"
	demoAccount     = "alder-ledger"

	demoLastPartner = "globex" // made last: with it the demo is complete
	demoLastOwner   = "greta@globex.example"
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

// demoSteps are the demo's operations in order: the same every time, but for
// expiries, which lie after now.
func demoSteps(now time.Time) []demoStep {
	var s demoScript
	s.do(engine.Actor{Kind: engine.Operator}, &engine.AddSupport{User: "sam@portal.example"})
	s.acme(now.Truncate(24 * time.Hour))
	s.globex()
	return s.steps
}

type demoScript struct{ steps []demoStep }

func (s *demoScript) do(actor engine.Actor, op engine.Operation) {
	s.steps = append(s.steps, demoStep{actor: actor, op: op})
}

func (s *demoScript) acme(today time.Time) {
	owner := engine.PersonActor(demoOwner)
	s.do(owner, &engine.SignUp{Partner: demoPartner, Staff: "olivia", Title: "Acme Advisory", ContactName: "Olivia Grant", Email: demoOwner})
	for _, name := range demoAdmins {
		s.join(owner, demoPartner, name, "admin", slug(name)+"@acme.example")
	}
	admin := engine.PersonActor("ana@acme.example")
	for _, name := range demoAdvisors {
		s.join(admin, demoPartner, name, "advisor", slug(name)+"@acme.example")
	}
	for _, name := range demoInvited {
		s.invite(admin, demoPartner, name, "advisor", slug(name)+"@acme.example")
	}
	s.folders(admin, demoPartner, demoClients, demoAccounts)
	s.grants(admin, today)
	s.groups(admin)
	for i, title := range demoInternal {
		account := slug(strings.ReplaceAll(title, " ", "-"))
		s.do(owner, &engine.CreateInternalAccount{Partner: demoPartner, Account: account, Title: title})
		s.do(owner, &engine.AddAccountStaff{Partner: demoPartner, Account: account, Staff: slug(demoAdmins[i])})
	}
}

// grants puts each advisor on eight folders, some for a time, with some
// accounts switched off.
func (s *demoScript) grants(admin engine.Actor, today time.Time) {
	for i, name := range demoAdvisors {
		for j := range 8 {
			grant := &engine.AddClientStaff{Partner: demoPartner, Client: slug(demoClients[(i*5+j)%len(demoClients)]), Staff: slug(name)}
			if j == 7 {
				grant.ExpiresAt = today.AddDate(0, 0, 30+i)
			}
			s.do(admin, grant)
			if j == 2 || j == 5 {
				account := grant.Client + "-" + slug(demoAccounts[(i+j)%len(demoAccounts)])
				s.do(admin, &engine.SwitchAccount{Partner: demoPartner, Account: account, Staff: grant.Staff, Enabled: false})
			}
		}
	}
}

// groups gathers accounts across folders, two of each seventh.
func (s *demoScript) groups(admin engine.Actor) {
	for g, title := range demoGroups {
		group := slug(title)
		s.do(admin, &engine.CreateGroup{Partner: demoPartner, Group: group, Title: title})
		for i := g; i < len(demoClients); i += len(demoGroups) {
			for _, kind := range demoAccounts[:2] {
				s.do(admin, &engine.AddGroupAccount{Partner: demoPartner, Group: group, Account: slug(demoClients[i]) + "-" + slug(kind)})
			}
		}
		s.do(admin, &engine.AddRepresentative{Partner: demoPartner, Group: group, Staff: slug(demoAdvisors[g*2+1])})
	}
}

// globex is a second firm, at which one of acme's advisors is an admin.
func (s *demoScript) globex() {
	owner := engine.PersonActor(demoLastOwner)
	s.do(owner, &engine.SignUp{Partner: demoLastPartner, Staff: "greta", Title: "Globex Partners", ContactName: "Greta Holt", Email: demoLastOwner})
	s.join(owner, demoLastPartner, "Ben Okafor", "admin", demoAdvisor)
	s.join(owner, demoLastPartner, "Tom Reed", "advisor", "tom@globex.example")
	s.folders(owner, demoLastPartner, demoClients[:3], demoAccounts[:3])
	s.do(owner, &engine.AddClientStaff{Partner: demoLastPartner, Client: "alder", Staff: "tom"})
}

func (s *demoScript) invite(by engine.Actor, partner, name, role, email string) {
	s.do(by, &engine.InviteStaff{Partner: partner, Staff: slug(name), ContactName: name, Email: email, Role: role})
}

func (s *demoScript) join(by engine.Actor, partner, name, role, email string) {
	s.invite(by, partner, name, role, email)
	s.steps = append(s.steps, demoStep{actor: engine.PersonActor(email), accept: email})
}

func (s *demoScript) folders(by engine.Actor, partner string, clients, accounts []string) {
	for _, title := range clients {
		client := slug(title)
		s.do(by, &engine.CreateClient{Partner: partner, Client: client, Title: title})
		for _, kind := range accounts {
			name := fmt.Sprintf("%s-%s", client, slug(kind))
			s.do(by, &engine.AddAccount{Partner: partner, Client: client, Account: name, Title: kind})
		}
	}
}

// slug is the first word, in small letters.
func slug(title string) string {
	word, _, _ := strings.Cut(title, " ")
	return strings.ToLower(word)
}
