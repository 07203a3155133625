package schema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// checkPortal reports where portal.yaml contradicts itself, or names what the
// schema hasn't. Without a model, only the former.
func checkPortal(p *Portal) []Problem {
	c := portalChecker{portal: p, model: p.Model}
	c.form()
	for i, role := range p.Roles {
		c.role(role, p.Roles[:i])
	}
	if p.Model == nil {
		return c.problems
	}
	for _, op := range slices.Sorted(maps.Keys(p.Operations)) {
		c.requirement("operations."+op, p.Operations[op])
	}
	for _, view := range slices.Sorted(maps.Keys(p.Views)) {
		c.requirement("views."+view, p.Views[view])
	}
	for _, op := range slices.Sorted(maps.Keys(p.Eligible)) {
		c.eligible(op, p.Eligible[op])
	}
	for _, at := range slices.Sorted(maps.Keys(p.Relationships)) {
		c.relationship(at, p.Relationships[at])
	}
	for _, grant := range p.Staff.Begins {
		c.begins(grant)
	}
	for _, capability := range p.Capabilities {
		c.capability(capability)
	}
	for _, typ := range slices.Sorted(maps.Keys(p.Kinds)) {
		c.kinds(typ, p.Kinds[typ])
	}
	for _, typ := range slices.Sorted(maps.Keys(p.Visible)) {
		c.permission("visible."+typ, typ, p.Visible[typ])
	}
	for _, relation := range p.Staff.HandOver {
		c.handOver(relation)
	}
	for _, relation := range slices.Sorted(maps.Keys(p.Words)) {
		c.words(relation, p.Words[relation])
	}
	return c.problems
}

type portalChecker struct {
	portal   *Portal
	model    *Model
	problems []Problem
}

// fail reports a problem where path stands, or where its parent does.
func (c *portalChecker) fail(path, format string, args ...any) {
	line := 0
	for at := path; line == 0 && at != ""; {
		line = c.portal.lines[at]
		at = at[:max(0, strings.LastIndexByte(at, '.'))]
	}
	c.problems = append(c.problems, Problem{File: PortalFile, Line: line, Message: fmt.Sprintf(format, args...)})
}

// form checks what needs no schema.
func (c *portalChecker) form() {
	p := c.portal
	switch {
	case p.Name == "" && p.lines["portal"] == 0: // otherwise reported when it was read
		c.fail("portal", "portal: the portal's name is missing")
	case p.Name != "" && !typeForm.MatchString(p.Name):
		c.fail("portal", "portal: name %q: want 3 to 64 of a-z, 0-9 and _", p.Name)
	}
	if p.Title == "" && p.lines["title"] == 0 {
		c.fail("title", "title: what people call the portal is missing")
	}
	if len(p.Roles) == 0 {
		c.fail("roles", "roles: a portal needs at least one")
	}
	if len(p.Operations) == 0 {
		c.fail("operations", "operations: a portal needs at least one")
	}
	c.choice("role_changes", string(p.RoleChanges), string(RoleChangesFree), string(RoleChangesUpward))
	c.choice("staff.removal", string(p.Staff.Removal), string(RemovalAtOnce), string(RemovalTrash))
	c.choice("staff.names", string(p.Staff.Names), string(NamesContact), string(NamesFirstAndLast))
	switched := slices.ContainsFunc(p.Roles, func(r Role) bool { return r.Switched })
	if switched != (len(p.Capabilities) > 0) {
		c.fail("capabilities", "capabilities: they go with a role that is switched: want both, or neither")
	}
}

func (c *portalChecker) choice(path, value string, allowed ...string) {
	// An empty one was reported when it was read.
	if value != "" && !slices.Contains(allowed, value) {
		c.fail(path, "%s: %q is unknown; want %s", path, value, strings.Join(allowed, " or "))
	}
}

func (c *portalChecker) role(r Role, higher []Role) {
	path := "roles." + r.Name
	if !typeForm.MatchString(r.Name) {
		c.fail(path, "role %q: want 3 to 64 of a-z, 0-9 and _", r.Name)
	}
	if len(r.GivenBy) == 0 {
		c.fail(path, "role %q: given_by is missing; name the operations that give it, or nobody will ever hold it", r.Name)
	}
	for _, op := range r.GivenBy {
		// By line, so that an operation whose requirement is wrong counts as there.
		if c.portal.lines["operations."+op] == 0 {
			c.fail(path, "role %q: given_by: no operation %s%s", r.Name, op, hint(op, slices.Sorted(maps.Keys(c.portal.Operations))))
		}
	}
	switch {
	case r.Exactly > 0 && r.AtLeast > 0:
		c.fail(path, "role %q: exactly and at_least: want one of them", r.Name)
	case r.Exactly > 1 || r.AtLeast > 1 || r.Exactly+r.AtLeast > 0 && !r.MayBeGivenBy("sign_up") && c.portal.lines["operations.sign_up"] > 0:
		c.fail(path, "role %q: a partner begins with one member of staff: sign_up must give the role, and no more than 1 can be asked", r.Name)
	}
	if r.Relation == "" {
		if r.Exactly+r.AtLeast > 0 || r.Switched {
			c.fail(path, "role %q: it gives no access, so that nothing can be switched, and nobody needs to hold it", r.Name)
		}
		return
	}
	for _, h := range higher {
		if h.Relation == r.Relation {
			c.fail(path, "role %q: relation %s is that of role %q; each role needs its own", r.Name, r.Relation, h.Name)
		}
	}
	c.roleRelation(path, r)
}

