package main

import (
	"context"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// directory is what one partner has, as somebody who may see it reads it.
type directory struct {
	partner  schema.Domain
	epoch    int64          // at the beginning of reading
	staff    []engine.Entry // removed ones too: their names aren't given again
	clients  []engine.Entry
	archived []engine.Entry // folders
	groups   []engine.Entry
	accounts []engine.Entry // of folders, then those of none

	grants  map[grantKey]engine.Grant
	off     map[grantKey]bool // by account and staff member
	groupOf map[grantKey]bool // by group and account
	hidden  []schema.Object   // internal accounts whose staff the reader may not see
}

// grantKey is who or what is in something: a staff member on a folder, say.
type grantKey struct{ in, who schema.Object }

// allStates are the states of staff, the removed included.
var allStates = []engine.State{engine.Active, engine.Invited, engine.Inactive, engine.Trashed, engine.Removed}

// browser reads a directory page by page. What the portal has no view of is
// left out.
type browser struct {
	engine *engine.Engine
	actor  engine.Actor
	dir    *directory
}

// readDirectory reads all that the actor may see of a partner.
func readDirectory(ctx context.Context, e *engine.Engine, actor engine.Actor, d schema.Domain) (*directory, error) {
	b := &browser{engine: e, actor: actor, dir: &directory{
		partner: d, grants: map[grantKey]engine.Grant{}, off: map[grantKey]bool{}, groupOf: map[grantKey]bool{},
	}}
	for _, part := range []func(context.Context) error{b.staff, b.clients, b.internals, b.accounts, b.groups} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	return b.dir, nil
}

func (b *browser) has(view string) bool {
	_, ok := b.engine.Portal().Views[view]
	return ok
}

// entries collects all pages of a view, if the portal has it.
func (b *browser) entries(view string, page func(engine.Paging) (engine.EntryPage, error)) ([]engine.Entry, error) {
	var all []engine.Entry
	if !b.has(view) {
		return nil, nil
	}
	for paging := (engine.Paging{Limit: engine.MaxPage}); ; {
		p, err := page(paging)
		if err != nil {
			return nil, err
		}
		all = append(all, p.Entries...)
		if p.Next == "" {
			return all, nil
		}
		paging.Cursor = p.Next
	}
}

func (b *browser) staff(ctx context.Context) (err error) {
	if _, b.dir.epoch, err = b.engine.ViewPartner(ctx, b.actor, b.dir.partner); err != nil {
		return err
	}
	b.dir.staff, err = b.entries("staff", func(p engine.Paging) (engine.EntryPage, error) {
		return b.engine.ViewStaff(ctx, b.actor, b.dir.partner, allStates, p)
	})
	return err
}

func (b *browser) clients(ctx context.Context) (err error) {
	list := func(which engine.Listing) ([]engine.Entry, error) {
		return b.entries("clients", func(p engine.Paging) (engine.EntryPage, error) {
			return b.engine.ViewClients(ctx, b.actor, b.dir.partner, which, p)
		})
	}
	if b.dir.clients, err = list(engine.Open); err != nil {
		return err
	}
	if b.dir.archived, err = list(engine.Closed); err != nil {
		return err
	}
	for _, c := range b.dir.clients {
		if err := b.client(ctx, c.Object); err != nil {
			return err
		}
	}
	return nil
}

func (b *browser) client(ctx context.Context, o schema.Object) error {
	grants, err := b.engine.ViewClientStaff(ctx, b.actor, b.dir.partner, o.Name())
	if err != nil {
		return err
	}
	b.keep(o, grants)
	matrix, err := b.engine.ViewClientAccess(ctx, b.actor, b.dir.partner, o.Name())
	if err != nil {
		return err
	}
	b.dir.accounts = append(b.dir.accounts, matrix.Accounts...)
	for _, r := range matrix.Rows {
		for i, cell := range r.Cells {
			if !cell.Enabled {
				b.dir.off[grantKey{matrix.Accounts[i].Object, r.Staff.Object}] = true
			}
		}
	}
	return nil
}

func (b *browser) keep(o schema.Object, page engine.GrantPage) {
	for _, g := range page.Grants {
		b.dir.grants[grantKey{o, g.Staff.Object}] = g
	}
}

func (b *browser) internals(ctx context.Context) error {
	internal, err := b.entries("internal_accounts", func(p engine.Paging) (engine.EntryPage, error) {
		return b.engine.ViewInternalAccounts(ctx, b.actor, b.dir.partner, p)
	})
	if err != nil {
		return err
	}
	for _, a := range internal {
		grants, err := b.engine.ViewAccountStaff(ctx, b.actor, b.dir.partner, a.Object.Name())
		if engine.CodeOf(err) == engine.Forbidden {
			b.dir.hidden = append(b.dir.hidden, a.Object)
			continue
		}
		if err != nil {
			return err
		}
		b.dir.accounts = append(b.dir.accounts, a)
		b.keep(a.Object, grants)
	}
	return nil
}

// accounts reads those that are in no folder, in a portal that has such.
func (b *browser) accounts(ctx context.Context) error {
	accounts, err := b.entries("accounts", func(p engine.Paging) (engine.EntryPage, error) {
		return b.engine.ViewAccounts(ctx, b.actor, b.dir.partner, p)
	})
	b.dir.accounts = append(b.dir.accounts, accounts...)
	return err
}

func (b *browser) groups(ctx context.Context) (err error) {
	b.dir.groups, err = b.entries("groups", func(p engine.Paging) (engine.EntryPage, error) {
		return b.engine.ViewGroups(ctx, b.actor, b.dir.partner, p)
	})
	for _, g := range b.dir.groups {
		representatives, err := b.engine.ViewRepresentatives(ctx, b.actor, b.dir.partner, g.Object.Name())
		if err != nil {
			return err
		}
		b.keep(g.Object, representatives)
		members, err := b.entries("groups", func(p engine.Paging) (engine.EntryPage, error) {
			return b.engine.ViewGroupAccounts(ctx, b.actor, b.dir.partner, g.Object.Name(), p)
		})
		if err != nil {
			return err
		}
		for _, a := range members {
			b.dir.groupOf[grantKey{g.Object, a.Object}] = true
		}
	}
	return err
}
