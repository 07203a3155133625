package story

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
)

// Person is somebody in a story, by first name and maybe last name. The first
// name in lower case is their seat at the firm, too.
type Person string

// Operator is who runs the portal.
const Operator Person = ""

// String is what the story calls the Person.
func (p Person) String() string {
	if p == Operator {
		return "The operator"
	}
	first, _, _ := strings.Cut(string(p), " ")
	return first
}

// Seat is the name of the Person's seat.
func (p Person) Seat() string { return strings.ToLower(p.String()) }

// Story is told once, from the beginning, step after step. With the first
// surprise it falls silent: the steps after it do nothing.
type Story struct {
	// Firm is the firm's id, another one each time.
	Firm string

	ctx  context.Context // of the whole telling
	at   place
	out  io.Writer
	rule string // that is being shown
	err  error  // what the surprise was
}

func newStory(ctx context.Context, tale Tale, at place, out io.Writer) *Story {
	return &Story{Firm: tale.Firm + "-" + strings.ToLower(rand.Text()[:6]), ctx: ctx, at: at, out: out}
}

// User is the Person's id, as their identity provider would name them.
func (s *Story) User(p Person) string {
	if p == Operator {
		return ""
	}
	return p.Seat() + "@" + s.Firm + ".example"
}

// Print tells something.
func (s *Story) Print(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.out, format, args...)
	}
}

func (s *Story) chapter(title string) {
	s.Print("\n%s\n%s\n", title, strings.Repeat("─", len([]rune(title))))
}

// Fact quotes a rule, in our words, before it is shown.
func (s *Story) Fact(rule, text string) {
	s.rule = rule
	s.Print("\n%s  %s\n", rule, text)
}

// Expect ends the story unless what the words say is so.
func (s *Story) Expect(so bool, words string, args ...any) {
	if s.err == nil && !so {
		s.err = fmt.Errorf("a surprise at %s: %s", s.rule, strings.TrimSpace(fmt.Sprintf(words, args...)))
	}
}
