package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/authzed/spicedb/pkg/datastore"
	core "github.com/authzed/spicedb/pkg/proto/core/v1"
)

// schemaState is the schema as one commit left it, in both of SpiceDB's modes:
// the stored schema, and definitions one by one. It never changes; commits that
// leave the schema alone share it.
type schemaState struct {
	stored     *datastore.ReadOnlyStoredSchema // nil if there is none
	hash       string                          // the stored schema's
	namespaces map[string]datastore.RevisionedNamespace
	caveats    map[string]datastore.RevisionedCaveat
}

func newSchemaState() *schemaState {
	return &schemaState{
		namespaces: map[string]datastore.RevisionedNamespace{},
		caveats:    map[string]datastore.RevisionedCaveat{},
	}
}

func (s *schemaState) clone() *schemaState {
	c := *s
	c.namespaces, c.caveats = maps.Clone(s.namespaces), maps.Clone(s.caveats)
	return &c
}

// types returns the object types, whichever mode they were written in.
func (s *schemaState) types() []datastore.RevisionedNamespace {
	if len(s.namespaces) > 0 {
		return slices.Collect(maps.Values(s.namespaces))
	}
	var types []datastore.RevisionedNamespace
	for _, def := range s.storedNamespaces() {
		types = append(types, datastore.RevisionedNamespace{Definition: def})
	}
	return types
}

func (s *schemaState) storedNamespaces() map[string]*core.NamespaceDefinition {
	if s.stored == nil {
		return nil
	}
	return s.stored.Get().GetV1().GetNamespaceDefinitions()
}

func (s *schemaState) storedCaveats() map[string]*core.CaveatDefinition {
	if s.stored == nil {
		return nil
	}
	return s.stored.Get().GetV1().GetCaveatDefinitions()
}

// byName returns all definitions, or those that are named, by name.
func byName[T datastore.SchemaDefinition](
	defs map[string]datastore.RevisionedDefinition[T], names ...string,
) []datastore.RevisionedDefinition[T] {
	var found []datastore.RevisionedDefinition[T]
	for name, def := range defs {
		if len(names) == 0 || slices.Contains(names, name) {
			found = append(found, def)
		}
	}
	slices.SortFunc(found, func(a, b datastore.RevisionedDefinition[T]) int {
		return cmp.Compare(a.Definition.GetName(), b.Definition.GetName())
	})
	return found
}

// ReadStoredSchema implements [datastore.Reader].
func (r *reader) ReadStoredSchema(context.Context) (*datastore.ReadOnlyStoredSchema, error) {
	s, err := r.schema()
	if err != nil {
		return nil, err
	}
	if s.stored == nil {
		return nil, datastore.ErrSchemaNotFound
	}
	return s.stored, nil
}

// LegacyReadNamespaceByName implements [datastore.LegacySchemaReader].
func (r *reader) LegacyReadNamespaceByName(_ context.Context, name string) (*core.NamespaceDefinition, datastore.Revision, error) {
	s, err := r.schema()
	if err != nil {
		return nil, datastore.NoRevision, err
	}
	def, ok := s.namespaces[name]
	if !ok {
		return nil, datastore.NoRevision, datastore.NewNamespaceNotFoundErr(name)
	}
	return def.Definition, def.LastWrittenRevision, nil
}

// LegacyListAllNamespaces implements [datastore.LegacySchemaReader].
func (r *reader) LegacyListAllNamespaces(context.Context) ([]datastore.RevisionedNamespace, error) {
	s, err := r.schema()
	if err != nil {
		return nil, err
	}
	return byName(s.namespaces), nil
}

// LegacyLookupNamespacesWithNames implements [datastore.LegacySchemaReader].
func (r *reader) LegacyLookupNamespacesWithNames(_ context.Context, names []string) ([]datastore.RevisionedNamespace, error) {
	s, err := r.schema()
	if err != nil || len(names) == 0 {
		return nil, err
	}
	return byName(s.namespaces, names...), nil
}

// LegacyReadCaveatByName implements [datastore.LegacySchemaReader].
func (r *reader) LegacyReadCaveatByName(_ context.Context, name string) (*core.CaveatDefinition, datastore.Revision, error) {
	s, err := r.schema()
	if err != nil {
		return nil, datastore.NoRevision, err
	}
	def, ok := s.caveats[name]
	if !ok {
		return nil, datastore.NoRevision, datastore.NewCaveatNameNotFoundErr(name)
	}
	return def.Definition, def.LastWrittenRevision, nil
}

// LegacyListAllCaveats implements [datastore.LegacySchemaReader].
func (r *reader) LegacyListAllCaveats(context.Context) ([]datastore.RevisionedCaveat, error) {
	s, err := r.schema()
	if err != nil {
		return nil, err
	}
	return byName(s.caveats), nil
}

// LegacyLookupCaveatsWithNames implements [datastore.LegacySchemaReader].
func (r *reader) LegacyLookupCaveatsWithNames(_ context.Context, names []string) ([]datastore.RevisionedCaveat, error) {
	s, err := r.schema()
	if err != nil || len(names) == 0 {
		return nil, err
	}
	return byName(s.caveats, names...), nil
}
