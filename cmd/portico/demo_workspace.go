package main

import "github.com/portico-authz/portico/engine"

// workspaceProject is a project, its leader and who is assigned to it.
type workspaceProject struct {
	title, leader string
	members       []string
}

var workspaceProjects = []workspaceProject{
	{"Harbour bridge", "dora", []string{"ben", "hugo", "tom"}},
	{"Station roof", "dora", []string{"ben", "ines", "mina"}},
	{"Town hall", "eva", []string{"hugo", "jon"}},
	{"School extension", "eva", []string{"ines", "jon", "uma"}},
	{"Market square", "ana", []string{"ben", "kira", "noah"}},
	{"Tram depot", "dora", []string{"kira", "tom", "uma"}},
	{"City archive", "eva", []string{"luca"}},
	{"Ferry terminal", "", []string{"luca", "petra"}},
	{"Water tower", "dora", []string{"hugo"}},
	{"Bicycle garage", "", nil},
}

// workspaceRecord is an entry of the CRM, and who creates it.
type workspaceRecord struct{ kind, title, by string }

var workspaceRecords = []workspaceRecord{
	{"company", "Alder Estates", "Mina Haddad"},
	{"company", "Aspen Housing", "Mina Haddad"},
	{"company", "Beech Council", "Noah Fischer"},
	{"company", "Birch Railways", "Noah Fischer"},
	{"company", "Cedar Schools", "Petra Kral"},
	{"company", "Cypress Ports", "Finn Larsen"},
	{"contact", "Wanda Alder", "Mina Haddad"},
	{"contact", "Yusuf Beech", "Noah Fischer"},
	{"contact", "Xenia Cedar", "Petra Kral"},
	{"contact", "Igor Cypress", "Gita Rao"},
	{"event", "Topping-out", "Mina Haddad"},
	{"event", "Trade fair", "Noah Fischer"},
	{"goal", "Ten tenders", "Petra Kral"},
	{"goal", "Spring pipeline", "Dora Novak"},
	{"company", "Elm Leisure", "Petra Kral"},
}

// workspaceDemo is a firm of builders.
func workspaceDemo() demo {
	return demo{
		portal: "workspace", store: "portico-demo-workspace.db", script: workspaceScript,
		hints: []demoHint{
			{"Noah is a salesperson: he sees the company that Mina created, and can't edit it", "portico check record:acme/alder edit user:noah@acme.example"},
			{"Why Ben, a teammate, joins the team talk of the harbour bridge", "portico explain project:acme/harbour join_team_talk user:ben@acme.example"},
			{"All projects that he sees", "portico list resources project view user:ben@acme.example --partner acme"},
			{"Who may edit the company that Mina created", "portico list subjects record:acme/alder edit"},
			{
				"What Tom, a freelancer, would gain further up the ladder; nothing is changed",
				"portico do change_role --partner acme --staff tom --role teammate --as user:olivia@acme.example --dry-run",
			},
			viewHint("Who could be assigned to the bicycle garage, or lead it", "/projects/bicycle/candidates"),
		},
	}
}

func workspaceScript(s *demoScript) {
	acme := s.firm(demoPartner, "Acme Building", "Olivia Grant")
	workspaceTeam(acme)
	manager := acme.actor("Dora Novak")
	for _, p := range workspaceProjects {
		workspaceBegins(acme, manager, p)
	}
	acme.do(manager, &engine.ArchiveProject{Partner: acme.id, Project: "water"})
	for _, r := range workspaceRecords {
		acme.do(acme.actor(r.by), &engine.CreateRecord{Partner: acme.id, Record: slug(r.title), Kind: r.kind, Title: r.title})
	}
	acme.do(acme.actor("Petra Kral"), &engine.DeleteRecord{Partner: acme.id, Record: "elm"})
	workspaceLeavers(acme)

	globex := s.firm(demoLastPartner, "Globex Interiors", "Greta Holt")
	globex.joinAt(globex.owner, "project_manager", "Ben Okafor", demoAdvisor)
	globex.join(globex.owner, "freelancer", "Vik Sandhu")
	workspaceBegins(globex, globex.owner, workspaceProject{"Hotel lobby", "ben", []string{"vik"}})
	globex.do(globex.owner, &engine.CreateRecord{Partner: globex.id, Record: "alder", Kind: "company", Title: "Alder Estates"})
}

func workspaceTeam(f *demoFirm) {
	f.join(f.owner, "admin", "Ana Lima", "Carl Weiss")
	admin := f.actor("Ana Lima")
	f.join(admin, "project_manager", "Dora Novak", "Eva Rossi")
	f.join(admin, "office_manager", "Finn Larsen", "Gita Rao")
	f.join(admin, "teammate", "Ben Okafor", "Hugo Blanc", "Ines Costa", "Jon Berg", "Luca Moretti")
	f.join(admin, "salesperson", "Mina Haddad", "Noah Fischer", "Petra Kral", "Kira Sato")
	f.join(admin, "freelancer", "Tom Reed", "Uma Patel")
	f.do(admin, &engine.ChangeRole{Partner: f.id, Staff: "kira", Role: "teammate"}) // up the ladder
	f.invite(admin, "teammate", "Rosa Diaz")
	f.invite(admin, "freelancer", "Sven Holm")
}

// workspaceBegins makes a project and puts people on it.
func workspaceBegins(f *demoFirm, by engine.Actor, p workspaceProject) {
	project := slug(p.title)
	f.do(by, &engine.CreateProject{Partner: f.id, Project: project, Title: p.title})
	if p.leader != "" {
		f.do(by, &engine.SetLeader{Partner: f.id, Project: project, Staff: p.leader})
	}
	for _, member := range p.members {
		f.do(by, &engine.AssignProjectStaff{Partner: f.id, Project: project, Staff: member})
	}
}

// workspaceLeavers has Luca in the trash, and Wim deleted for good and back at a
// lower role: nobody is demoted.
func workspaceLeavers(f *demoFirm) {
	admin := f.actor("Ana Lima")
	f.do(admin, &engine.RemoveStaff{Partner: f.id, Staff: "luca"})
	const wim = "Wim Peeters"
	f.join(admin, "project_manager", wim)
	f.do(admin, &engine.RemoveStaff{Partner: f.id, Staff: "wim"})
	f.do(admin, &engine.PurgeStaff{Partner: f.id, Staff: "wim"})
	f.do(admin, &engine.InviteStaff{Partner: f.id, Staff: "wim-2", ContactName: wim, Email: f.email(wim), Role: "teammate"})
	f.accept(f.email(wim))
}
