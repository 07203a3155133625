package proof_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/portico-authz/portico/adapters/spicedb/zed"
	"github.com/portico-authz/portico/schema"
)

// rules has for each portal its rules' prefix, how many there are, and those
// that state no permission, with what they are instead.
var rules = map[string]struct {
	prefix string
	count  int
	other  map[int]string
}{
	"agency": {"AG", 22, map[int]string{
		1:  "what signing up makes",
		2:  "how many owners there are",
		14: "what an invitation takes, and that it gives nothing yet",
		17: "that two ways write the same facts",
		21: "what becomes of access when a seat is removed",
	}},
	"program": {"PR", 11, nil},
	"workspace": {"WS", 9, map[int]string{
		8: "which changes of role are refused to whoever may change roles",
	}},
	"studio": {"ST", 10, map[int]string{
		1:  "what is said of staff who are added",
		10: "what becomes of access when a seat is deleted",
	}},
}

// TestMatrix: what each portal's schema gives every role is what the article
// says, cell by cell.
func TestMatrix(t *testing.T) {
	for _, name := range portals(t) {
		if _, ok := rules[name]; !ok {
			t.Errorf("%s: there is no table of who may do what", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			matrix := matrixOf(t, name)
			t.Logf("\n%s", matrix)
			compareMatrix(t, matrix, readBook(t, name))
		})
	}
}

// TestMatrixRules: each rule that states a permission has its cell, and each
// sentence of the article that does, has those that it names.
func TestMatrixRules(t *testing.T) {
	for name, of := range rules {
		t.Run(name, func(t *testing.T) {
			b := readBook(t, name)
			cited := b.cited()
			for n := 1; n <= of.count; n++ {
				rule, other := fmt.Sprintf("%s-%d", of.prefix, n), of.other[n]
				if len(cited[rule]) > 0 == (other != "") {
					t.Errorf("%s: rows %q cite it; it is said to be %q", rule, cited[rule], other)
				}
				delete(cited, rule)
			}
			for rule, rows := range cited {
				if !strings.HasPrefix(rule, "XP-") {
					t.Errorf("%q is no rule; %q cite it", rule, rows)
				}
			}
			if len(b.sentences) < 10 {
				t.Errorf("the article says no more than %d things of permissions?", len(b.sentences))
			}
			for _, s := range b.sentences {
				b.checkSentence(t, s)
			}
		})
	}
}

// TestMatrixNotices: a wrong cell, a missing row and a column too many are
// found. Without that, the tables would prove nothing.
func TestMatrixNotices(t *testing.T) {
	tests := map[string]struct{ old, new, want string }{
		"a cell":             {"| manage_partner | yes | - |", "| manage_partner | yes | yes |", `partner#manage_partner of admin: the table says "yes", the schema gives "-"`},
		"a row":              {"| manage_partner | yes | - | - | - | AG-4 |\n", "", "partner#manage_partner isn't in the table"},
		"a row too many":     {"| manage_partner |", "| manage_partners | - | - | - | - | AG-4 |\n| manage_partner |", "partner#manage_partners isn't in the schema"},
		"a table":            {"## client\n", "## folder\n", "the table of client is missing"},
		"a table of nothing": {"## client\n", "## folder\n", "the table folder is of nothing in the schema"},
		"a column":           {"| owner | admin | advisor | support | rules |", "| owner | advisor | admin | support | rules |", "the columns are"},
		"a cell that isn't":  {"| manage_partner | yes | - | - | - | AG-4 |", "| manage_partner | yes | - | - | AG-4 |", "partner#manage_partner has 3 cells, and there are 4 columns"},
		"a note that isn't":  {"| manage_partner | yes | - |", "| manage_partner | yes | (9) |", `the table says "(9)"`},
		"nothing":            {"# Who", "# Who", ""},
	}
	matrix := matrixOf(t, "agency")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var found recorder
			compareMatrix(&found, matrix, parseBook(edited(t, bookText(t, "agency"), tt.old, tt.new)))
			switch all := strings.Join(found, "\n"); {
			case tt.want == "" && all != "":
				t.Errorf("nothing is wrong, and yet:\n%s", all)
			case !strings.Contains(all, tt.want):
				t.Errorf("want %s\ngot  %s", tt.want, all)
			}
		})
	}
}

// failing is what reports of a [testing.T].
type failing interface {
	Errorf(format string, args ...any)
}

type recorder []string

func (r *recorder) Errorf(format string, args ...any) { *r = append(*r, fmt.Sprintf(format, args...)) }

// matrixOf loads the portal, and tries out who may do what.
func matrixOf(t *testing.T, name string) *schema.Matrix {
	t.Helper()
	files, err := fs.Sub(folders, name)
	if err != nil {
		t.Fatal(err)
	}
	portal, err := schema.Load(files, zed.Compile)
	if err != nil {
		t.Fatal(err)
	}
	return schema.NewMatrix(portal)
}

func compareMatrix(t failing, m *schema.Matrix, b book) {
	for _, table := range m.Tables {
		page, ok := b.pages[table.Title]
		if !ok {
			t.Errorf("the table of %s is missing", table.Title)
			continue
		}
		if !slices.Equal(page.columns, m.Columns) {
			t.Errorf("%s: the columns are %q, the schema's %q", table.Title, page.columns, m.Columns)
		}
		comparePage(t, table, page)
	}
	for title := range b.pages {
		if _, ok := m.Table(title); !ok {
			t.Errorf("the table %s is of nothing in the schema", title)
		}
	}
}

func comparePage(t failing, table schema.MatrixTable, p page) {
	known := map[string]bool{}
	for _, row := range table.Rows {
		name := table.Title + "#" + row.Permission
		known[row.Permission] = true
		written, ok := p.rows[row.Permission]
		if !ok {
			t.Errorf("%s isn't in the table", name)
			continue
		}
		if len(written.cells) != len(row.Cells) {
			t.Errorf("%s has %d cells, and there are %d columns", name, len(written.cells), len(row.Cells))
			continue
		}
		for i, cell := range row.Cells {
			if written.cells[i] != cell {
				t.Errorf("%s of %s: the table says %q, the schema gives %q", name, p.columns[i], written.cells[i], cell)
			}
		}
	}
	for permission := range p.rows {
		if !known[permission] {
			t.Errorf("%s#%s isn't in the schema", table.Title, permission)
		}
	}
}
