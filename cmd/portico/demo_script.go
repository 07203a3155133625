package main

import (
	"strings"
	"time"

	"github.com/portico-authz/portico/engine"
)

// demoStep is one operation of a demo, and who does it.
type demoStep struct {
	actor engine.Actor
	op    engine.Operation
	// accept, if set, is the address whose invitation the actor accepts.
	accept string
}

// demoScript collects a demo's steps.
type demoScript struct {
	steps []demoStep
	today time.Time // midnight, UTC
	// firstAndLast says that the portal wants names in two parts.
	firstAndLast bool
}

func (s *demoScript) do(actor engine.Actor, op engine.Operation) {
	s.steps = append(s.steps, demoStep{actor: actor, op: op})
}

// name parts a full name as the portal wants it.
func (s *demoScript) name(full string) (contact, first, last string) {
	if !s.firstAndLast {
		return full, "", ""
	}
	first, last, _ = strings.Cut(full, " ")
	return "", first, last
}

// demoFirm is a firm whose people do what the script says.
type demoFirm struct {
	*demoScript
	id    string
	owner engine.Actor
}

// firm has somebody sign a firm up.
func (s *demoScript) firm(id, title, name string) *demoFirm {
	f := &demoFirm{demoScript: s, id: id}
	f.owner = f.actor(name)
	contact, first, last := s.name(name)
	s.do(f.owner, &engine.SignUp{
		Partner: id, Staff: slug(name), Title: title,
		ContactName: contact, FirstName: first, LastName: last, Email: f.email(name),
	})
	return f
}

// email is the address that the firm gives to somebody.
func (f *demoFirm) email(name string) string { return slug(name) + "@" + f.id + ".example" }

// actor is somebody of the firm, by name.
func (f *demoFirm) actor(name string) engine.Actor { return engine.PersonActor(f.email(name)) }

// invite has the actor invite people, who don't answer.
func (f *demoFirm) invite(by engine.Actor, role string, names ...string) {
	for _, name := range names {
		f.inviteAt(by, role, name, f.email(name))
	}
}

func (f *demoFirm) inviteAt(by engine.Actor, role, name, email string) {
	contact, first, last := f.name(name)
	f.do(by, &engine.InviteStaff{
		Partner: f.id, Staff: slug(name), ContactName: contact, FirstName: first, LastName: last, Email: email, Role: role,
	})
}

// join has the actor invite people, who accept.
func (f *demoFirm) join(by engine.Actor, role string, names ...string) {
	for _, name := range names {
		f.joinAt(by, role, name, f.email(name))
	}
}

func (f *demoFirm) joinAt(by engine.Actor, role, name, email string) {
	f.inviteAt(by, role, name, email)
	f.accept(email)
}

// accept has the person at the address accept the last invitation to it.
func (f *demoFirm) accept(email string) {
	f.steps = append(f.steps, demoStep{actor: engine.PersonActor(email), accept: email})
}

// slug is the first word, in small letters.
func slug(title string) string {
	word, _, _ := strings.Cut(title, " ")
	return strings.ToLower(word)
}

// dashed is the title in small letters, its words joined.
func dashed(title string) string { return strings.ToLower(strings.ReplaceAll(title, " ", "-")) }
