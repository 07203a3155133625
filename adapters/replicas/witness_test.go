package replicas_test

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest/history"
)

// witness asks, and records what it asked and was told.
type witness struct {
	*caller
	*history.History

	mu     sync.Mutex // guards the rest
	odd    []string   // answers that no fault excuses
	tokens map[string]token
}

// token is what an acknowledged operation gave for reads.
type token struct {
	text  string
	epoch int64
}

func newWitness(key string, gives ...string) *witness {
	return &witness{caller: newCaller(key), History: history.New(gives...), tokens: map[string]token{}}
}

// asking is one change on its way.
type asking struct {
	client int
	cell   history.Cell
	grant  bool
	name   string
	key    string // an idempotency key, or ""
}

// change asks a replica for a change, as the firm's owner.
func (w *witness) change(replica string, a asking) history.Change {
	operation := "remove_client_staff"
	if a.grant {
		operation = "add_client_staff"
	}
	header := map[string]string{"Portico-Actor": "user:owner-" + a.cell.Partner, "Portico-Reason": a.name}
	if a.key != "" {
		header["Idempotency-Key"] = a.key
	}
	c := history.Change{Cell: a.cell, Client: a.client, Name: a.name, Grant: a.grant, Sent: w.Now()}
	var out ginapi.Result
	refused := w.do(http.MethodPost, replica+"/v1/operations/"+operation, header, map[string]any{
		"partner": a.cell.Partner, "client": a.cell.Folder, "staff": a.cell.Person,
	}, &out)
	c.Done = w.Now()
	switch {
	case refused == nil:
		c.Outcome, c.Epoch = history.Acknowledged, out.Epoch
		w.keep(a.cell.Partner, token{out.Token, out.Epoch})
	case refused.passing():
		c.Outcome = history.Unknown
	default:
		c.Outcome = history.Refused
		if notThere := refused.status == http.StatusNotFound && !a.grant; !notThere {
			w.wonder(operation, refused)
		}
	}
	w.Changed(c)
	return c
}

func (w *witness) keep(partner string, t token) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tokens[partner].epoch < t.epoch {
		w.tokens[partner] = t
	}
}

func (w *witness) token(partner string) token {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tokens[partner]
}

func (w *witness) wonder(what string, refused *refusal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.odd = append(w.odd, what+": "+refused.Error())
}

// query is what is asked about a cell.
type query struct {
	cell       history.Cell
	permission string
}

// question is one check on its way; more than one query make it a bulk check.
type question struct {
	client  int
	mode    engine.Mode
	maxAge  time.Duration
	token   token
	of      string // the token's partner
	queries []query
}

// ask asks a replica, as an application.
func (w *witness) ask(replica string, q question) history.Check {
	how := map[string]any{"mode": q.mode}
	switch q.mode {
	case engine.Bounded:
		how["max_age_ms"] = q.maxAge.Milliseconds()
	case engine.AtLeast:
		how["token"] = q.token.text
	default:
	}
	queries := make([]map[string]any, len(q.queries))
	for i, one := range q.queries {
		queries[i] = map[string]any{
			"resource":   "client:" + one.cell.Partner + "/" + one.cell.Folder,
			"permission": one.permission,
			"subject":    "user:" + userOf(one.cell.Partner, one.cell.Person),
		}
	}
	c := history.Check{Client: q.client, Sent: w.Now(), Mode: q.mode, MaxAge: q.maxAge, AtLeast: q.token.epoch, Of: q.of}
	decisions, refused := w.decisions(replica, queries, how)
	c.Done = w.Now()
	if refused != nil && !refused.passing() {
		w.wonder("check", refused)
	}
	if refused == nil && len(decisions) != len(q.queries) {
		w.wonder("check", &refusal{http.StatusOK, fmt.Sprintf("%d answers to %d queries", len(decisions), len(q.queries))})
		decisions = nil
	}
	for i, d := range decisions {
		c.Answers = append(c.Answers, history.Answer{
			Cell: q.queries[i].cell, Permission: q.queries[i].permission, Allow: d.Allowed, Epoch: d.Epoch,
		})
	}
	w.Checked(c)
	return c
}

func (w *witness) decisions(replica string, queries []map[string]any, how map[string]any) ([]ginapi.Decision, *refusal) {
	if len(queries) > 1 {
		var out ginapi.DecisionList
		refused := w.do(http.MethodPost, replica+"/v1/check/bulk", nil, map[string]any{"checks": queries, "consistency": how}, &out)
		return out.Answers, refused
	}
	var out ginapi.Decision
	queries[0]["consistency"] = how
	if refused := w.do(http.MethodPost, replica+"/v1/check", nil, queries[0], &out); refused != nil {
		return nil, refused
	}
	return []ginapi.Decision{out}, nil
}
