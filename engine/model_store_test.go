package engine_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// domains returns what a run can change.
func (r *run) domains() []schema.Domain {
	return append(slices.Clone(r.w.Partners), schema.PlatformDomain)
}

// look returns where the run's domains stand now.
func (r *run) look() (map[schema.Domain]engine.DomainState, error) {
	states := map[schema.Domain]engine.DomainState{}
	for _, d := range r.domains() {
		state, err := r.store.Domain(context.Background(), d)
		if err != nil && engine.CodeOf(err) != engine.NotFound {
			return nil, err
		}
		states[d] = state
	}
	return states, nil
}

// see takes what there is now for known.
func (r *run) see() error {
	states, err := r.look()
	r.states = states
	return err
}

// unchanged compares the domains with what they were: the journal has nothing
// new but what dropped what had expired.
func (r *run) unchanged(why string) error {
	news, err := r.news()
	if err != nil {
		return err
	}
	if len(news) > 0 {
		return fmt.Errorf("%s changed something: the journal has a new %s", why, news[0].Operation)
	}
	return nil
}

// recorded compares the domains with what they were: the journal says of one
// operation more what it was and who did it, and no other has come to pass
// (XP-3, XP-4). Then the invariants of its domain must hold.
func (r *run) recorded(a act, result *engine.Result) error {
	news, err := r.news()
	if err != nil {
		return err
	}
	name := a.Op.Name()
	if len(news) != 1 {
		return fmt.Errorf("%s made %d records", name, len(news))
	}
	rec := news[0]
	if rec.ID != result.Record || rec.Operation != name || rec.Actor.User != a.Actor.User || rec.Actor.Kind != a.Actor.Kind ||
		rec.State != engine.Applied || rec.Epoch != result.Epoch || rec.Object != result.Object {
		return fmt.Errorf("%s by %s: the journal has %s by %s", name, a.Actor.User, rec.Operation, rec.Actor.User)
	}
	if state := r.states[rec.Domain]; state.Epoch != result.Epoch || state.LastOperation != rec.ID {
		return fmt.Errorf("%s is of epoch %d, and the domain in %d", name, result.Epoch, state.Epoch)
	}
	return r.sound(rec.Domain)
}

// news returns the records that have come since the last look, other than the
// dropping of what had expired by now, and takes the domains as they are now.
func (r *run) news() ([]engine.Record, error) {
	before := r.states
	if err := r.see(); err != nil {
		return nil, err
	}
	var news []engine.Record
	for _, d := range r.domains() {
		was, is := before[d], r.states[d]
		if was.LastSeq == is.LastSeq {
			if was.Epoch != is.Epoch {
				return nil, fmt.Errorf("the epoch of %s moved without a record", d)
			}
			continue
		}
		var records []engine.Record
		err := r.store.View(context.Background(), func(tx engine.Tx) (err error) {
			records, err = tx.Records(context.Background(), engine.RecordFilter{Domain: d, AfterSeq: was.LastSeq})
			return err
		})
		if err != nil {
			return nil, err
		}
		due := !was.NextExpiry.IsZero() && !was.NextExpiry.After(r.w.Now())
		for _, rec := range records {
			if rec.Operation != "sweep_expired" || !due {
				news = append(news, rec)
			}
		}
	}
	return news, nil
}

// sound reports the first invariant that doesn't hold at the domain.
func (r *run) sound(d schema.Domain) error {
	if d == schema.PlatformDomain {
		return nil
	}
	f := facts{Domain: d}
	err := r.store.View(context.Background(), func(tx engine.Tx) (err error) {
		if f.Entries, err = tx.Entries(context.Background(), engine.EntryFilter{Domain: d}); err != nil {
			return err
		}
		f.Rows, err = tx.Relationships(context.Background(), engine.RelationshipFilter{Domain: d})
		return err
	})
	if err != nil {
		return err
	}
	if broken := append(f.broken(r.portal), r.m.Broken(f)...); len(broken) > 0 {
		return fmt.Errorf("an invariant is broken: %s", broken[0])
	}
	return nil
}

