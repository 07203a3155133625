package ginapi

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

type partnerPage struct {
	PartnerPath
	PageQuery
}

func (s *server) addAccountViews() {
	addView(s, view{"list_internal_accounts", partnerPath + "/accounts", "List the firm's own accounts that the acting person reaches", "internal_accounts"},
		func(ctx context.Context, actor engine.Actor, in *partnerPage) (*reply[EntryList], error) {
			return entryList(s.engine.ViewInternalAccounts(ctx, actor, in.domain(), in.paging()))
		})
	addView(s, view{"list_account_staff", accountPath + "/staff", "List the staff who were added to an internal account", "account_staff"},
		func(ctx context.Context, actor engine.Actor, in *AccountPath) (*reply[GrantList], error) {
			return grantList(s.engine.ViewAccountStaff(ctx, actor, in.domain(), in.Account))
		})
}
