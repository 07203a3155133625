package ginapi

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Record is one operation in the journal.
type Record struct {
	ID         string             `json:"id"`
	Seq        int64              `json:"seq" doc:"From 1, without gaps, per partner." example:"12"`
	Operation  string             `json:"operation" example:"invite_staff"`
	Actor      engine.Actor       `json:"actor" doc:"Who did it."`
	ActorRole  string             `json:"actor_role,omitempty" doc:"The title of their role at the time." example:"Owner"`
	Params     json.RawMessage    `json:"params" doc:"The operation's parameters, without secrets."`
	Reason     string             `json:"reason,omitempty"`
	Object     schema.Object      `json:"object" doc:"What it was about, or made." example:"staff:acme/ana"`
	Summary    string             `json:"summary" example:"invited \"Ana Lima\" as Admin"`
	Entries    []EntryChange      `json:"entries" nullable:"false" doc:"Directory entries as they were afterwards."`
	Updates    []engine.Update    `json:"updates" nullable:"false" doc:"Relationships written and deleted."`
	State      engine.RecordState `json:"state" doc:"pending, applied or rejected."`
	Refusal    string             `json:"refusal,omitempty" doc:"Why it was rejected."`
	Epoch      int64              `json:"epoch,omitempty" doc:"The epoch that it began."`
	CreatedAt  time.Time          `json:"created_at"`
	FinishedAt time.Time          `json:"finished_at,omitzero"`
	PrevHash   []byte             `json:"prev_hash,omitempty" doc:"The hash of the record before."`
	Hash       []byte             `json:"hash,omitempty" doc:"Over the record and prev_hash, once finished."`
}

// EntryChange is a directory entry after an operation, or its removal.
type EntryChange struct {
	Entry  Entry `json:"entry"`
	Delete bool  `json:"delete,omitempty"`
}

// RecordList is a part of a journal, newest first.
type RecordList struct {
	Records []Record `json:"records" nullable:"false"`
	Next    int64    `json:"next,omitempty" doc:"What to give as before for the next page; missing on the last."`
}

// RecordOf returns a journal record as the API shows it: without what is kept
// for the engine alone.
func RecordOf(r engine.Record) Record {
	return Record{
		ID: r.ID, Seq: r.Seq, Operation: r.Operation, Actor: r.Actor, ActorRole: r.ActorRole, Params: r.Params,
		Reason: r.Reason, Object: r.Object, Summary: r.Summary,
		Entries: mapped(r.Entries, func(c engine.EntryChange) EntryChange { return EntryChange{entryOf(c.Entry), c.Delete} }),
		Updates: mapped(r.Updates, func(u engine.Update) engine.Update { return u }),
		State:   r.State, Refusal: r.Refusal, Epoch: r.Epoch,
		CreatedAt: r.CreatedAt, FinishedAt: r.FinishedAt, PrevHash: r.PrevHash, Hash: r.Hash,
	}
}

// journalPath ends the one address whose answer may be a stream.
const journalPath = "/journal"

type journalQuery struct {
	PartnerPath
	Actor     string        `query:"actor" maxLength:"300" doc:"Only what this person did." example:"ana"`
	Operation string        `query:"operation" pattern:"^[a-z_]{1,64}$" doc:"Only this operation." example:"invite_staff"`
	Object    schema.Object `query:"object" doc:"Only what was about this object." example:"client:acme/retail"`
	Since     time.Time     `query:"since" doc:"Not before this time."`
	Until     time.Time     `query:"until" doc:"Before this time."`
	Limit     int           `query:"limit" minimum:"1" maximum:"1000" doc:"How many at most, 100 if missing; NDJSON and CSV have all."`
	Before    int64         `query:"before" minimum:"1" doc:"Only records with a smaller seq: next of the page before."`
	Format    string        `query:"format" enum:"json,ndjson,csv" doc:"json, a page, if missing; the others have the whole journal."`
	Accept    string        `header:"Accept" hidden:"true"`
}

func (q *journalQuery) filter() (engine.RecordFilter, error) {
	f := engine.RecordFilter{
		Operation: q.Operation, Actor: userID(q.Actor), Object: q.Object, Since: q.Since, Until: q.Until,
	}
	if f.Actor != "" {
		if err := schema.ValidateUserID(f.Actor); err != nil {
			return f, engine.Errorf(engine.Invalid, "actor: %s", err)
		}
	}
	return f, nil
}

// mediaType is the form in which the journal is wanted.
func (q *journalQuery) mediaType() string {
	switch {
	case q.Format == "csv":
		return csvType
	case q.Format == "ndjson", q.Format == "" && strings.Contains(q.Accept, ndjsonType):
		return ndjsonType
	}
	return jsonType
}

func (s *server) addJournal() {
	if _, ok := s.portal.Views["journal"]; !ok {
		return
	}
	text := &huma.Schema{Type: huma.TypeString}
	op := huma.Operation{
		Method: http.MethodGet, Path: partnerPath + journalPath, OperationID: "view_journal",
		Summary: "View who did what, when and why", Tags: []string{"journal"},
		Responses: map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
			jsonType:   {Schema: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[RecordList](), true, "")},
			ndjsonType: {Schema: text}, csvType: {Schema: text},
		}}},
	}
	register(s, op, s.journal)
}

func (s *server) journal(ctx context.Context, in *journalQuery) (*huma.StreamResponse, error) {
	actor, err := actorOf(ctx)
	if err != nil {
		return nil, err
	}
	filter, err := in.filter()
	if err != nil {
		return nil, err
	}
	form, limit := in.mediaType(), in.Limit
	if form != jsonType {
		if in.Limit != 0 || in.Before != 0 {
			return nil, engine.Errorf(engine.Invalid, "limit and before are for pages of json: %s has the whole journal", form)
		}
		limit = engine.MaxPage
	}
	read := func(ctx context.Context, before int64) (engine.JournalPage, error) {
		ctx, cancel := context.WithTimeout(ctx, s.RequestTimeout)
		defer cancel()
		f := filter
		f.AfterSeq = before
		return s.engine.ViewJournal(ctx, actor, in.domain(), f, limit)
	}
	page, err := read(ctx, in.Before)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", form)
		c.SetHeader(epochHeader, strconv.FormatInt(page.Epoch, 10))
		if form == jsonType {
			_ = writeJSON(c.BodyWriter(), RecordList{mapped(page.Records, RecordOf), page.Next}) // the caller has gone
			return
		}
		if err := (&stream{form, page, read}).write(ctx, c.BodyWriter()); err != nil {
			s.logFailure(ctx, err)
			panic(http.ErrAbortHandler) // a part must not pass for the whole
		}
	}}, nil
}
