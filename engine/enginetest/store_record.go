package enginetest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

var recordCases = []storeCase{
	{"what is put is read", func(t *testing.T, s engine.Store) {
		want := fullRecord(t)
		putRecords(t, s, want)
		view(t, s, func(tx engine.Tx) error {
			got, err := tx.Record(t.Context(), want.ID)
			same(t, "record", got, want)
			utc(t, "CreatedAt", got.CreatedAt)
			if !got.FinishedAt.Equal(want.FinishedAt) || string(got.Params) != string(want.Params) {
				t.Errorf("finished %v with %s", got.FinishedAt, got.Params)
			}
			return err
		})
	}},
	{"one that isn't there", func(t *testing.T, s engine.Store) {
		view(t, s, func(tx engine.Tx) error {
			_, err := tx.Record(t.Context(), "none")
			wantCode(t, "record", err, engine.NotFound)
			return nil
		})
	}},
	{"putting replaces", func(t *testing.T, s engine.Store) {
		pending := fullRecord(t)
		pending.State, pending.FinishedAt, pending.Hash = engine.Pending, time.Time{}, nil
		putRecords(t, s, pending)
		same(t, "pending", records(t, s, engine.RecordFilter{States: []engine.RecordState{engine.Pending}}), []engine.Record{pending})
		putRecords(t, s, fullRecord(t))
		same(t, "records", records(t, s, engine.RecordFilter{}), []engine.Record{fullRecord(t)})
	}},
	{"an idempotency key is one person's, once, in a domain", func(t *testing.T, s engine.Store) {
		first := engine.Record{ID: "1", Domain: acme, Seq: 1, Actor: engine.PersonActor("ana"), IdempotencyKey: "k"}
		otherDomain, otherActor, otherKey, noKey := first, first, first, first
		otherDomain.ID, otherDomain.Domain = "2", bravo
		otherActor.ID, otherActor.Actor = "3", engine.Actor{Kind: engine.Operator}
		otherKey.ID, otherKey.IdempotencyKey = "4", "K"
		noKey.ID, noKey.IdempotencyKey = "5", ""
		noKeyEither := noKey
		noKeyEither.ID = "6"
		putRecords(t, s, first, first, otherDomain, otherActor, otherKey, noKey, noKeyEither)

		second := first
		second.ID, second.Seq = "7", 2
		err := s.Update(t.Context(), acme, func(tx engine.Tx) error { return tx.PutRecord(t.Context(), second) })
		wantCode(t, "the second", err, engine.Conflict)
		same(t, "number of records", len(records(t, s, engine.RecordFilter{})), 6)

		f := engine.RecordFilter{Domain: acme, IdempotencyKey: "k", Actor: "ana"}
		same(t, "the person's", ids(records(t, s, f)), []string{"1"})
		f.Actor = ""
		same(t, "the operator's", ids(records(t, s, f)), []string{"3"})
	}},
	{"filters", filterRecords},
	{"order and pages", pageRecords},
}

