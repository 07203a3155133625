package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func TestAgencyModel(t *testing.T) {
	checkModel(t, modelled{
		Portal: "agency", Partners: 3, New: newAgencyModel,
		Persons: []string{"ana", "ben", "cat", "dan", "eve", "sue", "sid"},
	})
}

// agencyModel is the article of the agency portal: AG-1 to AG-22.
type agencyModel struct {
	w       *world
	gate    gate
	support []string // in the order of joining
	firms   []*agencyFirm
	objects []schema.Object
}

type agencyFirm struct {
	id       schema.Domain
	title    string
	seats    []*agencySeat
	clients  []*agencyClient
	accounts []*agencyAccount
	groups   []*agencyGroup
}

// agencySeat is a staff member. Nobody's person is set before they accept (AG-14).
type agencySeat struct {
	name, role, email string
	person            string
	removed           bool

	token string // the invitation's, while invited
	until time.Time
	void  []string // former tokens
}

// agencyGrants are seats that were given something, and until when; zero: for ever.
type agencyGrants map[*agencySeat]time.Time

type agencyClient struct {
	name, title string
	archived    bool // nobody reaches it; who was on it is, once it is restored
	staff       agencyGrants
}

type agencyAccount struct {
	name, title string
	archived    bool
	client      *agencyClient // nil: one of the firm's own
	staff       agencyGrants  // of the firm's own only
	off         map[*agencySeat]bool
	groups      map[*agencyGroup]bool
}

type agencyGroup struct {
	name, title string
	archived    bool
	staff       agencyGrants // who represent it
}

func newAgencyModel(w *world) article {
	m := &agencyModel{w: w, objects: []schema.Object{schema.Platform()}}
	m.gate = gate{May: m.May, There: m.there, Visible: map[string]string{
		"partner": "enter", "staff": "view", "client": "access", "account": "access", "group": "view",
	}}
	return m
}

// find returns the one of a list that is called name, or the zero value.
func find[V any](all []V, name string, of func(V) string) V {
	i := slices.IndexFunc(all, func(v V) bool { return of(v) == name })
	if i < 0 {
		var none V
		return none
	}
	return all[i]
}

func (m *agencyModel) firm(id schema.Domain) *agencyFirm {
	return find(m.firms, string(id), func(f *agencyFirm) string { return string(f.id) })
}

func seatName(s *agencySeat) string       { return s.name }
func clientName(c *agencyClient) string   { return c.name }
func accountName(a *agencyAccount) string { return a.name }
func groupName(g *agencyGroup) string     { return g.name }

// seat returns a staff member who hasn't been removed.
func (f *agencyFirm) seat(name string) *agencySeat {
	if s := find(f.seats, name, seatName); s != nil && !s.removed {
		return s
	}
	return nil
}

// of returns the person's seat, if they have one.
func (f *agencyFirm) of(person string) *agencySeat {
	i := slices.IndexFunc(f.seats, func(s *agencySeat) bool { return !s.removed && s.person == person })
	if i < 0 || person == "" {
		return nil
	}
	return f.seats[i]
}

func (m *agencyModel) Objects() []schema.Object { return m.objects }

// there reports whether an object can be spoken of: it was made, and isn't a
// staff member who was removed.
func (m *agencyModel) there(o schema.Object) bool {
	if o.Type == schema.TypeStaff {
		f := m.firm(o.Domain())
		return f != nil && f.seat(o.Name()) != nil
	}
	return slices.Contains(m.objects, o)
}

