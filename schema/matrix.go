package schema

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Matrix says who may do what in a portal: for every role and every permission,
// what else a seat of that role needs. It is found by trying, with [Facts],
// which relationships of a seat bring the permission; nothing of it is written
// by hand. It is for reading and for tests; the graph decides.
type Matrix struct {
	Portal string `json:"portal"`
	// Columns are the roles, the highest first, and after them the relations
	// that people have on the platform, such as support.
	Columns []string      `json:"columns"`
	Tables  []MatrixTable `json:"tables"`
}

// MatrixTable is about the objects of one type that have one place: the
// relationships that join them to other objects.
type MatrixTable struct {
	// Title is the type, for seats whose it is, and in brackets the object's
	// place, where another place gives other cells: "account (client + group)"
	// has a client and a group. Places with the same cells share a table:
	// "record (partner + company, partner + contact)".
	Title string      `json:"title"`
	Type  string      `json:"type"`
	Rows  []MatrixRow `json:"rows"` // in the order of schema.zed
}

// MatrixRow is one permission.
type MatrixRow struct {
	Permission string `json:"permission"`
	// Cells has for each column what a seat needs beside the role: "yes" for
	// nothing, "-" if nothing helps, and else the seat's own relationships,
	// "member" on the object itself, "group.staff" on the group that it leads
	// to. `and` binds tighter than `or`, and `unless` has what takes away all
	// that stands before it, back to the last comma:
	//
	//	staff, or (client.staff or group.representative) unless blocked
	//
	// Alternatives are sorted, and none of them is more than is needed.
	Cells []string `json:"cells"`
}

// MaxNeeds is how many relationships at once, beside the role, a [Matrix]
// tries. What needs more reads "-".
const MaxNeeds = 3

// NewMatrix tries out the portal's model, with one object of each type. A table
// has every permission of its type; types without permissions have none.
func NewMatrix(p *Portal) *Matrix {
	t := newTrial(p)
	m := &Matrix{Portal: p.Name}
	for _, c := range t.columns {
		m.Columns = append(m.Columns, c.name)
	}
	for _, typ := range t.types() {
		switch {
		case len(p.Model.Types[typ].Permissions) == 0:
		case typ == TypeStaff:
			m.Tables = append(m.Tables, t.tables("own staff", mine)...)
			m.Tables = append(m.Tables, t.tables("staff", Obj(TypeStaff, trialPartner, "it"))...)
		default:
			m.Tables = append(m.Tables, t.tables(typ, t.object(typ, "it"))...)
		}
	}
	return m
}

// types returns the names of the model's types, in the order of schema.zed.
func (t *trial) types() []string {
	return inOrder(t.model.Types, func(d *Type) int { return d.Line })
}

// tables returns a table for each place of the object that has cells of its own.
func (t *trial) tables(title string, object Object) []MatrixTable {
	var (
		tables []MatrixTable
		titles [][]string // of the places of each table
	)
	places := t.places(object)
	for _, place := range places {
		rows := t.rows(t.stage(object, place))
		i := slices.IndexFunc(tables, func(other MatrixTable) bool { return sameRows(other.Rows, rows) })
		if i < 0 {
			i = len(tables)
			tables, titles = append(tables, MatrixTable{Title: title, Type: object.Type, Rows: rows}), append(titles, nil)
		}
		titles[i] = append(titles[i], placeTitle(place))
	}
	if len(places) > 1 {
		for i := range tables {
			tables[i].Title += " (" + strings.Join(titles[i], ", ") + ")"
		}
	}
	return tables
}

func placeTitle(place []link) string {
	names := make([]string, len(place))
	for i, l := range place {
		names[i] = l.name
	}
	return strings.Join(names, " + ")
}

func sameRows(a, b []MatrixRow) bool {
	return slices.EqualFunc(a, b, func(x, y MatrixRow) bool {
		return x.Permission == y.Permission && slices.Equal(x.Cells, y.Cells)
	})
}

func (t *trial) rows(s *stage) []MatrixRow {
	permissions := inOrder(t.model.Types[s.object.Type].Permissions, func(p *Permission) int { return p.Line })
	rows := make([]MatrixRow, len(permissions))
	for i, permission := range permissions {
		rows[i].Permission = permission
	}
	for _, c := range t.columns {
		for i, terms := range s.try(c, permissions) {
			rows[i].Cells = append(rows[i].Cells, s.cell(terms))
		}
	}
	return rows
}

// inOrder returns the names by line, and by name where lines are equal.
func inOrder[T any](named map[string]T, line func(T) int) []string {
	return slices.SortedFunc(maps.Keys(named), func(a, b string) int {
		return cmp.Or(cmp.Compare(line(named[a]), line(named[b])), strings.Compare(a, b))
	})
}

// Table returns the table of that title.
func (m *Matrix) Table(title string) (MatrixTable, bool) {
	i := slices.IndexFunc(m.Tables, func(t MatrixTable) bool { return t.Title == title })
	if i < 0 {
		return MatrixTable{}, false
	}
	return m.Tables[i], true
}
