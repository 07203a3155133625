package main

import "github.com/portico-authz/portico/examples/story"

// records is about what salespeople do.
func records(s *story.Story) {
	s.Joins(adam, simon, "salesperson")

	s.Fact("WS-6", "In the CRM a salesperson creates companies, contacts, events and goals, views companies and contacts, and edits and deletes only what they created.")
	s.Does(sally, "POST", "/records", params{"record": "initech", "kind": "company", "title": "Initech"})
	s.Does(sally, "POST", "/records", params{"record": "bill", "kind": "contact", "title": "Bill"})
	s.Does(sally, "POST", "/records", params{"record": "fair", "kind": "event", "title": "Trade fair"})
	s.Does(sally, "POST", "/records", params{"record": "ten", "kind": "goal", "title": "Ten contracts"})
	s.Does(sally, "PATCH", "/records/initech", params{"title": "Initech Ltd"})
	s.Print("    Simon is in sales as well:\n")
	s.Sees(simon, "the companies", "/records?kind=company", "Initech Ltd")
	s.Sees(simon, "the contacts", "/records?kind=contact", "Bill")
	s.Sees(simon, "the events", "/records?kind=event")
	s.Sees(simon, "the goals", "/records?kind=goal")
	s.Refused(simon, "to rename Sally's company", "forbidden", "PATCH", "/records/initech", params{"title": "Mine"})
	s.Refused(simon, "to delete it", "forbidden", "DELETE", "/records/initech", nil)
	s.Does(simon, "POST", "/records", params{"record": "hooli", "kind": "company", "title": "Hooli"})
	s.Explains(simon, "edit", "record/hooli", "they created Hooli")
	s.Does(simon, "DELETE", "/records/hooli", nil)
	s.Print("    Whoever manages the CRM edits all, and brings back what was deleted:\n")
	s.Does(otto, "PATCH", "/records/fair", params{"title": "Spring fair"})
	s.Sees(otto, "the deleted", "/records?state=archived", "Hooli")
	s.Does(otto, "POST", "/records/hooli/restore", nil)
	s.May(simon, "edit", "record/hooli")
	s.Print("    A teammate has no business there:\n")
	s.Sees(tim, "the companies", "/records?kind=company")
	s.Refused(tim, "to create one", "forbidden", "POST", "/records", params{"kind": "company", "title": "Mine"})
}
