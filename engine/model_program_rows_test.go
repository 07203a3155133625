package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// grants returns everything at the firm that is given to seats.
func (f *programFirm) grants() []programGrants {
	var all []programGrants
	for _, g := range f.groups {
		all = append(all, g.staff, g.reps)
	}
	return all
}

// Pass ends what has expired. Who was restricted stays so, and reaches nothing
// by that group; who represented a group is paid for it no more.
func (m *programModel) Pass() {
	for _, f := range m.firms {
		for _, g := range f.grants() {
			for s, until := range g {
				if !until.IsZero() && !until.After(m.w.Now()) {
					delete(g, s)
				}
			}
		}
		for _, g := range f.groups {
			if g.paid != nil && !g.represents(g.paid) {
				g.lapsed[g.paid], g.paid = true, nil
			}
		}
	}
}

// unname ends that the seat represents the group, and is paid for it.
func (g *programGroup) unname(s *programSeat) {
	delete(g.reps, s)
	delete(g.lapsed, s)
	if g.paid == s {
		g.paid = nil
	}
}

// remove is PR-11.
func (f *programFirm) remove(s *programSeat) {
	s.removed = true
	for _, g := range f.groups {
		delete(g.staff, s)
		g.unname(s)
	}
}

// administrators counts the active ones.
func (f *programFirm) administrators() int {
	n := 0
	for _, s := range f.seats {
		if s.role == "administrator" && s.person != "" && !s.removed {
			n++
		}
	}
	return n
}

// last reports whether nobody but the seat administers the programme.
func (f *programFirm) last(s *programSeat) bool {
	return s.role == "administrator" && s.person != "" && f.administrators() == 1
}

// Broken checks that somebody administers the programme, that what is archived
// gives nobody anything, who is paid, and who is restricted; then, that the seats
// have what the model says, that of those who haven't joined included.
func (m *programModel) Broken(f facts) []string {
	var broken []string
	if len(f.Holders("administrator")) == 0 {
		broken = append(broken, fmt.Sprintf("%s has no active administrator", f.Domain))
	}
	for _, e := range f.Entries {
		if own := f.Of(e.Object, ""); e.State == engine.Archived && len(own) > 0 {
			broken = append(broken, fmt.Sprintf("%s is archived and has %s", e.Object, own[0].Key()))
		}
		switch {
		case e.Object.Type == "group":
			broken = append(broken, m.misspaid(f, e.Object)...)
		case e.Object.Type == schema.TypeStaff && e.State != engine.Removed:
			broken = append(broken, misrestricted(f, e.Object)...)
		}
	}
	want, have := m.firm(f.Domain).rows(), programRows(f)
	for _, row := range want {
		if !slices.Contains(have, row) {
			broken = append(broken, fmt.Sprintf("%s lacks %s", f.Domain, row))
		}
	}
	for _, row := range have {
		if !slices.Contains(want, row) {
			broken = append(broken, fmt.Sprintf("%s has %s", f.Domain, row))
		}
	}
	return broken
}

// misspaid says who is paid for a group and mustn't be: one is at most, and
// represents it. Of the others a switch may be left only by whose time ran out.
func (m *programModel) misspaid(f facts, group schema.Object) []string {
	var broken []string
	payees, g := 0, m.firm(f.Domain).group(group.Name())
	for _, r := range f.Of(group, "managed_payouts") {
		represents := slices.ContainsFunc(f.Of(group, "representative"), func(o engine.Row) bool {
			return o.Subject == r.Subject && (o.ExpiresAt.IsZero() || o.ExpiresAt.After(m.w.Now()))
		})
		if represents {
			payees++
		} else if s := m.firm(f.Domain).seat(r.Subject.Name()); s == nil || !g.lapsed[s] {
			broken = append(broken, r.Key().String()+" is for who doesn't represent the group")
		}
	}
	if payees > 1 {
		broken = append(broken, fmt.Sprintf("%s pays %d of its representatives", group, payees))
	}
	return broken
}

// misrestricted says what is wrong with where a seat's role counts: everywhere,
// or in some groups, and never both.
func misrestricted(f facts, staff schema.Object) []string {
	is := func(relation string) func(engine.Row) bool {
		return func(r engine.Row) bool {
			return r.Relation == relation && r.Subject.Object == staff && r.Resource.Type != "account"
		}
	}
	if slices.ContainsFunc(f.Rows, is("unrestricted")) && slices.ContainsFunc(f.Rows, is("staff")) {
		return []string{staff.String() + " is unrestricted and restricted to a group"}
	}
	return nil
}

// rows returns, sorted, what the firm's seats have beside their roles.
func (f *programFirm) rows() []string {
	var rows []string
	for _, s := range f.seats {
		if s.removed {
			continue
		}
		if !s.restricted {
			rows = append(rows, "unrestricted "+s.name)
		}
		for capability, on := range s.on {
			if on {
				rows = append(rows, "custom_"+capability+" "+s.name)
			}
		}
	}
	for _, g := range f.groups {
		for relation, grants := range map[string]programGrants{"staff": g.staff, "representative": g.reps} {
			for s, until := range grants {
				rows = append(rows, programRow(g.name+" "+relation, s.name, until))
			}
		}
		if g.paid != nil {
			rows = append(rows, g.name+" managed_payouts "+g.paid.name)
		}
		for s := range g.lapsed {
			rows = append(rows, g.name+" managed_payouts "+s.name)
		}
	}
	slices.Sort(rows)
	return rows
}

func programRow(what, staff string, until time.Time) string {
	if until.IsZero() {
		return what + " " + staff
	}
	return what + " " + staff + " until " + until.UTC().Format(time.RFC3339)
}

// programRows returns, sorted, what the store has of that.
func programRows(f facts) []string {
	var rows []string
	for _, r := range f.Rows {
		switch {
		case r.Resource.Type == "group" && r.Relation != "partner":
			rows = append(rows, programRow(r.Resource.Name()+" "+r.Relation, r.Subject.Name(), r.ExpiresAt))
		case r.Relation == "unrestricted" || strings.HasPrefix(r.Relation, "custom_"):
			rows = append(rows, programRow(r.Relation, r.Subject.Name(), r.ExpiresAt))
		}
	}
	slices.Sort(rows)
	return rows
}
