package enginetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/engine"
)

// player plays one story.
type player struct {
	t        *testing.T
	door     Door
	partner  string
	unmailed []string // roles
	at       int
}

func (p *player) fatalf(format string, args ...any) {
	p.t.Helper()
	p.t.Fatalf("step %d: "+format, append([]any{p.at}, args...)...)
}

func (p *player) fill(s string) string { return fill(s, p.partner) }

// person turns a story's name into a user id; an e-mail address, as most are.
func person(name string) string {
	if name == "" || name == "operator" {
		return ""
	}
	return name + "@people.example"
}

func (p *player) play(s step) {
	p.t.Helper()
	switch {
	case s.Firm != nil:
		p.found(s.Firm)
	case s.Hire != nil:
		p.hire(s.Boss, s.Hire)
	case s.Accept != "":
		p.accept(s)
	case s.Do != "":
		p.do(s)
	case s.List != "":
		p.list(s)
	case s.Explain != "":
		p.explain(s)
	case s.Allow != nil || s.Deny != nil:
		p.decide(s)
	default:
		p.fatalf("it does nothing")
	}
}

// found signs a firm up and hires its people.
func (p *player) found(all people) {
	p.t.Helper()
	boss := all[0].name
	p.do(step{As: boss, Do: "sign_up", With: map[string]any{
		"partner": "$p", "staff": boss, "title": "Firm $p", "first_name": "The", "last_name": boss, "email": boss + "@$p.example",
	}})
	p.hire(boss, all[1:])
}

// hire invites people, who accept.
func (p *player) hire(boss string, all people) {
	p.t.Helper()
	for _, who := range all {
		email := who.name + "@$p.example"
		p.do(step{As: boss, Do: "invite_staff", With: map[string]any{
			"partner": "$p", "staff": who.name, "first_name": "The", "last_name": who.name, "email": email, "role": who.role,
		}})
		if !slices.Contains(p.unmailed, who.role) {
			p.accept(step{As: who.name, Accept: email})
		}
	}
}

func (p *player) accept(s step) {
	p.t.Helper()
	token, err := p.door.Invitation(p.t.Context(), p.fill(s.Accept))
	if err != nil {
		p.fatalf("%v", err)
	}
	s.Do, s.With = "accept_invitation", map[string]any{"token": token}
	p.do(s)
}

func (p *player) do(s step) {
	p.t.Helper()
	params := map[string]any{}
	for k, v := range s.With {
		params[k] = fillAll(v, p.partner)
	}
	err := p.door.Do(p.t.Context(), person(s.As), s.Do, params)
	if got := string(engine.CodeOf(err)); got != s.Refused {
		p.fatalf("%s does %s %v: code %q, want %q (%v)", s.As, s.Do, params, got, s.Refused, err)
	}
	if err != nil && !strings.Contains(engine.MessageOf(err), p.fill(s.Says)) {
		p.fatalf("%s: says %q, want %q in it", s.Do, engine.MessageOf(err), p.fill(s.Says))
	}
}

func (p *player) decide(s step) {
	p.t.Helper()
	for want, questions := range map[string][]string{"allow": s.Allow, "deny": s.Deny} {
		for _, question := range questions {
			resource, permission, subject := p.question(question)
			got, err := p.door.Check(p.t.Context(), resource, permission, subject)
			if err != nil || got != want {
				p.fatalf("%s: %s (%v), want %s", p.fill(question), got, err, want)
			}
		}
	}
}

func (p *player) question(s string) (resource, permission, subject string) {
	p.t.Helper()
	parts := strings.Fields(p.fill(s))
	if len(parts) != 3 {
		p.fatalf("%q: want resource permission person", s)
	}
	if subject = parts[2]; !strings.Contains(subject, ":") {
		subject = "user:" + person(subject)
	}
	return parts[0], parts[1], subject
}

func (p *player) list(s step) {
	p.t.Helper()
	params := map[string]string{"partner": p.partner}
	for k, v := range s.Of {
		params[k] = p.fill(v)
	}
	got, err := p.door.List(p.t.Context(), person(s.As), s.List, params)
	if code := string(engine.CodeOf(err)); code != s.Refused {
		p.fatalf("%s lists %s: code %q, want %q (%v)", s.As, s.List, code, s.Refused, err)
	}
	if s.Refused != "" {
		if !strings.Contains(engine.MessageOf(err), p.fill(s.Says)) {
			p.fatalf("%s: says %q, want %q in it", s.List, engine.MessageOf(err), p.fill(s.Says))
		}
		return
	}
	p.compare(s, got)
}

// compare fails unless the list is what the step wants of it.
func (p *player) compare(s step, got []string) {
	p.t.Helper()
	for _, want := range s.Holds {
		if !slices.Contains(got, p.fill(want)) {
			p.fatalf("%s lists %s: %v, want %q among them", s.As, s.List, got, p.fill(want))
		}
	}
	for _, unwanted := range s.Lacks {
		if slices.Contains(got, p.fill(unwanted)) {
			p.fatalf("%s lists %s: %v, want no %q among them", s.As, s.List, got, p.fill(unwanted))
		}
	}
	if s.Holds != nil || s.Lacks != nil {
		return
	}
	want := make([]string, 0, len(s.Is))
	for _, w := range s.Is {
		want = append(want, p.fill(w))
	}
	if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
		p.fatalf("%s lists %s (-want +got):\n%s", s.As, s.List, diff)
	}
}

func (p *player) explain(s step) {
	p.t.Helper()
	resource, permission, subject := p.question(s.Explain)
	got, err := p.door.Explain(p.t.Context(), resource, permission, subject)
	if err != nil || !strings.Contains(got, p.fill(s.Says)) {
		p.fatalf("%s: %q (%v), want %q in it", p.fill(s.Explain), got, err, p.fill(s.Says))
	}
}
