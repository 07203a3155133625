package memory

import (
	"container/heap"
	"maps"
	"slices"

	"github.com/authzed/spicedb/pkg/datastore/options"
)

// scan reads, in an order, the edges of the shapes that a filter admits. It
// starts from the objects on one side, the roots: those that the filter names,
// on the side where it names fewer, or all of a shape's. So it costs what it
// returns, and what the filter refuses of the roots' own edges.
type scan struct {
	graph  *graph // as long as it is locked
	filter *filter
	order  order
	roots  side
	at     revision
	after  *place // exclusive; nil: from the start
}

func newScan(f *filter, at revision) scan {
	s := scan{filter: f, at: at, after: f.after, roots: resourceSide}
	resources, subjects := len(f.resources), f.subjectCount()
	switch {
	case subjects > 0 && (resources == 0 || subjects < resources):
		s.roots = subjectSide
	case resources == 0 && f.sort == options.BySubject:
		s.roots = subjectSide
	}
	switch f.sort {
	case options.ByResource:
		s.order = byResource
	case options.BySubject:
		s.order = bySubject
	default:
		s.order = order(s.roots)
	}
	return s
}

// beyond reports whether the edge, and so all that follow, come after the last
// that the filter wants.
func (s *scan) beyond(e *edge) bool {
	return s.filter.until != nil && s.order.compare(e.place(), *s.filter.until) > 0
}

// subjectCount returns how many ids of subjects the filter names, 0 if it is
// open in any of its selectors.
func (f *filter) subjectCount() int {
	count := 0
	for _, sel := range f.subjects {
		if len(sel.ids) == 0 {
			return 0
		}
		count += len(sel.ids)
	}
	return count
}

// walk calls yield with each edge of a graph, which is locked, until that
// returns false.
func (s *scan) walk(g *graph, yield func(*edge) bool) {
	s.graph = g
	h := streams{order: s.order}
	for _, shape := range s.shapes() {
		if !s.filter.admits(shape) {
			continue
		}
		for _, st := range s.streams(shape) {
			if st.advance() {
				h.list = append(h.list, st)
			}
		}
	}
	heap.Init(&h)
	for len(h.list) > 0 {
		first := h.list[0]
		if !yield(first.edge) {
			return
		}
		switch {
		case !first.advance():
			heap.Pop(&h)
		case len(h.list) > 1:
			heap.Fix(&h, 0)
		}
	}
}

func (s *scan) shapes() []*shape {
	if s.filter.resource != "" {
		return s.graph.byResource[s.filter.resource]
	}
	return slices.Collect(maps.Values(s.graph.shapes))
}

// streams returns what reads a shape in the scan's order: one stream if its
// roots come in that order, or one for each root.
func (s *scan) streams(shape *shape) []*stream {
	if shape.roots[s.roots].Len() == 0 {
		return nil
	}
	st := stream{scan: s, shape: shape}
	if ids, all := s.filter.names(s.roots.other(), shape); !all {
		st.wanted = ids
	}
	names, all := s.filter.names(s.roots, shape)
	if all {
		st.tree = s.seek(shape)
		return []*stream{&st}
	}
	if s.order == order(s.roots) {
		st.names = names
		return []*stream{&st}
	}
	list := make([]*stream, len(names))
	for i := range names {
		each := st
		each.names = names[i : i+1]
		list[i] = &each
	}
	return list
}

// seek returns an iterator over a shape's roots that stands before the first
// that may be wanted, or nil if there is none.
func (s *scan) seek(shape *shape) *rootIterator {
	from := ""
	if s.roots == resourceSide {
		from = s.filter.prefix
	}
	if s.after != nil {
		end := s.after.end(s.roots)
		switch typ := shape.typeOn(s.roots); {
		case typ < end.ObjectType:
			return nil
		case typ == end.ObjectType:
			from = max(from, end.ObjectID)
		}
	}
	it := &rootIterator{tree: shape.roots[s.roots].Iter()}
	if it.tree.Seek(&object{name: from}) {
		it.pending = it.tree.Item()
	}
	return it
}

// typeOn returns the type of the objects on a side.
func (s *shape) typeOn(at side) string {
	if at == resourceSide {
		return s.resource
	}
	return s.subject
}
