package ginapi

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

type groupAccountQuery struct {
	GroupPath
	PageQuery
}

func (s *server) addGroupViews() {
	addView(s, view{"list_groups", partnerPath + "/groups", "List the groups that the acting person may see", "groups"},
		func(ctx context.Context, actor engine.Actor, in *partnerPage) (*reply[EntryList], error) {
			return entryList(s.engine.ViewGroups(ctx, actor, in.domain(), in.paging()))
		})
	addView(s, view{"list_representatives", groupPath + "/representatives", "List the representatives of a group", "representatives"},
		func(ctx context.Context, actor engine.Actor, in *GroupPath) (*reply[GrantList], error) {
			return grantList(s.engine.ViewRepresentatives(ctx, actor, in.domain(), in.Group))
		})
	addView(s, view{"list_group_accounts", groupPath + "/accounts", "List a group's accounts that the acting person reaches", "group_accounts"},
		func(ctx context.Context, actor engine.Actor, in *groupAccountQuery) (*reply[EntryList], error) {
			return entryList(s.engine.ViewGroupAccounts(ctx, actor, in.domain(), in.Group, in.paging()))
		})
	addView(s, view{"list_group_staff", groupPath + "/staff", "List the staff who are restricted to a group, and maybe to others", "group_staff"},
		func(ctx context.Context, actor engine.Actor, in *GroupPath) (*reply[GrantList], error) {
			return grantList(s.engine.ViewGroupStaff(ctx, actor, in.domain(), in.Group))
		})
}
