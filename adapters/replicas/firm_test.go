package replicas_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/portico-authz/portico/adapters/ginapi"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/engine/enginetest/history"
)

// firm is a partner whose owner puts advisors on folders.
type firm struct {
	partner string
	cells   []history.Cell
	records []history.Record // of its journal, as far as it was read
	seq     int64            // of the last
}

func (f *firm) owner() string            { return "owner-" + f.partner }
func userOf(partner, name string) string { return name + "-" + partner }

// found makes a firm through the first replica.
func (w *world) found(t *testing.T, partner string, folders, advisors int) *firm {
	t.Helper()
	f := &firm{partner: partner}
	w.must(t, f.owner(), "sign_up", map[string]any{
		"partner": partner, "staff": "owner", "title": partner, "contact_name": "Owner", "email": "owner@" + partner + ".example",
	})
	for a := range advisors {
		name := fmt.Sprintf("s%d", a)
		email := name + "@" + partner + ".example"
		w.must(t, f.owner(), "invite_staff", map[string]any{
			"partner": partner, "staff": name, "contact_name": name, "email": email, "role": "advisor",
		})
		w.must(t, userOf(partner, name), "accept_invitation", map[string]any{"token": w.invitation(t, email)})
	}
	for c := range folders {
		name := fmt.Sprintf("c%d", c)
		w.must(t, f.owner(), "create_client", map[string]any{"partner": partner, "client": name, "title": name})
		for a := range advisors {
			f.cells = append(f.cells, history.Cell{Partner: partner, Folder: name, Person: fmt.Sprintf("s%d", a)})
		}
	}
	return f
}

// must does an operation that isn't recorded.
func (w *world) must(t *testing.T, person, operation string, params map[string]any) {
	t.Helper()
	var out any
	address := w.replicas[0].url + "/v1/operations/" + operation
	if refused := newCaller(w.key).do(http.MethodPost, address, map[string]string{"Portico-Actor": "user:" + person}, params, &out); refused != nil {
		t.Fatalf("%s: %v", operation, refused)
	}
}

// invitation returns the token that was mailed to the address.
func (w *world) invitation(t *testing.T, email string) string {
	t.Helper()
	letters, err := filepath.Glob(filepath.Join(w.outbox, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, letter := range letters {
		text, err := os.ReadFile(letter)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "<"+email+">") {
			_, rest, _ := strings.Cut(string(text), "\nToken: ")
			token, _, _ := strings.Cut(rest, "\n")
			return token
		}
	}
	t.Fatalf("nobody has written to %s", email)
	return ""
}

// read reads what is new in the journal, from a replica that must be able to
// tell, and returns how many records are pending.
func (f *firm) read(t *testing.T, c *caller, replica string) (pending int) {
	t.Helper()
	var fresh []ginapi.Record
	for before := ""; ; {
		var page ginapi.RecordList
		address := fmt.Sprintf("%s/v1/partners/%s/journal?limit=500%s", replica, f.partner, before)
		if refused := c.do(http.MethodGet, address, map[string]string{"Portico-Actor": "user:" + f.owner()}, nil, &page); refused != nil {
			t.Fatalf("the journal of %s: %v", f.partner, refused)
		}
		fresh = append(fresh, page.Records...)
		if page.Next == 0 || page.Next <= f.seq+1 {
			break
		}
		before = fmt.Sprintf("&before=%d", page.Next)
	}
	for i := len(fresh) - 1; i >= 0; i-- {
		r := fresh[i]
		if r.Seq <= f.seq {
			continue
		}
		if f.seq++; r.Seq != f.seq {
			t.Errorf("the journal of %s has record %d in place %d", f.partner, r.Seq, f.seq)
		}
		switch r.State {
		case engine.Pending:
			pending++
		case engine.Applied:
			f.records = append(f.records, f.recordOf(r))
		default:
		}
	}
	return pending
}

// recordOf reads what a record changed of the cells.
func (f *firm) recordOf(r ginapi.Record) history.Record {
	made := history.Record{Partner: f.partner, Epoch: r.Epoch, Name: r.Reason}
	for _, u := range r.Updates {
		rel := u.Relationship
		if rel.Resource.Type == "client" && rel.Relation == "staff" {
			cell := history.Cell{Partner: f.partner, Folder: rel.Resource.Name(), Person: rel.Subject.Name()}
			made.Effects = append(made.Effects, history.Effect{Cell: cell, Grant: !u.Delete})
		}
	}
	return made
}
