package engine

import (
	"context"
	"time"

	"github.com/portico-authz/portico/schema"
)

// proof is why a subject has a relation or permission on an object: a tree
// whose leaves are relationships.
type proof struct {
	object schema.Object
	name   string // relation or permission
	row    Row    // set for a leaf, and for a step through a userset or an arrow
	parts  []*proof
}

// prover finds one proof of a subject's permission, by reading only the rows
// that it needs. It is for explaining, not for deciding: the graph decides.
type prover struct {
	model   *schema.Model
	rows    func(context.Context, RelationshipFilter) ([]Row, error)
	now     time.Time
	subject schema.Subject

	memo map[target]*verdict
}

type target struct {
	object schema.Object
	name   string
}

type verdict struct {
	proof *proof // nil: none
	// missing are the relations that would have been enough, and barred the
	// rows that took away what there was.
	missing []target
	barred  []Row
}

func newProver(v *View, subject schema.Subject) *prover {
	return &prover{
		model: v.Portal.Model, rows: v.Rows, now: v.Now, subject: subject, memo: map[target]*verdict{},
	}
}

// prove looks for a proof that the subject has name on the object.
func (p *prover) prove(ctx context.Context, object schema.Object, name string) (*verdict, error) {
	at := target{object, name}
	if known := p.memo[at]; known != nil {
		return known, nil
	}
	p.memo[at] = &verdict{} // a cycle proves nothing
	var (
		found *verdict
		err   error
	)
	if t := p.model.Types[object.Type]; t != nil && t.Permissions[name] != nil {
		found, err = p.expr(ctx, object, t.Permissions[name].Expr)
		if err == nil && found.proof != nil {
			found = &verdict{proof: &proof{object: object, name: name, parts: []*proof{found.proof}}}
		}
	} else {
		found, err = p.relation(ctx, object, name)
	}
	if err != nil {
		return nil, err
	}
	p.memo[at] = found
	return found, nil
}

func (p *prover) expr(ctx context.Context, object schema.Object, expr schema.Expr) (*verdict, error) {
	switch x := expr.(type) {
	case schema.Ref:
		return p.prove(ctx, object, x.Name)
	case schema.Arrow:
		return p.arrow(ctx, object, x)
	case schema.Union:
		return p.union(ctx, object, x)
	case schema.Intersection:
		return p.intersection(ctx, object, x)
	case schema.Exclusion:
		return p.exclusion(ctx, object, x)
	case schema.Self:
		if p.subject == (schema.Subject{Object: object}) {
			return &verdict{proof: &proof{object: object}}, nil
		}
		return &verdict{}, nil
	default: // Nil
		return &verdict{}, nil
	}
}

func (p *prover) union(ctx context.Context, object schema.Object, parts schema.Union) (*verdict, error) {
	all := &verdict{}
	for _, part := range parts {
		v, err := p.expr(ctx, object, part)
		if err != nil || v.proof != nil {
			return v, err
		}
		all.missing = append(all.missing, v.missing...)
		all.barred = append(all.barred, v.barred...)
	}
	return all, nil
}

func (p *prover) intersection(ctx context.Context, object schema.Object, parts schema.Intersection) (*verdict, error) {
	whole := &proof{object: object}
	for _, part := range parts {
		v, err := p.expr(ctx, object, part)
		if err != nil || v.proof == nil {
			return v, err
		}
		whole.parts = append(whole.parts, v.proof)
	}
	return &verdict{proof: whole}, nil
}

func (p *prover) exclusion(ctx context.Context, object schema.Object, x schema.Exclusion) (*verdict, error) {
	base, err := p.expr(ctx, object, x.Base)
	if err != nil || base.proof == nil {
		return base, err
	}
	bar, err := p.expr(ctx, object, x.Subtract)
	if err != nil || bar.proof == nil {
		return base, err
	}
	return &verdict{barred: bar.proof.leaves(nil)}, nil
}

// arrow follows the relation's rows, and asks on what they lead to.
func (p *prover) arrow(ctx context.Context, object schema.Object, x schema.Arrow) (*verdict, error) {
	rows, err := p.live(ctx, object, x.Relation)
	if err != nil {
		return nil, err
	}
	all := &verdict{}
	var whole *proof
	for _, r := range rows {
		v, err := p.prove(ctx, r.Subject.Object, x.Name)
		if err != nil {
			return nil, err
		}
		switch {
		case v.proof != nil && !x.All:
			return &verdict{proof: &proof{object: object, name: x.Relation, parts: []*proof{v.proof}}}, nil
		case v.proof != nil:
			whole = &proof{object: object, name: x.Relation, parts: []*proof{v.proof}}
		case x.All:
			return v, nil
		}
		all.missing = append(all.missing, v.missing...)
		all.barred = append(all.barred, v.barred...)
	}
	if whole != nil {
		return &verdict{proof: whole}, nil
	}
	return all, nil
}

// relation looks for the subject among the relation's own rows, then in the
// sets that they name.
func (p *prover) relation(ctx context.Context, object schema.Object, name string) (*verdict, error) {
	rows, err := p.live(ctx, object, name)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.Subject == p.subject {
			return &verdict{proof: &proof{object: object, name: name, row: r}}, nil
		}
	}
	for _, r := range rows {
		if r.Subject.Relation == "" {
			continue
		}
		v, err := p.prove(ctx, r.Subject.Object, r.Subject.Relation)
		if err != nil {
			return nil, err
		}
		if v.proof != nil {
			return &verdict{proof: &proof{object: object, name: name, row: r, parts: []*proof{v.proof}}}, nil
		}
	}
	return &verdict{missing: []target{{object, name}}}, nil
}

func (p *prover) live(ctx context.Context, object schema.Object, relation string) ([]Row, error) {
	rows, err := p.rows(ctx, RelationshipFilter{ResourceType: object.Type, ResourceID: object.ID, Relation: relation})
	live := rows[:0]
	for _, r := range rows {
		if r.live(p.now) {
			live = append(live, r)
		}
	}
	return live, err
}

// leaves returns the rows that the proof stands on, the resource's own first.
func (p *proof) leaves(rows []Row) []Row {
	if p.row.Relation != "" {
		rows = append(rows, p.row)
	}
	for _, part := range p.parts {
		rows = part.leaves(rows)
	}
	return rows
}