func (c *portalChecker) roleRelation(path string, r Role) {
	if c.model == nil || c.model.Types[TypePartner] == nil {
		return
	}
	relation := c.model.Relation(TypePartner, r.Relation)
	switch {
	case relation == nil:
		known := slices.Collect(maps.Keys(c.model.Types[TypePartner].Relations))
		c.fail(path, "role %q: no relation %s on partner%s", r.Name, r.Relation, hint(r.Relation, known))
	case !relation.Takes(TypeStaff, TypeUser, false):
		c.fail(path, "role %q: partner#%s doesn't take staff#user, which is who holds a role; add it in %s:%d",
			r.Name, r.Relation, SchemaFile, relation.Line)
	}
}

func (c *portalChecker) requirement(path string, r Requirement) {
	if r.Anyone {
		return
	}
	if !c.permission(path, r.Type, r.Permission) {
		return
	}
	if _, ok := c.portal.Visible[r.Type]; !ok {
		c.fail(path, "%s: nothing says who sees a %s; add to visible, for example, %s: %s", path, r.Type, r.Type, r.Permission)
	}
}

// permission reports whether typ has the permission, and if not, says so.
func (c *portalChecker) permission(path, typ, permission string) bool {
	switch {
	case c.model.Types[typ] == nil:
		c.fail(path, "%s: no definition %s%s", path, typ, hint(typ, c.model.TypeNames()))
	case c.model.Relation(typ, permission) != nil:
		c.fail(path, "%s: %s#%s is a relation; name a permission, and let the schema say who has it", path, typ, permission)
	case !c.model.HasPermission(typ, permission):
		c.fail(path, "%s: no permission %s on %s%s", path, permission, typ, hint(permission, c.model.PermissionNames(typ)))
	default:
		return true
	}
	return false
}

func (c *portalChecker) handOver(at string) {
	typ, name, ok := strings.Cut(at, "#")
	if !ok {
		c.fail("staff.hand_over", "staff.hand_over: %q: want type#relation, such as event#instructor", at)
		return
	}
	if c.known("staff.hand_over", typ, name) && c.model.Relation(typ, name) == nil {
		c.fail("staff.hand_over", "staff.hand_over: %s is a permission; only a relation can be handed over", at)
	}
}

func (c *portalChecker) eligible(op string, e Eligibility) {
	path := "eligible." + op
	written := op == "write_relationship" && len(c.portal.Relationships) > 0 // not in operations
	if c.portal.lines["operations."+op] == 0 && !written {
		c.fail(path, "%s: no operation %s%s", path, op, hint(op, slices.Sorted(maps.Keys(c.portal.Operations))))
	}
	c.permission(path, TypePartner, e.Permission)
}

// relationship checks who writes relationships of an operator's own type.
func (c *portalChecker) relationship(at string, r Requirement) {
	path := "relationships." + at
	typ, name, ok := strings.Cut(at, "#")
	switch {
	case !ok:
		c.fail(path, "relationships: %q: want type#relation, such as document#editor", at)
	case !c.known(path, typ, name):
	case c.model.Relation(typ, name) == nil:
		c.fail(path, "%s: it is a permission; only relationships are written", path)
	case r.Anyone:
		c.fail(path, "%s: anyone could write it; name a permission", path)
	default:
		c.requirement(path, r)
		c.origin(path, typ, name, r)
	}
}

// origin checks a relation whose requirement isn't asked on its own object: it
// is how an object begins, so that the requirement is asked where it leads.
func (c *portalChecker) origin(path, typ, name string, r Requirement) {
	if r.Type == typ {
		return
	}
	if _, ok := c.portal.Visible[typ]; !ok {
		c.fail(path, "%s: nothing says who sees a %s; add it to visible", path, typ)
	}
	relation := c.model.Relation(typ, name)
	if !slices.ContainsFunc(relation.Allowed, func(a Allowed) bool { return a.Type == r.Type && a.Relation == "" }) {
		c.fail(path, "%s: %s is asked neither on the %s nor on what the relation leads to", path, r, typ)
	}
}

