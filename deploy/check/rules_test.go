package check_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the PrometheusRule of the rules")

// ruleFile is what Prometheus reads.
type ruleFile struct {
	Groups []struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	} `yaml:"groups"`
}

type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for,omitempty"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func rules(t *testing.T) (file ruleFile, all []rule) {
	t.Helper()
	decode(t, read(t, "prometheus", "rules.yaml"), &file)
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	return file, all
}

// promtool runs Prometheus's own checker.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Fatal("there is no promtool; it is in Debian's package prometheus, and Homebrew's")
	}
	if out, err := run(t, filepath.Join(deploy, "prometheus"), nil, "promtool", args...); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPrometheusConfiguration(t *testing.T) { promtool(t, "check", "config", "prometheus.yml") }

func TestRules(t *testing.T) { promtool(t, "test", "rules", "rules_test.yaml") }

func TestEveryAlertIsTried(t *testing.T) {
	tried := read(t, "prometheus", "rules_test.yaml")
	_, all := rules(t)
	for _, r := range all {
		if !strings.Contains(tried, `{labels: '{alertname="`+r.Alert+`"}', value: 1}`) {
			t.Errorf("no test lets %s fire", r.Alert)
		}
	}
}

func TestAlertsAreComplete(t *testing.T) {
	entries := headings(t, "RUNBOOK.md")
	_, all := rules(t)
	var alerts []string
	for _, r := range all {
		alerts = append(alerts, anchor(r.Alert))
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			t.Errorf("%s: severity %q", r.Alert, r.Labels["severity"])
		}
		if r.Annotations["summary"] == "" {
			t.Errorf("%s has no summary", r.Alert)
		}
		page, entry, _ := strings.Cut(r.Annotations["runbook"], "#")
		if !strings.HasSuffix(page, "/deploy/RUNBOOK.md") || entry != anchor(r.Alert) || !slices.Contains(entries, entry) {
			t.Errorf("%s: the runbook has no %s", r.Alert, r.Annotations["runbook"])
		}
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry, "portico") && !slices.Contains(alerts, entry) {
			t.Errorf("the runbook has %s, and there is no such alert", entry)
		}
	}
}

var heading = regexp.MustCompile(`(?m)^#+ (.*)$`)

// headings are the anchors of a page's headings.
func headings(t *testing.T, page string) (list []string) {
	t.Helper()
	for _, found := range heading.FindAllStringSubmatch(read(t, page), -1) {
		list = append(list, anchor(found[1]))
	}
	return list
}

// anchor is how a heading is linked to.
func anchor(title string) string {
	title = strings.ReplaceAll(strings.ToLower(title), " ", "-")
	return regexp.MustCompile(`[^\w-]`).ReplaceAllString(title, "")
}

const ruleHead = `# prometheus/rules.yaml for the Prometheus operator, written by
# go test -run TestPrometheusRule -update
`

func write(t *testing.T, file ruleFile) {
	t.Helper()
	var out bytes.Buffer
	out.WriteString(ruleHead)
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	err := encoder.Encode(prometheusRule{
		head: head{APIVersion: "monitoring.coreos.com/v1", Kind: "PrometheusRule", Metadata: metadata{Name: "portico"}},
		Spec: file,
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(deploy, "kubernetes", "components", "monitoring", "prometheusrule.yaml")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPrometheusRule checks that clusters get the same rules as compose.
func TestPrometheusRule(t *testing.T) {
	file, _ := rules(t)
	if *update {
		write(t, file)
	}
	eachOverlay(t, func(t *testing.T, c cluster) {
		if !reflect.DeepEqual(c.rules.Spec, file) {
			t.Error("it isn't prometheus/rules.yaml; run go test -run TestPrometheusRule -update")
		}
	})
}
