package ginapi

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Consistency is how fresh an answer must be.
type Consistency struct {
	Mode     engine.Mode `json:"mode,omitempty" enum:"strict,bounded,token,full" doc:"strict, the default: knows every acknowledged operation. bounded: may be older by max_age_ms. token: of the token's epoch or later. full: as strict, past every cache."`
	MaxAgeMS int64       `json:"max_age_ms,omitempty" minimum:"0" maximum:"86400000" doc:"bounded only." example:"500"`
	Token    string      `json:"token,omitempty" maxLength:"512" doc:"token only: from an operation's answer."`
}

func (c Consistency) engine() engine.Consistency {
	return engine.Consistency{Mode: cmp.Or(c.Mode, engine.Strict), MaxAge: time.Duration(c.MaxAgeMS) * time.Millisecond, Token: c.Token}
}

// Query asks whether a subject has a permission on a resource.
type Query struct {
	Resource   schema.Object  `json:"resource" example:"account:acme/ledger" doc:"The object."`
	Permission string         `json:"permission" example:"access" doc:"The permission, or a relation."`
	Subject    schema.Subject `json:"subject" example:"user:someone@example.com" doc:"Who: user:…, or a set such as staff:acme/ana#user."`
}

func (q Query) engine() engine.Query {
	return engine.Query{Resource: q.Resource, Permission: q.Permission, Subject: q.Subject}
}

// CheckRequest is one query, and how fresh its answer must be.
type CheckRequest struct {
	Query
	Consistency Consistency `json:"consistency,omitzero"`
}

// BulkRequest is many queries.
type BulkRequest struct {
	Checks      []Query     `json:"checks" nullable:"false" minItems:"1" maxItems:"10000" doc:"The queries."`
	Consistency Consistency `json:"consistency,omitzero"`
}

// Decision is the answer to a query.
type Decision struct {
	Decision engine.Decision `json:"decision" enum:"allow,deny,conditional" doc:"Only allow means access."`
	Allowed  bool            `json:"allowed" doc:"Whether the decision is allow."`
	Epoch    int64           `json:"epoch" doc:"The epoch that it is of." example:"12"`
}

// DecisionList is the answers to many queries.
type DecisionList struct {
	Answers []Decision `json:"answers" nullable:"false" doc:"In the order of the queries; of one epoch, as far as they are about one partner."`
}

// mayAskAll lets a caller have all the decisions, or none. That is decided once
// for each domain, for the caller themself and for all others: mayAsk tells no
// others apart.
func (s *server) mayAskAll(ctx context.Context, queries []engine.Query) error {
	type question struct {
		domain schema.Domain
		self   bool
	}
	self := callerOf(ctx).actor.Subject()
	asked := map[question]bool{}
	for _, q := range queries {
		about := question{q.Resource.Domain(), !q.Subject.IsZero() && q.Subject == self}
		if asked[about] {
			continue
		}
		asked[about] = true
		if err := s.mayAsk(ctx, about.domain, q.Subject); err != nil {
			return err
		}
	}
	hidden := map[schema.Domain]engine.Hidden{}
	for _, q := range queries {
		if q.Subject == self {
			continue // what they may not know of, they are denied
		}
		d := q.Resource.Domain()
		if _, asked := hidden[d]; !asked {
			var err error
			if hidden[d], err = s.hidden(ctx, d); err != nil {
				return err
			}
		}
		if err := known(hidden[d], q.Subject.Object, q.Resource); err != nil {
			return err
		}
	}
	return nil
}

type bodyOf[T any] struct{ Body T }

func (s *server) addDecisions() {
	addDecision(s, "check", "Check whether a subject has a permission", maxBody, s.check)
	addDecision(s, "check/bulk", "Check many queries", maxBulkBody, s.checkBulk)
	addDecision(s, "list/resources", "List the resources on which a subject has a permission", maxBody, s.listResources)
	addDecision(s, "list/subjects", "List the subjects that have a permission on a resource", maxBody, s.listSubjects)
	addDecision(s, "list/permissions", "List all that a subject may do on a resource", maxBody, s.listPermissions)
	addDecision(s, "explain", "Explain why a subject has a permission, or has not", maxBody, s.explain)
}

func addDecision[I, O any](s *server, path, summary string, limit int64, handle func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method: http.MethodPost, Path: "/v1/" + path, OperationID: operationID(path), Summary: summary,
		Tags: []string{"decisions"}, MaxBodyBytes: limit, DefaultStatus: http.StatusOK,
	}
	register(s, op, handle)
}

func (s *server) check(ctx context.Context, in *bodyOf[CheckRequest]) (*reply[Decision], error) {
	q := in.Body.Query.engine()
	if err := s.charge(ctx, q.Resource.Domain()); err != nil {
		return nil, err
	}
	if err := s.mayAskAll(ctx, []engine.Query{q}); err != nil {
		return nil, err
	}
	consistency, began := in.Body.Consistency.engine(), time.Now()
	a, err := s.engine.Check(ctx, q, consistency)
	if err != nil {
		s.unchecked(ctx, err, consistency.Mode, 1)
		return nil, err
	}
	s.metrics.checked(a.Decision, consistency.Mode, a.Source, 1)
	s.metrics.took(consistency.Mode, a.Source, time.Since(began))
	return &reply[Decision]{a.Epoch, decisionOf(a)}, nil
}

// unchecked counts n checks that couldn't be made, if that is a failure of ours.
func (s *server) unchecked(ctx context.Context, err error, mode engine.Mode, n int) {
	if failed(ctx, err) {
		s.metrics.unchecked(mode, n)
	}
}

func decisionOf(a engine.Answer) Decision {
	return Decision{Decision: a.Decision, Allowed: a.Decision == engine.Allow, Epoch: a.Epoch}
}

func (s *server) checkBulk(ctx context.Context, in *bodyOf[BulkRequest]) (*plain[DecisionList], error) {
	queries := mapped(in.Body.Checks, Query.engine)
	if err := s.charge(ctx, mapped(queries, func(q engine.Query) schema.Domain { return q.Resource.Domain() })...); err != nil {
		return nil, err
	}
	if err := s.mayAskAll(ctx, queries); err != nil {
		return nil, err
	}
	consistency := in.Body.Consistency.engine()
	answers, err := s.engine.CheckBulk(ctx, queries, consistency)
	if err != nil {
		s.unchecked(ctx, err, consistency.Mode, len(queries))
		return nil, err
	}
	for _, a := range answers {
		s.metrics.checked(a.Decision, consistency.Mode, a.Source, 1)
	}
	return &plain[DecisionList]{DecisionList{mapped(answers, decisionOf)}}, nil
}
