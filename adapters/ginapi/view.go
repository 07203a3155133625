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

// addView adds the address of a view, if the portal has it. handle gets the
// actor, who must be somebody.
func addView[I, O any](s *server, v view, handle func(context.Context, engine.Actor, *I) (*O, error)) {
	if _, ok := s.portal.Views[v.requires]; !ok {
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
