package memory

import (
	"slices"
	"strings"

	"github.com/tidwall/btree"
)

// posting lists the edges of one object and shape. Those that are dead at head
// lie apart, where only readers of older revisions look: what was deleted must
// not cost those who read the present.
type posting struct {
	shape *shape
	live  edges
	// dead is nil while there are none, which is nearly always.
	dead *deadEdges
}

// deadEdges has the edges of a posting whose last versions have died.
type deadEdges struct {
	edges
	last revision // of the last death, also of one since taken out
}

func (p *posting) len() int {
	if p.dead == nil {
		return p.live.len()
	}
	return p.live.len() + p.dead.len()
}

// find returns the edge with an object at the other end, or nil.
func (p *posting) find(by side, name string) *edge {
	if e := p.live.find(by, name); e != nil || p.dead == nil {
		return e
	}
	return p.dead.find(by, name)
}

// retire puts a live edge to the dead. It died at a revision or before.
func (p *posting) retire(by side, e *edge, at revision) {
	p.live.remove(by, e)
	if p.dead == nil {
		p.dead = &deadEdges{}
	}
	p.dead.insert(by, e)
	p.dead.last = max(p.dead.last, at)
}

// revive brings a dead edge back.
func (p *posting) revive(by side, e *edge) {
	p.removeDead(by, e)
	p.live.insert(by, e)
}

// remove takes an edge out.
func (p *posting) remove(by side, e *edge) {
	if p.live.remove(by, e) || p.dead == nil {
		return
	}
	p.removeDead(by, e)
}

func (p *posting) removeDead(by side, e *edge) {
	p.dead.remove(by, e)
	if p.dead.len() == 0 {
		p.dead = nil
	}
}

// deadAt returns the dead edges if a reader at a revision may see some of them
// alive, or nil.
func (p *posting) deadAt(at revision) *deadEdges {
	if p.dead == nil || p.dead.last <= at {
		return nil
	}
	return p.dead
}

// maxFew is how many edges lie in a slice. Beyond that, inserting into a tree is
// cheaper than moving what comes after.
const maxFew = 128

// edges are some of one object's, in the order of the names at the other end.
// That end isn't kept here, but passed, as most objects have one edge only.
type edges struct {
	few  []*edge
	many *btree.BTreeG[*edge] // instead, once there are more than few
}

func (s *edges) len() int {
	if s.many != nil {
		return s.many.Len()
	}
	return len(s.few)
}

func (s *edges) find(by side, name string) *edge {
	if s.many != nil {
		e, _ := s.many.Get(probe(by, name))
		return e
	}
	if i, found := s.search(by, name); found {
		return s.few[i]
	}
	return nil
}

func (s *edges) search(by side, name string) (int, bool) {
	return slices.BinarySearchFunc(s.few, name, func(e *edge, name string) int {
		return strings.Compare(e.ends[by].name, name)
	})
}

// insert adds an edge that isn't there.
func (s *edges) insert(by side, e *edge) {
	if s.many == nil && len(s.few) == maxFew {
		s.many = btree.NewBTreeGOptions(func(a, b *edge) bool {
			return a.ends[by].name < b.ends[by].name
		}, btree.Options{NoLocks: true})
		for _, e := range s.few {
			s.many.Load(e)
		}
		s.few = nil
	}
	if s.many != nil {
		s.many.Set(e)
		return
	}
	i, _ := s.search(by, e.ends[by].name)
	s.few = slices.Insert(s.few, i, e)
}

// remove takes an edge out, and reports whether it was there. A tree becomes a
// slice again when it is half that size, so that one edge more or less doesn't
// rebuild it each time.
func (s *edges) remove(by side, e *edge) bool {
	if s.many == nil {
		i, found := s.search(by, e.ends[by].name)
		if found {
			s.few = slices.Delete(s.few, i, i+1)
		}
		return found
	}
	_, found := s.many.Delete(e)
	if s.many.Len() <= maxFew/2 {
		s.few, s.many = s.many.Items(), nil
	}
	return found
}

// probe is an edge to look others up with.
func probe(by side, name string) *edge {
	e := &edge{}
	e.ends[by] = &object{name: name}
	return e
}

func (s *edges) first() *edge {
	if s.many != nil {
		e, _ := s.many.Min()
		return e
	}
	return s.few[0]
}

func (s *edges) last() *edge {
	if s.many != nil {
		e, _ := s.many.Max()
		return e
	}
	return s.few[len(s.few)-1]
}
