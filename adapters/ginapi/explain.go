package ginapi

import (
	"context"
	"errors"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Explanation says why a decision is as it is, in the portal's words.
type Explanation struct {
	Decision
	Text    string    `json:"text" example:"may access the account Ledger because they are on the folder Retail, added there by the owner on 3 March 2026"`
	Steps   []Step    `json:"steps" nullable:"false" doc:"The relationships that allow it."`
	Missing []Missing `json:"missing" nullable:"false" doc:"Relations any of which might have been enough."`
	Barred  []Step    `json:"barred" nullable:"false" doc:"The relationships that take away what there would be."`
}

// Step is one relationship that counts, and who wrote it.
type Step struct {
	Relationship schema.Relationship `json:"relationship"`
	Text         string              `json:"text"`
	Record       string              `json:"record" doc:"The journal record's id."`
	By           string              `json:"by,omitempty" doc:"The user id of who wrote it; missing for the operator."`
	Role         string              `json:"role,omitempty" doc:"Their role's title at the time."`
	At           time.Time           `json:"at"`
	Reason       string              `json:"reason,omitempty"`
}

// Missing is a relation that the subject doesn't have.
type Missing struct {
	Object   schema.Object `json:"object" example:"client:acme/retail"`
	Relation string        `json:"relation" example:"staff"`
	Text     string        `json:"text" example:"aren't on the folder Retail"`
}

func (s *server) explain(ctx context.Context, in *bodyOf[Query]) (*reply[Explanation], error) {
	q := in.Body.engine()
	d := q.Resource.Domain()
	if err := s.charge(ctx, d); err != nil {
		return nil, err
	}
	if err := s.mayAsk(ctx, d, q.Subject); err != nil {
		return nil, err
	}
	hidden, err := s.hidden(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := known(hidden, q.Subject.Object); err != nil {
		return nil, err
	}
	x, err := s.engine.Explain(ctx, q)
	if err != nil {
		return nil, err
	}
	if x.Decision != engine.Allow {
		// What is missing names folders and accounts: not for whom they are hidden from.
		err := errors.Join(s.mayAsk(ctx, d, schema.Subject{}), known(hidden, q.Resource))
		if code := engine.CodeOf(err); code == engine.Forbidden || code == engine.NotFound {
			x = &engine.Explanation{Answer: x.Answer, Text: "may not " + q.Permission + " " + q.Resource.String()}
		} else if err != nil {
			return nil, err
		}
	}
	return &reply[Explanation]{x.Epoch, explanationOf(x)}, nil
}

func explanationOf(x *engine.Explanation) Explanation {
	return Explanation{
		Decision: decisionOf(x.Answer), Text: x.Text,
		Steps: mapped(x.Steps, stepOf), Barred: mapped(x.Barred, stepOf),
		Missing: mapped(x.Missing, func(m engine.Missing) Missing { return Missing(m) }),
	}
}

func stepOf(s engine.Step) Step { return Step(s) }
