package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of a file that is imported.
const (
	maxSheet = 32 << 20 // bytes
	maxRows  = 200_000
	maxCell  = 1000 // bytes
)

// column is one column of a CSV file.
type column struct {
	name, doc string
	need      bool // the column must be there, with something in every row
}

// sheetKind is what a CSV file of one name has in it.
type sheetKind struct {
	file    string
	columns []column
}

// The files of an import and an export, in the order in which they are done.
var sheetKinds = []sheetKind{
	{"staff.csv", []column{
		{"email", "the address that the invitation goes to", true},
		{"name", "the contact name", true},
		{"role", "the role's name", true},
		{"staff", "the seat's name; made from the address, if empty", false},
		{"state", "written by export, ignored by import", false},
	}},
	{"clients.csv", []column{
		{"client", "the folder's name", true},
		{"title", "what people call it", true},
	}},
	{"groups.csv", []column{
		{"group", "the group's name", true},
		{"title", "what people call it", true},
	}},
	{"accounts.csv", []column{
		{"account", "the account's name", true},
		{"title", "what people call it", true},
		{"client", "its folder; an internal account, if empty", false},
		{"groups", "the groups that it is in, with spaces between", false},
	}},
	{"access.csv", []column{
		{"staff", "the staff member: e-mail address or seat's name", true},
		{"client", "the folder that they are on", false},
		{"account", "an internal account, or with off one of a folder", false},
		{"off", "yes or no: whether the account is switched off for them", false},
		{"group", "the group that they represent", false},
		{"expires", "when it ends: 2027-01-31 or 2027-01-31T18:00:00Z", false},
	}},
}

// sheet is a file as it was read: its form is right, its meaning not looked at.
type sheet struct {
	file   string
	digest [sha256.Size]byte
	rows   []row
}

// row is one line; cells that aren't there are empty.
type row struct {
	file  string
	line  int
	cells map[string]string
}

func (r row) problem(format string, args ...any) rowProblem {
	return rowProblem{r.file, r.line, fmt.Sprintf(format, args...)}
}

// rowProblem is something wrong at one place of a file.
type rowProblem struct {
	file    string
	line    int
	message string
}

func (p rowProblem) String() string { return fmt.Sprintf("%s:%d: %s", p.file, p.line, p.message) }

// readSheet reads a file of a folder; one that isn't there is empty.
func readSheet(dir string, kind sheetKind) (sheet, []rowProblem, error) {
	s := sheet{file: kind.file}
	file, err := os.Open(filepath.Join(dir, kind.file))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil, nil
	}
	if err != nil {
		return s, nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, maxSheet+1))
	if err != nil {
		return s, nil, err
	}
	switch {
	case len(text) > maxSheet:
		return s, []rowProblem{{kind.file, 1, fmt.Sprintf("the file is larger than %d MB; split it", maxSheet>>20)}}, nil
	case !utf8.Valid(text):
		return s, []rowProblem{{kind.file, 1, "the file is not UTF-8; save it as such"}}, nil
	}
	s.digest = sha256.Sum256(text)
	problems := s.parse(text, kind)
	return s, problems, nil
}

// parse fills the rows. Spreadsheets start a file with a byte order mark, and
// end lines with CR LF.
func (s *sheet) parse(text []byte, kind sheetKind) []rowProblem {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	header, err := r.Read()
	if err != nil {
		return []rowProblem{{s.file, 1, "the file needs a first line with the columns' names: " + kind.header()}}
	}
	if problems := kind.checkHeader(header); len(problems) > 0 {
		return problems
	}
	var problems []rowProblem
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return problems
		}
		if err != nil {
			return append(problems, unreadable(s.file, err))
		}
		line, _ := r.FieldPos(0)
		next := row{file: s.file, line: line, cells: map[string]string{}}
		for i, cell := range record {
			next.cells[header[i]] = unguard(strings.TrimSpace(cell))
		}
		if problems = append(problems, next.check(kind)...); len(s.rows) == maxRows {
			return append(problems, next.problem("there are more than %d rows; split the file", maxRows))
		}
		s.rows = append(s.rows, next)
	}
}

// guard keeps a spreadsheet from taking a cell for a formula, by an apostrophe
// before it. A cell that looks guarded already gets one more, so that unguard
// returns what was there.
func guard(cell string) string {
	if formula(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// unguard is the inverse of [guard]; it leaves every other cell as it is.
func unguard(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && formula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return cell
}

func formula(cell string) bool { return cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) }

func unreadable(file string, err error) rowProblem {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return rowProblem{file, parse.Line, parse.Err.Error()}
	}
	return rowProblem{file, 1, err.Error()}
}

func (r row) check(kind sheetKind) []rowProblem {
	var problems []rowProblem
	for _, c := range kind.columns {
		switch cell := r.cells[c.name]; {
		case cell == "" && c.need:
			problems = append(problems, r.problem("%s is empty", c.name))
		case len(cell) > maxCell:
			problems = append(problems, r.problem("%s is longer than %d bytes", c.name, maxCell))
		}
	}
	return problems
}

func (k sheetKind) header() string {
	names := make([]string, len(k.columns))
	for i, c := range k.columns {
		names[i] = c.name
	}
	return strings.Join(names, ",")
}

// checkHeader trims the names in place.
func (k sheetKind) checkHeader(header []string) []rowProblem {
	var problems []rowProblem
	add := func(format string, args ...any) {
		problems = append(problems, rowProblem{k.file, 1, fmt.Sprintf(format, args...)})
	}
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t") {
		add("columns must have commas between them")
		return problems
	}
	known := strings.Split(k.header(), ",")
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(header[i]))
		switch name := header[i]; {
		case !slices.Contains(known, name):
			add("there is no column %q%s", name, hint(name, known))
		case slices.Contains(header[:i], name):
			add("the column %q is there twice", name)
		}
	}
	for _, c := range k.columns {
		if c.need && !slices.Contains(header, c.name) {
			add("the column %q is missing", c.name)
		}
	}
	return problems
}
