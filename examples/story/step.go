package story

import (
	"slices"
	"strings"
)

// path completes an address that begins at the firm: "/staff", "" for the firm.
func (s *Story) path(p string) string {
	if strings.HasPrefix(p, "/v1/") {
		return p
	}
	return "/v1/partners/" + s.Firm + p
}

// Ask sends a request, unless the story is over.
func (s *Story) Ask(p Person, method, path string, body Params) Answer {
	if s.err != nil {
		return Answer{}
	}
	a, err := s.at.ask(s.ctx, request{method, s.path(path), s.User(p), body})
	s.Expect(err == nil, "%v", err)
	return a
}

// Does has the person do an operation, which must succeed.
func (s *Story) Does(p Person, method, path string, body Params) {
	a := s.Ask(p, method, path, body)
	s.Expect(a.Code == "", "%s: %s %s was refused: %s: %s", p, method, path, a.Code, a.Detail)
	s.Expect(a.Summary != "", "%s: %s %s was answered without a summary", p, method, path)
	s.Print("    · %s: %s\n", p, a.Summary)
}

// Refused has the person try what must be refused with the code. try completes
// "Vera tries …".
func (s *Story) Refused(p Person, try, code, method, path string, body Params) {
	s.RefusedNaming(p, try, code, nil, method, path, body)
}

// RefusedNaming is [Story.Refused] with words that the refusal must have.
func (s *Story) RefusedNaming(p Person, try, code string, words []string, method, path string, body Params) {
	a := s.Ask(p, method, path, body)
	s.Expect(a.Code == code, "%s tries %s: want %q, got %q %s", p, try, code, a.Code, a.reason())
	for _, w := range words {
		s.Expect(strings.Contains(a.reason(), w), "%s tries %s: the refusal doesn't say %q: %s", p, try, w, a.reason())
	}
	s.Print("    · %s tries %s. Refused: %s\n", p, try, a.reason())
}

// May checks that the person has a permission on an object of the firm, such as
// "client/retail", or on the firm itself: "".
func (s *Story) May(p Person, permission, object string) {
	s.decide(p, permission, object, "allow", "✓ %s may %s%s\n")
}

// MayNot checks that the person hasn't the permission; see [Story.May].
func (s *Story) MayNot(p Person, permission, object string) {
	s.decide(p, permission, object, "deny", "✗ %s may not %s%s\n")
}

func (s *Story) decide(p Person, permission, object, want, words string) {
	resource, named := s.object(object)
	if named != "" && strings.Contains(permission, "_") {
		named = " at" + named // may view partners at the account birch
	}
	a := s.Ask(Operator, "POST", "/v1/check", Params{"resource": resource, "permission": permission, "subject": "user:" + s.User(p)})
	s.Expect(a.Decision == want, "may %s %s%s? want %s, got %q %s", p, permission, named, want, a.Decision, a.Detail)
	s.Print("    "+words, p, strings.ReplaceAll(permission, "_", " "), named)
}

// object returns the id of an object of the firm, and what the story calls it
// after a verb: nothing, if it is the firm.
func (s *Story) object(short string) (id, named string) {
	if short == "" {
		return "partner:" + s.Firm, ""
	}
	typ, name, _ := strings.Cut(short, "/")
	return typ + ":" + s.Firm + "/" + name, " the " + typ + " " + name
}

// MayAll checks that the person may do everything in the portal that people can
// be permitted to do; but names permissions that are asked of seats only.
func (s *Story) MayAll(p Person, but ...string) {
	var portal struct {
		Types map[string]struct{ Permissions []string }
	}
	s.Ask(Operator, "GET", "/v1/portal", nil).Read(&portal)
	all := slices.DeleteFunc(portal.Types["partner"].Permissions, func(name string) bool { return slices.Contains(but, name) })
	theirs := s.Ask(Operator, "POST", "/v1/list/permissions", Params{"resource": "partner:" + s.Firm, "subject": "user:" + s.User(p)}).Permissions
	s.Expect(len(all) > 0 && slices.Equal(theirs, all), "of %v %s may do only %v", all, p, theirs)
	s.Print("    ✓ %s may do all %d things that there are permissions for\n", p, len(all))
}

// Sees lists something as the person does, and wants these titles. noun says
// what is listed.
func (s *Story) Sees(p Person, noun, path string, want ...string) {
	a := s.Ask(p, "GET", path, nil)
	got := a.Titles()
	s.Expect(a.Code == "" && slices.Equal(got, want), "%s lists %s: want %v, got %v %s", p, noun, want, got, a.Detail)
	list := strings.Join(got, ", ")
	if list == "" {
		list = "none"
	}
	s.Print("    · %s lists %s: %s\n", p, noun, list)
}

// Explains asks why the person has the permission, or hasn't, and wants the
// words in the answer.
func (s *Story) Explains(p Person, permission, object, words string) {
	resource, named := s.object(object)
	a := s.Ask(Operator, "POST", "/v1/explain", Params{"resource": resource, "permission": permission, "subject": "user:" + s.User(p)})
	s.Expect(strings.Contains(a.Text, words), "why is it that %s may or may not %s%s: want %q, got %q %s", p, permission, named, words, a.Text, a.Detail)
	s.Print("    · Why? %s %s.\n", p, a.Text)
}

// Recorded wants something on record, the newest first: whose operations on an
// object they were. who asks.
func (s *Story) Recorded(who Person, operation, object string, by ...Person) {
	id, _ := s.object(object)
	records := s.Ask(who, "GET", "/journal?operation="+operation+"&object="+id, nil).Records
	s.Expect(len(records) == len(by), "the journal has %d records of %s on %s: %v", len(records), operation, id, records)
	for i, r := range records {
		s.Expect(i < len(by) && r.Actor.User == s.User(by[i]), "the journal of %s: %v", id, records)
		s.Print("    · On record: %s %s\n", r.Actor.User, r.Summary)
	}
}
