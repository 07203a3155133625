// Package storytest tells a story in a test.
package storytest

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/portico-authz/portico/examples/story"
)

// Tell tells the tale at a server of its own, and wants all rules in it, from the
// first to the last: so many of each prefix. It returns what was told.
func Tell(t *testing.T, tale story.Tale, rules map[string]int) string {
	t.Helper()
	var told, notes bytes.Buffer
	if err := story.Run(t.Context(), tale, nil, &told, &notes); err != nil {
		t.Fatalf("%v: %s\n%s", err, notes.String(), told.String())
	}
	for prefix, last := range rules {
		for n := range last {
			rule := prefix + "-" + strconv.Itoa(n+1)
			if !strings.Contains(told.String(), "\n"+rule+"  ") {
				t.Errorf("%s isn't told", rule)
			}
		}
	}
	return told.String()
}

// Has wants each of the words somewhere in what was told.
func Has(t *testing.T, told string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(told, w) {
			t.Errorf("nobody says %q in\n%s", w, told)
		}
	}
}
