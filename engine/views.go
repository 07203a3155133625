package engine

import (
	"context"
	"slices"

	"github.com/portico-authz/portico/schema"
)

// viewing calls fn with a consistent view of the domain that about belongs to,
// once the actor has passed the named view's requirement on it.
func (e *Engine) viewing(ctx context.Context, actor Actor, view string, about []schema.Object, fn func(*View) error) error {
	requirement, ok := e.portal.Views[view]
	if !ok {
		return Errorf(NotFound, "the portal %s has no view %q", e.portal.Name, view)
	}
	return e.looking(ctx, actor, about, func(v *View) error {
		switch {
		case actor.exempt(requirement):
		case actor.Kind == Operator:
			return Errorf(Forbidden, "the operator may not see this: name the person who asks")
		default:
			g := gate{engine: e, actor: actor, requirement: requirement, about: about}
			if err := g.pass(ctx, v.tx, v.State); err != nil {
				return err
			}
			if err := g.seesOthers(ctx, v.tx, v.State); err != nil {
				return err
			}
		}
		if err := v.exist(ctx, about); err != nil {
			return err
		}
		return fn(v)
	})
}

// looking calls fn with a consistent view of the domain that about belongs to;
// fn sees to permissions.
func (e *Engine) looking(ctx context.Context, actor Actor, about []schema.Object, fn func(*View) error) error {
	if err := actor.validate(); err != nil {
		return err
	}
	for _, o := range about {
		if err := o.Validate(); err != nil {
			return Errorf(Invalid, "%s", err)
		}
	}
	d := about[0].Domain()
	if actor.Partner != "" && actor.Partner != d {
		return notFound(about[0])
	}
	return e.read(ctx, d, Consistency{}, func(DomainState) error {
		return e.store.View(ctx, func(tx Tx) error {
			state, err := tx.Domain(ctx, d)
			if err != nil {
				return err
			}
			return fn(e.newView(tx, state, actor))
		})
	})
}

func (e *Engine) newView(tx Tx, state DomainState, actor Actor) *View {
	g := gate{engine: e, actor: actor}
	return &View{
		tx: tx, Portal: e.portal, Domain: state.Domain, State: state, Actor: actor, Now: e.now(),
		ask: func(ctx context.Context, q Query) (bool, error) { return g.ask(ctx, tx, state, q) },
	}
}

// visible returns the objects of a type that pass the requirement for the actor.
func (e *Engine) visible(ctx context.Context, v *View, view, typ string) (map[string]bool, error) {
	requirement, ok := e.portal.Views[view]
	if !ok {
		return nil, Errorf(NotFound, "the portal %s has no view %q", e.portal.Name, view)
	}
	if requirement.Type != typ {
		return nil, Errorf(Internal, "portal.yaml: the view %q must ask a permission of %s", view, typ)
	}
	return e.reach(ctx, v, typ, requirement.Permission, v.Actor.Subject())
}

// reach returns the ids of the domain's objects of a type on which the subject
// has the permission.
func (e *Engine) reach(ctx context.Context, v *View, typ, permission string, subject schema.Subject) (map[string]bool, error) {
	ids := map[string]bool{}
	if subject.IsZero() {
		return ids, nil
	}
	err := e.at(ctx, v.State, func(at Token) error {
		found, err := e.graph.LookupResources(ctx, at, typ, permission, subject)
		for _, id := range found {
			if (schema.Object{Type: typ, ID: id}).Domain() == v.Domain {
				ids[id] = true
			}
		}
		return err
	})
	return ids, err
}

// knows reports the first of the objects that the actor may not know of.
func (e *Engine) knows(ctx context.Context, v *View, about []schema.Object) error {
	g := gate{engine: e, actor: v.Actor}
	for _, o := range about {
		sees, err := g.sees(ctx, v.tx, v.State, o)
		if err != nil {
			return err
		}
		if !sees {
			return notFound(o)
		}
	}
	return nil
}

// EntryPage is a part of a list of directory entries, by id.
type EntryPage struct {
	Entries []Entry
	Total   int
	Next    string // the cursor of the next page; empty on the last
	Epoch   int64
}

// listing is a list of directory entries of one type.
type listing struct {
	view   string
	about  []schema.Object // its domain's root first
	filter EntryFilter
	keep   func(*View, Entry) bool // nil keeps all
	key    string                  // tells lists that differ by keep apart
}

// listVisible pages through the entries that match and that the actor may see,
// if they may know of what the list is about.
func (e *Engine) listVisible(ctx context.Context, actor Actor, l listing, p Paging) (EntryPage, error) {
	var page EntryPage
	err := e.looking(ctx, actor, l.about, func(v *View) error {
		if err := e.knows(ctx, v, l.about); err != nil {
			return err
		}
		ids, err := e.visible(ctx, v, l.view, l.filter.Type)
		if err != nil {
			return err
		}
		entries, err := v.Entries(ctx, l.filter)
		if err != nil {
			return err
		}
		entries = slices.DeleteFunc(entries, func(x Entry) bool {
			return !ids[x.Object.ID] || l.keep != nil && !l.keep(v, x)
		})
		digest := e.listDigest("entries", l.view, string(v.Domain), actor.User, l.filter.Kind, l.filter.Parent.String(), l.key)
		page, err = e.cutEntries(entries, v, digest, p)
		return err
	})
	return page, err
}

