package spicedb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/failpoint"
)

var (
	operationForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	digestForm    = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// WriteSchema makes source, and the fence's definitions behind it, the schema.
// SpiceDB compares first: writing what is there would make a new snapshot, and
// older tokens must not need one. The first time, it tries whether SpiceDB's
// snapshots are what they must be: a Conflict, if not.
func (g *Graph) WriteSchema(ctx context.Context, source string) error {
	sum := sha256.Sum256([]byte(source))
	text := strings.TrimRight(source, "\n") + "\n" + fenceDefinitions(hex.EncodeToString(sum[:]))
	same, err := g.hasSchema(ctx, text)
	if err == nil && !same {
		err = g.replaceSchema(ctx, text)
	}
	if err != nil || g.unfenced || g.probed.Load() {
		return err
	}
	if err := g.probe(ctx); err != nil {
		return err
	}
	g.probed.Store(true)
	return nil
}

func (g *Graph) replaceSchema(ctx context.Context, text string) error {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	if _, err := g.schema.WriteSchema(ctx, &v1.WriteSchemaRequest{Schema: text}); err != nil {
		return translate("write schema", err)
	}
	return nil
}

func (g *Graph) hasSchema(ctx context.Context, text string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	answer, err := g.schema.DiffSchema(ctx, &v1.DiffSchemaRequest{
		Consistency:      &v1.Consistency{Requirement: &v1.Consistency_FullyConsistent{FullyConsistent: true}},
		ComparisonSchema: text,
	})
	if status.Code(err) == codes.NotFound {
		return false, nil
	}
	if err != nil {
		return false, translate("compare schema", err)
	}
	return len(answer.GetDiffs()) == 0, nil
}

// Write applies w and moves its domain's fence, all or nothing.
func (g *Graph) Write(ctx context.Context, w engine.Write) (engine.Token, error) {
	op := "write " + string(w.Domain)
	if err := validate(w); err != nil {
		return "", engine.WrapError(engine.Invalid, op, err)
	}
	updates := moveFence(w)
	for _, u := range w.Updates {
		operation := v1.RelationshipUpdate_OPERATION_TOUCH
		if u.Delete {
			operation = v1.RelationshipUpdate_OPERATION_DELETE
		}
		updates = append(updates, &v1.RelationshipUpdate{
			Operation:    operation,
			Relationship: encodeRelationship(u.Relationship),
		})
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	answer, err := g.permissions.WriteRelationships(ctx, &v1.WriteRelationshipsRequest{
		Updates:               updates,
		OptionalPreconditions: preconditions(w),
	})
	if err != nil {
		return "", translateWrite(op, err)
	}
	return g.bind(answer.GetWrittenAt().GetToken(), w), nil
}

// preconditions are looked at in their order: the schema comes first, since
// without it nothing else can be asked.
func preconditions(w engine.Write) []*v1.Precondition {
	var all []*v1.Precondition
	if w.Schema != "" {
		all = append(all, schemaIs(w))
	}
	if !failpoint.Has(failpoint.FenceIgnored) {
		all = append(all, fenceAt(w))
	}
	return all
}

func validate(w engine.Write) error {
	switch {
	case len(w.Updates) > engine.MaxUpdates:
		return engine.Errorf(engine.Invalid, "%d updates: at most %d fit one write", len(w.Updates), engine.MaxUpdates)
	case !operationForm.MatchString(w.Operation):
		return engine.Errorf(engine.Invalid, "operation %q: want letters, digits, _ and -", w.Operation)
	case w.After != "" && !operationForm.MatchString(w.After):
		return engine.Errorf(engine.Invalid, "operation %q: want letters, digits, _ and -", w.After)
	case w.Schema != "" && !digestForm.MatchString(w.Schema):
		return engine.Errorf(engine.Invalid, "schema %q: want a SHA-256 in hex", w.Schema)
	}
	for _, u := range w.Updates {
		if u.Relationship.Resource.Type == typeDomain {
			return engine.Errorf(engine.Invalid, "%s: the fence moves by itself", u.Relationship)
		}
	}
	return w.Domain.Validate()
}
