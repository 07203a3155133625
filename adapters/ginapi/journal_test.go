package ginapi_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func TestJournalForms(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	d.want(t, 200, call{
		method: "PATCH", path: "/v1/partners/acme", as: "olga", body: `{"title":"Acme, \"Ltd\""}`,
		header: http.Header{"Portico-Reason": {"=HYPERLINK(1)"}, "Idempotency-Key": {"my-secret-key"}},
	})
	const journal = "/v1/partners/acme/journal"
	last := d.want(t, 200, call{method: "GET", path: journal + "?limit=1", as: "olga"})["records"].([]any)[0].(map[string]any)
	const count = 2*engine.MaxPage + 1
	d.fill(t, int64(last["seq"].(float64)), count)

	for _, c := range []call{
		{method: "GET", path: journal + "?format=ndjson", as: "olga"},
		{method: "GET", path: journal, as: "olga", header: http.Header{"Accept": {"application/x-ndjson"}}},
	} {
		a := d.do(t, c)
		lines := 0
		for scan := bufio.NewScanner(strings.NewReader(a.text)); scan.Scan(); lines++ {
			var record map[string]any
			if err := json.Unmarshal(scan.Bytes(), &record); err != nil || record["seq"] != float64(count-lines) {
				t.Fatalf("line %d: %s, %v", lines, scan.Text(), err)
			}
		}
		if lines != count || a.Header.Get("Content-Type") != "application/x-ndjson" {
			t.Errorf("got %d records as %s, want %d", lines, a.Header.Get("Content-Type"), count)
		}
	}

	a := d.do(t, call{method: "GET", path: journal + "?format=csv", as: "olga"})
	table, err := csv.NewReader(strings.NewReader(a.text)).ReadAll()
	if err != nil || len(table) != count+1 {
		t.Fatalf("got %d rows, %v; want %d", len(table), err, count+1)
	}
	if got := table[1+count-int(last["seq"].(float64))][8]; got != "'=HYPERLINK(1)" {
		t.Errorf("a formula: got the cell %q", got)
	}
	for _, text := range []string{a.text, d.do(t, call{method: "GET", path: journal, as: "olga"}).text} {
		if strings.Contains(text, "my-secret-key") {
			t.Error("the idempotency key is shown")
		}
	}
}

// fill lengthens acme's journal to count records, past the engine.
func (d *door) fill(t *testing.T, last, count int64) {
	t.Helper()
	err := d.store.Update(t.Context(), "acme", func(tx engine.Tx) error {
		for seq := last + 1; seq <= count; seq++ {
			err := tx.PutRecord(t.Context(), engine.Record{
				ID: fmt.Sprintf("filled-%d", seq), Domain: "acme", Seq: seq, Operation: "edit_partner",
				Actor: engine.PersonActor("olga"), Params: json.RawMessage(`{}`), Object: schema.Partner("acme"),
				State: engine.Applied, RequestDigest: []byte{}, CreatedAt: time.Unix(0, 0).UTC(),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestJournalPagesAndFilters(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	const journal = "/v1/partners/acme/journal"
	seqs := func(query string) []float64 {
		list := d.want(t, 200, call{method: "GET", path: journal + query, as: "olga"})
		var seqs []float64
		for _, r := range list["records"].([]any) {
			seqs = append(seqs, r.(map[string]any)["seq"].(float64))
		}
		return seqs
	}
	all := seqs("")
	if len(all) != 8 {
		t.Fatalf("got the records %v", all)
	}
	for query, want := range map[string]int{
		"?limit=3":                         3,
		"?before=3":                        2,
		"?actor=ana":                       4,
		"?actor=user:ana":                  4,
		"?operation=invite_staff":          2,
		"?object=client:acme/retail":       2,
		"?until=2000-01-01T00:00:00Z":      0,
		"?since=2000-01-01T00:00:00Z":      8,
		"?actor=ana&operation=add_account": 1,
	} {
		if got := seqs(query); len(got) != want {
			t.Errorf("%s: got %v, want %d records", query, got, want)
		}
	}
	d.want(t, 403, call{method: "GET", path: journal, as: "ben"})
	d.want(t, 403, call{method: "GET", path: journal + "?format=csv", as: "ben"})
}

// TestJournalOutlivesTheDeadline proves that a long journal has its own time,
// page by page.
func TestJournalOutlivesTheDeadline(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	hasty := httptest.NewUnstartedServer(d.Config.Handler)
	hasty.Config.WriteTimeout = time.Nanosecond
	hasty.Start()
	defer hasty.Close()
	d.URL = hasty.URL
	a := d.do(t, call{method: "GET", path: "/v1/partners/acme/journal?format=csv", as: "olga"})
	if table, err := csv.NewReader(strings.NewReader(a.text)).ReadAll(); err != nil || len(table) != 1+8 {
		t.Errorf("got %d rows, %v", len(table), err)
	}
}

// cutter is a caller's connection that does something after the first page.
type cutter struct {
	*httptest.ResponseRecorder
	cut func()
}

func (c cutter) Flush() { c.cut() }

// TestJournalCutOffIsLogged: a part never passes for the whole, and whether that
// is a failure depends on who ended it.
func TestJournalCutOffIsLogged(t *testing.T) {
	tests := map[string]struct {
		cut    func(d *door, hangUp func()) error
		status string
		level  string // of the cause
	}{
		"by the store":  {func(d *door, _ func()) error { return d.store.Close() }, `"status":500`, `"level":"ERROR"`},
		"by the caller": {func(_ *door, hangUp func()) error { hangUp(); return nil }, `"status":499`, `"level":"DEBUG"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := open(t, nil)
			d.firm(t)
			d.fill(t, 8, engine.MaxPage+1)
			ctx, hangUp := context.WithCancel(t.Context())
			defer hangUp()
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/partners/acme/journal?format=ndjson", http.NoBody)
			r.Header.Set("Authorization", "Bearer "+d.app)
			r.Header.Set("Portico-Actor", "olga")
			aborted := func() (v any) {
				defer func() { v = recover() }()
				d.Config.Handler.ServeHTTP(cutter{httptest.NewRecorder(), func() {
					if err := test.cut(d, hangUp); err != nil {
						t.Error(err)
					}
				}}, r)
				return nil
			}()
			if aborted != http.ErrAbortHandler { //nolint:errorlint // what net/http compares
				t.Errorf("got the panic %v", aborted)
			}
			lines := strings.Split(strings.TrimSpace(d.log.String()), "\n")
			cause, last := lines[len(lines)-2], lines[len(lines)-1]
			if !strings.Contains(cause, test.level) || !strings.Contains(last, test.status) {
				t.Errorf("the log has\n%s\n%s", cause, last)
			}
		})
	}
}
