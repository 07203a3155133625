package schema

// Gives returns the permissions on the partner, sorted, that an active seat in
// the role has, if it has the other relations of the partner too.
func (p *Portal) Gives(role Role, others ...string) []string {
	const d = Domain("preview")
	var (
		facts = NewFacts(p.Model)
		seat  = Obj(TypeStaff, d, "seat")
		who   = User("somebody")
	)
	facts.Add(
		Relationship{Resource: seat, Relation: "partner", Subject: Subject{Object: d.Root()}},
		Relationship{Resource: seat, Relation: "user", Subject: Subject{Object: who}},
	)
	for _, relation := range append([]string{role.Relation}, others...) {
		if relation != "" {
			facts.Add(Relationship{Resource: d.Root(), Relation: relation, Subject: Subject{Object: seat, Relation: "user"}})
		}
	}
	given := []string{}
	for _, permission := range p.Model.PermissionNames(TypePartner) {
		if facts.Has(d.Root(), permission, who) {
			given = append(given, permission)
		}
	}
	return given
}
