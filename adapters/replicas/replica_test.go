package replicas_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/portico-authz/portico/adapters/loopback"
)

// replica is one process of `portico serve`.
type replica struct {
	process
	url    string
	orders string // a folder for package failpoint
}

// made is how a replica is made, beside what the world says.
type made struct {
	name    string
	program string
	portal  string // "" for the agency portal
	defect  string // of package failpoint
	spicedb string // "" for the world's link
}

const configuration = `listen: %s
portal: %s
spicedb: {endpoint: "%s", insecure: true}
redis: {mode: standalone, addresses: ["%s"], timeout: %s}
mail: {outbox: "%s"}
maintenance_interval: %s
shutdown_delay: 0s
limits: {request: 5s}
`

// replica starts a replica, and returns when it is ready.
func (w *world) replica(t *testing.T, m made) *replica {
	t.Helper()
	r := w.begin(t, m)
	r.awaitReady(t)
	return r
}

// begin starts a replica, or what may become one.
func (w *world) begin(t *testing.T, m made) *replica {
	t.Helper()
	dir := t.TempDir()
	address := loopback.SteadyAddress(t)
	r := &replica{url: "http://" + address, orders: filepath.Join(dir, "orders")}
	portal, endpoint := m.portal, m.spicedb
	if portal == "" {
		portal = "agency"
	}
	if endpoint == "" {
		endpoint = w.spicedb.address
	}
	text := fmt.Sprintf(configuration, address, portal, endpoint, w.redis.address, w.redisTimeout, w.outbox, w.maintenance)
	file := filepath.Join(dir, "portico.yaml")
	if err := errors.Join(os.Mkdir(r.orders, 0o755), os.WriteFile(file, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	r.process = process{
		what: "replica " + m.name, path: m.program, args: []string{"serve", "--config", file}, dir: dir,
		log: filepath.Join(dir, "log"), env: w.environment("PORTICO_TEST_FAILPOINTS="+r.orders, "PORTICO_TEST_DEFECTS="+m.defect),
	}
	r.endWith(t)
	r.start(t)
	return r
}

// environment is that of a program of ours: nothing of the test's own counts.
func (w *world) environment(more ...string) []string {
	own := slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "PORTICO_") })
	return append(own, append(more, "PORTICO_STORE="+w.store, "PORTICO_SPICEDB_TOKEN="+w.token)...)
}

// awaitReady waits until it says that it can answer.
func (r *replica) awaitReady(t *testing.T) {
	t.Helper()
	await(t, r.what+" is ready", func() error {
		if r.hasExited() {
			t.Fatalf("%s has ended", r.what)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/readyz", http.NoBody)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = answer.Body.Close() }()
		if answer.StatusCode != http.StatusOK {
			return errors.New(answer.Status)
		}
		return nil
	})
}

var requestID = regexp.MustCompile(`"request_id":"([A-Z0-9]+)"`)

// said returns what the replicas' logs say of the request that a problem names.
func (w *world) said(problem string) string {
	id := requestID.FindStringSubmatch(problem)
	if id == nil {
		return ""
	}
	var lines []string
	for _, r := range w.replicas {
		text, err := os.ReadFile(r.log)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, id[1]) {
				lines = append(lines, r.what+": "+line)
			}
		}
	}
	return strings.Join(lines, "")
}
