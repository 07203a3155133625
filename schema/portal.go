package schema

import (
	"fmt"
	"slices"
	"strings"
)

// Portal is one partner portal: who may do what (Model), and what the engine
// needs to know beside it. It is read from a folder of three files; see
// [Load].
type Portal struct {
	Name  string // agency
	Title string // Agency portal

	// Roles are a partner's staff roles, the highest first.
	Roles       []Role
	RoleChanges RoleChanges
	Staff       LifeCycle
	// Capabilities are what a role that is [Role.Switched] has switched on and
	// off, in the order in which people read them.
	Capabilities []Capability
	// Kinds has, for a type, what kinds of its objects there are: an event or a
	// course. A type without kinds isn't here.
	Kinds map[string][]string

	// Operations has the requirement of each operation that the portal knows.
	// An operation that isn't here doesn't exist in this portal.
	Operations map[string]Requirement
	// Views has the requirement of each listing that the portal knows.
	Views map[string]Requirement
	// Eligible has, for an operation that gives a staff member something, what
	// the seat must have to be given it.
	Eligible map[string]Eligibility
	// Relationships has the requirement of writing relationships of the
	// operator's own types one by one, by type#relation.
	Relationships map[string]Requirement
	// Visible has, for a type, the permission that makes an object of it
	// visible. What somebody may not see is not found.
	Visible map[string]string
	// Words has, for type#relation, how an explanation says it: "is on the
	// folder {resource}". {resource} and {subject} stand for titles.
	Words map[string]Words

	Model *Model
	// Source is schema.zed's text.
	Source string
	// Proof is proof.yaml's text, in SpiceDB's validation format.
	Proof string

	lines map[string]int // where things stand in portal.yaml
}

// Problem returns a problem with what stands in portal.yaml under section and
// key, such as an operation that the engine doesn't have: line and all.
func (p *Portal) Problem(section, key, message string) Problem {
	return Problem{File: PortalFile, Line: p.lines[section+"."+key], Message: message}
}

// Role is one level of access that a staff member can have. Holding it is the
// relationship partner:acme#<Relation>@staff:acme/ana#user.
type Role struct {
	Name  string
	Title string
	// Relation is the relation on the partner; empty for a role without access
	// (portal.yaml: none).
	Relation string
	// Exactly is how many must hold the role, always; 0 means any number.
	Exactly int
	// AtLeast is how few may hold the role, always; 0 means none.
	AtLeast int
	// Switched says that the role's capabilities are switched one by one.
	Switched bool
	// Holder is how people call who holds the role, if not "the" and the title:
	// "somebody with full access".
	Holder string
	// GivenBy has the operations that may give the role.
	GivenBy []string
}

// MayBeGivenBy reports whether the operation may give the role.
func (r Role) MayBeGivenBy(operation string) bool { return slices.Contains(r.GivenBy, operation) }

// Role returns the role called name.
func (p *Portal) Role(name string) (Role, bool) {
	i := p.RoleRank(name)
	if i < 0 {
		return Role{}, false
	}
	return p.Roles[i], true
}

// RoleRank returns the place of a role on the ladder, 0 for the highest, and
// -1 if there is none called name.
func (p *Portal) RoleRank(name string) int {
	return slices.IndexFunc(p.Roles, func(r Role) bool { return r.Name == name })
}

// RolesGivenBy returns the names of the roles that the operation may give.
func (p *Portal) RolesGivenBy(operation string) []string {
	var names []string
	for _, r := range p.Roles {
		if r.MayBeGivenBy(operation) {
			names = append(names, r.Name)
		}
	}
	return names
}

// RoleChanges says which changes of role a portal allows.
type RoleChanges string

// The kinds of role changes.
const (
	RoleChangesFree   RoleChanges = "free"   // any role that change_role gives
	RoleChangesUpward RoleChanges = "upward" // only up the ladder
)

// LifeCycle is what may become of a staff member.
type LifeCycle struct {
	Removal      Removal
	Deactivation bool // whether staff can be deactivated and reactivated
	// HandOver has the relations, as type#relation, that a staff member must
	// hand to somebody else before they can leave.
	HandOver []string
	// Begins are the relationships that a seat has from the start beside its role.
	Begins []SeatGrant
	Names  Names
}

// SeatGrant is a relationship between a partner and each of its seats.
type SeatGrant struct {
	Form Form // of types partner and staff only
	// By has the operations that write it when they make a seat; all if empty.
	By []string
	// WhileActive says that a seat loses it while it is inactive or in the trash.
	WhileActive bool
}

// Names says how a portal names its staff.
type Names string

// The ways of naming staff.
const (
	NamesContact      Names = "contact"        // a contact name
	NamesFirstAndLast Names = "first_and_last" // a first name and a last name
)

// Capability is a permission on the partner that is switched on and off for
// staff in a role that is [Role.Switched].
type Capability struct {
	Name  string // of the permission: manage_partners
	Title string // Manage partners
	// Switch is the relation of the partner that switches it on for a seat.
	Switch string
	With   string // the capability that goes with it: switched on with it, and never off without it
}

// Capability returns the capability called name.
func (p *Portal) Capability(name string) (Capability, bool) {
	i := slices.IndexFunc(p.Capabilities, func(c Capability) bool { return c.Name == name })
	if i < 0 {
		return Capability{}, false
	}
	return p.Capabilities[i], true
}

// Removal says what removing a staff member does.
type Removal string

// The kinds of removal.
const (
	RemovalAtOnce Removal = "at_once" // gone, with all access
	RemovalTrash  Removal = "trash"   // to the trash: no access, all kept
)

// Words says one relation in the portal's own language.
type Words struct {
	// Has completes "they …" for who has the relation: "are on the folder {resource}".
	Has string
	// Lacks completes "they …" for who hasn't: "aren't on the folder {resource}".
	Lacks string
	// Act is the verb of whoever wrote it: "added there". Default "granted".
	Act string
}

// Eligibility is a permission on the partner that is asked of a seat, not of
// whoever acts: partner#lead_projects@staff#user.
type Eligibility struct {
	Permission string
	// Relation is the seat's as a subject: user for who holds it, empty for the
	// seat itself.
	Relation string
}

// Requirement is the permission that an operation or view needs, on the object
// of that type which the operation is about: client#oversee.
type Requirement struct {
	Type       string
	Permission string
	Anyone     bool // no permission: whoever is authenticated
	Operator   bool // the operator of the deployment may too, without a permission
}

// How portal.yaml writes a requirement without a permission, and one that the
// operator meets as well.
const (
	anyoneWord     = "anyone"
	operatorSuffix = " or operator"
)

// ParseRequirement reads type#permission, type#permission or operator, or
// anyone.
func ParseRequirement(s string) (Requirement, error) {
	if s == anyoneWord {
		return Requirement{Anyone: true}, nil
	}
	rest, operator := strings.CutSuffix(s, operatorSuffix)
	typ, permission, ok := strings.Cut(rest, "#")
	if !ok || !typeForm.MatchString(typ) || !typeForm.MatchString(permission) {
		return Requirement{}, fmt.Errorf("requirement %q: want type#permission, such as client#oversee, or %q", s, anyoneWord)
	}
	return Requirement{Type: typ, Permission: permission, Operator: operator}, nil
}

// String returns what [ParseRequirement] reads.
func (r Requirement) String() string {
	switch {
	case r.Anyone:
		return anyoneWord
	case r.Operator:
		return r.Type + "#" + r.Permission + operatorSuffix
	}
	return r.Type + "#" + r.Permission
}
