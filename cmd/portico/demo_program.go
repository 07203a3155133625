package main

import "github.com/portico-authz/portico/engine"

// programAccount is a partner of the programme, and the group that it is in.
type programAccount struct{ title, group string }

var programAccounts = []programAccount{
	{"Alder Agency", "North"},
	{"Aspen Consulting", "South"},
	{"Beech Media", "East"},
	{"Birch Studio", "West"},
	{"Cedar Systems", "North"},
	{"Cherry Labs", "South"},
	{"Cypress Digital", "East"},
	{"Elder Partners", "West"},
	{"Elm Resellers", "North"},
	{"Fir Solutions", "South"},
	{"Ginkgo Cloud", "East"},
	{"Hazel Marketing", "West"},
	{"Hickory Tools", "North"},
	{"Holly Commerce", "South"},
	{"Juniper House", "East"},
	{"Larch Networks", "West"},
	{"Laurel Press", "North"},
	{"Linden Works", "South"},
	{"Maple Software", "East"},
	{"Myrtle Design", "West"},
	{"Oak Integrators", ""},
	{"Olive Ventures", ""},
}

// programDemo is the partner programme of a software company.
func programDemo() demo {
	return demo{
		portal: "program", store: "portico-demo-program.db", script: programScript,
		hints: []demoHint{
			{"Jon is a program manager, restricted to the groups East and South; Alder is in North", "portico check account:acme/alder manage_partners user:jon@acme.example"},
			{"Why he may manage Beech", "portico explain account:acme/beech manage_partners user:jon@acme.example"},
			{"All that he reaches", "portico list resources account manage_partners user:jon@acme.example --partner acme"},
			{"Who receives the commissions of Alder: Hugo, who represents North and has managed payouts", "portico list subjects account:acme/alder receive_commissions"},
			{"What Noah's custom role comes to", "portico list permissions partner:acme user:noah@acme.example"},
			{
				"What Jon would gain with managed payouts for East, which he represents; nothing is changed",
				"portico do set_managed_payouts --partner acme --group east --staff jon --enabled=true --as user:olivia@acme.example --dry-run",
			},
			viewHint("Noah's switches, one by one", "/staff/noah/access"),
		},
	}
}

func programScript(s *demoScript) {
	acme := s.firm(demoPartner, "Acme Cloud partner programme", "Olivia Grant")
	programTeam(acme)
	manager := acme.actor("Hugo Blanc")
	for _, title := range []string{"North", "South", "East", "West"} {
		acme.do(manager, &engine.CreateGroup{Partner: acme.id, Group: slug(title), Title: title})
	}
	for _, a := range programAccounts {
		programJoins(acme, manager, a)
	}
	programRepresentatives(acme)
	programRestrictions(acme)
	acme.do(acme.owner, &engine.RemoveStaff{Partner: acme.id, Staff: "tom"})

	globex := s.firm(demoLastPartner, "Globex affiliates", "Greta Holt")
	globex.joinAt(globex.owner, "administrator", "Ben Okafor", demoAdvisor)
	globex.join(globex.owner, "read_only", "Uma Patel")
	globex.do(globex.owner, &engine.CreateGroup{Partner: globex.id, Group: "north", Title: "North"})
	programJoins(globex, globex.owner, programAccounts[0])
}

// programTeam invites everybody, and switches what the custom roles are made of.
func programTeam(f *demoFirm) {
	f.join(f.owner, "administrator", "Ana Lima")
	admin := f.actor("Ana Lima")
	f.join(admin, "teammate", "Carl Weiss", "Dora Novak", "Eva Rossi", "Tom Reed")
	f.join(admin, "technical_teammate", "Finn Larsen", "Gita Rao")
	f.join(admin, "program_manager", "Hugo Blanc", "Ines Costa", "Jon Berg", "Kira Sato")
	f.join(admin, "read_only", "Luca Moretti", "Mina Haddad")
	f.join(admin, "custom", "Noah Fischer", "Petra Kral", "Ben Okafor")
	f.invite(admin, "teammate", "Rosa Diaz")
	f.invite(admin, "read_only", "Sven Holm")
	for _, on := range []struct{ staff, capability string }{
		{"noah", "view_financial_data"},
		{"noah", "manage_customer_data"}, // and with it to see them
		{"petra", "manage_partners"},
		{"petra", "view_team"},
		{"ben", "view_partners"},
		{"ben", "manage_integration_settings"},
		{"ben", "manage_financial_data"},
	} {
		f.do(admin, &engine.SetCapability{Partner: f.id, Staff: on.staff, Capability: on.capability, Enabled: true})
	}
	f.do(admin, &engine.SetCapability{Partner: f.id, Staff: "ben", Capability: "manage_financial_data"}) // to see them stays
}

// programJoins takes a partner into the programme.
func programJoins(f *demoFirm, by engine.Actor, a programAccount) {
	f.do(by, &engine.CreateAccount{Partner: f.id, Account: slug(a.title), Title: a.title})
	if a.group != "" {
		f.do(by, &engine.AddGroupAccount{Partner: f.id, Group: slug(a.group), Account: slug(a.title)})
	}
}

// programRepresentatives names one for each group, and pays two of them.
func programRepresentatives(f *demoFirm) {
	admin := f.actor("Ana Lima")
	for _, r := range []struct {
		group, staff string
		paid         bool
	}{
		{"north", "hugo", true},
		{"south", "ines", true},
		{"east", "jon", false},
		{"west", "kira", false},
	} {
		grant := &engine.AddRepresentative{Partner: f.id, Group: r.group, Staff: r.staff}
		if r.staff == "kira" {
			grant.ExpiresAt = f.today.AddDate(0, 3, 0)
		}
		f.do(admin, grant)
		if r.paid {
			f.do(admin, &engine.SetManagedPayouts{Partner: f.id, Group: r.group, Staff: r.staff, Enabled: true})
		}
	}
}

// programRestrictions holds some to groups, one for a time, and one no more.
func programRestrictions(f *demoFirm) {
	admin := f.actor("Ana Lima")
	f.do(admin, &engine.RestrictStaff{Partner: f.id, Staff: "jon", Groups: []string{"east", "south"}})
	f.do(admin, &engine.RestrictStaff{Partner: f.id, Staff: "kira", Groups: []string{"west"}, ExpiresAt: f.today.AddDate(0, 0, 45)})
	f.do(admin, &engine.RestrictStaff{Partner: f.id, Staff: "mina", Groups: []string{"north"}})
	f.do(admin, &engine.RestrictStaff{Partner: f.id, Staff: "ben", Groups: []string{"north", "west"}})
	f.do(admin, &engine.RestrictStaff{Partner: f.id, Staff: "eva", Groups: []string{"east"}})
	f.do(admin, &engine.LiftRestriction{Partner: f.id, Staff: "eva"})
}
