package ginapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// PartnerPath is the part of an address that names the partner. It is exported,
// as its kin, since huma reads exported fields only.
type PartnerPath struct {
	// The pattern keeps the platform's domain, which is no partner, out.
	Partner string `path:"partner" doc:"The partner's id." example:"acme" pattern:"^[A-Za-z0-9_-]{1,64}$"`
}

func (p PartnerPath) domain() schema.Domain { return schema.Domain(p.Partner) }

// StaffPath names a staff member.
type StaffPath struct {
	PartnerPath
	Staff string `path:"staff" doc:"The staff member's name at the partner." example:"ana"`
}

// ClientPath names a client folder.
type ClientPath struct {
	PartnerPath
	Client string `path:"client" doc:"The folder's name at the partner." example:"retail"`
}

// AccountPath names an account.
type AccountPath struct {
	PartnerPath
	Account string `path:"account" doc:"The account's name at the partner." example:"ledger"`
}

// GroupPath names a group.
type GroupPath struct {
	PartnerPath
	Group string `path:"group" doc:"The group's name at the partner." example:"north"`
}

// ProjectPath names a project.
type ProjectPath struct {
	PartnerPath
	Project string `path:"project" doc:"The project's name at the partner." example:"website"`
}

// EventPath names an event.
type EventPath struct {
	PartnerPath
	Event string `path:"event" doc:"The event's name at the partner." example:"yoga"`
}

// StateQuery chooses between what is open and what is closed.
type StateQuery struct {
	State string `query:"state" enum:"active,archived" doc:"Archived ones are listed for whoever may restore them."`
}

func (q StateQuery) listing() engine.Listing {
	if q.State == string(engine.Archived) {
		return engine.Closed
	}
	return engine.Open
}

// PageQuery asks for a part of a list.
type PageQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" doc:"How many at most; 100 if missing."`
	Cursor string `query:"cursor" doc:"What the page before gave as next."`
}

func (p PageQuery) paging() engine.Paging { return engine.Paging{Cursor: p.Cursor, Limit: p.Limit} }

// view is one address at which something is read.
type view struct {
	id, path, summary string
	// requires is the view of portal.yaml without which there is no such address.
	requires string
}

func (s *server) hasView(v view) bool {
	_, ok := s.portal.Views[v.requires]
	return ok
}

// addView adds the address of a view, if the portal has it. handle gets the
// actor, who must be somebody.
func addView[I, O any](s *server, v view, handle func(context.Context, engine.Actor, *I) (*O, error)) {
	if !s.hasView(v) {
		return
	}
	op := huma.Operation{
		Method: http.MethodGet, Path: v.path, OperationID: v.id, Summary: v.summary, Tags: []string{tagOf(v.path)},
	}
	register(s, op, func(ctx context.Context, in *I) (*O, error) {
		actor, err := actorOf(ctx)
		if err != nil {
			return nil, err
		}
		return handle(ctx, actor, in)
	})
}

// choices says what a view's parameter may be, where that is the portal's own.
func (s *server) choices(v view, parameter string, values []string) {
	if !s.hasView(v) || len(values) == 0 {
		return
	}
	for _, p := range s.api.OpenAPI().Paths[v.path].Get.Parameters {
		if p.Name == parameter && p.In == "query" {
			p.Schema.Enum = mapped(values, func(value string) any { return value })
			p.Schema.PrecomputeMessages() // the schema is what requests are checked against, too
		}
	}
}
