package check_test

import (
	"bufio"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/portico-authz/portico/deploy/check"
)

var (
	addressForm = regexp.MustCompile(`^Serving (http://\S+)`)
	keyForm     = regexp.MustCompile(`^\s*(portico_\S+)$`)
	seriesForm  = regexp.MustCompile(`^([a-z_]+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? [^ ]+$`)
	labelForm   = regexp.MustCompile(`([a-z_]+)="([^"]*)"`)
)

// TestMetricsAreTheBinarys: what the binary shows is what rules and dashboards
// may ask for, and no more; with the labels and the values that are listed.
func TestMetricsAreTheBinarys(t *testing.T) {
	address, key := serveDemo(t)
	ask(t, http.MethodPost, address+"/v1/check", key, `{"resource":"account:acme/alder-ledger","permission":"access","subject":"user:ben@acme.example"}`)
	ask(t, http.MethodPost, address+"/v1/operations/rename_client", key, `{"partner":"acme","client":"alder","title":"Alder and sons"}`)
	listed, shown := map[string]check.Metric{}, map[string]bool{}
	for _, m := range check.Metrics() {
		listed[m.Name] = m
	}
	for line := range strings.Lines(ask(t, http.MethodGet, address+"/metrics", "", "")) {
		m := seriesForm.FindStringSubmatch(strings.TrimSpace(line))
		if len(m) == 0 || !strings.HasPrefix(m[1], "portico_") {
			continue
		}
		shown[m[1]] = true
		known, ok := listed[m[1]]
		if !ok {
			t.Errorf("%s is not listed", m[1])
			continue
		}
		for _, label := range labelForm.FindAllStringSubmatch(m[2], -1) {
			values, ok := known.Labels[label[1]]
			if label[1] != "le" && (!ok || len(values) > 0 && !slices.Contains(values, label[2])) {
				t.Errorf("%s has %s=%q, which is not listed", m[1], label[1], label[2])
			}
		}
	}
	for name := range listed {
		if strings.HasPrefix(name, "portico_") && !shown[name] {
			t.Errorf("%s is listed, and the binary doesn't show it", name)
		}
	}
}

// serveDemo starts Portico, with a Redis that isn't there, and returns its
// address and its first key.
func serveDemo(t *testing.T) (address, key string) {
	t.Helper()
	cmd := exec.Command(portico(t), "serve", "--demo", "--listen", "127.0.0.1:0", //nolint:noctx // ends in the cleanup
		"--redis.mode", "standalone", "--redis.addresses", "127.0.0.1:1", "--maintenance_interval", "1s")
	cmd.Dir = t.TempDir()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed, as it will say
	})
	lines := bufio.NewScanner(out)
	for address == "" || key == "" {
		if !lines.Scan() {
			t.Fatalf("Portico ended: %v", lines.Err())
		}
		if m := addressForm.FindStringSubmatch(lines.Text()); m != nil {
			address = m[1]
		}
		if m := keyForm.FindStringSubmatch(lines.Text()); m != nil {
			key = m[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // lest it waits for a reader
	return address, key
}

func ask(t *testing.T, method, url, key, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode/100 != 2 && answer.StatusCode != http.StatusForbidden {
		t.Fatalf("%s %s: %d %s", method, url, answer.StatusCode, text)
	}
	return string(text)
}
