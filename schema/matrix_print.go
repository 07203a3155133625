package schema

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// maxPrinted is the longest cell that is printed in its place; a longer one has
// a number there, and stands below the table.
const maxPrinted = 20

// String returns the matrix as aligned text, a table for each of its tables.
func (m *Matrix) String() string {
	var b strings.Builder
	for i, t := range m.Tables {
		if i > 0 {
			b.WriteString("\n")
		}
		t.print(&b, m.Columns)
	}
	return b.String()
}

func (t MatrixTable) print(b *strings.Builder, columns []string) {
	var notes []string
	b.WriteString(t.Title + "\n")
	w := tabwriter.NewWriter(b, 0, 4, 2, ' ', 0) // writing to b never fails
	_, _ = fmt.Fprintf(w, "  permission\t%s\n", strings.Join(columns, "\t"))
	for _, row := range t.Rows {
		cells := slices.Clone(row.Cells)
		for i, cell := range cells {
			if len(cell) <= maxPrinted {
				continue
			}
			note := slices.Index(notes, cell)
			if note < 0 {
				note = len(notes)
				notes = append(notes, cell)
			}
			cells[i] = fmt.Sprintf("(%d)", note+1)
		}
		_, _ = fmt.Fprintf(w, "  %s\t%s\n", row.Permission, strings.Join(cells, "\t"))
	}
	_ = w.Flush()
	for i, note := range notes {
		_, _ = fmt.Fprintf(b, "  (%d) %s\n", i+1, note)
	}
}
