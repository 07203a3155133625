package schema_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/portico-authz/portico/schema"
)

var update = flag.Bool("update", false, "write the README's table of rules anew")

// inShort says each rule in a few words, for the README's table.
var inShort = map[string]string{
	"AG-1": "who signs up is the owner", "AG-2": "exactly one owner", "AG-3": "only support transfers ownership",
	"AG-4": "the owner may do everything", "AG-5": "only the owner touches the payment method",
	"AG-6": "only the owner manages internal accounts", "AG-7": "admins create and edit folders",
	"AG-8": "admins reach every client account", "AG-9": "admins manage staff", "AG-10": "admins see the subscription",
	"AG-11": "advisors reach the folders that they were added to", "AG-12": "advisors add accounts there",
	"AG-13": "advisors manage nothing", "AG-14": "invitations", "AG-15": "access by staff member",
	"AG-16": "access by client", "AG-17": "both ways are the same facts", "AG-18": "accounts switched off one by one",
	"AG-19": "not for owner and admins", "AG-20": "internal accounts, one by one", "AG-21": "removal ends all access at once",
	"AG-22": "groups and representatives",
	"PR-1":  "administrators may do everything", "PR-2": "teammates: not the integration settings, not the team",
	"PR-3": "technical teammates: the integration settings too", "PR-4": "program managers: no financial data",
	"PR-5": "read-only changes nothing", "PR-6": "custom: capabilities switched one by one", "PR-7": "a role can be looked up before",
	"PR-8": "restriction to groups, and lifting it", "PR-9": "group representatives", "PR-10": "managed payouts; who receives the commissions",
	"PR-11": "invitations again, removal, the list",
	"WS-1":  "one super admin, who alone manages the licence", "WS-2": "admins: not the super admin's details, not the subscription",
	"WS-3": "project managers", "WS-4": "office managers", "WS-5": "teammates: their projects, never as leader",
	"WS-6": "salespeople: records that they created", "WS-7": "freelancers: no team talk",
	"WS-8": "roles change only up the ladder", "WS-9": "trash, restore, deletion for good",
	"ST-1": "adding staff", "ST-2": "anybody can be an instructor", "ST-3": "no access", "ST-4": "instructors see their own events",
	"ST-5": "restricted sees all events", "ST-6": "full access", "ST-7": "deactivation", "ST-8": "classes are handed over first",
	"ST-9": "inactive staff are edited, reactivated, deleted", "ST-10": "the deleted are in no event",
	"XP-1": "nothing crosses partners", "XP-2": "every operation asks for its permission", "XP-3": "every operation is on record",
	"XP-4": "a refused operation changes nothing",
}

// The README's table stands between these lines.
const (
	tableBegins = "<!-- rules: written by `go test ./schema -run TestReadmeRules -update` -->\n"
	tableEnds   = "<!-- end of rules -->\n"
)

// TestReadmeRules: the README leads from every rule to the assertions and the
// stories that cite it.
func TestReadmeRules(t *testing.T) {
	const path = "../README.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), tableBegins)
	table, after, ended := strings.Cut(rest, tableEnds)
	if !ok || !ended {
		t.Fatal("the README has no place for the table of rules")
	}
	want := rulesTable(t)
	if *update {
		if err := os.WriteFile(path, []byte(before+tableBegins+want+tableEnds+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("the table isn't up to date (-want +got):\n%s", diff)
	}
}

func rulesTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| rule | what | proof | stories |\n|---|---|---|---|\n")
	for _, p := range []struct {
		portal, prefix string
		rules          int
	}{{"agency", "AG", 22}, {"program", "PR", 11}, {"workspace", "WS", 9}, {"studio", "ST", 10}} {
		proofs, stories := citedLines(t, p.portal), toldRules(t, p.portal)
		for _, rule := range append(rules(p.prefix, p.rules), rules("XP", 4)...) {
			if inShort[rule] == "" || len(stories[rule]) == 0 {
				t.Errorf("%s: %s says nothing, or no story tells it", p.portal, rule)
			}
			name := rule
			if strings.HasPrefix(rule, "XP") {
				name += " " + p.portal
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, inShort[rule], proofLink(p.portal, proofs[rule]), storyLinks(p.portal, stories[rule]))
		}
	}
	return b.String()
}

func proofLink(portal string, lines []int) string {
	if len(lines) == 0 {
		return "–"
	}
	return fmt.Sprintf("[%s](schema/%s/%s#L%d)", plural(len(lines), "place"), portal, schema.ProofFile, lines[0])
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func storyLinks(portal string, lines []int) string {
	links := make([]string, len(lines))
	for i, line := range lines {
		links[i] = fmt.Sprintf("[%d](engine/enginetest/cases/%s.yaml#L%d)", i+1, portal, line)
	}
	return strings.Join(links, " ")
}

// citedLines returns the lines of a portal's proof on which a comment before
// assertions cites each rule.
func citedLines(t *testing.T, portal string) map[string][]int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(portal, schema.ProofFile))
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string][]int{}
	proving := false
	for i, line := range strings.Split(string(text), "\n") {
		switch line {
		case "assertions:":
			proving = true
		case "validation:":
			proving = false
		}
		if !proving || !strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, rule := range slices.Compact(slices.Sorted(slices.Values(citation.FindAllString(line, -1)))) {
			lines[rule] = append(lines[rule], i+1)
		}
	}
	return lines
}

// toldRules returns the lines of the stories that tell each rule.
func toldRules(t *testing.T, portal string) map[string][]int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "engine", "enginetest", "cases", portal+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var stories []struct{ Rules yaml.Node }
	if err := yaml.Unmarshal(text, &stories); err != nil {
		t.Fatal(err)
	}
	told := map[string][]int{}
	for _, s := range stories {
		for _, rule := range s.Rules.Content {
			told[rule.Value] = append(told[rule.Value], s.Rules.Line)
		}
	}
	return told
}
