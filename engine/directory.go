package engine

import (
	"context"
	"slices"

	"github.com/portico-authz/portico/schema"
)

// Listing says which of the entries that can be closed are listed.
type Listing int

// The listings.
const (
	Open   Listing = iota // those in use
	Closed                // those archived or deleted, for whoever may restore them
)

// listAt lists entries right under the partner.
func listAt(d schema.Domain, view, typ string) listing {
	return listing{
		view: view, about: []schema.Object{d.Root()}, filter: EntryFilter{Type: typ, States: []State{Active}},
	}
}

// ViewClients lists the client folders that the actor reaches, or the archived.
func (e *Engine) ViewClients(ctx context.Context, actor Actor, d schema.Domain, which Listing, p Paging) (EntryPage, error) {
	l := listAt(d, "clients", typeClient)
	if which == Closed {
		return e.listClosed(ctx, actor, (&RestoreClient{}).Name(), l, p)
	}
	return e.listVisible(ctx, actor, l, p)
}

// ViewClientAccounts lists the accounts of a folder that the actor reaches.
func (e *Engine) ViewClientAccounts(ctx context.Context, actor Actor, d schema.Domain, client string, p Paging) (EntryPage, error) {
	l := listAt(d, "client_accounts", typeAccount)
	l.about = aboutClient(string(d), client)
	l.filter.Parent = l.about[1]
	return e.listVisible(ctx, actor, l, p)
}

// ViewInternalAccounts lists the firm's own accounts that the actor reaches.
func (e *Engine) ViewInternalAccounts(ctx context.Context, actor Actor, d schema.Domain, p Paging) (EntryPage, error) {
	l := listAt(d, "internal_accounts", typeAccount)
	l.filter.Kind = kindInternal
	return e.listVisible(ctx, actor, l, p)
}

// ViewAccounts lists the accounts that the actor reaches.
func (e *Engine) ViewAccounts(ctx context.Context, actor Actor, d schema.Domain, p Paging) (EntryPage, error) {
	return e.listVisible(ctx, actor, listAt(d, "accounts", typeAccount), p)
}

// ViewGroups lists the groups that the actor may see.
func (e *Engine) ViewGroups(ctx context.Context, actor Actor, d schema.Domain, p Paging) (EntryPage, error) {
	return e.listVisible(ctx, actor, listAt(d, "groups", typeGroup), p)
}

// ViewProjects lists the projects that the actor reaches, or the archived.
func (e *Engine) ViewProjects(ctx context.Context, actor Actor, d schema.Domain, which Listing, p Paging) (EntryPage, error) {
	l := listAt(d, "projects", typeProject)
	if which == Closed {
		return e.listClosed(ctx, actor, (&RestoreProject{}).Name(), l, p)
	}
	return e.listVisible(ctx, actor, l, p)
}

// ViewRecords lists the records of a kind that the actor may see, or the
// deleted; of every kind, if none is given.
func (e *Engine) ViewRecords(ctx context.Context, actor Actor, d schema.Domain, kind string, which Listing, p Paging) (EntryPage, error) {
	l := listAt(d, "records", typeRecord)
	if kind != "" && !slices.Contains(e.portal.Kinds[typeRecord], kind) {
		return EntryPage{}, errKind(e.portal, typeRecord, kind)
	}
	l.filter.Kind = kind
	if which == Closed {
		return e.listClosed(ctx, actor, (&RestoreRecord{}).Name(), l, p)
	}
	return e.listVisible(ctx, actor, l, p)
}

// When says which events are listed.
type When string

// The times of events.
const (
	Always  When = ""
	Current When = "current" // running or coming
	Past    When = "past"
)

// admits reports whether the event is among them.
func (w When) admits(v *View, e Entry) bool { return w == Always || (w == Past) == e.over(v.Now) }

// ViewEvents lists the events that the actor may see.
func (e *Engine) ViewEvents(ctx context.Context, actor Actor, d schema.Domain, when When, p Paging) (EntryPage, error) {
	l := listAt(d, "events", typeEvent)
	l.keep, l.key = when.admits, string(when)
	return e.listVisible(ctx, actor, l, p)
}

// ViewEvent returns one event.
func (e *Engine) ViewEvent(ctx context.Context, actor Actor, d schema.Domain, event string) (Entry, int64, error) {
	return e.viewOne(ctx, actor, "event", aboutEvent(string(d), event))
}
