package ginapi

import (
	"context"

	"github.com/portico-authz/portico/engine"
)

// Matrix is the access of staff to the accounts of one client folder.
type Matrix struct {
	Client   Entry       `json:"client"`
	Accounts []Entry     `json:"accounts" nullable:"false" doc:"The folder's accounts, by id."`
	Rows     []MatrixRow `json:"rows" nullable:"false" doc:"Whoever is on the folder, represents a group of its accounts, or reaches one by their role."`
}

// MatrixRow is one staff member's access.
type MatrixRow struct {
	Staff Entry  `json:"staff"`
	Cells []Cell `json:"cells" nullable:"false" doc:"In the order of the accounts."`
}

// Cell is one staff member's access to one account.
type Cell struct {
	Enabled bool `json:"enabled" doc:"Whether the account is switched on for them."`
	Access  bool `json:"access" doc:"Whether they reach it."`
}

type clientQuery struct {
	PartnerPath
	PageQuery
	StateQuery
}

type clientAccountQuery struct {
	ClientPath
	PageQuery
}

func (s *server) addClientViews() {
	addView(s, view{"list_clients", partnerPath + "/clients", "List the client folders that the acting person reaches", "clients"},
		func(ctx context.Context, actor engine.Actor, in *clientQuery) (*reply[EntryList], error) {
			return entryList(s.engine.ViewClients(ctx, actor, in.domain(), in.listing(), in.paging()))
		})
	addView(s, view{"list_client_staff", clientPath + "/staff", "List the staff who were added to a client folder", "client_staff"},
		func(ctx context.Context, actor engine.Actor, in *ClientPath) (*reply[GrantList], error) {
			return grantList(s.engine.ViewClientStaff(ctx, actor, in.domain(), in.Client))
		})
	addView(s, view{"list_client_accounts", clientPath + "/accounts", "List a folder's accounts that the acting person reaches", "client_accounts"},
		func(ctx context.Context, actor engine.Actor, in *clientAccountQuery) (*reply[EntryList], error) {
			return entryList(s.engine.ViewClientAccounts(ctx, actor, in.domain(), in.Client, in.paging()))
		})
	addView(s, view{"view_client_access", clientPath + "/access", "View the access of staff to a folder's accounts, as a matrix", "client_access"},
		func(ctx context.Context, actor engine.Actor, in *ClientPath) (*reply[Matrix], error) {
			m, err := s.engine.ViewClientAccess(ctx, actor, in.domain(), in.Client)
			if err != nil {
				return nil, err
			}
			return &reply[Matrix]{m.Epoch, Matrix{entryOf(m.Client), mapped(m.Accounts, entryOf), mapped(m.Rows, matrixRowOf)}}, nil
		})
}

func matrixRowOf(r engine.MatrixRow) MatrixRow {
	return MatrixRow{entryOf(r.Staff), mapped(r.Cells, func(c engine.Cell) Cell { return Cell(c) })}
}
