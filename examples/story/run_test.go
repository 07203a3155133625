package story_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/portico-authz/portico/examples/story"
)

// short is a tale of two sentences.
var short = story.Tale{Portal: "agency", Firm: "short", Chapters: []story.Chapter{
	{Title: "One", Tell: func(s *story.Story) {
		s.Fact("R-1", "Who signs up may enter, and nobody else.")
		s.SignsUp("Olga", "Short")
		s.May("Olga", "enter", "")
		s.MayNot("Eve", "enter", "")
	}},
	{Title: "Two", Tell: func(s *story.Story) { s.Fact("R-2", "The end.") }},
}}

func run(t *testing.T, args ...string) (told, notes string, err error) {
	t.Helper()
	var out, more bytes.Buffer
	err = story.Run(t.Context(), short, args, &out, &more)
	return out.String(), more.String(), err
}

// A server that says yes to everybody is found out at the first chance.
func TestSurprise(t *testing.T) {
	yes := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"summary":"did it","decision":"allow"}`)
	}))
	defer yes.Close()
	told, _, err := run(t, "-server", yes.URL, "-key", "any", "-outbox", t.TempDir())
	if err == nil || err.Error() != `a surprise at R-1: may Eve enter? want deny, got "allow"` {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(told, "✓ Olga may enter") || strings.Contains(told, "R-2") {
		t.Errorf("it tells %s", told)
	}
}

// What can't be told to anybody is an error.
func TestNobodyListens(t *testing.T) {
	err := story.Run(t.Context(), short, []string{"-server", "http://127.0.0.1:1", "-key", "any", "-outbox", t.TempDir()}, deaf{}, io.Discard)
	if !errors.Is(err, errDeaf) {
		t.Errorf("got %v", err)
	}
}

var errDeaf = errors.New("deaf")

type deaf struct{}

func (deaf) Write([]byte) (int, error) { return 0, errDeaf }

func TestWrongArguments(t *testing.T) {
	for _, args := range [][]string{{"-server", "http://127.0.0.1:1"}, {"-key", "any"}, {"more"}, {"-unknown"}} {
		if told, _, err := run(t, args...); err == nil || told != "" {
			t.Errorf("%v: got %v, %s", args, err, told)
		}
	}
	if _, notes, err := run(t, "-h"); err != nil || !strings.Contains(notes, "-outbox") {
		t.Errorf("-h: got %v, %s", err, notes)
	}
}
