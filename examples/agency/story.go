package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strings"
)

// person is somebody in the story: by first name, which in lower case is their
// seat at the firm, too.
type person string

// The people.
const (
	operator person = "" // who runs the portal
	olga     person = "Olga"
	adam     person = "Adam"
	vera     person = "Vera"
	val      person = "Val"
	eve      person = "Eve" // has no business here
	sam      person = "Sam" // of the portal's support team
)

func (p person) String() string {
	if p == operator {
		return "The operator"
	}
	return string(p)
}

func (p person) seat() string { return strings.ToLower(string(p)) }

// story is told once, from the beginning, step after step. With the first
// surprise it falls silent: the steps after it do nothing, and err says what it
// was.
type story struct {
	ctx  context.Context // of the whole telling
	at   place
	out  io.Writer
	firm string // the firm's id, another one each time
	rule string // that is being shown
	err  error
}

func newStory(ctx context.Context, at place, out io.Writer) *story {
	return &story{ctx: ctx, at: at, out: out, firm: "harbour-" + strings.ToLower(rand.Text()[:6])}
}

// user is the person's id, as their identity provider would name them.
func (s *story) user(p person) string {
	if p == operator {
		return ""
	}
	return p.seat() + "@" + s.firm + ".example"
}

func (s *story) print(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.out, format, args...)
	}
}

func (s *story) chapter(title string) {
	s.print("\n%s\n%s\n", title, strings.Repeat("─", len([]rune(title))))
}

// fact quotes a rule, in our words, before it is shown.
func (s *story) fact(rule, text string) {
	s.rule = rule
	s.print("\n%s  %s\n", rule, text)
}

// expect ends the story unless what the words say is so.
func (s *story) expect(so bool, words string, args ...any) {
	if s.err == nil && !so {
		s.err = fmt.Errorf("a surprise at %s: %s", s.rule, strings.TrimSpace(fmt.Sprintf(words, args...)))
	}
}

// path completes an address that begins at the firm: "/staff", "" for the firm.
func (s *story) path(p string) string {
	if strings.HasPrefix(p, "/v1/") {
		return p
	}
	return "/v1/partners/" + s.firm + p
}

// ask sends a request, unless the story is over.
func (s *story) ask(p person, method, path string, body params) answer {
	if s.err != nil {
		return answer{}
	}
	a, err := s.at.ask(s.ctx, request{method, s.path(path), s.user(p), body})
	s.expect(err == nil, "%v", err)
	return a
}

// does has the person do an operation, which must succeed.
func (s *story) does(p person, method, path string, body params) {
	a := s.ask(p, method, path, body)
	s.expect(a.Code == "", "%s: %s %s was refused: %s: %s", p, method, path, a.Code, a.Detail)
	s.expect(a.Summary != "", "%s: %s %s was answered without a summary", p, method, path)
	s.print("    · %s: %s\n", p, a.Summary)
}

// refused has the person try what must be refused with the code. try completes
// "Vera tries …".
func (s *story) refused(p person, try, code, method, path string, body params) {
	a := s.ask(p, method, path, body)
	s.expect(a.Code == code, "%s tries %s: want %q, got %q %s", p, try, code, a.Code, a.Detail)
	s.print("    · %s tries %s. Refused: %s\n", p, try, a.Detail)
}

// may and mayNot check a decision on an object of the firm, such as
// "client/retail", or on the firm itself: "".
func (s *story) may(p person, permission, object string) {
	s.decide(p, permission, object, "allow", "✓ %s may %s%s\n")
}

func (s *story) mayNot(p person, permission, object string) {
	s.decide(p, permission, object, "deny", "✗ %s may not %s%s\n")
}

func (s *story) decide(p person, permission, object, want, words string) {
	resource, named := s.object(object)
	a := s.ask(operator, "POST", "/v1/check", params{"resource": resource, "permission": permission, "subject": "user:" + s.user(p)})
	s.expect(a.Decision == want, "may %s %s%s? want %s, got %q %s", p, permission, named, want, a.Decision, a.Detail)
	s.print("    "+words, p, strings.ReplaceAll(permission, "_", " "), named)
}

// object returns the id of an object of the firm, and what the story calls it
// after a verb: nothing, if it is the firm.
func (s *story) object(short string) (id, named string) {
	if short == "" {
		return "partner:" + s.firm, ""
	}
	typ, name, _ := strings.Cut(short, "/")
	return typ + ":" + s.firm + "/" + name, " the " + typ + " " + name
}

// sees lists something as the person does, and wants these titles. noun says
// what is listed.
func (s *story) sees(p person, noun, path string, want ...string) {
	a := s.ask(p, "GET", path, nil)
	got := a.titles()
	s.expect(a.Code == "" && slices.Equal(got, want), "%s lists %s: want %v, got %v %s", p, noun, want, got, a.Detail)
	list := strings.Join(got, ", ")
	if list == "" {
		list = "none"
	}
	s.print("    · %s lists %s: %s\n", p, noun, list)
}

// explains asks why the person has access, or has not, and wants the words in
// the answer.
func (s *story) explains(p person, object, words string) {
	resource, named := s.object(object)
	a := s.ask(operator, "POST", "/v1/explain", params{"resource": resource, "permission": "access", "subject": "user:" + s.user(p)})
	s.expect(strings.Contains(a.Text, words), "why is it that %s may or may not access%s: want %q, got %q %s", p, named, words, a.Text, a.Detail)
	s.print("    · Why? %s %s.\n", p, a.Text)
}
