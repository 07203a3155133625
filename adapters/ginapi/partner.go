package ginapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// PartnerList is the partners at which a person has a seat.
type PartnerList struct {
	Partners []Entry `json:"partners" nullable:"false" doc:"The partners, by id."`
}

type partnersQuery struct {
	User string `query:"user" doc:"Whose partners; only an application may ask for another than the acting person." example:"ana"`
}

func (s *server) addPartnerViews() {
	addView(s, view{"view_partner", partnerPath, "View a partner", "partner"},
		func(ctx context.Context, actor engine.Actor, in *PartnerPath) (*reply[Entry], error) {
			return oneEntry(s.engine.ViewPartner(ctx, actor, in.domain()))
		})
	// Not a view of one partner: an application that names nobody may ask too.
	if s.portal.Visible[schema.TypePartner] != "" {
		s.addPartnerList()
	}
}

func (s *server) addPartnerList() {
	op := huma.Operation{
		Method: http.MethodGet, Path: partnersPath, OperationID: "list_partners", Tags: []string{tagOf(partnersPath)},
		Summary: "List the partners at which a person has a seat",
	}
	register(s, op, func(ctx context.Context, in *partnersQuery) (*plain[PartnerList], error) {
		user := userID(in.User)
		if user == "" {
			actor, err := actorOf(ctx)
			if err != nil {
				return nil, err
			}
			user = actor.User
		}
		if user == "" { // the operator is nobody
			return nil, engine.Errorf(engine.Invalid, "name a user, whose partners are listed")
		}
		partners, err := s.partnersOf(ctx, user, s.portal.Visible[schema.TypePartner], engine.Consistency{})
		if err != nil {
			return nil, err
		}
		list := PartnerList{Partners: []Entry{}}
		for _, p := range partners {
			entry, _, err := s.engine.ViewPartner(ctx, engine.PersonActor(user), p.Domain())
			if code := engine.CodeOf(err); code == engine.NotFound || code == engine.Forbidden {
				continue // it changed meanwhile
			}
			if err != nil {
				return nil, err
			}
			list.Partners = append(list.Partners, entryOf(entry))
		}
		return &plain[PartnerList]{list}, nil
	})
}

// partnersOf lists the partners at which the person may do permission, as far
// as the caller reaches.
func (s *server) partnersOf(ctx context.Context, user, permission string, c engine.Consistency) ([]schema.Object, error) {
	who := callerOf(ctx)
	if !who.has(engine.ScopeCheck) && (who.actor.Kind != engine.Person || who.actor.User != user) {
		return nil, engine.Errorf(engine.Forbidden, "only an application may ask for the partners of another person")
	}
	partners, err := s.engine.ListPartners(ctx, user, permission, c)
	var reached []schema.Object
	for _, p := range partners {
		if who.actor.Partner == "" || who.actor.Partner == p.Domain() {
			reached = append(reached, p)
		}
	}
	return reached, err
}
