package ginapi

import (
	"context"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// RolePreview is what a role gives, before it is given to anybody.
type RolePreview struct {
	Name         string               `json:"name" example:"teammate"`
	Title        string               `json:"title" example:"Teammate"`
	Permissions  []string             `json:"permissions" nullable:"false" doc:"What whoever holds it may do at the partner, sorted."`
	Switched     bool                 `json:"switched" doc:"Whether its capabilities are switched one by one for whoever holds it."`
	Capabilities []SwitchedCapability `json:"capabilities" nullable:"false" doc:"The portal's capabilities, enabled if the role gives them by itself."`
}

// Capability is what can be switched on and off for one staff member.
type Capability struct {
	Name  string `json:"name" example:"manage_partners" doc:"The name of the permission."`
	Title string `json:"title" example:"Manage partners"`
	With  string `json:"with,omitempty" example:"view_partners" doc:"The capability that is on whenever this one is; missing if none."`
}

// RoleList is the portal's roles.
type RoleList struct {
	Roles []RolePreview `json:"roles" nullable:"false" doc:"The highest first."`
}

// StaffAccess is how far a staff member's role counts, and what goes beyond it.
type StaffAccess struct {
	Staff        Entry                `json:"staff"`
	Capabilities []SwitchedCapability `json:"capabilities" nullable:"false" doc:"What is switched on and off for them; empty if their role is fixed."`
	Restricted   bool                 `json:"restricted" doc:"Whether their role counts on the accounts of groups only."`
	Groups       []GroupGrant         `json:"groups" nullable:"false" doc:"The groups to which they are restricted."`
	Represents   []Representation     `json:"represents" nullable:"false" doc:"The groups that they represent."`
}

// SwitchedCapability is a capability, on or off.
type SwitchedCapability struct {
	Capability
	Enabled bool `json:"enabled"`
}

// GroupGrant is a group, and how somebody was given it.
type GroupGrant struct {
	Group Entry `json:"group"`
	Grant Grant `json:"grant"`
}

// Representation is a group that somebody represents.
type Representation struct {
	GroupGrant
	ManagedPayouts bool `json:"managed_payouts" doc:"Whether they receive all of its commissions."`
}

func (s *server) addCapabilityViews() {
	addView(s, view{"list_roles", partnerPath + "/roles", "List the roles with what each would give", "roles"},
		func(ctx context.Context, actor engine.Actor, in *PartnerPath) (*reply[RoleList], error) {
			roles, epoch, err := s.engine.ViewRoles(ctx, actor, in.domain())
			if err != nil {
				return nil, err
			}
			return &reply[RoleList]{epoch, RoleList{mapped(roles, rolePreviewOf)}}, nil
		})
	addView(s, view{"view_staff_access", staffPath + "/access", "View a staff member's capabilities, restriction and groups", "staff_access"},
		func(ctx context.Context, actor engine.Actor, in *StaffPath) (*reply[StaffAccess], error) {
			access, err := s.engine.ViewStaffAccess(ctx, actor, in.domain(), in.Staff)
			if err != nil {
				return nil, err
			}
			return &reply[StaffAccess]{access.Epoch, staffAccessOf(access)}, nil
		})
}

func rolePreviewOf(r engine.RolePreview) RolePreview {
	return RolePreview{r.Role.Name, r.Role.Title, nonNil(r.Permissions), r.Role.Switched, mapped(r.Capabilities, switchedOf)}
}

func switchedOf(c engine.SwitchedCapability) SwitchedCapability {
	return SwitchedCapability{capabilityOf(c.Capability), c.Enabled}
}

func capabilityOf(c schema.Capability) Capability { return Capability{c.Name, c.Title, c.With} }

func staffAccessOf(a *engine.StaffAccess) StaffAccess {
	return StaffAccess{
		Staff:        entryOf(a.Staff),
		Capabilities: mapped(a.Capabilities, switchedOf),
		Restricted:   a.Restricted,
		Groups:       mapped(a.Groups, groupGrantOf),
		Represents: mapped(a.Represents, func(r engine.Representation) Representation {
			return Representation{groupGrantOf(r.GroupGrant), r.ManagedPayouts}
		}),
	}
}

func groupGrantOf(g engine.GroupGrant) GroupGrant {
	return GroupGrant{entryOf(g.Group), grantOf(g.Grant)}
}
