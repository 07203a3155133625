package sqlstore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// query is a SELECT in the making. Values go in as arguments only; columns and
// conditions are this package's own text.
type query struct {
	op   string // what it is for, in errors
	text strings.Builder
	args []any
}

// newQuery starts with a SELECT … FROM that matches every row.
func newQuery(op, selection string) *query {
	q := &query{op: op}
	q.text.WriteString(selection + ` WHERE TRUE`)
	return q
}

// arg adds a value and returns its placeholder.
func (q *query) arg(value any) string {
	q.args = append(q.args, value)
	return "$" + strconv.Itoa(len(q.args))
}

// equal keeps the rows whose column has the value; an empty one keeps all.
func (q *query) equal(column, value string) {
	if value != "" {
		q.compare(column, "=", value)
	}
}

// compare keeps the rows for which the comparison holds.
func (q *query) compare(column, operator string, value any) {
	q.text.WriteString(` AND ` + column + ` ` + operator + ` ` + q.arg(value))
}

// oneOf keeps the rows whose column has one of the values; none keeps all.
func oneOf[S ~string](q *query, column string, values []S) {
	if len(values) == 0 {
		return
	}
	marks := make([]string, len(values))
	for i, value := range values {
		marks[i] = q.arg(string(value))
	}
	q.text.WriteString(` AND ` + column + ` IN (` + strings.Join(marks, ", ") + `)`)
}

// after keeps the rows that come after the values in the columns' order.
func (q *query) after(columns string, values ...string) {
	marks := make([]string, len(values))
	for i, value := range values {
		marks[i] = q.arg(value)
	}
	q.text.WriteString(` AND (` + columns + `) > (` + strings.Join(marks, ", ") + `)`)
}

// order sorts the rows and keeps the first limit ones, all if it is zero.
func (q *query) order(columns string, limit int) {
	q.text.WriteString(` ORDER BY ` + columns)
	if limit > 0 {
		q.text.WriteString(` LIMIT ` + q.arg(limit))
	}
}

// insert returns an INSERT of one row.
func insert(table, columns string) string {
	marks := make([]string, strings.Count(columns, ",")+1)
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(i+1)
	}
	return fmt.Sprintf(`INSERT INTO %s (%s) VALUES (%s)`, table, columns, strings.Join(marks, ", "))
}

// upsert returns an INSERT of one row that replaces the one with the same key.
func upsert(table, key, columns string) string {
	return insert(table, columns) + replace(key, columns)
}

// replace returns the end of an INSERT that makes it replace what is there.
func replace(key, columns string) string {
	var set []string
	keys := strings.Split(key, ", ")
	for column := range strings.SplitSeq(columns, ", ") {
		if !slices.Contains(keys, column) {
			set = append(set, column+` = excluded.`+column)
		}
	}
	return ` ON CONFLICT (` + key + `) DO UPDATE SET ` + strings.Join(set, ", ")
}
