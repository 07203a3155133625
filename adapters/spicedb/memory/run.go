package memory

import "github.com/tidwall/btree"

// run reads edges one after the other. It lasts as long as the graph is locked.
type run struct {
	pending *edge
	rest    []*edge
	tree    *btree.IterG[*edge] // after rest
}

// next returns the next edge, or nil.
func (r *run) next() *edge {
	switch {
	case r.pending != nil:
		e := r.pending
		r.pending = nil
		return e
	case len(r.rest) > 0:
		e := r.rest[0]
		r.rest = r.rest[1:]
		return e
	case r.tree != nil && r.tree.Next():
		return r.tree.Item()
	}
	return nil
}

// peek returns what next will return.
func (r *run) peek() *edge {
	r.pending = r.next()
	return r.pending
}

// after returns a run over the edges that come after a place in an order: within
// one posting, that is the order of the names.
func (s *edges) after(by side, at *place, o order) run {
	switch {
	case s.len() == 0:
		return run{}
	case at == nil || o.compare(s.first().place(), *at) > 0:
		return s.from(by, "")
	case o.compare(s.last().place(), *at) <= 0:
		return run{}
	}
	r := s.from(by, at.end(by).ObjectID)
	for e := r.peek(); e != nil && o.compare(e.place(), *at) <= 0; e = r.peek() {
		r.pending = nil
	}
	return r
}

// from returns a run over the edges whose other ends have that name or a later one.
func (s *edges) from(by side, name string) run {
	if s.many == nil {
		i, _ := s.search(by, name)
		return run{rest: s.few[i:]}
	}
	tree := s.many.Iter()
	if !tree.Seek(probe(by, name)) {
		return run{}
	}
	return run{pending: tree.Item(), tree: &tree}
}

// pair reads two runs over edges of one posting, the living and the dead, as one.
type pair struct {
	by         side
	live, dead run
}

func (p *pair) next() *edge {
	dead := p.dead.peek()
	if dead == nil {
		return p.live.next()
	}
	live := p.live.peek()
	if live == nil || dead.ends[p.by].name < live.ends[p.by].name {
		return p.dead.next()
	}
	return p.live.next()
}
