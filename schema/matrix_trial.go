package schema

import (
	"slices"
	"strings"
)

// The world in which a matrix is tried has one partner, and one person there.
const trialPartner Domain = "partner"

var (
	me   = User("me")
	mine = Obj(TypeStaff, trialPartner, "me")
)

// trial is a portal's model, being tried.
type trial struct {
	model   *Model
	columns []column
	roles   map[string]bool   // relations of the partner that are roles
	homes   map[string][]link // by type; nil while they are looked for
}

// column is somebody to try: a person, with one role or none.
type column struct {
	name   string
	rels   []Relationship
	seated bool // they have a seat, to which relationships can be given
}

func newTrial(p *Portal) *trial {
	t := &trial{model: p.Model, roles: map[string]bool{}, homes: map[string][]link{}}
	seat := Relationship{Resource: mine, Relation: TypeUser, Subject: Subject{Object: me}}
	for _, r := range p.Roles {
		c := column{name: r.Name, rels: []Relationship{seat}, seated: true}
		if r.Relation != "" {
			t.roles[r.Relation] = true
			c.rels = append(c.rels, Relationship{Partner(trialPartner), r.Relation, Subject{mine, TypeUser}, seat.ExpiresAt})
		}
		t.columns = append(t.columns, c)
	}
	for _, name := range t.relations(TypePlatform) {
		if t.model.Relation(TypePlatform, name).Takes(TypeUser, "", false) {
			has := Relationship{Resource: Platform(), Relation: name, Subject: Subject{Object: me}}
			t.columns = append(t.columns, column{name: name, rels: []Relationship{has}})
		}
	}
	return t
}

// relations returns the names of a type's relations, in the order of schema.zed.
func (t *trial) relations(typ string) []string {
	d := t.model.Types[typ]
	if d == nil {
		return nil
	}
	return inOrder(d.Relations, func(r *Relation) int { return r.Line })
}

// object returns the object of a type that the trial calls name.
func (t *trial) object(typ, name string) Object {
	switch typ {
	case TypePartner:
		return Partner(trialPartner)
	case TypePlatform:
		return Platform()
	}
	return Obj(typ, trialPartner, name)
}

// link is a way to join an object of a type to another one: a relation, and a
// subject of it that is neither a person nor a seat.
type link struct {
	name     string // of the relation; with the subject, if it takes several
	relation string
	to       Allowed
}

func (t *trial) links(typ string) []link {
	var links []link
	for _, name := range t.relations(typ) {
		var own []link
		for _, a := range t.model.Relation(typ, name).Allowed {
			if a.Type == TypeUser || a.Type == TypeStaff || a.Wildcard ||
				slices.ContainsFunc(own, func(l link) bool { return l.to.Type == a.Type && l.to.Relation == a.Relation }) {
				continue
			}
			own = append(own, link{name, name, a})
		}
		if len(own) > 1 {
			for i := range own {
				own[i].name += ": " + strings.TrimSuffix(own[i].to.Type+"#"+own[i].to.Relation, "#")
			}
		}
		links = append(links, own...)
	}
	return links
}

// places returns the places of an object worth trying, at least one: each of
// its homes, and the first of them with each link that is no home.
func (t *trial) places(object Object) [][]link {
	homes := t.home(object.Type)
	if len(homes) == 0 {
		return [][]link{t.links(object.Type)}
	}
	var places [][]link
	for _, h := range homes {
		places = append(places, []link{h})
	}
	for _, l := range t.links(object.Type) {
		if !slices.Contains(homes, l) {
			places = append(places, []link{homes[0], l})
		}
	}
	return places
}

// home returns the links by which an object belongs somewhere: alone, such a
// link gives permissions to some roles, and none gives more. A client account
// is at home in its client, and not in its group, which gives a role nothing
// until somebody represents it. A type may have no home.
func (t *trial) home(typ string) []link {
	if homes, ok := t.homes[typ]; ok {
		return homes
	}
	t.homes[typ] = nil // on a way back to the same type, it has none yet
	links := t.links(typ)
	given := make([]map[string]bool, len(links))
	for i, l := range links {
		given[i] = t.given(t.stage(t.object(typ, "it"), []link{l}))
	}
	for i, l := range links {
		more := func(other map[string]bool) bool { return len(other) > len(given[i]) && contains(other, given[i]) }
		if len(given[i]) > 0 && !slices.ContainsFunc(given, more) {
			t.homes[typ] = append(t.homes[typ], l)
		}
	}
	return t.homes[typ]
}

// given returns the permissions that some column has by the role alone.
func (t *trial) given(s *stage) map[string]bool {
	given := map[string]bool{}
	permissions := t.model.PermissionNames(s.object.Type)
	for _, c := range t.columns {
		for i, held := range s.held(c, permissions, nil) {
			if held {
				given[permissions[i]] = true
			}
		}
	}
	return given
}

func contains(all, some map[string]bool) bool {
	for name := range some {
		if !all[name] {
			return false
		}
	}
	return true
}
