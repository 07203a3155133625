// Command workspace tells the help-centre article of a workspace as a story and
// checks every sentence of it: a firm's staff get their roles, work in projects
// and in the CRM, climb the ladder, and leave by the trash, all of it over the
// HTTP API of a real server. WS-n are the rules of the portal's article, XP-n
// those of every portal.
//
// It is written to be read: the chapters are in staff.go, project.go, crm.go and
// ladder.go, with the requests as they are sent.
package main

import "github.com/portico-authz/portico/examples/story"

func main() { story.Main(tale) }

var tale = story.Tale{Portal: "workspace", Firm: "harbour", Chapters: []story.Chapter{
	{Title: "An account is opened", Tell: signUp},
	{Title: "Admins", Tell: admins},
	{Title: "What the other roles are for", Tell: roles},
	{Title: "Projects", Tell: projects},
	{Title: "The CRM", Tell: records},
	{Title: "Up the ladder", Tell: ladder},
	{Title: "The trash", Tell: trash},
	{Title: "What is on record", Tell: record},
}}

// The people, each named for the role that they get.
const (
	sophie story.Person = "Sophie" // super admin
	adam   story.Person = "Adam"   // admin
	petra  story.Person = "Petra"  // project manager
	otto   story.Person = "Otto"   // office manager
	tim    story.Person = "Tim"    // teammate
	sally  story.Person = "Sally"  // salesperson
	simon  story.Person = "Simon"  // another
	fay    story.Person = "Fay"    // freelancer
	eve    story.Person = "Eve"    // has no business here
)

type params = story.Params
