package engine

import (
	"context"
	"slices"

	"github.com/portico-authz/portico/schema"
)

// StaffAccess is how far a staff member's role counts, and what goes beyond it.
type StaffAccess struct {
	Staff        Entry
	Capabilities []SwitchedCapability // empty unless the role is switched
	// Restricted says that the role counts on the accounts of Groups only. They
	// are kept under a role that a restriction doesn't hold back.
	Restricted bool
	Groups     []GroupGrant
	Represents []Representation
	Epoch      int64
}

// SwitchedCapability is a capability, on or off.
type SwitchedCapability struct {
	schema.Capability
	Enabled bool
}

// GroupGrant is a group to which somebody is restricted.
type GroupGrant struct {
	Group Entry
	Grant Grant
}

// Representation is a group that somebody represents.
type Representation struct {
	GroupGrant
	ManagedPayouts bool // they receive all of its commissions
}

// ViewStaffAccess returns a staff member's capabilities, restriction, groups and
// payouts.
func (e *Engine) ViewStaffAccess(ctx context.Context, actor Actor, d schema.Domain, staff string) (*StaffAccess, error) {
	var access *StaffAccess
	about := aboutStaff(string(d), staff)
	err := e.viewing(ctx, actor, "staff_access", about, func(v *View) error {
		member, err := v.Entry(ctx, about[1])
		if err != nil {
			return err
		}
		access = &StaffAccess{Staff: member, Epoch: v.State.Epoch}
		if err := access.addSwitches(ctx, v); err != nil {
			return err
		}
		return access.addGroups(ctx, v)
	})
	return access, err
}

func (a *StaffAccess) addSwitches(ctx context.Context, v *View) error {
	role, _ := v.Portal.Role(a.Staff.Role)
	if !role.Switched {
		return nil
	}
	for _, c := range v.Portal.Capabilities {
		on, err := v.Has(ctx, v.Domain.Root(), c.Switch, seat(a.Staff.Object))
		if err != nil {
			return err
		}
		a.Capabilities = append(a.Capabilities, SwitchedCapability{c, on})
	}
	return nil
}

func (a *StaffAccess) addGroups(ctx context.Context, v *View) error {
	subject := seat(a.Staff.Object)
	if slices.Contains(begunRelations(v.Portal), relUnrestricted) {
		free, err := v.Has(ctx, v.Domain.Root(), relUnrestricted, subject)
		if err != nil {
			return err
		}
		a.Restricted = !free && restrictable(v.Portal, a.Staff.Role)
	}
	rows, err := v.Rows(ctx, RelationshipFilter{ResourceType: typeGroup, SubjectType: schema.TypeStaff, SubjectID: a.Staff.Object.ID})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !r.live(v.Now) {
			continue
		}
		if err := a.addGroup(ctx, v, r); err != nil {
			return err
		}
	}
	return nil
}

func (a *StaffAccess) addGroup(ctx context.Context, v *View, r Row) error {
	group, err := v.Entry(ctx, r.Resource)
	if err != nil {
		return err
	}
	grant, err := v.grantOf(ctx, r)
	if err != nil {
		return err
	}
	switch r.Relation {
	case relStaff:
		a.Groups = append(a.Groups, GroupGrant{group, grant})
	case relRepresentative:
		paid, err := v.Has(ctx, r.Resource, relPayouts, r.Subject)
		if err != nil {
			return err
		}
		a.Represents = append(a.Represents, Representation{GroupGrant{group, grant}, paid})
	}
	return nil
}

// permCommissions is the permission of an account that says who receives its
// commissions.
const permCommissions = "receive_commissions"

// ViewAccountCommissions lists the staff who receive the commissions of an
// account. If nobody does, the account itself does.
func (e *Engine) ViewAccountCommissions(ctx context.Context, actor Actor, d schema.Domain, account string) ([]Entry, int64, error) {
	var (
		staff []Entry
		epoch int64
	)
	about := aboutAccount(string(d), account)
	err := e.viewing(ctx, actor, "account_commissions", about, func(v *View) error {
		staff, epoch = []Entry{}, v.State.Epoch
		var users []string
		err := e.at(ctx, v.State, func(at Token) (err error) {
			users, err = e.graph.LookupSubjects(ctx, at, about[1], permCommissions, schema.TypeUser)
			return err
		})
		if err != nil {
			return err
		}
		outline, err := e.outliner(ctx, v)
		if err != nil {
			return err
		}
		seats, err := v.Entries(ctx, EntryFilter{Type: schema.TypeStaff, States: []State{Active}})
		for _, s := range seats {
			if slices.Contains(users, s.User) {
				staff = append(staff, outline(s))
			}
		}
		return err
	})
	return staff, epoch, err
}
