// Package zed compiles SpiceDB's schema language into Portico's own
// [schema.Model], with SpiceDB's compiler and type checker. It is no server
// and needs none: an application with a remote SpiceDB imports it too.
//
// Start at [Compile].
package zed

import (
	"context"
	"errors"
	"fmt"

	core "github.com/authzed/spicedb/pkg/proto/core/v1"
	types "github.com/authzed/spicedb/pkg/schema"
	"github.com/authzed/spicedb/pkg/schemadsl/compiler"
	"github.com/authzed/spicedb/pkg/schemadsl/input"
	"github.com/authzed/spicedb/pkg/spiceerrors"

	"github.com/portico-authz/portico/schema"
)

// Compile is a [schema.Compiler]. It parses and type-checks source, and returns
// a [*schema.PortalError] with the lines of what SpiceDB wouldn't take: the
// first error of syntax, or one of types for each definition. Imports are
// refused: a portal's schema is one file.
func Compile(name, source string) (*schema.Model, error) {
	compiled, err := compiler.Compile(
		compiler.InputSchema{Source: input.Source(name), SchemaString: source},
		compiler.AllowUnprefixedObjectType(),
		compiler.DisallowImportFlag(),
	)
	if err != nil {
		return nil, schema.NewPortalError([]schema.Problem{syntaxProblem(name, err)})
	}
	if err := checkTypes(name, compiled); err != nil {
		return nil, err
	}
	return translate(name, compiled.ObjectDefinitions)
}

// checkTypes runs SpiceDB's own validation, so that a model which compiles is
// one that SpiceDB takes.
func checkTypes(name string, compiled *compiler.CompiledSchema) error {
	var (
		problems []schema.Problem
		ts       = types.NewTypeSystem(types.ResolverForCompiledSchema(compiled))
	)
	for _, d := range compiled.ObjectDefinitions {
		def, err := types.NewDefinition(d)
		if err == nil {
			_, err = ts.Validate(context.Background(), def)
		}
		if err != nil {
			problems = append(problems, typeProblem(name, d, err))
		}
	}
	return schema.NewPortalError(problems)
}

func syntaxProblem(name string, err error) schema.Problem {
	p := schema.Problem{File: name, Message: err.Error()}
	var located compiler.WithContextError
	if !errors.As(err, &located) {
		return p
	}
	p.Message = located.BaseMessage
	if line, _, lineErr := located.SourceRange.Start().LineAndColumn(); lineErr == nil {
		p.Line = line + 1
	}
	return p
}

func typeProblem(name string, d *core.NamespaceDefinition, err error) schema.Problem {
	p := schema.Problem{File: name, Line: lineOf(d), Message: fmt.Sprintf("definition %s: %v", d.GetName(), err)}
	if located, ok := spiceerrors.AsWithSourceError(err); ok && located.LineNumber > 0 {
		p.Line = int(located.LineNumber)
	}
	return p
}

// located is what the compiler's protos say of their place.
type located interface{ GetSourcePosition() *core.SourcePosition }

// lineOf returns a line from 1, or 0 if it isn't known.
func lineOf(l located) int {
	position := l.GetSourcePosition()
	if position == nil {
		return 0
	}
	return int(position.GetZeroIndexedLineNumber()) + 1
}
