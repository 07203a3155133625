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

// Unready returns the error that questions can't be answered, Unavailable, since
// dependencies that can't be done without are out of reach; nil if none is. Its
// message says which, and its cause why.
func Unready(found []Dependency) error {
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
