package engine

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/portico-authz/portico/schema"
)

// JournalPage is a part of a partner's journal, newest first.
type JournalPage struct {
	Records []Record
	Next    int64 // the sequence number to go on before; 0 on the last page
	Epoch   int64
}

// ViewJournal lists who did what, when and why at a partner. The filter's
// Domain, Newest and Limit are the method's own; AfterSeq goes on before that
// record. A page may have fewer records than the limit and still a next one:
// what is about staff of whom the actor may not know is left out, and so is their
// user id where they did something.
func (e *Engine) ViewJournal(ctx context.Context, actor Actor, d schema.Domain, f RecordFilter, limit int) (JournalPage, error) {
	n, err := Paging{Limit: limit}.limit()
	if err != nil {
		return JournalPage{}, err
	}
	f.Domain, f.Newest, f.Limit = d, true, n+1
	var page JournalPage
	err = e.viewing(ctx, actor, "journal", []schema.Object{d.Root()}, func(v *View) error {
		page = JournalPage{Epoch: v.State.Epoch}
		if page.Records, err = v.tx.Records(ctx, f); err != nil {
			return err
		}
		if len(page.Records) > n {
			page.Records = page.Records[:n]
			page.Next = page.Records[n-1].Seq
		}
		hidden, err := e.hiddenFrom(ctx, v)
		if err != nil {
			return err
		}
		page.Records = slices.DeleteFunc(page.Records, func(r Record) bool { return r.tellsOf(hidden) })
		for i := range page.Records {
			page.Records[i].conceal(hidden)
		}
		return nil
	})
	return page, err
}

// tellsOf reports whether the record is about one of the hidden seats: it made
// or changed it, holds what is known of it, or was asked for by its name.
func (r Record) tellsOf(h Hidden) bool {
	if h.seats[r.Object] || slices.ContainsFunc(r.Entries, func(c EntryChange) bool { return h.seats[c.Entry.Object] }) {
		return true
	}
	var params map[string]any
	if len(h.seats) == 0 || json.Unmarshal(r.Params, &params) != nil {
		return false
	}
	for seat := range h.seats {
		if mentions(params, seat.Name()) {
			return true
		}
	}
	return false
}

// mentions reports whether a text is somewhere in a JSON value.
func mentions(value any, text string) bool {
	switch value := value.(type) {
	case string:
		return value == text
	case []any:
		return slices.ContainsFunc(value, func(v any) bool { return mentions(v, text) })
	case map[string]any:
		for key, v := range value {
			if key == text || mentions(v, text) {
				return true
			}
		}
	}
	return false
}

// conceal takes out of a record what it tells of hidden seats beside the rest.
func (r *Record) conceal(h Hidden) {
	r.Actor.User = h.user(r.Actor.User)
	r.Updates = slices.DeleteFunc(r.Updates, func(u Update) bool {
		return h.seats[u.Relationship.Subject.Object] || h.seats[u.Relationship.Resource]
	})
}
