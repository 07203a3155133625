package schema

import (
	"strconv"

	"go.yaml.in/yaml/v3"
)

// noRelation is how portal.yaml says that a role gives no access.
const noRelation = "none"

// parsePortal reads portal.yaml's text into portal. It judges form only;
// [checkPortal] compares with the schema, if the text was readable at all.
func parsePortal(text string, portal *Portal) (problems []Problem, readable bool) {
	r := portalReader{yamlReader{file: PortalFile, lines: make(map[string]int)}, portal}
	portal.RoleChanges = RoleChangesFree
	portal.Staff.Removal = RemovalAtOnce
	portal.Staff.Names = NamesContact
	portal.lines = r.lines
	root := r.document(text)
	if root == nil {
		return r.problems, false
	}
	r.portalKeys(root)
	return r.problems, true
}

type portalReader struct {
	yamlReader
	portal *Portal
}

func (r *portalReader) portalKeys(root *yaml.Node) {
	p := r.portal
	r.fields(root, PortalFile, map[string]field{
		"portal":        r.textInto(&p.Name, "portal"),
		"title":         r.textInto(&p.Title, "title"),
		"roles":         r.roles,
		"role_changes":  r.textInto((*string)(&p.RoleChanges), "role_changes"),
		"staff":         r.staff,
		"capabilities":  r.capabilities,
		"kinds":         r.kinds,
		"operations":    func(n *yaml.Node) { p.Operations = r.requirements(n, "operations") },
		"views":         func(n *yaml.Node) { p.Views = r.requirements(n, "views") },
		"eligible":      r.eligible,
		"relationships": func(n *yaml.Node) { p.Relationships = r.requirements(n, "relationships") },
		"visible":       r.visible,
		"words":         r.words,
	})
}

func (r *portalReader) roles(n *yaml.Node) {
	r.lines["roles"] = n.Line
	r.items(n, "roles", func(item *yaml.Node) {
		role, ok := r.role(item)
		if !ok {
			return
		}
		path := "roles." + role.Name
		if first, again := r.lines[path]; again {
			r.fail(item, "role %q is there already, on line %d", role.Name, first)
			return
		}
		r.lines[path] = item.Line
		r.portal.Roles = append(r.portal.Roles, role)
	})
}

func (r *portalReader) role(n *yaml.Node) (role Role, ok bool) {
	named, unrelated := false, true
	r.fields(n, "role", map[string]field{
		"name":  func(v *yaml.Node) { role.Name, named = r.text(v, "name") },
		"title": func(v *yaml.Node) { role.Title, _ = r.text(v, "title") },
		"relation": func(v *yaml.Node) {
			role.Relation, _ = r.text(v, "relation")
			unrelated = false
		},
		"holder":   func(v *yaml.Node) { role.Holder, _ = r.text(v, "holder") },
		"exactly":  func(v *yaml.Node) { role.Exactly = r.count(v, "exactly") },
		"at_least": func(v *yaml.Node) { role.AtLeast = r.count(v, "at_least") },
		"switched": func(v *yaml.Node) { role.Switched = r.truth(v, "switched") },
		"given_by": func(v *yaml.Node) { role.GivenBy = r.texts(v, "given_by") },
	})
	if !named {
		r.fail(n, "role: name is missing")
		return Role{}, false
	}
	switch {
	case unrelated:
		role.Relation = role.Name
	case role.Relation == noRelation:
		role.Relation = ""
	}
	if role.Title == "" {
		role.Title = role.Name
	}
	return role, true
}

func (r *portalReader) staff(n *yaml.Node) {
	s := &r.portal.Staff
	r.fields(n, "staff", map[string]field{
		"removal":      r.textInto((*string)(&s.Removal), "staff.removal"),
		"deactivation": func(v *yaml.Node) { s.Deactivation = r.truth(v, "staff.deactivation") },
		"hand_over": func(v *yaml.Node) {
			s.HandOver = r.texts(v, "staff.hand_over")
			r.lines["staff.hand_over"] = v.Line
		},
		"begins": r.begins,
		"names":  r.textInto((*string)(&s.Names), "staff.names"),
	})
}

