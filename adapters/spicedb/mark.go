package spicedb

import (
	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"

	"github.com/portico-authz/portico/engine"
)

// The mark: an empty definition whose name is the digest of the schema's
// source. A write that names it in a precondition is refused, in the same
// transaction, where the schema is another: SpiceDB has no other way to write
// under the schema that one knows.
const (
	typeMarkPrefix = "portico_schema_"
	markDigits     = 32 // of the digest; a type's name has at most 64 characters
)

func markOf(digest string) string { return typeMarkPrefix + digest[:markDigits] }

func mark(digest string) string { return "definition " + markOf(digest) + " {}\n" }

// schemaIs is a precondition that always holds where the schema is w's, and
// can't be asked where it isn't.
func schemaIs(w engine.Write) *v1.Precondition {
	p := &v1.Precondition{
		Operation: v1.Precondition_OPERATION_MUST_NOT_MATCH,
		Filter:    fenceFilter(w.Domain),
	}
	p.Filter.OptionalSubjectFilter = &v1.SubjectFilter{SubjectType: markOf(w.Schema)}
	return p
}