func (m *agencyModel) May(person string, on schema.Object, permission string) bool {
	if on.Type == schema.TypePlatform {
		return slices.Contains(m.support, person) // AG-3
	}
	f := m.firm(on.Domain())
	if f == nil {
		return false
	}
	s := f.of(person)
	if s == nil {
		return false // AG-14, AG-21, XP-1
	}
	owner := s.role == "owner"
	boss := owner || s.role == "admin"
	switch on.Type {
	case schema.TypePartner:
		switch permission {
		case "enter":
			return true
		case "manage_partner", "view_payment_method", "manage_payment_method", "manage_internal_accounts":
			return owner // AG-4, AG-5, AG-6
		default:
			return boss // AG-7, AG-9, AG-10, AG-13
		}
	case schema.TypeStaff:
		about := f.seat(on.Name())
		return about != nil && (boss || permission == "view" && about == s) // AG-9
	case "client":
		c := find(f.clients, on.Name(), clientName)
		if c == nil || c.archived {
			return false
		}
		_, added := c.staff[s]
		return boss || added && (permission == "access" || permission == "add_accounts") // AG-8, AG-11, AG-12
	case "group":
		g := find(f.groups, on.Name(), groupName)
		return g != nil && !g.archived && (boss || permission == "view" && g.represents(s))
	default:
		a := find(f.accounts, on.Name(), accountName)
		return a != nil && a.gives(s, permission)
	}
}

func (g *agencyGroup) represents(s *agencySeat) bool {
	_, ok := g.staff[s]
	return ok && !g.archived
}

func (a *agencyAccount) gives(s *agencySeat, permission string) bool {
	if a.archived {
		return false
	}
	if a.client == nil { // AG-6, AG-20
		_, added := a.staff[s]
		return s.role == "owner" || added && permission == "access"
	}
	if a.client.archived {
		return false
	}
	if s.role != "advisor" { // AG-8, AG-19
		return true
	}
	return permission == "access" && a.reachable(s) && !a.off[s] // AG-12, AG-18, AG-22
}

// reachable reports whether the member is on the account's folder or represents
// a group of it: then it is on for them, or off.
func (a *agencyAccount) reachable(s *agencySeat) bool {
	if _, on := a.client.staff[s]; on {
		return true
	}
	for g := range a.groups {
		if g.represents(s) {
			return true
		}
	}
	return false
}

// grants returns everything at the firm that is given to seats.
func (f *agencyFirm) grants() []agencyGrants {
	var all []agencyGrants
	for _, c := range f.clients {
		all = append(all, c.staff)
	}
	for _, a := range f.accounts {
		all = append(all, a.staff)
	}
	for _, g := range f.groups {
		all = append(all, g.staff)
	}
	return all
}

// strip takes from a seat all that was given to it.
func (f *agencyFirm) strip(s *agencySeat) {
	for _, g := range f.grants() {
		delete(g, s)
	}
	for _, a := range f.accounts {
		delete(a.off, s)
	}
}

func (m *agencyModel) Pass() {
	for _, f := range m.firms {
		for _, g := range f.grants() {
			for s, until := range g {
				if !until.IsZero() && !until.After(m.w.Now()) {
					delete(g, s)
				}
			}
		}
	}
}

// Broken checks AG-2, AG-20 and AG-22, and that what is archived gives nobody
// anything.
func (m *agencyModel) Broken(f facts) []string {
	var broken []string
	if owners := f.Holders("owner"); len(owners) != 1 || owners[0].Role != "owner" {
		broken = append(broken, fmt.Sprintf("%s has %d active owners", f.Domain, len(owners)))
	}
	for _, e := range f.Entries {
		own := f.Of(e.Object, "")
		if e.State == engine.Archived && len(own) > 0 {
			broken = append(broken, fmt.Sprintf("%s is archived and has %s", e.Object, own[0].Key()))
		}
		if e.Object.Type != "account" || e.State == engine.Archived {
			continue
		}
		internal, client := len(f.Of(e.Object, "partner")), len(f.Of(e.Object, "client"))
		if internal+client != 1 || (e.Kind == "internal") != (internal == 1) {
			broken = append(broken, fmt.Sprintf("%s is in %d folders and internal %d times", e.Object, client, internal))
		}
		if internal == 1 && len(f.Of(e.Object, "group"))+len(f.Of(e.Object, "blocked")) > 0 || client == 1 && len(f.Of(e.Object, "staff")) > 0 {
			broken = append(broken, fmt.Sprintf("%s has what only the other kind has", e.Object))
		}
	}
	return broken
}

// cleanAddress is an address as it is compared.
func cleanAddress(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
