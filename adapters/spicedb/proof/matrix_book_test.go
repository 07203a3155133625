package proof_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// book is a file of schema/testdata/matrix: who may do what, as somebody wrote
// it from the article.
type book struct {
	pages     map[string]page // by title: partner, account (client)
	sentences []sentence
}

// page is one table.
type page struct {
	columns []string // without the first, permission, and the last, rules
	rows    map[string]pageRow
}

type pageRow struct {
	cells []string
	rules []string
}

// sentence is what the article says, and where it stands in the tables.
type sentence struct {
	text        string
	rules       []string
	permissions []string // type#permission
}

// note is a line after a table that has the text of a number in its cells.
var note = regexp.MustCompile(`^- (\(\d+\)) (.+)$`)

func bookText(t *testing.T, portal string) string {
	t.Helper()
	text, err := fs.ReadFile(folders, "testdata/matrix/"+portal+".md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readBook(t *testing.T, portal string) book {
	t.Helper()
	return parseBook(bookText(t, portal))
}

// parseBook reads a section for each "## " heading.
func parseBook(text string) book {
	b := book{pages: map[string]page{}}
	for _, section := range strings.Split(text, "\n## ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		rows, notes := parseTable(body)
		switch {
		case len(rows) == 0:
		case title == "sentences":
			for _, r := range rows[1:] {
				b.sentences = append(b.sentences, sentence{r[0], list(r[1]), list(r[2])})
			}
		default:
			b.pages[title] = parsePage(rows, notes)
		}
	}
	return b
}

// parseTable returns a Markdown table's rows, the heading first, and the notes.
func parseTable(body string) (rows [][]string, notes map[string]string) {
	notes = map[string]string{}
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		if m := note.FindStringSubmatch(line); m != nil {
			notes[m[1]] = m[2]
		}
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|--") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows, notes
}

func parsePage(rows [][]string, notes map[string]string) page {
	last := len(rows[0]) - 1
	p := page{columns: rows[0][1:last], rows: map[string]pageRow{}}
	for _, r := range rows[1:] {
		row := pageRow{rules: list(r[len(r)-1])}
		for _, cell := range r[1 : len(r)-1] {
			if text, ok := notes[cell]; ok {
				cell = text
			}
			row.cells = append(row.cells, cell)
		}
		p.rows[r[0]] = row
	}
	return p
}

func list(cell string) []string { return strings.Split(cell, ", ") }

// cited returns the rows that cite each rule.
func (b book) cited() map[string][]string {
	cited := map[string][]string{}
	for title, p := range b.pages {
		for permission, row := range p.rows {
			for _, rule := range row.rules {
				cited[rule] = append(cited[rule], title+"#"+permission)
			}
		}
	}
	return cited
}

// checkSentence reports what the sentence names without a row, or with rows of
// which none cites its rules.
func (b book) checkSentence(t *testing.T, s sentence) {
	t.Helper()
	cited := b.cited()
	for _, rule := range s.rules {
		if len(cited[rule]) == 0 {
			t.Errorf("no row cites %s: %s", rule, s.text)
		}
	}
	for _, permission := range s.permissions {
		if !slices.ContainsFunc(s.rules, func(rule string) bool { return slices.ContainsFunc(cited[rule], about(permission)) }) {
			t.Errorf("no row of %s cites one of %s: %s", permission, s.rules, s.text)
		}
	}
}

// about reports whether a row is one of the permission, in whichever place.
func about(permission string) func(row string) bool {
	typ, name, _ := strings.Cut(permission, "#")
	return func(row string) bool {
		title, of, _ := strings.Cut(row, "#")
		title = strings.TrimPrefix(title, "own ")
		return of == name && (title == typ || strings.HasPrefix(title, typ+" ("))
	}
}
