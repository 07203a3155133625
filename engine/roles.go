package engine

import (
	"context"
	"slices"

	"github.com/portico-authz/portico/schema"
)

// RolePreview is what a role would give, before it is given to anybody.
type RolePreview struct {
	Role        schema.Role
	Permissions []string // on the partner, sorted
	// Capabilities are the portal's, on if the role gives them. If the role is
	// switched, the others can be switched on one by one.
	Capabilities []SwitchedCapability
}

// ViewRoles returns the portal's roles, the highest first, with what each would
// give: as the schema computes it for a new seat.
func (e *Engine) ViewRoles(ctx context.Context, actor Actor, d schema.Domain) ([]RolePreview, int64, error) {
	var (
		list  []RolePreview
		epoch int64
	)
	err := e.viewing(ctx, actor, "roles", []schema.Object{d.Root()}, func(v *View) error {
		epoch = v.State.Epoch
		list = nil
		for _, role := range e.portal.Roles {
			preview := RolePreview{Role: role, Permissions: e.portal.Gives(role, begunRelations(e.portal)...)}
			for _, c := range e.portal.Capabilities {
				preview.Capabilities = append(preview.Capabilities, SwitchedCapability{c, slices.Contains(preview.Permissions, c.Name)})
			}
			list = append(list, preview)
		}
		return nil
	})
	return list, epoch, err
}

// begunRelations returns the relations of the partner that its seats begin with.
func begunRelations(p *schema.Portal) []string {
	var names []string
	for _, g := range p.Staff.Begins {
		if g.Form.Type == schema.TypePartner && g.Form.SubjectRelation == relUser {
			names = append(names, g.Form.Relation)
		}
	}
	return names
}

// restrictable reports whether the role gives less to who is restricted to
// groups.
func restrictable(p *schema.Portal, name string) bool {
	role, _ := p.Role(name)
	relations := begunRelations(p)
	if role.Switched {
		for _, c := range p.Capabilities {
			relations = append(relations, c.Switch)
		}
	}
	restricted := slices.DeleteFunc(slices.Clone(relations), func(r string) bool { return r == relUnrestricted })
	return !slices.Equal(p.Gives(role, relations...), p.Gives(role, restricted...))
}
