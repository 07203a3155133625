package ginapi

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

// SupportList is the platform's support team.
type SupportList struct {
	Users []string `json:"users" nullable:"false" doc:"The members' user ids, sorted."`
}

func (s *server) addSupportViews() {
	addView(s, view{"list_support", supportPath, "List the platform's support team", "support"},
		func(ctx context.Context, actor engine.Actor, _ *struct{}) (*plain[SupportList], error) {
			users, err := s.engine.ViewSupport(ctx, actor)
			if err != nil {
				return nil, err
			}
			return &plain[SupportList]{SupportList{users}}, nil
		})
}
