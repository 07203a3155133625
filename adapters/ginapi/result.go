package ginapi

import "github.com/portico-authz/portico/engine"

// Result is an operation's answer.
type Result struct {
	Record  string  `json:"record,omitempty" doc:"The journal record's id; missing for a dry run."`
	Object  string  `json:"object" doc:"What was made or changed." example:"client:acme/retail"`
	Epoch   int64   `json:"epoch" doc:"The epoch that the operation began; for a dry run, the present one." example:"12"`
	Token   string  `json:"token,omitempty" doc:"For reads that must know the operation: the consistency token."`
	Summary string  `json:"summary" doc:"What was done." example:"created the folder \"Retail\""`
	Notice  string  `json:"notice,omitempty" doc:"What didn't go well beside it."`
	Impact  *Impact `json:"impact,omitempty" doc:"Dry runs only: what would change."`
}

// Impact is what an operation would change.
type Impact struct {
	Entries   []Entry         `json:"entries" nullable:"false" doc:"Directory entries as they would be."`
	Updates   []engine.Update `json:"updates" nullable:"false" doc:"Relationships that would be written or deleted."`
	Gains     []engine.Change `json:"gains" nullable:"false" doc:"Permissions that somebody would have."`
	Losses    []engine.Change `json:"losses" nullable:"false" doc:"Permissions that somebody would have no more."`
	Truncated bool            `json:"truncated,omitempty" doc:"There are more gains or losses than are told."`
	Hidden    int             `json:"hidden,omitempty" doc:"How many gains and losses the acting person may not know of."`
}

func resultOf(r *engine.Result) Result {
	out := Result{
		Record: r.Record, Object: r.Object.String(), Epoch: r.Epoch, Token: r.Token, Summary: r.Summary, Notice: r.Notice,
	}
	if i := r.Impact; i != nil {
		out.Impact = &Impact{
			Entries: mapped(i.Entries, entryOf), Updates: i.Updates, Gains: i.Gains, Losses: i.Losses, Truncated: i.Truncated, Hidden: i.Hidden,
		}
	}
	return out
}
