package observed

import (
	"context"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// graph is an [engine.Graph].
type graph struct {
	engine.Graph
	around Around
}

// Graph returns a graph whose calls are watched. A Loader stays one.
func Graph(g engine.Graph, around Around) engine.Graph {
	watched := graph{g, around}
	if l, ok := g.(engine.Loader); ok {
		return loadable{watched, l}
	}
	return watched
}

// loadable is a watched graph that can be filled; the filling isn't watched.
type loadable struct {
	graph
	loader engine.Loader
}

func (l loadable) Load(ctx context.Context, next func() ([]schema.Relationship, error), fences map[schema.Domain]string) (engine.Token, error) {
	return l.loader.Load(ctx, next, fences)
}

func (g graph) Write(ctx context.Context, w engine.Write) (engine.Token, error) {
	return on(ctx, g.around, "graph", "write", func(ctx context.Context) (engine.Token, error) { return g.Graph.Write(ctx, w) })
}

func (g graph) Check(ctx context.Context, at engine.Token, queries []engine.Query) ([]engine.Decision, error) {
	call := "check"
	if len(queries) > 1 {
		call = "check_bulk"
	}
	return on(ctx, g.around, "graph", call, func(ctx context.Context) ([]engine.Decision, error) { return g.Graph.Check(ctx, at, queries) })
}

func (g graph) LookupResources(ctx context.Context, at engine.Token, typ, permission string, subject schema.Subject) ([]string, error) {
	return on(ctx, g.around, "graph", "lookup_resources", func(ctx context.Context) ([]string, error) {
		return g.Graph.LookupResources(ctx, at, typ, permission, subject)
	})
}

func (g graph) LookupSubjects(ctx context.Context, at engine.Token, resource schema.Object, permission, subjectType string) ([]string, error) {
	return on(ctx, g.around, "graph", "lookup_subjects", func(ctx context.Context) ([]string, error) {
		return g.Graph.LookupSubjects(ctx, at, resource, permission, subjectType)
	})
}
