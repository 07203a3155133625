package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/schema"
)

func TestProgramModel(t *testing.T) {
	checkModel(t, modelled{
		Portal: "program", Partners: 3, New: newProgramModel, Rehearsed: true,
		Persons: []string{"ana", "ben", "cat", "dan", "eve", "sue", "sid"},
	})
}

// programModel is the article of the program portal: PR-1 to PR-11.
type programModel struct {
	w       *world
	gate    gate
	support []string // in the order of joining
	firms   []*programFirm
	objects []schema.Object
}

type programFirm struct {
	id       schema.Domain
	title    string
	seats    []*programSeat
	accounts []*programAccount
	groups   []*programGroup
}

// programSeat is a teammate. Nobody's person is set before they accept (PR-11).
type programSeat struct {
	name, role, email string
	person            string
	inParts           bool // their first and last name are known
	removed           bool
	on                map[string]bool // the custom role's switches, which rest under another role (PR-6)
	restricted        bool            // to the groups that have them as staff, maybe none any more (PR-8)

	token string // the invitation's, while invited
	until time.Time
	void  []string // former tokens
}

// programGrants are seats that were given a group, and until when; zero: for ever.
type programGrants map[*programSeat]time.Time

type programGroup struct {
	name, title string
	archived    bool
	staff       programGrants // who are restricted to it, and maybe to others
	reps        programGrants // who represent it (PR-9)
	paid        *programSeat  // the representative who receives its commissions, if one does (PR-10)
	// lapsed were paid when their time as a representative ran out. That counts
	// no more; what is left of it goes when they are named anew.
	lapsed map[*programSeat]bool
}

type programAccount struct {
	name, title string
	archived    bool
	groups      map[*programGroup]bool
}

func newProgramModel(w *world) article {
	m := &programModel{w: w, objects: []schema.Object{schema.Platform()}}
	m.gate = gate{May: m.May, There: m.there, Visible: map[string]string{
		"partner": "enter", "staff": "view", "account": "access", "group": "view",
	}}
	return m
}

func (m *programModel) firm(id schema.Domain) *programFirm {
	return find(m.firms, string(id), func(f *programFirm) string { return string(f.id) })
}

func programSeatName(s *programSeat) string       { return s.name }
func programAccountName(a *programAccount) string { return a.name }
func programGroupName(g *programGroup) string     { return g.name }

// seat returns a teammate who hasn't been removed.
func (f *programFirm) seat(name string) *programSeat {
	if s := find(f.seats, name, programSeatName); s != nil && !s.removed {
		return s
	}
	return nil
}

func (f *programFirm) account(name string) *programAccount {
	return find(f.accounts, name, programAccountName)
}

func (f *programFirm) group(name string) *programGroup {
	return find(f.groups, name, programGroupName)
}

// of returns the person's seat, if they have one.
func (f *programFirm) of(person string) *programSeat {
	i := slices.IndexFunc(f.seats, func(s *programSeat) bool { return !s.removed && s.person == person })
	if i < 0 || person == "" {
		return nil
	}
	return f.seats[i]
}

func (m *programModel) Objects() []schema.Object { return m.objects }

// there reports whether an object can be spoken of: it was made, and isn't a
// teammate who was removed.
func (m *programModel) there(o schema.Object) bool {
	if o.Type == schema.TypeStaff {
		f := m.firm(o.Domain())
		return f != nil && f.seat(o.Name()) != nil
	}
	return slices.Contains(m.objects, o)
}

func (m *programModel) May(person string, on schema.Object, permission string) bool {
	if on.Type == schema.TypePlatform {
		return slices.Contains(m.support, person)
	}
	f := m.firm(on.Domain())
	if f == nil {
		return false
	}
	s := f.of(person)
	if s == nil {
		return false // PR-11, XP-1
	}
	switch on.Type {
	case schema.TypePartner:
		return s.runs(permission)
	case schema.TypeStaff:
		about := f.seat(on.Name())
		return about != nil && (s.runs(permission+"_team") || permission == "view" && about == s)
	case "group":
		g := f.group(on.Name())
		return g != nil && g.gives(s, permission)
	default:
		a := f.account(on.Name())
		return a != nil && a.gives(s, permission)
	}
}

// has reports whether the seat's role has a capability, wherever it counts.
func (s *programSeat) has(capability string) bool {
	act, what, _ := strings.Cut(capability, "_")
	data := what == "financial_data" || what == "customer_data" || what == "partners"
	switch s.role {
	case "administrator":
		return true // PR-1
	case "teammate":
		return data // PR-2
	case "technical_teammate":
		return data || what == "integration_settings" // PR-3
	case "program_manager":
		return data && what != "financial_data" // PR-4
	case "read_only":
		return data && act == "view" // PR-5
	default:
		return s.on[capability] // PR-6
	}
}

// whole reports whether the role counts in the whole programme: no restriction
// holds back an administrator (PR-1, PR-8).
func (s *programSeat) whole() bool { return s.role == "administrator" || !s.restricted }

// runs reports a permission on the programme itself.
func (s *programSeat) runs(permission string) bool {
	switch permission {
	case "enter":
		return true
	case "manage_program", "view_journal":
		return s.role == "administrator" // PR-1
	case "whole_program":
		return s.whole()
	case "view_integration_settings", "manage_integration_settings", "view_team":
		return s.has(permission) // about no account, so that a restriction leaves it
	}
	capability, anywhere := strings.CutPrefix(permission, "may_")
	return s.has(capability) && (anywhere || s.whole()) // PR-8; who could manage the team could lift it
}

func (g *programGroup) gives(s *programSeat, permission string) bool {
	_, restrictedToIt := g.staff[s]
	switch {
	case g.archived:
		return false
	case permission == "receive_commissions":
		return g.paid == s // PR-10
	case permission == "manage":
		return s.runs("manage_partners")
	default:
		return restrictedToIt || g.represents(s) || s.runs("view_partners") || s.runs("view_team")
	}
}

func (g *programGroup) represents(s *programSeat) bool {
	_, ok := g.reps[s]
	return ok
}

func (a *programAccount) gives(s *programSeat, permission string) bool {
	if a.archived {
		return false
	}
	scope, knows, paid := s.whole(), false, false
	for g := range a.groups {
		_, in := g.staff[s]
		scope, knows, paid = scope || in, knows || g.represents(s), paid || g.paid == s
	}
	switch permission {
	case "scope":
		return scope
	case "receive_commissions":
		return paid // PR-10
	case "access":
		sees := s.has("view_financial_data") || s.has("view_customer_data") || s.has("view_partners")
		return knows || scope && sees // PR-9
	default:
		return scope && s.has(permission) // PR-8
	}
}
