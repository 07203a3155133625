package embedded_test

import (
	"fmt"
	"slices"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// question is a query and the answer that it must get.
type question struct {
	engine.Query
	want engine.Decision
}

// questions returns one of each kind: by a grant, by a group, by a role, and
// what is denied though it looks like these. other is another firm.
func (f *firm) questions(other *firm) []question {
	account, a := f.random.IntN(firmAccounts), f.random.IntN(firmAdvisors)
	grouped, represents := f.represented()
	blocked := f.blocked[f.random.IntN(len(f.blocked))]
	folder := f.random.IntN(firmClients)
	ask := func(o schema.Object, permission string, s schema.Subject, allowed bool) question {
		return question{engine.Query{Resource: o, Permission: permission, Subject: s}, decision(allowed)}
	}
	return []question{
		ask(f.client(folder), "access", f.person(advisor(f.first(grantKey{"client", folder, 0}, true))), true),
		ask(f.account(account), "access", f.person(advisor(a)), f.reaches(a, account)),
		ask(f.account(grouped), "access", f.person(advisor(represents)), f.reaches(represents, grouped)),
		ask(f.account(account), "access", f.person("owner"), true),
		ask(f.client(folder), "oversee", f.person("admin-1"), true),
		ask(schema.Partner(f.domain), "manage_staff", f.person(advisor(a)), false),
		ask(f.account(blocked[0]), "access", f.person(advisor(blocked[1])), false),
		ask(f.account(account), "access", other.person("owner"), false),
	}
}

// represented returns an account in a group and an advisor who represents it.
func (f *firm) represented() (account, advisor int) {
	g := f.random.IntN(firmGroups)
	return f.groups[g][f.random.IntN(len(f.groups[g]))], f.first(grantKey{"group", g, 0}, true)
}

// stranger returns an advisor who isn't on the folder.
func (f *firm) stranger(client int) int { return f.first(grantKey{"client", client, 0}, false) }

// first returns the first advisor who has the grant, or hasn't.
func (f *firm) first(k grantKey, has bool) int {
	for k.advisor = 0; f.grants[k] != has; k.advisor++ {
		if k.advisor == firmAdvisors {
			panic(fmt.Sprintf("%s %d: no such advisor", k.typ, k.object))
		}
	}
	return k.advisor
}

func decision(allowed bool) engine.Decision {
	if allowed {
		return engine.Allow
	}
	return engine.Deny
}

func (f *firm) foldersOf(a int) listing {
	l := listing{who: f.person(advisor(a))}
	for c := range firmClients {
		if f.grants[grantKey{"client", c, a}] {
			l.ids = append(l.ids, f.client(c).ID)
		}
	}
	slices.Sort(l.ids)
	return l
}

func (f *firm) accountsOf(a int) listing {
	l := listing{who: f.person(advisor(a))}
	for account := range firmAccounts {
		if f.reaches(a, account) {
			l.ids = append(l.ids, f.account(account).ID)
		}
	}
	for i := range firmInternal {
		if f.grants[grantKey{"internal", i, a}] {
			l.ids = append(l.ids, f.internal(i).ID)
		}
	}
	slices.Sort(l.ids)
	return l
}

func (f *firm) ownersAccounts() listing {
	l := listing{who: f.person("owner")}
	for account := range firmAccounts {
		l.ids = append(l.ids, f.account(account).ID)
	}
	for i := range firmInternal {
		l.ids = append(l.ids, f.internal(i).ID)
	}
	slices.Sort(l.ids)
	return l
}

// whoReaches returns the people who may access a client's account.
func (f *firm) whoReaches(account int) []string {
	ids := []string{f.person("owner").ID}
	for i := range firmAdmins {
		ids = append(ids, f.person(admin(i)).ID)
	}
	for a := range firmAdvisors {
		if f.reaches(a, account) {
			ids = append(ids, f.person(advisor(a)).ID)
		}
	}
	slices.Sort(ids)
	return ids
}
