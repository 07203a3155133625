package main

import "github.com/portico-authz/portico/examples/story"

// projects is about who works on what.
func projects(s *story.Story) {
	s.Joins(adam, tim, "teammate")
	s.Joins(adam, sally, "salesperson")
	s.Joins(adam, fay, "freelancer")
	s.Does(petra, "POST", "/projects", params{"project": "bridge", "title": "Bridge"})
	s.Does(petra, "POST", "/projects", params{"project": "tower", "title": "Tower"})

	s.Fact("WS-5", "A teammate reaches only the projects that they are assigned to: the team's talk there, not the clients'. They can't lead one.")
	s.Sees(tim, "the projects", "/projects")
	s.Does(petra, "PUT", "/projects/bridge/staff/tim", nil)
	s.Sees(tim, "the projects", "/projects", "Bridge")
	s.MayNot(tim, "view", "project/tower")
	s.May(tim, "join_team_talk", "project/bridge")
	s.MayNot(tim, "join_client_talk", "project/bridge")
	s.Refused(petra, "to make Tim its leader", "conflict", "PUT", "/projects/bridge/leader", params{"staff": tim.Seat()})
	candidates(s, petra, "bridge")
	s.Does(petra, "PUT", "/projects/bridge/leader", params{"staff": petra.Seat()})
	s.May(petra, "lead", "project/bridge")
	s.Refused(petra, "to assign Otto, an office manager", "conflict", "PUT", "/projects/bridge/staff/otto", nil)

	s.Fact("WS-6", "A salesperson is as a teammate in projects and tasks.")
	s.Does(petra, "PUT", "/projects/bridge/staff/sally", nil)
	s.May(sally, "work_on_tasks", "project/bridge")
	s.May(sally, "join_team_talk", "project/bridge")
	s.MayNot(sally, "join_client_talk", "project/bridge")

	s.Fact("WS-7", "A freelancer is as a teammate, without the team's talk.")
	s.Does(petra, "PUT", "/projects/bridge/staff/fay", nil)
	s.Sees(fay, "the projects", "/projects", "Bridge")
	s.May(fay, "work_on_tasks", "project/bridge")
	s.MayNot(fay, "join_team_talk", "project/bridge")
	s.Sees(petra, "who is on the bridge", "/projects/bridge/staff", "Fay", "Sally", "Tim")
}

// candidates shows who could be assigned to a project, and who could lead it.
func candidates(s *story.Story, p story.Person, project string) {
	var list struct {
		Candidates []struct {
			Staff story.Entry
			For   []string
		}
	}
	s.Ask(p, "GET", "/projects/"+project+"/candidates", nil).Read(&list)
	s.Print("    · %s looks at who can be put on the project:\n", p)
	could := map[string]int{}
	for _, c := range list.Candidates {
		could[c.Staff.Title] = len(c.For)
		words := "can be assigned"
		if len(c.For) > 1 {
			words = "can be assigned, and lead it"
		}
		s.Print("        %-6s %s\n", c.Staff.Title, words)
	}
	s.Expect(could["Petra"] == 2 && could["Tim"] == 1 && could["Fay"] == 1 && could["Otto"] == 0, "the candidates are %v", could)
}