func filterRecords(t *testing.T, s engine.Store) {
	retail := schema.Obj("client", acme, "retail")
	putRecords(t, s,
		engine.Record{ID: "a1", Domain: acme, Seq: 1, Operation: "invite", State: engine.Applied, CreatedAt: noon},
		engine.Record{ID: "a2", Domain: acme, Seq: 2, Object: retail, State: engine.Rejected, CreatedAt: noon.Add(time.Hour)},
		engine.Record{ID: "a3", Domain: acme, Seq: 3, Actor: engine.PersonActor("ana"), State: engine.Pending, CreatedAt: noon.Add(2 * time.Hour)},
		engine.Record{ID: "b1", Domain: bravo, Seq: 1, Actor: engine.PersonActor("ana"), State: engine.Pending, CreatedAt: noon},
	)
	for name, c := range map[string]struct {
		filter engine.RecordFilter
		want   []string
	}{
		"none":      {engine.RecordFilter{}, []string{"a1", "a2", "a3", "b1"}},
		"domain":    {engine.RecordFilter{Domain: acme}, []string{"a1", "a2", "a3"}},
		"pending":   {engine.RecordFilter{States: []engine.RecordState{engine.Pending}}, []string{"a3", "b1"}},
		"finished":  {engine.RecordFilter{States: []engine.RecordState{engine.Applied, engine.Rejected}}, []string{"a1", "a2"}},
		"operation": {engine.RecordFilter{Operation: "invite"}, []string{"a1"}},
		"actor":     {engine.RecordFilter{Actor: "ana"}, []string{"a3", "b1"}},
		"object":    {engine.RecordFilter{Domain: acme, Object: retail}, []string{"a2"}},
		"since":     {engine.RecordFilter{Since: noon.Add(time.Hour)}, []string{"a2", "a3"}},
		"until":     {engine.RecordFilter{Until: noon.Add(time.Hour)}, []string{"a1", "b1"}},
		"limit":     {engine.RecordFilter{Limit: 2}, []string{"a1", "a2"}},
		"newest":    {engine.RecordFilter{Domain: acme, Newest: true, Limit: 2}, []string{"a3", "a2"}},
		"after":     {engine.RecordFilter{Domain: acme, AfterSeq: 1}, []string{"a2", "a3"}},
		"before":    {engine.RecordFilter{Domain: acme, AfterSeq: 3, Newest: true}, []string{"a2", "a1"}},
	} {
		same(t, name, ids(records(t, s, c.filter)), c.want)
	}
}

func pageRecords(t *testing.T, s engine.Store) {
	var want []string
	for seq := int64(1); seq <= 12; seq++ { // 12 and not 9: sequences aren't text
		id := fmt.Sprintf("r%d", seq)
		want = append(want, id)
		putRecords(t, s, engine.Record{ID: id, Domain: acme, Seq: seq})
	}
	var got []string
	f := engine.RecordFilter{Domain: acme, Limit: 5}
	for page := records(t, s, f); len(page) > 0; page = records(t, s, f) {
		got = append(got, ids(page)...)
		f.AfterSeq = page[len(page)-1].Seq
	}
	same(t, "records", got, want)
}

func putRecords(t *testing.T, s engine.Store, all ...engine.Record) {
	t.Helper()
	update(t, s, func(tx engine.Tx) error {
		for _, r := range all {
			if err := tx.PutRecord(t.Context(), r); err != nil {
				return fmt.Errorf("record %s: %w", r.ID, err)
			}
		}
		return nil
	})
}

func records(t *testing.T, s engine.Store, f engine.RecordFilter) []engine.Record {
	t.Helper()
	return listed(t, s, func(tx engine.Tx) ([]engine.Record, error) { return tx.Records(t.Context(), f) })
}

func ids(records []engine.Record) []string {
	all := make([]string, len(records))
	for i, r := range records {
		all[i] = r.ID
	}
	return all
}

// fullRecord returns a record whose every stored field is set.
func fullRecord(t *testing.T) engine.Record {
	t.Helper()
	rel := row(t, "client:acme/retail#staff@staff:acme/ana#user").Relationship
	rel.ExpiresAt = noon.Truncate(time.Second)
	return engine.Record{
		ID: "r1", Domain: acme, Seq: 1, After: "r0", Operation: "grant",
		Actor: engine.Actor{Kind: engine.Person, User: "zoë", Key: "key1"}, ActorRole: "owner",
		Params: json.RawMessage(`{ "b": 1.0, "a": "<&> ünï" }`), // not as Go would write it
		Reason: "because", Object: rel.Resource, Summary: "added Ana",
		Entries: []engine.EntryChange{{Entry: fullEntry()}, {Entry: staff("bob"), Delete: true}},
		Updates: []engine.Update{{Relationship: rel}, {Relationship: rel.Key(), Delete: true}},
		State:   engine.Applied, Refusal: "no refusal", Epoch: 1 << 40,
		IdempotencyKey: "idem", RequestDigest: []byte{0, 1},
		CreatedAt: noon, FinishedAt: noon.Add(time.Second), PrevHash: []byte{2}, Hash: []byte{3, 0},
	}
}
