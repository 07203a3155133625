package embedded_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/portico-authz/portico/schema"
)

// What a firm of the agency portal has: with these, firmSize relationships.
const (
	firmAdmins         = 6
	firmAdvisors       = 110
	firmClients        = 320
	firmClientStaff    = 2 // per client; each tenth for a time
	firmGroups         = 8
	firmRepresentative = 3 // per group
	firmAccounts       = 1000
	firmGrouped        = 300 // of the accounts
	firmBlocked        = 64  // of the advisors' accounts
	firmInternal       = 10
	firmInternalStaff  = 2 // per internal account

	firmSize = 2737
)

// firm is one firm's relationships, and what a test must know to ask about them.
type firm struct {
	domain  schema.Domain
	random  *rand.Rand
	all     []schema.Relationship
	grants  map[grantKey]bool // what advisors have, and the accounts that are blocked for them
	folder  []int             // the client of each account
	group   []int             // of each account, -1 for none
	groups  [][]int           // the accounts of each
	blocked [][2]int          // account, advisor
}

type grantKey struct {
	typ             string
	object, advisor int
}

// newFirms returns the first firms.
func newFirms(t testing.TB, count int) []*firm {
	t.Helper()
	firms := make([]*firm, count)
	for i := range firms {
		firms[i] = newFirm(i)
		if got := len(firms[i].all); got != firmSize {
			t.Fatalf("firm %d has %d relationships, want %d", i, got, firmSize)
		}
	}
	return firms
}

// newFirm returns the n-th firm, the same each time.
func newFirm(n int) *firm {
	f := &firm{
		domain: schema.Domain(fmt.Sprintf("firm-%03d", n)),
		random: rand.New(rand.NewPCG(uint64(n), firmSize)),
		grants: map[grantKey]bool{},
		groups: make([][]int, firmGroups),
	}
	f.addStaff()
	f.addClients()
	f.addGroups()
	f.addAccounts()
	f.addBlocked()
	f.addInternal()
	return f
}

func (f *firm) addStaff() {
	f.addSeat("owner", "owner")
	for i := range firmAdmins {
		f.addSeat(admin(i), "admin")
	}
	for i := range firmAdvisors {
		f.addSeat(advisor(i), "advisor")
	}
}

func (f *firm) addSeat(name, role string) {
	f.add(f.object(schema.TypeStaff, name), "partner", schema.Subject{Object: schema.Partner(f.domain)})
	f.add(f.object(schema.TypeStaff, name), "user", f.person(name))
	f.add(schema.Partner(f.domain), role, f.seat(name))
}

func (f *firm) addClients() {
	for c := range firmClients {
		f.add(f.client(c), "partner", schema.Subject{Object: schema.Partner(f.domain)})
		for _, a := range f.random.Perm(firmAdvisors)[:firmClientStaff] {
			f.add(f.client(c), "staff", f.seat(advisor(a)))
			f.grants[grantKey{"client", c, a}] = true
			if len(f.all)%10 == 0 {
				f.all[len(f.all)-1].ExpiresAt = time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC)
			}
		}
	}
}

func (f *firm) addGroups() {
	for g := range firmGroups {
		f.add(f.groupObject(g), "partner", schema.Subject{Object: schema.Partner(f.domain)})
		for _, a := range f.random.Perm(firmAdvisors)[:firmRepresentative] {
			f.add(f.groupObject(g), "representative", f.seat(advisor(a)))
			f.grants[grantKey{"group", g, a}] = true
		}
	}
}

func (f *firm) addAccounts() {
	grouped := f.random.Perm(firmAccounts)[:firmGrouped]
	for a := range firmAccounts {
		f.folder = append(f.folder, f.random.IntN(firmClients))
		f.group = append(f.group, -1)
		f.add(f.account(a), "client", schema.Subject{Object: f.client(f.folder[a])})
	}
	for i, a := range grouped {
		g := i % firmGroups
		f.group[a] = g
		f.groups[g] = append(f.groups[g], a)
		f.add(f.account(a), "group", schema.Subject{Object: f.groupObject(g)})
	}
}

// addBlocked switches accounts off for one of those who reach them.
func (f *firm) addBlocked() {
	for _, account := range f.random.Perm(firmAccounts)[:firmBlocked] {
		for a := range firmAdvisors {
			if f.reaches(a, account) {
				f.add(f.account(account), "blocked", f.seat(advisor(a)))
				f.grants[grantKey{"blocked", account, a}] = true
				f.blocked = append(f.blocked, [2]int{account, a})
				break
			}
		}
	}
}

func (f *firm) addInternal() {
	for i := range firmInternal {
		account := f.internal(i)
		f.add(account, "partner", schema.Subject{Object: schema.Partner(f.domain)})
		for _, a := range f.random.Perm(firmAdvisors)[:firmInternalStaff] {
			f.add(account, "staff", f.seat(advisor(a)))
			f.grants[grantKey{"internal", i, a}] = true
		}
	}
}

func (f *firm) add(resource schema.Object, relation string, subject schema.Subject) {
	f.all = append(f.all, schema.Relationship{Resource: resource, Relation: relation, Subject: subject})
}

// reaches is the rule of the agency's account#access for an advisor, told again.
func (f *firm) reaches(advisor, account int) bool {
	g := f.group[account]
	return !f.grants[grantKey{"blocked", account, advisor}] &&
		(f.grants[grantKey{"client", f.folder[account], advisor}] || g >= 0 && f.grants[grantKey{"group", g, advisor}])
}

func (f *firm) object(typ, name string) schema.Object { return schema.Obj(typ, f.domain, name) }
func (f *firm) client(n int) schema.Object            { return f.object("client", fmt.Sprintf("client-%d", n)) }

func (f *firm) account(n int) schema.Object { return f.object("account", fmt.Sprintf("account-%d", n)) }

func (f *firm) internal(n int) schema.Object {
	return f.object("account", fmt.Sprintf("internal-%d", n))
}

func (f *firm) groupObject(n int) schema.Object { return f.object("group", fmt.Sprintf("group-%d", n)) }

func (f *firm) seat(name string) schema.Subject {
	return schema.Subject{Object: f.object(schema.TypeStaff, name), Relation: "user"}
}

func (f *firm) person(name string) schema.Subject {
	return schema.Subject{Object: schema.User(name + "@" + string(f.domain) + ".example")}
}

func admin(n int) string   { return fmt.Sprintf("admin-%d", n) }
func advisor(n int) string { return fmt.Sprintf("advisor-%d", n) }
