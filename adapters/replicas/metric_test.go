package replicas_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// waiters returns how many checks have asked the replica for epochs so far.
func (s *stage) waiters(r *replica) float64 {
	s.t.Helper()
	const name = "portico_epoch_waiters_total "
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, r.url+"/metrics", http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	_, rest, found := strings.Cut("\n"+string(text), "\n"+name)
	if !found {
		s.t.Fatalf("%s has no metric %s", r.what, name)
	}
	number, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
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
