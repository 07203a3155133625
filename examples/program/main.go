// Command program tells the help-centre article of a partner programme as a
// story and checks every sentence of it: teammates are invited, given roles or
// single capabilities, restricted to groups, and made representatives, all of it
// over the HTTP API of a real server. PR-n are the rules of the portal's article,
// XP-n those of every portal.
//
// It is written to be read: the chapters are in team.go, role.go and group.go,
// with the requests as they are sent.
package main

import "github.com/portico-authz/portico/examples/story"

func main() { story.Main(tale) }

var tale = story.Tale{Portal: "program", Firm: "harbour", Chapters: []story.Chapter{
	{Title: "A programme begins", Tell: signUp},
	{Title: "Teammates are invited", Tell: invitations},
	{Title: "What a role gives, before it is given", Tell: preview},
	{Title: "The fixed roles", Tell: roles},
	{Title: "A role made of switches", Tell: switches},
	{Title: "Restricted to groups", Tell: restrictions},
	{Title: "Who represents a group, and who is paid", Tell: representatives},
	{Title: "Teammates leave", Tell: leaving},
	{Title: "What is on record", Tell: record},
}}

// The people, each named for the role that they get.
const (
	ada   story.Person = "Ada"   // administrator
	tom   story.Person = "Tom"   // teammate
	tess  story.Person = "Tess"  // technical teammate
	pam   story.Person = "Pam"   // program manager
	paul  story.Person = "Paul"  // another
	rita  story.Person = "Rita"  // read-only
	cleo  story.Person = "Cleo"  // custom
	eve   story.Person = "Eve"   // has no business here
	karla story.Person = "Karla" // is invited and doesn't answer
)

type params = story.Params
