// Package proof runs a portal's proof.yaml, SpiceDB's validation format,
// against its schema.zed with SpiceDB's own development packages. These bring
// an in-memory SpiceDB along, so nothing but a tool or a test imports it.
//
// Start at [Run].
package proof

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/authzed/spicedb/pkg/development"
	devinterface "github.com/authzed/spicedb/pkg/proto/developer/v1"
	"github.com/authzed/spicedb/pkg/validationfile"

	"github.com/portico-authz/portico/schema"
)

// Report is what a run found.
type Report struct {
	Relationships int // given
	Assertions    int // checked, true and false
	Expectations  int // relations and permissions whose subjects were expanded
	// Failures are what doesn't hold, by file and line; empty if all does.
	Failures []schema.Problem
}

// OK reports whether the proof holds.
func (r Report) OK() bool { return len(r.Failures) == 0 }

// Run runs the portal's proof. What doesn't hold, or can't be read, is a
// failure in the report; an error means that it couldn't be run.
func Run(ctx context.Context, portal *schema.Portal) (Report, error) {
	if failures := checkForm(portal.Proof); len(failures) > 0 {
		return Report{Failures: failures}, nil
	}
	file, err := validationfile.DecodeValidationFile([]byte(portal.Proof))
	if err != nil {
		return Report{Failures: []schema.Problem{decodeProblem(portal.Proof, err)}}, nil
	}
	report := Report{
		Relationships: len(file.Relationships.Relationships),
		Assertions:    len(file.Assertions.AssertTrue) + len(file.Assertions.AssertFalse) + len(file.Assertions.AssertCaveated),
		Expectations:  len(file.ExpectedRelations.ValidationMap),
	}
	report.Failures, err = run(ctx, portal, file)
	return report, err
}

func run(ctx context.Context, portal *schema.Portal, file *validationfile.ValidationFile) ([]schema.Problem, error) {
	// The schema is the portal's own text, which schemaFile names; SpiceDB
	// needn't read it again.
	file.SchemaFile = ""
	file.Schema.Schema = portal.Source
	dev, unfit, err := development.NewDevContextForValidationFile(ctx, file,
		development.WithRootFileName(schema.SchemaFile), development.WithDisableImports())
	if err != nil {
		return nil, fmt.Errorf("run proof of %s: %w", portal.Name, err)
	}
	if unfit != nil {
		return problems(file, unfit.GetInputErrors()), nil
	}
	defer dev.DevContext.Dispose()

	failed, err := development.RunAllAssertions(dev.DevContext, &dev.Assertions)
	if err != nil {
		return nil, fmt.Errorf("run assertions of %s: %w", portal.Name, err)
	}
	_, unexpected, err := development.RunValidation(dev.DevContext, &dev.ExpectedRelations)
	if err != nil {
		return nil, fmt.Errorf("run validation of %s: %w", portal.Name, err)
	}
	return problems(file, append(failed, unexpected...)), nil
}

// problems says SpiceDB's findings in file and line, in order.
func problems(file *validationfile.ValidationFile, found []*devinterface.DeveloperError) []schema.Problem {
	list := make([]schema.Problem, 0, len(found))
	for _, f := range found {
		p := schema.Problem{File: schema.ProofFile, Line: int(f.GetLine()), Message: f.GetMessage()}
		if f.GetSource() == devinterface.DeveloperError_SCHEMA {
			p.File = schema.SchemaFile
		}
		if p.Line == 0 {
			p.Line = expectationLine(file, f.GetContext())
		}
		list = append(list, p)
	}
	slices.SortStableFunc(list, func(a, b schema.Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	return list
}

// expectationLine returns where the validation of an object's relation stands:
// SpiceDB names it, without a line, if it can't be expanded.
func expectationLine(file *validationfile.ValidationFile, relation string) int {
	for key := range file.ExpectedRelations.ValidationMap {
		if key.ObjectRelationString == relation {
			return key.SourcePosition.LineNumber
		}
	}
	return 0
}
