package engine_test

import (
	"fmt"
	"slices"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Broken checks WS-1, WS-2, WS-5, WS-8 and WS-9 on what the store has: who is
// the super admin, who is on the team, that nobody goes down the ladder, and
// that everybody, in the trash or not, has what they were given.
func (m *workspaceModel) Broken(f facts) []string {
	firm := m.firm(f.Domain)
	if firm == nil {
		return []string{fmt.Sprintf("%s is there, and nobody signed it up", f.Domain)}
	}
	broken := firm.brokenTop(f)
	for _, e := range f.Entries {
		switch e.Object.Type {
		case schema.TypeStaff:
			broken = append(broken, firm.brokenSeat(f, e)...)
			rank := slices.Index(workspaceLadder, e.Role)
			if was, known := m.ranks[e.Object]; known && rank > was {
				broken = append(broken, fmt.Sprintf("%s was %s and is %s", e.Object, workspaceLadder[was], e.Role))
			}
			m.ranks[e.Object] = rank
		case "project":
			broken = append(broken, firm.brokenProject(f, e)...)
		case "record":
			broken = append(broken, firm.brokenRecord(f, e)...)
		}
	}
	return broken
}

// brokenTop is WS-1: one super admin, always the one who signed up, and active.
func (f *workspaceFirm) brokenTop(got facts) []string {
	top := got.Holders("super_admin")
	if len(top) != 1 || len(got.Of(f.id.Root(), "super_admin")) != 1 || top[0].Role != "super_admin" {
		return []string{fmt.Sprintf("%s has %d active super admins", f.id, len(top))}
	}
	if top[0].Object.Name() != f.seats[0].name || top[0].User != f.seats[0].person {
		return []string{fmt.Sprintf("%s is the super admin, and %s signed up", top[0].Object, f.seats[0].name)}
	}
	return nil
}

// brokenSeat is WS-2 and WS-9: everybody who isn't gone is on the team but the
// super admin, and keeps their person, their address and their role.
func (f *workspaceFirm) brokenSeat(got facts, e engine.Entry) []string {
	s := find(f.seats, e.Object.Name(), workspaceSeatName)
	if s == nil {
		return []string{fmt.Sprintf("%s was never added", e.Object)}
	}
	var broken []string
	if on, want := len(got.Of(e.Object, "team")), !s.removed && !s.is("super_admin"); on > 1 || (on == 1) != want {
		broken = append(broken, fmt.Sprintf("%s (%s, %s) is on the team %d times", e.Object, e.Role, e.State, on))
	}
	if e.State != s.state() || e.Role != s.role || e.Email != s.email || e.User != s.person {
		broken = append(broken, fmt.Sprintf("%s is %s, %s, and the model says %s, %s", e.Object, e.State, e.Role, s.state(), s.role))
	}
	return broken
}

func (f *workspaceFirm) brokenProject(got facts, e engine.Entry) []string {
	p := f.project(e.Object.Name())
	if p == nil || (e.State == engine.Archived) != p.archived {
		return []string{fmt.Sprintf("%s is %s, and the model says otherwise", e.Object, e.State)}
	}
	leaders, members := got.Of(e.Object, "leader"), got.Of(e.Object, "member")
	if p.archived {
		return workspaceKept(got, e, 0, 0)
	}
	broken := workspaceKept(got, e, 1, 1+len(leaders)+len(members))
	if len(leaders) > 1 || (len(leaders) == 1) != (p.leader != nil) {
		return append(broken, fmt.Sprintf("%s has %d leaders", e.Object, len(leaders)))
	}
	if len(leaders) == 1 {
		by, _ := got.Entry(leaders[0].Subject.Object)
		if by.Object.Name() != p.leader.name || slices.Index(workspaceLadder, by.Role) > slices.Index(workspaceLadder, "project_manager") {
			broken = append(broken, fmt.Sprintf("%s is led by %s, %s", e.Object, by.Object, by.Role)) // WS-5
		}
	}
	for _, r := range members {
		if !p.members[f.seat(r.Subject.Object.Name())] {
			broken = append(broken, fmt.Sprintf("%s has the member %s", e.Object, r.Subject))
		}
	}
	if len(members) != len(p.members) {
		broken = append(broken, fmt.Sprintf("%s has %d members, and the model says %d", e.Object, len(members), len(p.members)))
	}
	return broken
}

func (f *workspaceFirm) brokenRecord(got facts, e engine.Entry) []string {
	r := f.record(e.Object.Name())
	if r == nil || (e.State == engine.Archived) != r.deleted || e.Kind != r.kind {
		return []string{fmt.Sprintf("%s is %s, a %s, and the model says otherwise", e.Object, e.State, e.Kind)}
	}
	if r.deleted {
		return workspaceKept(got, e, 0, 0)
	}
	by := got.Of(e.Object, "creator")
	broken := workspaceKept(got, e, 1, 2+len(by))
	if len(got.Of(e.Object, r.kind)) != 1 {
		broken = append(broken, fmt.Sprintf("%s isn't a %s", e.Object, r.kind))
	}
	if len(by) > 1 || (len(by) == 1) != (r.creator != nil) || len(by) == 1 && by[0].Subject.Object.Name() != r.creator.name {
		broken = append(broken, fmt.Sprintf("%s has %d creators, or another's", e.Object, len(by))) // WS-6
	}
	return broken
}

// workspaceKept reports an object that isn't so many times the partner's, or of
// which there are more relationships, or fewer.
func workspaceKept(got facts, e engine.Entry, partners, all int) []string {
	if own := got.Of(e.Object, ""); len(own) != all || len(got.Of(e.Object, "partner")) != partners {
		return []string{fmt.Sprintf("%s is %s and has %d relationships, %d expected", e.Object, e.State, len(own), all)}
	}
	return nil
}
