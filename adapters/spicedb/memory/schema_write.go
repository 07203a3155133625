package memory

import (
	"context"
	"fmt"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"github.com/authzed/spicedb/pkg/datastore"
	core "github.com/authzed/spicedb/pkg/proto/core/v1"
)

// WriteStoredSchema implements [datastore.ReadWriteTransaction].
func (tx *transaction) WriteStoredSchema(_ context.Context, schema *core.StoredSchema) error {
	return tx.writeSchema(func(s *schemaState) error {
		schema = schema.CloneVT()
		s.stored = datastore.NewReadOnlyStoredSchemaWithSize(schema, schema.SizeVT())
		s.hash = schema.GetV1().GetSchemaHash()
		return nil
	})
}

// LegacyWriteNamespaces implements [datastore.LegacySchemaWriter].
func (tx *transaction) LegacyWriteNamespaces(_ context.Context, defs ...*core.NamespaceDefinition) error {
	return tx.writeSchema(func(s *schemaState) error {
		return put(s.namespaces, defs)
	})
}

// LegacyDeleteNamespaces implements [datastore.LegacySchemaWriter].
func (tx *transaction) LegacyDeleteNamespaces(
	ctx context.Context, names []string, also datastore.DeleteNamespacesRelationshipsOption,
) error {
	err := tx.writeSchema(func(s *schemaState) error {
		for _, name := range names {
			if _, ok := s.namespaces[name]; !ok {
				return datastore.NewNamespaceNotFoundErr(name)
			}
			delete(s.namespaces, name)
		}
		return nil
	})
	if err != nil || also != datastore.DeleteNamespacesAndRelationships {
		return err
	}
	for _, name := range names {
		if _, _, err := tx.DeleteRelationships(ctx, &v1.RelationshipFilter{ResourceType: name}); err != nil {
			return fmt.Errorf("relationships of %q: %w", name, err)
		}
	}
	return nil
}

// LegacyWriteCaveats implements [datastore.LegacySchemaWriter].
func (tx *transaction) LegacyWriteCaveats(_ context.Context, defs []*core.CaveatDefinition) error {
	return tx.writeSchema(func(s *schemaState) error {
		return put(s.caveats, defs)
	})
}

// LegacyDeleteCaveats implements [datastore.LegacySchemaWriter]. Deleting what
// isn't there is no error.
func (tx *transaction) LegacyDeleteCaveats(_ context.Context, names []string) error {
	return tx.writeSchema(func(s *schemaState) error {
		for _, name := range names {
			delete(s.caveats, name)
		}
		return nil
	})
}

// put writes definitions, each name once.
func put[T interface {
	definition[T]
	CloneVT() T
}](each map[string]datastore.RevisionedDefinition[T], defs []T) error {
	seen := map[string]bool{}
	for _, def := range defs {
		name := def.GetName()
		if seen[name] {
			return fmt.Errorf("%q is defined twice", name)
		}
		seen[name] = true
		each[name] = datastore.RevisionedDefinition[T]{Definition: def.CloneVT(), LastWrittenRevision: datastore.NoRevision}
	}
	return nil
}

// writeSchema applies fn to a schema of the transaction's own. If fn fails, the
// schema stays as it was; that fn looked at it counts all the same.
func (tx *transaction) writeSchema(fn func(*schemaState) error) error {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	if err := tx.usable(); err != nil {
		return err
	}
	tx.usedSchema = true
	next := tx.commit.schema.clone()
	if err := fn(next); err != nil {
		return err
	}
	tx.commit.schema = next
	return nil
}

// seal gives the definitions that a commit wrote its revision.
func (s *schemaState) seal(r revision) {
	for name, def := range s.namespaces {
		if def.LastWrittenRevision == datastore.NoRevision {
			def.LastWrittenRevision = r
			s.namespaces[name] = def
		}
	}
	for name, def := range s.caveats {
		if def.LastWrittenRevision == datastore.NoRevision {
			def.LastWrittenRevision = r
			s.caveats[name] = def
		}
	}
}
