package memory

import (
	"cmp"
	"maps"
	"slices"

	"github.com/authzed/spicedb/pkg/datastore"
)

// definition is a namespace's or a caveat's.
type definition[T any] interface {
	datastore.SchemaDefinition
	EqualVT(T) bool
}

// describe adds to a watch's event what a commit changed in the schema that was
// there before, whichever mode it was written in.
func (s *schemaState) describe(before *schemaState, event *datastore.RevisionChanges) {
	namespaces, deleted := compareDefinitions(
		both(before.namespaces, before.storedNamespaces()), both(s.namespaces, s.storedNamespaces()),
		writtenAt(s.namespaces, event.Revision))
	caveats, deletedCaveats := compareDefinitions(
		both(before.caveats, before.storedCaveats()), both(s.caveats, s.storedCaveats()),
		writtenAt(s.caveats, event.Revision))
	event.ChangedDefinitions = slices.Concat(namespaces, caveats)
	event.DeletedNamespaces, event.DeletedCaveats = deleted, deletedCaveats
}

// both returns the definitions of both modes by name.
func both[T definition[T]](each map[string]datastore.RevisionedDefinition[T], stored map[string]T) map[string]T {
	all := maps.Clone(stored)
	if all == nil {
		all = make(map[string]T, len(each))
	}
	for name, def := range each {
		all[name] = def.Definition
	}
	return all
}

// writtenAt reports of a definition whether it was written one by one at a
// revision: that counts as a change, be it the same.
func writtenAt[T definition[T]](each map[string]datastore.RevisionedDefinition[T], r datastore.Revision) func(name string) bool {
	return func(name string) bool {
		def, ok := each[name]
		return ok && def.LastWrittenRevision.Equal(r)
	}
}

// compareDefinitions returns what was added or changed, and the names of what
// was deleted, both by name.
func compareDefinitions[T definition[T]](
	before, after map[string]T, written func(name string) bool,
) (changed []datastore.SchemaDefinition, deleted []string) {
	for name, def := range after {
		if old, ok := before[name]; !ok || written(name) || !def.EqualVT(old) {
			changed = append(changed, def)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			deleted = append(deleted, name)
		}
	}
	slices.SortFunc(changed, func(a, b datastore.SchemaDefinition) int { return cmp.Compare(a.GetName(), b.GetName()) })
	slices.Sort(deleted)
	return changed, deleted
}
