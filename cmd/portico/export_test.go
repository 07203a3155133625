package main

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGuard(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "Ana": "Ana", "a=b": "a=b", "'": "'", "'n Sync": "'n Sync",
		"=1+1": "'=1+1", "+49": "'+49", "-1": "'-1", "@me": "'@me", "\tx": "'\tx", "\rx": "'\rx",
		"'=x": "''=x", "''=x": "'''=x",
	} {
		if got := guard(cell); got != want {
			t.Errorf("%q is guarded as %q, not %q", cell, got, want)
		}
		if got := unguard(guard(cell)); got != cell {
			t.Errorf("%q comes back as %q", cell, got)
		}
	}
}

// TestExportFormulas exports titles that spreadsheets would run, and reads them
// back as they were.
func TestExportFormulas(t *testing.T) {
	s := newShell(t)
	s.found()
	s.write("params.json", `{"partner":"acme","client":"retail","title":"=HYPERLINK(\"http://evil.example\")"}`)
	s.ok("do rename_client --json params.json" + asAna)
	s.ok("do create_client --partner acme --client odd --title '=x" + asAna)
	s.ok("export x --partner acme" + asAna)
	if text := s.read("x/clients.csv"); !strings.Contains(text, `"'=HYPERLINK`) || !strings.Contains(text, "odd,''=x") {
		t.Errorf("exported\n%s", text)
	}
	if r := s.run("import x --partner acme --apply" + asAna); r.err != nil || !strings.Contains(r.out, "Everything is there") || strings.Contains(r.notes, "is called") {
		t.Errorf("imported: %v\n%s%s", r.err, r.out, r.notes)
	}
}

// TestExportJournal writes what the HTTP API answers, the oldest first.
func TestExportJournal(t *testing.T) {
	s := newShell(t)
	s.found()
	server := s.serve("--mail.outbox out")
	s.ok("do invite_staff --partner acme --staff ben --contact-name Ben --email ben@acme.example --role advisor --idempotency-key k7 --server " + server.url + " --key " + server.key + asAna)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.url+"/v1/partners/acme/journal?format=ndjson", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+server.key)
	request.Header.Set("Portico-Actor", "user:ana@acme.example")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if closing := answer.Body.Close(); err != nil || closing != nil {
		t.Fatal(err, closing)
	}
	if err := server.stop(); err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(bytes.Lines(text))
	slices.Reverse(lines)
	s.ok("export x --journal --partner acme" + asAna)
	got := s.read("x/journal.ndjson")
	if diff := cmp.Diff(string(bytes.Join(lines, nil)), got); diff != "" || len(lines) < 4 {
		t.Errorf("(-HTTP +exported):\n%s", diff)
	}
	for _, kept := range []string{"idempotency_key", "request_digest", `"invitation":{"hash"`} {
		if strings.Contains(got, kept) {
			t.Errorf("it tells %s", kept)
		}
	}
}