func (r *portalReader) begins(n *yaml.Node) {
	r.items(n, "staff.begins", func(item *yaml.Node) {
		var grant SeatGrant
		var form, while string
		r.fields(item, "staff.begins", map[string]field{
			"relationship": func(v *yaml.Node) { form, _ = r.text(v, "relationship") },
			"by":           func(v *yaml.Node) { grant.By = r.texts(v, "by") },
			"while":        func(v *yaml.Node) { while, _ = r.text(v, "while") },
		})
		if while != "" && while != "active" {
			r.fail(item, "staff.begins: while: %q is unknown; want active, or leave it out", while)
		}
		var err error
		if grant.Form, err = ParseForm(form); err != nil {
			r.fail(item, "staff.begins: relationship: %v", err)
			return
		}
		grant.WhileActive = while != ""
		r.lines["staff.begins."+form] = item.Line
		r.portal.Staff.Begins = append(r.portal.Staff.Begins, grant)
	})
}

func (r *portalReader) capabilities(n *yaml.Node) {
	r.lines["capabilities"] = n.Line
	r.items(n, "capabilities", func(item *yaml.Node) {
		var c Capability
		r.fields(item, "capability", map[string]field{
			"name":   func(v *yaml.Node) { c.Name, _ = r.text(v, "name") },
			"title":  func(v *yaml.Node) { c.Title, _ = r.text(v, "title") },
			"switch": func(v *yaml.Node) { c.Switch, _ = r.text(v, "switch") },
			"with":   func(v *yaml.Node) { c.With, _ = r.text(v, "with") },
		})
		path := "capabilities." + c.Name
		if c.Name == "" {
			r.fail(item, "capability: name is missing")
			return
		}
		if first, again := r.lines[path]; again {
			r.fail(item, "capability %q is there already, on line %d", c.Name, first)
			return
		}
		if c.Title == "" {
			c.Title = c.Name
		}
		r.lines[path] = item.Line
		r.portal.Capabilities = append(r.portal.Capabilities, c)
	})
}

func (r *portalReader) kinds(n *yaml.Node) {
	r.portal.Kinds = make(map[string][]string)
	r.entries(n, "kinds", func(key string, k, v *yaml.Node) {
		r.lines["kinds."+key] = k.Line
		r.portal.Kinds[key] = r.texts(v, "kinds."+key)
	})
}

func (r *portalReader) eligible(n *yaml.Node) {
	r.portal.Eligible = make(map[string]Eligibility)
	r.entries(n, "eligible", func(key string, k, v *yaml.Node) {
		path := "eligible." + key
		r.lines[path] = k.Line
		text, ok := r.text(v, path)
		if !ok {
			return
		}
		form, err := ParseForm(text)
		if err != nil || form.Type != TypePartner || form.Subject != TypeStaff {
			r.fail(v, "%s: %q: want a permission of the partner that the seat has, such as partner#lead_projects@staff#user", path, text)
			return
		}
		r.portal.Eligible[key] = Eligibility{Permission: form.Relation, Relation: form.SubjectRelation}
	})
}

func (r *portalReader) requirements(n *yaml.Node, section string) map[string]Requirement {
	list := make(map[string]Requirement)
	r.lines[section] = n.Line
	r.entries(n, section, func(key string, k, v *yaml.Node) {
		path := section + "." + key
		r.lines[path] = k.Line
		if section != "relationships" && !typeForm.MatchString(key) {
			r.fail(k, "%s: name %q: want 3 to 64 of a-z, 0-9 and _", section, key)
		}
		text, ok := r.text(v, path)
		if !ok {
			return
		}
		req, err := ParseRequirement(text)
		if err != nil {
			r.fail(v, "%s: %v", path, err)
			return
		}
		list[key] = req
	})
	return list
}

func (r *portalReader) visible(n *yaml.Node) {
	r.portal.Visible = make(map[string]string)
	r.entries(n, "visible", func(key string, k, v *yaml.Node) {
		r.lines["visible."+key] = k.Line
		if permission, ok := r.text(v, "visible."+key); ok {
			r.portal.Visible[key] = permission
		}
	})
}

func (r *portalReader) words(n *yaml.Node) {
	r.portal.Words = make(map[string]Words)
	r.entries(n, "words", func(key string, k, v *yaml.Node) {
		path := "words." + key
		r.lines[path] = k.Line
		var w Words
		r.fields(v, path, map[string]field{
			"has":   r.textInto(&w.Has, path+".has"),
			"lacks": r.textInto(&w.Lacks, path+".lacks"),
			"act":   r.textInto(&w.Act, path+".act"),
		})
		r.portal.Words[key] = w
	})
}

func (r *portalReader) count(n *yaml.Node, what string) int {
	i, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil || i < 1 {
		r.fail(n, "%s: want a whole number from 1; leave it out for any number", what)
		return 0
	}
	return i
}

func (r *portalReader) truth(n *yaml.Node, what string) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Value != "true" && n.Value != "false" {
		r.fail(n, "%s: want true or false", what)
		return false
	}
	return n.Value == "true"
}
