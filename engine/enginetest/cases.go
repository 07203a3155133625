package enginetest

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/portico-authz/portico/engine"
)

//go:embed cases/*.yaml
var caseFiles embed.FS

// Door is one way into Portico: the Go library, the HTTP API, the command
// line. The same cases go through each. Errors are [engine.Error] values, with
// the code and the message that a user of the door gets.
type Door interface {
	// Do does an operation for the person ("" for the operator), with its
	// parameters by their JSON names.
	Do(ctx context.Context, as, operation string, params map[string]any) error
	// Check returns allow, deny or conditional.
	Check(ctx context.Context, resource, permission, subject string) (string, error)
	// List returns the names (the last part of the ids) that a view lists for
	// the person, in its order.
	List(ctx context.Context, as, view string, params map[string]string) ([]string, error)
	// Explain returns the sentence that explains a decision.
	Explain(ctx context.Context, resource, permission, subject string) (string, error)
	// Invitation returns the token that was mailed last to the address.
	Invitation(ctx context.Context, email string) (string, error)
}

// A story tells how one or more rules of a portal show. It plays at a partner
// of its own, whose id stands for $p.
type story struct {
	Rules []string `yaml:"rules"`
	Name  string   `yaml:"name"`
	Steps []step   `yaml:"steps"`
}

// step is one of: a firm with people, an operation, expected decisions, a
// list, an explanation.
type step struct {
	Firm map[string]string `yaml:"firm"` // seat → role; the first role's seat signs up
	Hire map[string]string `yaml:"hire"` // seat → role, invited by boss
	Boss string            `yaml:"boss"`

	Do      string         `yaml:"do"`
	As      string         `yaml:"as"`
	With    map[string]any `yaml:"with"`
	Accept  string         `yaml:"accept"` // the address whose invitation As accepts
	Refused string         `yaml:"refused"`
	Says    string         `yaml:"says"`

	Allow []string `yaml:"allow"` // "resource permission person"
	Deny  []string `yaml:"deny"`

	List  string            `yaml:"list"`
	Of    map[string]string `yaml:"of"`
	Is    []string          `yaml:"is"`
	Holds []string          `yaml:"holds"`

	Explain string `yaml:"explain"` // "resource permission person"
}

// Cases plays every story of cases/<portal>.yaml through the door.
func Cases(t *testing.T, portal string, door Door) {
	t.Helper()
	text, err := caseFiles.ReadFile("cases/" + portal + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var stories []story
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&stories); err != nil {
		t.Fatal(err)
	}
	for i, s := range stories {
		t.Run(strings.Join(s.Rules, ",")+" "+s.Name, func(t *testing.T) {
			p := &player{t: t, door: door, partner: fmt.Sprintf("firm%d", i)}
			for n, st := range s.Steps {
				p.at = n + 1
				p.play(st)
			}
		})
	}
}

// CaseRules returns the rules that the portal's stories quote, sorted.
func CaseRules(portal string) ([]string, error) {
	text, err := caseFiles.ReadFile("cases/" + portal + ".yaml")
	if err != nil {
		return nil, err
	}
	var stories []story
	if err := yaml.Unmarshal(text, &stories); err != nil {
		return nil, err
	}
	var rules []string
	for _, s := range stories {
		rules = append(rules, s.Rules...)
	}
	slices.Sort(rules)
	return slices.Compact(rules), nil
}

type player struct {
	t       *testing.T
	door    Door
	partner string
	at      int
}

func (p *player) fatalf(format string, args ...any) {
	p.t.Helper()
	p.t.Fatalf("step %d: "+format, append([]any{p.at}, args...)...)
}

func (p *player) fill(s string) string { return strings.ReplaceAll(s, "$p", p.partner) }

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
		token, err := p.door.Invitation(p.t.Context(), p.fill(s.Accept))
		if err != nil {
			p.fatalf("%v", err)
		}
		s.Do, s.With = "accept_invitation", map[string]any{"token": token}
		p.do(s)
	case s.Do != "":
		p.do(s)
	case s.List != "":
		p.list(s)
	case s.Explain != "":
		p.explain(s)
	default:
		p.decide(s)
	}
}

// found signs a firm up and hires its people.
func (p *player) found(people map[string]string) {
	p.t.Helper()
	rest := map[string]string{}
	boss := ""
	for name, role := range people {
		if role == "owner" {
			boss = name
		} else {
			rest[name] = role
		}
	}
	p.do(step{As: boss, Do: "sign_up", With: map[string]any{
		"partner": "$p", "staff": boss, "title": "Firm $p", "contact_name": "The " + boss, "email": boss + "@$p.example",
	}})
	p.hire(boss, rest)
}

func (p *player) hire(boss string, people map[string]string) {
	p.t.Helper()
	names := make([]string, 0, len(people))
	for name := range people {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		email := name + "@$p.example"
		p.do(step{As: boss, Do: "invite_staff", With: map[string]any{
			"partner": "$p", "staff": name, "contact_name": "The " + name, "email": email, "role": people[name],
		}})
		p.play(step{As: name, Accept: email})
	}
}

func (p *player) do(s step) {
	p.t.Helper()
	params := map[string]any{}
	for k, v := range s.With {
		if text, ok := v.(string); ok {
			v = p.fill(text)
		}
		params[k] = v
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
	return parts[0], parts[1], "user:" + person(parts[2])
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
		return
	}
	for _, want := range s.Holds {
		if !slices.Contains(got, p.fill(want)) {
			p.fatalf("%s lists %s: %v, want %q among them", s.As, s.List, got, p.fill(want))
		}
	}
	if s.Holds == nil {
		if diff := cmp.Diff(s.Is, got); diff != "" && len(s.Is)+len(got) > 0 {
			p.fatalf("%s lists %s (-want +got):\n%s", s.As, s.List, diff)
		}
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
