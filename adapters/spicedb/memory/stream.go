package memory

import (
	"strings"

	"github.com/tidwall/btree"
)

// rootIterator reads a shape's roots.
type rootIterator struct {
	tree    btree.IterG[*object]
	pending *object
}

func (it *rootIterator) next() *object {
	if o := it.pending; o != nil {
		it.pending = nil
		return o
	}
	if it.tree.Next() {
		return it.tree.Item()
	}
	return nil
}

// stream reads the edges of one shape: root by root, and within a root by the
// name at the other end.
type stream struct {
	scan   *scan
	shape  *shape
	names  []string // of the roots, if they are known
	tree   *rootIterator
	wanted []string // ids at the other end; nil: any
	pair   pair
	edge   *edge // the present one, after advance
}

func (st *stream) advance() bool {
	for {
		if st.edge = st.pair.next(); st.edge != nil {
			return true
		}
		p := st.nextPosting()
		if p == nil {
			return false
		}
		st.pair = st.within(p)
	}
}

// nextPosting returns the next root's edges, or nil.
func (st *stream) nextPosting() *posting {
	at := st.scan.roots
	if st.tree != nil {
		root := st.tree.next()
		if root == nil || at == resourceSide && !strings.HasPrefix(root.name, st.scan.filter.prefix) {
			return nil
		}
		return root.posting(at, st.shape)
	}
	for len(st.names) > 0 {
		name := st.names[0]
		st.names = st.names[1:]
		root := st.scan.graph.find(st.shape.typeOn(at), name)
		if root == nil {
			continue
		}
		if p := root.posting(at, st.shape); p != nil {
			return p
		}
	}
	return nil
}

// A posting with narrow times as many edges as are wanted of it is cheaper to look
// these up in than to read.
const narrow = 4

// within returns the edges of one root that may be wanted, after the scan's place.
func (st *stream) within(p *posting) pair {
	by := st.scan.roots.other()
	if st.wanted != nil && narrow*len(st.wanted) <= p.len() {
		return pair{live: run{rest: st.lookUp(p)}}
	}
	both := pair{by: by, live: p.live.after(by, st.scan.after, st.scan.order)}
	if dead := p.deadAt(st.scan.at); dead != nil {
		both.dead = dead.after(by, st.scan.after, st.scan.order)
	}
	return both
}

// lookUp returns the wanted edges of a posting.
func (st *stream) lookUp(p *posting) []*edge {
	var found []*edge
	for _, name := range st.wanted {
		e := p.find(st.scan.roots.other(), name)
		if e != nil && (st.scan.after == nil || st.scan.order.compare(e.place(), *st.scan.after) > 0) {
			found = append(found, e)
		}
	}
	return found
}

// streams is a heap of streams by their present edges.
type streams struct {
	order order
	list  []*stream
}

func (h *streams) Len() int      { return len(h.list) }
func (h *streams) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *streams) Push(x any)    { h.list = append(h.list, x.(*stream)) }

func (h *streams) Less(i, j int) bool {
	return h.order.compare(h.list[i].edge.place(), h.list[j].edge.place()) < 0
}

func (h *streams) Pop() any {
	last := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return last
}
