package schema_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/portico-authz/portico/schema"
)

// notInSchema has the rules that no permission can state: what an operation
// does rather than who may do it. The API's tests prove them.
var notInSchema = map[string]string{
	"AG-1":  "signing up makes a partner and its owner",
	"AG-2":  "how many hold a role: portal.yaml's `exactly`, an invariant of every operation",
	"AG-17": "both ways of granting are one operation on the same facts",
	"WS-8":  "which role may follow which: portal.yaml's ladder and `role_changes`",
	"XP-2":  "that every operation asks for its permission",
	"XP-3":  "that every operation is on record",
	"XP-4":  "that a refused operation changes nothing",
}

// TestProofsCiteEveryRule: each rule that a schema can state has at least one
// assertion under it, and each assertion stands under a rule. That the
// assertions hold, package proof shows.
func TestProofsCiteEveryRule(t *testing.T) {
	portals := map[string][]string{
		"agency":    rules("AG", 22),
		"program":   rules("PR", 11),
		"workspace": rules("WS", 9),
		"studio":    rules("ST", 10),
	}
	for name, own := range portals {
		t.Run(name, func(t *testing.T) {
			proved := provedRules(t, name)
			for _, rule := range append(own, rules("XP", 4)...) {
				reason, elsewhere := notInSchema[rule]
				switch {
				case !elsewhere && proved[rule] == 0:
					t.Errorf("%s: no assertion in proof.yaml cites it", rule)
				case elsewhere && proved[rule] > 0:
					t.Errorf("%s is proved after all; it is listed as no schema's business: %s", rule, reason)
				}
				delete(proved, rule)
			}
			for rule := range proved {
				t.Errorf("proof.yaml cites %s, which is no rule", rule)
			}
		})
	}
}

func rules(prefix string, n int) []string {
	list := make([]string, 0, n)
	for i := range n {
		list = append(list, fmt.Sprintf("%s-%d", prefix, i+1))
	}
	return list
}

var citation = regexp.MustCompile(`[A-Z]{2}-\d+`)

// provedRules counts the assertions under each rule of a portal's proof: those
// after a comment that cites it, until the next comment.
func provedRules(t *testing.T, portal string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(portal, schema.ProofFile))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	first, last := slices.Index(lines, "assertions:"), slices.Index(lines, "validation:")
	if first < 0 || last < first {
		t.Fatalf("%s: want assertions, then validation", schema.ProofFile)
	}
	var (
		counts = make(map[string]int)
		cited  []string
	)
	for i, line := range lines[first+1 : last] {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
			cited = citation.FindAllString(line, -1)
		case strings.HasSuffix(line, ":"): // assertTrue and its kin: a new list
			cited = nil
		case strings.HasPrefix(line, "- "):
			if len(cited) == 0 {
				t.Errorf("%s:%d: %s cites no rule", schema.ProofFile, first+i+2, line)
			}
			for _, rule := range cited {
				counts[rule]++
			}
		}
	}
	return counts
}
