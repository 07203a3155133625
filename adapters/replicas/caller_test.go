package replicas_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// caller asks replicas over HTTP.
type caller struct {
	key  string
	http *http.Client
}

func newCaller(key string) *caller {
	return &caller{key, &http.Client{
		Timeout:   10 * time.Second, // longer than a request may take
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
	}}
}

// refusal is an answer beyond 299. Status 0 means that there was none.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s", r.status, r.text) }

// passing reports whether the refusal may be due to a fault: what was asked for
// may still happen, or wasn't begun.
func (r *refusal) passing() bool {
	return r.status == 0 || r.status == http.StatusServiceUnavailable || r.status == http.StatusTooManyRequests
}

// do sends a request and reads its answer into out.
func (c *caller) do(method, address string, header map[string]string, body, out any) *refusal {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			panic(err) // of our own making
		}
	}
	request, err := http.NewRequestWithContext(context.Background(), method, address, bytes.NewReader(text))
	if err != nil {
		panic(err)
	}
	request.GetBody = nil // lest the transport repeats what has an Idempotency-Key by itself
	request.Header.Set("Authorization", "Bearer "+c.key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return &refusal{0, err.Error()}
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	got, err := io.ReadAll(answer.Body)
	if err != nil {
		return &refusal{0, err.Error()}
	}
	if answer.StatusCode > 299 {
		return &refusal{answer.StatusCode, string(got)}
	}
	if err := json.Unmarshal(got, out); err != nil {
		return &refusal{answer.StatusCode, err.Error()}
	}
	return nil
}
