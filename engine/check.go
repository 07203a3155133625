package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/portico-authz/portico/schema"
)

// MaxBulk is how many queries one bulk check takes.
const MaxBulk = 10_000

// Check answers whether the subject has the permission on the resource. A deny
// is an answer; NotFound means that the resource's partner isn't there.
func (e *Engine) Check(ctx context.Context, q Query, c Consistency) (Answer, error) {
	answers, err := e.CheckBulk(ctx, []Query{q}, c)
	if err != nil {
		return Answer{}, err
	}
	return answers[0], nil
}

// CheckBulk answers up to [MaxBulk] queries, in order. The answers about one
// partner are all of one epoch.
func (e *Engine) CheckBulk(ctx context.Context, queries []Query, c Consistency) ([]Answer, error) {
	if len(queries) == 0 || len(queries) > MaxBulk {
		return nil, Errorf(Invalid, "a bulk check takes 1 to %d queries, not %d", MaxBulk, len(queries))
	}
	byDomain := map[schema.Domain][]int{}
	for i, q := range queries {
		if err := e.validateQuery(q); err != nil {
			return nil, err
		}
		d := q.Resource.Domain()
		byDomain[d] = append(byDomain[d], i)
	}
	answers := make([]Answer, len(queries))
	err := inParallel(ctx, checkDomains, slices.Collect(maps.Keys(byDomain)), func(d schema.Domain) error {
		return e.checkDomain(ctx, d, queries, byDomain[d], c, answers)
	})
	if err != nil {
		return nil, err
	}
	return answers, nil
}

// checkDomains is how many partners of a bulk check are asked at a time. Their
// epochs come by one query.
const checkDomains = 32

// checkDomain answers those of the queries that are about the domain: the ones
// at places.
func (e *Engine) checkDomain(ctx context.Context, d schema.Domain, queries []Query, places []int, c Consistency, answers []Answer) error {
	part := make([]Query, len(places))
	for i, place := range places {
		part[i] = queries[place]
	}
	return e.read(ctx, d, c, func(state DomainState) error {
		if err := c.check(state); err != nil {
			return err
		}
		decided, err := e.answer(ctx, state, part, c.Mode)
		for i, a := range decided {
			answers[places[i]] = a
		}
		return err
	})
}

// validateQuery refuses what the schema has no words for.
func (e *Engine) validateQuery(q Query) error {
	if err := q.Resource.Validate(); err != nil {
		return Errorf(Invalid, "resource: %s", err)
	}
	if q.Resource.Type == schema.TypeUser {
		return Errorf(Invalid, "resource: nobody has permissions on a user")
	}
	if err := e.validatePermission(q.Resource.Type, q.Permission); err != nil {
		return err
	}
	return e.validateSubject(q.Subject)
}

func (e *Engine) validatePermission(typ, permission string) error {
	if e.portal.Model.Types[typ] == nil {
		return Errorf(Invalid, "the schema has no type %q; it has %s", typ, strings.Join(e.portal.Model.TypeNames(), ", "))
	}
	if !e.portal.Model.Has(typ, permission) {
		return Errorf(Invalid, "%s has no permission %q; it has %s", typ, permission, strings.Join(e.portal.Model.PermissionNames(typ), ", "))
	}
	return nil
}

func (e *Engine) validateSubject(s schema.Subject) error {
	if err := s.Validate(); err != nil {
		return Errorf(Invalid, "subject: %s", err)
	}
	if e.portal.Model.Types[s.Type] == nil {
		return Errorf(Invalid, "subject: the schema has no type %q", s.Type)
	}
	if s.Relation != "" && !e.portal.Model.Has(s.Type, s.Relation) {
		return Errorf(Invalid, "subject: %s has no relation %q", s.Type, s.Relation)
	}
	return nil
}
