package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The files that make a portal.
const (
	SchemaFile = "schema.zed"
	PortalFile = "portal.yaml"
	ProofFile  = "proof.yaml"
)

// Problem is one thing that is wrong with a portal's files, and how to mend it.
type Problem struct {
	File    string
	Line    int // from 1; 0 if it is about the whole file
	Message string
}

// String returns file:line: message.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// PortalError is everything that is wrong with a portal's files, at least one
// problem, by file and line.
type PortalError struct{ Problems []Problem }

// NewPortalError returns an error with the problems in order, or nil if there
// are none.
func NewPortalError(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	sorted := slices.Clone(problems)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(fileRank(a.File), fileRank(b.File)),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return &PortalError{Problems: slices.Compact(sorted)}
}

// Error returns the problems, one a line.
func (e *PortalError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// fileRank puts the schema first: what is wrong there often explains the rest.
func fileRank(file string) int {
	return slices.Index([]string{SchemaFile, PortalFile, ProofFile}, file)
}
