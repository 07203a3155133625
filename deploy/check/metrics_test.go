package check_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/portico-authz/portico/deploy/check"
)

// checkQuery checks that a query can be parsed, and asks only for metrics and
// labels that there are, and labels for values that they have.
func checkQuery(t *testing.T, where, query string) {
	t.Helper()
	query = strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h").Replace(query)
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			checkSelector(t, where, n)
		case *parser.AggregateExpr:
			checkGrouping(t, where, n)
		}
		return nil
	})
}

// labelsOf returns a metric's labels, also if it is a part of a histogram.
func labelsOf(name string) (map[string][]string, bool) {
	for _, m := range check.Metrics() {
		known := map[string][]string{}
		for _, label := range check.TargetLabels() {
			known[label] = nil
		}
		maps.Copy(known, m.Labels)
		suffix, isPart := strings.CutPrefix(name, m.Name)
		switch {
		case !m.Histogram && name == m.Name:
			return known, true
		case m.Histogram && isPart && slices.Contains([]string{"_count", "_sum"}, suffix):
			return known, true
		case m.Histogram && isPart && suffix == "_bucket":
			known["le"] = nil
			return known, true
		}
	}
	return nil, false
}

func checkSelector(t *testing.T, where string, selector *parser.VectorSelector) {
	t.Helper()
	known, ok := labelsOf(selector.Name)
	if !ok {
		t.Errorf("%s: there is no metric %s", where, selector.Name)
		return
	}
	for _, m := range selector.LabelMatchers {
		values, ok := known[m.Name] // of regular expressions, alternatives will do
		switch {
		case m.Name == "__name__":
		case !ok:
			t.Errorf("%s: %s has no label %s", where, selector.Name, m.Name)
		case len(values) > 0:
			for value := range strings.SplitSeq(m.Value, "|") {
				if !slices.Contains(values, value) {
					t.Errorf("%s: %s is never %q", where, m.Name, value)
				}
			}
		}
	}
}

// checkGrouping checks that what is grouped by is a label of what is grouped.
func checkGrouping(t *testing.T, where string, aggregate *parser.AggregateExpr) {
	t.Helper()
	parser.Inspect(aggregate.Expr, func(node parser.Node, _ []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		known, _ := labelsOf(selector.Name)
		for _, label := range aggregate.Grouping {
			if _, ok := known[label]; !ok {
				t.Errorf("%s: %s has no label %s to group by", where, selector.Name, label)
			}
		}
		return nil
	})
}

func TestRulesAskForWhatThereIs(t *testing.T) {
	_, all := rules(t)
	said := regexp.MustCompile(`\$labels\.(\w+)`)
	for _, r := range all {
		checkQuery(t, r.Alert, r.Expr)
		for _, found := range said.FindAllStringSubmatch(r.Annotations["summary"], -1) {
			if label := found[1]; label != "instance" && !strings.Contains(r.Expr, label) {
				t.Errorf("%s: the summary has the label %s, and the expression hasn't", r.Alert, label)
			}
		}
	}
}

type dashboard struct {
	UID    string
	Title  string
	Panels []struct {
		ID         int
		Type       string
		Title      string
		GridPos    struct{ X, Y, W, H int }
		Datasource struct{ Type, UID string }
		Targets    []struct{ Expr string }
	}
}

func TestDashboard(t *testing.T) {
	var d dashboard
	if err := json.Unmarshal([]byte(read(t, "grafana", "dashboards", "portico.json")), &d); err != nil {
		t.Fatal(err)
	}
	ids, places := map[int]bool{}, map[[2]int]bool{}
	shown := ""
	for _, panel := range d.Panels {
		place := [2]int{panel.GridPos.X, panel.GridPos.Y}
		if ids[panel.ID] || places[place] {
			t.Errorf("%s: another panel has its id or its place", panel.Title)
		}
		ids[panel.ID], places[place] = true, true
		if panel.Type == "row" {
			continue
		}
		if panel.Datasource.Type != "prometheus" || len(panel.Targets) == 0 {
			t.Errorf("%s asks nobody", panel.Title)
		}
		for _, target := range panel.Targets {
			checkQuery(t, panel.Title, target.Expr)
			shown += target.Expr + "\n"
		}
	}
	for _, m := range check.Metrics() {
		if strings.HasPrefix(m.Name, "portico_") && !strings.Contains(shown, m.Name) {
			t.Errorf("it doesn't show %s", m.Name)
		}
	}
}
