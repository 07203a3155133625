package engine_test

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest"
	"github.com/portico-authz/portico/schema"
)

// library is the Go library as a door of the cases.
type library struct{ *bench }

var _ enginetest.Door = library{}

func actor(as string) engine.Actor {
	if as == "" {
		return engine.Actor{Kind: engine.Operator}
	}
	return engine.PersonActor(as)
}

func (l library) Do(ctx context.Context, as, operation string, params map[string]any) error {
	defs := l.Operations()
	i := slices.IndexFunc(defs, func(d engine.Definition) bool { return d.Name == operation })
	if i < 0 {
		return engine.Errorf(engine.NotFound, "no operation %q", operation)
	}
	op := defs[i].New()
	text, err := json.Marshal(params)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, op); err != nil {
		return engine.Errorf(engine.Invalid, "%s", err)
	}
	_, err = l.bench.Do(ctx, actor(as), op, nil)
	return err
}

func query(resource, permission, subject string) (engine.Query, error) {
	r, err := schema.ParseObject(resource)
	if err != nil {
		return engine.Query{}, err
	}
	s, err := schema.ParseSubject(subject)
	return engine.Query{Resource: r, Permission: permission, Subject: s}, err
}

func (l library) Check(ctx context.Context, resource, permission, subject string) (string, error) {
	q, err := query(resource, permission, subject)
	if err != nil {
		return "", err
	}
	a, err := l.bench.Check(ctx, q, engine.Consistency{})
	return string(a.Decision), err
}

func (l library) Explain(ctx context.Context, resource, permission, subject string) (string, error) {
	q, err := query(resource, permission, subject)
	if err != nil {
		return "", err
	}
	x, err := l.bench.Explain(ctx, q)
	if err != nil {
		return "", err
	}
	return x.Text, nil
}

func (l library) Invitation(_ context.Context, email string) (string, error) {
	l.post.mu.Lock()
	defer l.post.mu.Unlock()
	sent := l.post.sent[email]
	if len(sent) == 0 {
		return "", engine.Errorf(engine.NotFound, "nothing was mailed to %s", email)
	}
	return sent[len(sent)-1].Token, nil
}

func (l library) List(ctx context.Context, as, view string, params map[string]string) ([]string, error) {
	list, ok := libraryViews[view]
	if !ok {
		return nil, engine.Errorf(engine.Invalid, "the door has no view %q", view)
	}
	return list(ctx, visit{l.Engine, actor(as), schema.Domain(params["partner"]), params})
}