// facts is what the store has of one partner.
type facts struct {
	Domain  schema.Domain
	Entries []engine.Entry // removed ones too
	Rows    []engine.Row   // expired ones too
}

// Entry returns an object's row, and whether it has one.
func (f facts) Entry(o schema.Object) (engine.Entry, bool) {
	for _, e := range f.Entries {
		if e.Object == o {
			return e, true
		}
	}
	return engine.Entry{}, false
}

// Of returns the relationships of an object; with an empty relation, all of them.
func (f facts) Of(o schema.Object, relation string) []engine.Row {
	var rows []engine.Row
	for _, r := range f.Rows {
		if r.Resource == o && (relation == "" || r.Relation == relation) {
			rows = append(rows, r)
		}
	}
	return rows
}

// Holders returns the active staff who have a role by their relationship
// partner#relation.
func (f facts) Holders(relation string) []engine.Entry {
	var staff []engine.Entry
	for _, r := range f.Of(f.Domain.Root(), relation) {
		if e, ok := f.Entry(r.Subject.Object); ok && e.State == engine.Active {
			staff = append(staff, e)
		}
	}
	return staff
}

// broken returns which invariants of every portal don't hold.
func (f facts) broken(portal *schema.Portal) []string {
	var broken []string
	for _, r := range f.Rows {
		broken = append(broken, f.misplaced(r)...)
	}
	persons, addresses := map[string]int{}, map[string]int{}
	for _, e := range f.Entries {
		if e.Object.Type != schema.TypeStaff {
			continue
		}
		broken = append(broken, f.misseated(portal, e)...)
		if e.State == engine.Removed {
			continue
		}
		if e.User != "" {
			persons[e.User]++
		}
		if e.Email != "" {
			addresses[e.Email]++
		}
		if persons[e.User] > 1 || addresses[e.Email] > 1 {
			broken = append(broken, fmt.Sprintf("%s shares a person or an address with another seat", e.Object))
		}
	}
	return broken
}

// misplaced says what is wrong with a relationship: it crosses partners (XP-1),
// names what isn't there, or joins what it mustn't.
func (f facts) misplaced(r engine.Row) []string {
	var broken []string
	wrong := func(what string) { broken = append(broken, r.Key().String()+" "+what) }
	if r.Resource.Domain() != f.Domain {
		wrong("is another partner's")
	}
	if e, ok := f.Entry(r.Resource); !ok || e.State == engine.Removed {
		wrong("is of what isn't there")
	}
	if r.Subject.Type == schema.TypeUser {
		if r.Resource.Type != schema.TypeStaff || r.Relation != "user" {
			wrong("names a person and not a seat")
		}
		return broken
	}
	if r.Subject.Domain() != f.Domain {
		wrong("crosses partners")
	}
	if e, ok := f.Entry(r.Subject.Object); !ok || e.State == engine.Removed {
		wrong("is for what isn't there")
	}
	return broken
}

// misseated says what is wrong with a seat: only the active have a person on it,
// and each that isn't removed has the role that the directory says and no other.
func (f facts) misseated(portal *schema.Portal, e engine.Entry) []string {
	var broken []string
	sits := f.Of(e.Object, "user")
	active := e.State == engine.Active && e.User != ""
	if active != (len(sits) == 1) || active && sits[0].Subject.Object != schema.User(e.User) {
		broken = append(broken, fmt.Sprintf("%s is %s and has %d persons on it", e.Object, e.State, len(sits)))
	}
	own, ok := portal.Role(e.Role)
	if !ok {
		broken = append(broken, fmt.Sprintf("%s has the unknown role %q", e.Object, e.Role))
	}
	for _, role := range portal.Roles {
		if role.Relation == "" {
			continue
		}
		has := slices.ContainsFunc(f.Of(f.Domain.Root(), role.Relation), func(r engine.Row) bool {
			return r.Subject.Object == e.Object
		})
		if want := role.Name == own.Name && e.State != engine.Removed; has != want {
			broken = append(broken, fmt.Sprintf("%s (%s, %s): the relationship of %s is there: %t", e.Object, e.Role, e.State, role.Name, has))
		}
	}
	return broken
}
