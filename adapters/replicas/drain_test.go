package replicas_test

import (
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
			c := newCaller(w.key)
			sends := func(r *replica, path string, header map[string]string, body any) *refusal {
				var answer any
				return c.do(http.MethodPost, r.url+path, header, body, &answer)
			}
			for i := 0; !ended.Load(); i++ {
				first, second := w.replicas[(client+i)%3], w.replicas[(client+i+1)%3]
				path, headers, body := f.errand(client, i)
				asked.Add(1)
				if sends(first, path, headers, body) == nil {
					continue
				}
				repeated.Add(1)
				if err := sends(second, path, headers, body); err != nil {
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
