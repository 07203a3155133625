package replicas_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestRollingRestart: replicas end one after the other, and come back, while
// clients ask. Who is turned away, or cut off, and tries once more elsewhere
// loses nothing; and each replica ends by itself, with 0.
func TestRollingRestart(t *testing.T) {
	w := newWorld(t, program(t, plain))
	w.serve(t, 3)
	f := w.found(t, "acme", 2, 2)
	var (
		ended           atomic.Bool
		asked, repeated atomic.Int64
		running         sync.WaitGroup
	)
	for client := range 6 {
		running.Go(func() {
			for i := 0; !ended.Load(); i++ {
				first, second := w.replicas[(client+i)%3].url, w.replicas[(client+i+1)%3].url
				path, headers, body := f.errand(client, i)
				asked.Add(1)
				if w.sends(first, path, headers, body) == nil {
					continue
				}
				repeated.Add(1)
				if err := w.sends(second, path, headers, body); err != nil {
					t.Errorf("lost: %s: %v", path, err)
				}
			}
		})
	}
	for _, r := range w.replicas {
		if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		r.awaitEnd(t)
		if code := r.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("%s ended with %d", r.what, code)
		}
		r.start(t)
		r.awaitReady(t)
	}
	ended.Store(true)
	running.Wait()
	t.Logf("%d requests, %d of them sent twice", asked.Load(), repeated.Load())
	if repeated.Load() == 0 {
		t.Error("no request met a replica that was ending")
	}
	if _, err := w.command(t, "verify"); err != nil {
		t.Error(err)
	}
}

// errand is a check, or now and then an operation that may be repeated.
func (f *firm) errand(client, i int) (path string, headers map[string]string, body any) {
	if i%10 > 0 {
		return "/v1/check", nil, map[string]any{"resource": "partner:" + f.partner, "permission": "enter", "subject": "user:" + f.owner()}
	}
	name := fmt.Sprintf("%d-%d", client, i)
	return "/v1/operations/create_client",
		map[string]string{"Idempotency-Key": name, "Portico-Actor": f.owner()},
		map[string]any{"partner": f.partner, "title": "Folder " + name}
}

// sends sends one request, once, and fails unless it is answered well.
func (w *world) sends(url, path string, headers map[string]string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, url+path, bytes.NewReader(text)) //nolint:noctx // the server's deadline is enough
	if err != nil {
		return err
	}
	request.GetBody = nil // lest the transport repeats it by itself
	request.Header.Set("Authorization", "Bearer "+w.key)
	request.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s", answer.Status)
	}
	return nil
}
