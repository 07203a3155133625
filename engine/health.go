package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
)

// Dependency is something that the engine needs from outside, and how it is.
type Dependency struct {
	Name string // store, graph or cache
	Err  error  // why it can't be asked now, for the log; nil if it can
	// Optional: without it answers are slower, and no different.
	Optional bool
}

// Health asks all that the engine needs whether it can be asked now, side by
// side, and obeys the context's deadline as far as they do. The order is always
// the same.
func (e *Engine) Health(ctx context.Context) []Dependency {
	type probe struct {
		name     string
		ready    func(context.Context) error
		optional bool
	}
	probes := []probe{{"store", e.store.Ready, false}, {"graph", e.graph.Ready, false}}
	if e.cache.cache != nil {
		probes = append(probes, probe{"cache", e.cache.cache.Ready, true})
	}
	found := make([]Dependency, len(probes))
	var asked sync.WaitGroup
	for i, p := range probes {
		asked.Go(func() { found[i] = Dependency{Name: p.name, Err: p.ready(ctx), Optional: p.optional} })
	}
	asked.Wait()
	return found
}

// Ready reports whether questions can be answered now; the error's message says
// what is out of reach, and its cause why.
func (e *Engine) Ready(ctx context.Context) error { return unready(e.Health(ctx)) }

// unready is the error that some of the dependencies can't be done without and
// can't be reached, Unavailable; nil if there are none.
func unready(found []Dependency) error {
	var (
		names  []string
		causes []error
	)
	for _, d := range found {
		if d.Err != nil && !d.Optional {
			names, causes = append(names, "the "+d.Name), append(causes, d.Err)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &Error{Code: Unavailable, Op: "ready", Message: strings.Join(names, " and ") + " can't be reached", Err: errors.Join(causes...)}
}
