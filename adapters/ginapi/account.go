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
	s.addAccountList()
	addView(s, view{"list_account_staff", accountPath + "/staff", "List the staff who were added to an internal account", "account_staff"},
		func(ctx context.Context, actor engine.Actor, in *AccountPath) (*reply[GrantList], error) {
			return grantList(s.engine.ViewAccountStaff(ctx, actor, in.domain(), in.Account))
		})
	addView(s, view{"list_account_commissions", accountPath + "/commissions", "List the staff who receive an account's commissions; if nobody does, the account itself does", "account_commissions"},
		func(ctx context.Context, actor engine.Actor, in *AccountPath) (*reply[EntryList], error) {
			staff, epoch, err := s.engine.ViewAccountCommissions(ctx, actor, in.domain(), in.Account)
			return entryList(engine.EntryPage{Entries: staff, Total: len(staff), Epoch: epoch}, err)
		})
}

// addAccountList adds the list of the accounts that the portal's staff make:
// all of them, or, where accounts are clients', the firm's own.
func (s *server) addAccountList() {
	all := view{"list_accounts", partnerPath + "/accounts", "List the accounts that the acting person reaches", "accounts"}
	own := view{"list_internal_accounts", partnerPath + "/accounts", "List the firm's own accounts that the acting person reaches", "internal_accounts"}
	if s.hasView(all) {
		addView(s, all, func(ctx context.Context, actor engine.Actor, in *partnerPage) (*reply[EntryList], error) {
			return entryList(s.engine.ViewAccounts(ctx, actor, in.domain(), in.paging()))
		})
		return
	}
	addView(s, own, func(ctx context.Context, actor engine.Actor, in *partnerPage) (*reply[EntryList], error) {
		return entryList(s.engine.ViewInternalAccounts(ctx, actor, in.domain(), in.paging()))
	})
}
