// Command studio tells the help-centre article of a studio as a story and checks
// every sentence of it: staff are added with or without access, teach events and
// courses, take a break, hand their classes over and leave, all of it over the
// HTTP API of a real server. ST-n are the rules of the portal's article, XP-n
// those of every portal.
//
// It is written to be read: the chapters are in staff.go, event.go and leave.go,
// with the requests as they are sent.
package main

import "github.com/portico-authz/portico/examples/story"

func main() { story.Main(tale) }

var tale = story.Tale{Portal: "studio", Firm: "harbour", Chapters: []story.Chapter{
	{Title: "A venue signs up", Tell: signUp},
	{Title: "Staff are added", Tell: adding},
	{Title: "Events and courses", Tell: teaching},
	{Title: "The levels of access", Tell: levels},
	{Title: "Somebody takes a break", Tell: deactivation},
	{Title: "Back again", Tell: reactivation},
	{Title: "Somebody leaves", Tell: deletion},
	{Title: "What is on record", Tell: record},
}}

// The people, by first and last name.
const (
	flora story.Person = "Flora Roy"     // full access
	rosa  story.Person = "Rosa Petit"    // restricted access
	ivan  story.Person = "Ivan Blanc"    // instructor access
	ines  story.Person = "Ines Morel"    // instructor access
	noe   story.Person = "Noe Garnier"   // no access
	eve   story.Person = "Eve Lambert"   // has no business here
	marc  story.Person = "Marc Fontaine" // is invited and doesn't answer
)

type params = story.Params
