package ginapi

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

func (s *server) addGroupViews() {
	addView(s, view{"list_groups", partnerPath + "/groups", "List the groups that the acting person may see", "groups"},
		func(ctx context.Context, actor engine.Actor, in *partnerPage) (*reply[EntryList], error) {
			return entryList(s.engine.ViewGroups(ctx, actor, in.domain(), in.paging()))
		})
	addView(s, view{"list_representatives", groupPath + "/representatives", "List the representatives of a group", "groups"},
		func(ctx context.Context, actor engine.Actor, in *GroupPath) (*reply[GrantList], error) {
			return grantList(s.engine.ViewRepresentatives(ctx, actor, in.domain(), in.Group))
		})
}