func (c *portalChecker) begins(grant SeatGrant) {
	path := "staff.begins." + grant.Form.String()
	f := grant.Form
	if between := f.Type == TypePartner && f.Subject == TypeStaff || f.Type == TypeStaff && f.Subject == TypePartner; !between {
		c.fail(path, "staff.begins: %s: want a relationship between the partner and the seat", f)
		return
	}
	if c.known(path, f.Type, f.Relation) && !c.model.Takes(f) {
		c.fail(path, "staff.begins: the schema has no place for %s", f)
	}
	for _, op := range grant.By {
		if !slices.Contains(seatMakers, op) {
			c.fail(path, "staff.begins: by: %s makes no seats; want %s", op, strings.Join(seatMakers, " or "))
		}
	}
	if len(grant.By) > 0 && grant.WhileActive {
		c.fail(path, "staff.begins: %s: by and while don't go together: a seat that comes back would have it whoever made it", f)
	}
	switch taken := c.beginsTwice(grant); {
	case f.Type == TypeStaff && f.Relation == "partner":
		c.fail(path, "staff.begins: %s: every seat has it anyway", f)
	case taken != "":
		c.fail(path, "staff.begins: %s: it is %s already", f, taken)
	}
}

// seatMakers are the operations that make seats.
var seatMakers = []string{"sign_up", "invite_staff"}

// beginsTwice names what else the relationship is, "" if nothing.
func (c *portalChecker) beginsTwice(grant SeatGrant) string {
	n := 0
	for _, g := range c.portal.Staff.Begins {
		if g.Form == grant.Form {
			n++
		}
	}
	switch {
	case n > 1:
		return "in the list"
	case grant.Form.Type != TypePartner:
		return ""
	}
	for _, r := range c.portal.Roles {
		if r.Relation == grant.Form.Relation {
			return "the role " + r.Name
		}
	}
	for _, capability := range c.portal.Capabilities {
		if capability.Switch == grant.Form.Relation {
			return "the switch of " + capability.Name
		}
	}
	return ""
}

func (c *portalChecker) capability(capability Capability) {
	path := "capabilities." + capability.Name
	if !c.permission(path, TypePartner, capability.Name) {
		return
	}
	form := Form{Type: TypePartner, Relation: capability.Switch, Subject: TypeStaff, SubjectRelation: "user"}
	switch {
	case capability.Switch == "":
		c.fail(path, "%s: switch: the relation of the partner that switches it is missing", path)
	case !c.model.Takes(form):
		c.fail(path, "%s: the schema has no place for its switch, %s", path, form)
	case c.taken(capability):
		c.fail(path, "%s: partner#%s is something else's already; each switch needs its own", path, capability.Switch)
	}
	switch with, ok := c.portal.Capability(capability.With); {
	case capability.With == "":
	case !ok:
		c.fail(path, "%s: with: no capability %s", path, capability.With)
	case with.With != "":
		c.fail(path, "%s: with: %s goes with another itself; only one step is followed", path, capability.With)
	}
}

// taken reports whether another capability, or a role, has the switch's relation.
func (c *portalChecker) taken(capability Capability) bool {
	return slices.ContainsFunc(c.portal.Roles, func(r Role) bool { return r.Relation == capability.Switch }) ||
		slices.ContainsFunc(c.portal.Capabilities, func(o Capability) bool {
			return o.Name != capability.Name && o.Switch == capability.Switch
		})
}

func (c *portalChecker) kinds(typ string, kinds []string) {
	path := "kinds." + typ
	if c.model.Types[typ] == nil {
		c.fail(path, "%s: no definition %s%s", path, typ, hint(typ, c.model.TypeNames()))
	}
	for i, kind := range kinds {
		if !typeForm.MatchString(kind) || slices.Contains(kinds[:i], kind) {
			c.fail(path, "%s: %q: want 3 to 64 of a-z, 0-9 and _, each once", path, kind)
		}
	}
	if len(kinds) == 0 {
		c.fail(path, "%s: name at least one", path)
	}
}

var placeholder = regexp.MustCompile(`\{[^}]*\}?`)

func (c *portalChecker) words(at string, w Words) {
	path := "words." + at
	typ, name, ok := strings.Cut(at, "#")
	if !ok {
		c.fail(path, "words: %q: want type#relation, such as client#staff", at)
		return
	}
	c.known(path, typ, name)
	for _, found := range placeholder.FindAllString(w.Has+w.Lacks+w.Act, -1) {
		if found != "{resource}" && found != "{subject}" {
			c.fail(path, "%s: %s stands for nothing; there is {resource} and {subject}", path, found)
		}
	}
}

// known reports whether typ has a relation or permission name, and if not, says so.
func (c *portalChecker) known(path, typ, name string) bool {
	t := c.model.Types[typ]
	switch {
	case t == nil:
		c.fail(path, "%s: no definition %s%s", path, typ, hint(typ, c.model.TypeNames()))
	case !c.model.Has(typ, name):
		c.fail(path, "%s: no relation or permission %s on %s%s", path, name, typ, hint(name, t.names()))
	default:
		return true
	}
	return false
}
