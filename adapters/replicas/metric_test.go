package replicas_test

import (
	"bufio"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// metric returns the sum of the replica's samples of that name with the label,
// which may be "".
func (r *replica) metric(t *testing.T, name, label string) float64 {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	sum, found := 0.0, false
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		sample, value, _ := strings.Cut(lines.Text(), " ")
		if of, labels, _ := strings.Cut(sample, "{"); of != name || !strings.Contains(labels, label) {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum, found = sum+n, true
	}
	if lines.Err() != nil || !found && label == "" {
		t.Fatalf("%s has no metric %s: %v", r.what, name, lines.Err())
	}
	return sum
}

// waiters returns how many checks have asked the replica for epochs so far.
func (s *stage) waiters(r *replica) float64 {
	s.t.Helper()
	return r.metric(s.t, "portico_epoch_waiters_total", "")
}

// awaitWaiters waits until another check waits for an epoch.
func (s *stage) awaitWaiters(r *replica, before float64) {
	s.t.Helper()
	await(s.t, "a check waits for an epoch", func() error {
		if s.waiters(r) <= before {
			return errors.New("none does")
		}
		return nil
	})
}
