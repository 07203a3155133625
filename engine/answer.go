package engine

import (
	"context"

	"github.com/portico-authz/portico/engine/failpoint"
)

// Answer is the decision of one query, and the epoch that it is of.
type Answer struct {
	Query
	Decision Decision
	Epoch    int64
	Source   Source
}

// Source is what gave an answer. All of them give the same.
type Source string

// The sources.
const (
	FromGraph   Source = "spicedb"
	FromCache   Source = "redis"
	FromNothing Source = "none" // where there are no relationships, nobody may do anything
)

// answer answers queries about one domain in its present epoch: from the cache,
// unless the mode goes past it, and the rest from the graph.
func (e *Engine) answer(ctx context.Context, state DomainState, queries []Query, mode Mode) ([]Answer, error) {
	answers := make([]Answer, len(queries))
	for i, q := range queries {
		answers[i] = Answer{Query: q, Decision: Deny, Epoch: state.Epoch, Source: FromNothing}
	}
	err := e.at(ctx, state, func(at Token) error {
		if e.cache.cache == nil || mode == Full {
			return e.decideAll(ctx, at, answers)
		}
		return e.recallOrDecide(ctx, state, answers)
	})
	return answers, err
}

func (e *Engine) decideAll(ctx context.Context, at Token, answers []Answer) error {
	queries := make([]Query, len(answers))
	for i, a := range answers {
		queries[i] = a.Query
	}
	decisions, err := e.graph.Check(ctx, at, queries)
	for i, d := range decisions {
		answers[i].Decision, answers[i].Source = d, FromGraph
	}
	return err
}

// recallOrDecide asks the graph for what the cache doesn't know, and has the
// cache remember that, under the very state at whose token the graph was asked.
func (e *Engine) recallOrDecide(ctx context.Context, state DomainState, answers []Answer) error {
	requests := make([]requestDigest, len(answers))
	for i, a := range answers {
		requests[i] = digestOf(state, a.Query)
	}
	now := e.now()
	places := e.cache.recall(ctx, requests, now, answers)
	if len(places) == 0 {
		return nil
	}
	rest, asked := make([]Answer, len(places)), make([]requestDigest, len(places))
	for i, place := range places {
		rest[i], asked[i] = answers[place], requests[place]
	}
	if err := e.decideAll(ctx, state.Token, rest); err != nil {
		return err
	}
	failpoint.Reach(failpoint.CheckDecided)
	for i, place := range places {
		answers[place] = rest[i]
	}
	if failpoint.Has(failpoint.LaterEpoch) {
		state, asked = e.laterEpoch(ctx, state, rest)
	}
	e.cache.remember(ctx, state, asked, rest, now)
	return nil
}