// listClosed pages through the closed entries that match, for whoever may do
// the operation that opens them again.
func (e *Engine) listClosed(ctx context.Context, actor Actor, restore string, l listing, p Paging) (EntryPage, error) {
	var page EntryPage
	requirement, ok := e.portal.Operations[restore]
	if !ok {
		return page, Errorf(NotFound, "the portal %s has no operation %q", e.portal.Name, restore)
	}
	err := e.looking(ctx, actor, l.about, func(v *View) error {
		g := gate{engine: e, actor: actor, requirement: requirement, about: l.about}
		if err := g.pass(ctx, v.tx, v.State); err != nil {
			return err
		}
		l.filter.States = []State{Archived}
		entries, err := v.Entries(ctx, l.filter)
		if err != nil {
			return err
		}
		page, err = e.cutEntries(entries, v, e.listDigest("archived", l.view, string(v.Domain), l.filter.Kind), p)
		return err
	})
	return page, err
}

// cutEntries returns the page after the cursor. Directory rows are read as
// they are now: the cursor keeps the place, not the state.
func (e *Engine) cutEntries(entries []Entry, v *View, list []byte, p Paging) (EntryPage, error) {
	limit, err := p.limit()
	if err != nil {
		return EntryPage{}, err
	}
	page := EntryPage{Entries: []Entry{}, Total: len(entries), Epoch: v.State.Epoch}
	if p.Cursor != "" {
		c, err := e.openCursor(p.Cursor, list)
		if err != nil {
			return EntryPage{}, err
		}
		entries = slices.DeleteFunc(entries, func(x Entry) bool { return x.Object.ID <= c.After })
	}
	if len(entries) > limit {
		entries = entries[:limit]
		page.Next = e.sealCursor(cursor{List: list, Epoch: v.State.Epoch, After: entries[limit-1].Object.ID})
	}
	page.Entries = append(page.Entries, entries...)
	return page, nil
}

// viewOne returns the entry of the last of the objects that the view is about.
func (e *Engine) viewOne(ctx context.Context, actor Actor, view string, about []schema.Object) (Entry, int64, error) {
	var (
		entry Entry
		epoch int64
	)
	err := e.viewing(ctx, actor, view, about, func(v *View) (err error) {
		entry, err = v.Entry(ctx, about[len(about)-1])
		epoch = v.State.Epoch
		return err
	})
	return entry, epoch, err
}

// ViewPartner returns the partner's entry.
func (e *Engine) ViewPartner(ctx context.Context, actor Actor, d schema.Domain) (Entry, int64, error) {
	return e.viewOne(ctx, actor, "partner", []schema.Object{d.Root()})
}

// ViewStaffMember returns one staff member's entry.
func (e *Engine) ViewStaffMember(ctx context.Context, actor Actor, d schema.Domain, staff string) (Entry, int64, error) {
	return e.viewOne(ctx, actor, "staff_member", aboutStaff(string(d), staff))
}

// ViewStaff lists those of a partner's staff in the given states whom the actor
// may know of; all but the removed, if no state is given.
func (e *Engine) ViewStaff(ctx context.Context, actor Actor, d schema.Domain, states []State, p Paging) (EntryPage, error) {
	if len(states) == 0 {
		states = seatedStates
	}
	var page EntryPage
	err := e.viewing(ctx, actor, "staff", []schema.Object{d.Root()}, func(v *View) error {
		entries, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, States: states})
		if err != nil {
			return err
		}
		hidden, err := e.hiddenFrom(ctx, v)
		if err != nil {
			return err
		}
		entries = slices.DeleteFunc(entries, func(x Entry) bool { return hidden.seats[x.Object] })
		list := []string{"staff", string(d), actor.User}
		for _, s := range states {
			list = append(list, string(s))
		}
		page, err = e.cutEntries(entries, v, e.listDigest(list...), p)
		return err
	})
	return page, err
}

// ViewSupport lists the user ids of the platform's support team, sorted.
func (e *Engine) ViewSupport(ctx context.Context, actor Actor) ([]string, error) {
	var users []string
	err := e.viewing(ctx, actor, "support", []schema.Object{schema.Platform()}, func(v *View) error {
		users = []string{}
		rows, err := v.Rows(ctx, RelationshipFilter{ResourceType: schema.TypePlatform, Relation: relSupport})
		for _, r := range rows {
			users = append(users, r.Subject.ID)
		}
		return err
	})
	return users, err
}
