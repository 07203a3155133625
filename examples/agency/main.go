// Command agency tells the help-centre article of a partner portal as a story
// and checks every sentence of it: an accounting firm signs up, invites staff,
// shares out its clients' accounts and parts with people, all of it over the
// HTTP API of a real server. AG-n are the rules of the portal's article, XP-n
// those of every portal.
//
// It is written to be read: the chapters are in partner.go, staff.go, client.go
// and account.go, with the requests as they are sent.
package main

import "github.com/portico-authz/portico/examples/story"

func main() { story.Main(tale) }

var tale = story.Tale{Portal: "agency", Firm: "harbour", Chapters: []story.Chapter{
	{Title: "A firm signs up", Tell: signUp},
	{Title: "Staff are invited", Tell: invitations},
	{Title: "What admins and advisors are for", Tell: roles},
	{Title: "Client folders", Tell: folders},
	{Title: "Two ways to say who is on a folder", Tell: bothWays},
	{Title: "Accounts are switched on and off", Tell: switches},
	{Title: "The firm's own accounts", Tell: internalAccounts},
	{Title: "Groups and their representatives", Tell: groups},
	{Title: "People leave", Tell: leaving},
	{Title: "The firm changes hands", Tell: handover},
	{Title: "What is on record", Tell: record},
}}

// The people.
const (
	olga story.Person = "Olga"
	adam story.Person = "Adam"
	vera story.Person = "Vera"
	val  story.Person = "Val"
	eve  story.Person = "Eve" // has no business here
	sam  story.Person = "Sam" // of the portal's support team
)

type params = story.Params
