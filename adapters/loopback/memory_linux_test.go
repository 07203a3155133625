package loopback_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/portico-authz/portico/adapters/loopback"
)

// A server that was killed leaves no shared memory behind, be it by the test's
// word or by its end.
func TestPostgresLeavesNoSharedMemory(t *testing.T) {
	var last []string
	t.Run("killed", func(t *testing.T) {
		s := loopback.StartPostgres(t)
		shared := sharedMemory(t, s.URL)
		s.Kill(t)
		if left := remaining(t, shared); len(left) > 0 {
			t.Errorf("these stay: %q", left)
		}
		s.Restart(t)
		last = sharedMemory(t, s.URL)
	})
	if left := remaining(t, last); len(left) > 0 {
		t.Errorf("these stay after the test: %q", left)
	}
}

// shared is what /proc/<pid>/maps says of shared memory: a file, or the id of a
// segment.
var shared = regexp.MustCompile(`(?m) (\d+) +(/dev/shm/\S+|/SYSV)`)

// sharedMemory returns the names of the shared memory of the server at dsn.
func sharedMemory(t *testing.T, dsn string) []string {
	t.Helper()
	var pid int
	if err := connect(t, dsn).QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range shared.FindAllStringSubmatch(string(maps), -1) {
		if m[2] == "/SYSV" {
			m[2] = m[1]
		}
		names = append(names, m[2])
	}
	if len(names) < 2 {
		t.Fatalf("PostgreSQL has a segment and a file at least: %q in\n%s", names, maps)
	}
	return names
}

// remaining returns those that are still there.
func remaining(t *testing.T, names []string) []string {
	t.Helper()
	segments, err := os.ReadFile("/proc/sysvipc/shm")
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, name := range names {
		if _, err := os.Stat(name); err == nil || hasSegment(string(segments), name) {
			left = append(left, name)
		}
	}
	return left
}

// hasSegment reads the table of System V's segments: key, id and more.
func hasSegment(table, id string) bool {
	for line := range strings.Lines(table) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == id {
			return true
		}
	}
	return false
}
