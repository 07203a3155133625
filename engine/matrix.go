package engine

import (
	"context"
	"slices"

	"github.com/portico-authz/portico/schema"
)

// Matrix is the access of staff to the accounts of one client folder.
type Matrix struct {
	Client   Entry
	Accounts []Entry
	Rows     []MatrixRow
	Epoch    int64
}

// MatrixRow is one staff member's cells, in the order of the accounts.
type MatrixRow struct {
	Staff Entry
	Cells []Cell
}

// Cell says whether an account is switched on for a staff member, and whether
// they reach it.
type Cell struct {
	Enabled bool
	Access  bool
}

// ViewClientAccess returns the staff × accounts matrix of a client folder: of
// everybody who was added to the folder, represents a group of one of its
// accounts, or reaches one by their role.
func (e *Engine) ViewClientAccess(ctx context.Context, actor Actor, d schema.Domain, client string) (*Matrix, error) {
	var m *Matrix
	about := aboutClient(string(d), client)
	err := e.viewing(ctx, actor, "client_access", about, func(v *View) error {
		m = &Matrix{Epoch: v.State.Epoch, Accounts: []Entry{}, Rows: []MatrixRow{}}
		var err error
		if m.Client, err = v.Entry(ctx, about[1]); err != nil {
			return err
		}
		accounts, err := v.Entries(ctx, EntryFilter{Type: typeAccount, Parent: m.Client.Object, States: []State{Active}})
		if err != nil {
			return err
		}
		m.Accounts = append(m.Accounts, accounts...)
		members, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, States: seatedStates})
		if err != nil {
			return err
		}
		return e.fillMatrix(ctx, v, m, members)
	})
	return m, err
}

func (e *Engine) fillMatrix(ctx context.Context, v *View, m *Matrix, members []Entry) error {
	access, err := e.accessOf(ctx, v, m.Accounts, members)
	if err != nil {
		return err
	}
	off := map[schema.Relationship]bool{}
	for _, a := range m.Accounts {
		rows, err := v.Rows(ctx, RelationshipFilter{ResourceType: typeAccount, ResourceID: a.Object.ID, Relation: relBlocked})
		if err != nil {
			return err
		}
		for _, r := range rows {
			off[r.Key()] = true
		}
	}
	added, err := v.Rows(ctx, RelationshipFilter{ResourceType: typeClient, ResourceID: m.Client.Object.ID, Relation: relStaff})
	if err != nil {
		return err
	}
	for _, member := range members {
		row := MatrixRow{Staff: member}
		in := slices.ContainsFunc(added, func(r Row) bool { return r.Subject.Object == member.Object && r.live(v.Now) })
		for _, a := range m.Accounts {
			cell := Cell{
				Enabled: !off[schema.Relationship{Resource: a.Object, Relation: relBlocked, Subject: seat(member.Object)}],
				Access:  access[target{a.Object, member.User}],
			}
			in = in || cell.Access || !cell.Enabled
			row.Cells = append(row.Cells, cell)
		}
		if in {
			m.Rows = append(m.Rows, row)
		}
	}
	return nil
}

// accessOf decides which active members reach which accounts.
func (e *Engine) accessOf(ctx context.Context, v *View, accounts, members []Entry) (map[target]bool, error) {
	var queries []Query
	for _, member := range members {
		if member.State != Active || member.User == "" {
			continue
		}
		for _, a := range accounts {
			queries = append(queries, Query{
				Resource: a.Object, Permission: e.portal.Visible[typeAccount], Subject: schema.Subject{Object: schema.User(member.User)},
			})
		}
	}
	access := map[target]bool{}
	if len(queries) == 0 {
		return access, nil
	}
	decisions, err := e.decide(ctx, v.State, queries)
	for i, decision := range decisions {
		access[target{queries[i].Resource, queries[i].Subject.ID}] = decision == Allow
	}
	return access, err
}
