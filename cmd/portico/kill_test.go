package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	kills       = 100
	killWriters = 6
)

// TestKill kills the server at random under load, 100 times, on the SQLite
// default. Nothing acknowledged is lost, nothing unacknowledged is half-done,
// and repeating a request with its idempotency key tells which it was.
func TestKill(t *testing.T) {
	w := &world{t: t, dir: t.TempDir()}
	w.build()
	w.start()
	w.found()
	random := rand.New(rand.NewPCG(7, 7))
	acknowledged, runs := 0, kills
	if testing.Short() {
		runs = kills / 10
	}
	for range runs {
		stop := make(chan struct{})
		var writing sync.WaitGroup
		for _, f := range w.folders {
			writing.Go(func() { f.write(w, stop) })
		}
		time.Sleep(time.Duration(5+random.IntN(120)) * time.Millisecond)
		w.kill()
		close(stop)
		writing.Wait()
		w.start()
		for _, f := range w.folders {
			f.settle(w)
			acknowledged += f.acknowledged
			f.acknowledged = 0
		}
	}
	w.stop()
	w.verify()
	if acknowledged < runs {
		t.Errorf("%d acknowledged writes in %d runs: the load means little", acknowledged, runs)
	}
	t.Logf("%d kills, %d acknowledged writes", runs, acknowledged)
}

// world is a server that is killed and started again on one store.
type world struct {
	t       *testing.T
	dir     string
	binary  string
	cmd     *exec.Cmd
	url     string
	key     string
	folders []*folder
}

func (w *world) build() {
	w.t.Helper()
	w.binary = filepath.Join(w.dir, "portico")
	out, err := exec.CommandContext(w.t.Context(), "go", "build", "-o", w.binary, ".").CombinedOutput()
	if err != nil {
		w.t.Fatalf("build: %v\n%s", err, out)
	}
}

var (
	servingLine = regexp.MustCompile(`^Serving (http://\S+)`)
	keyLine     = regexp.MustCompile(`^\s*(portico_\S+)\s*$`)
)

// start starts the server and waits until it serves.
func (w *world) start() {
	w.t.Helper()
	w.cmd = exec.CommandContext(context.Background(), w.binary, "serve", "--store", filepath.Join(w.dir, "p.db"), "--listen", "127.0.0.1:0",
		"--mail.outbox", filepath.Join(w.dir, "outbox"))
	var log bytes.Buffer
	w.cmd.Stderr = &log
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := keyLine.FindStringSubmatch(lines.Text()); m != nil {
			w.key = m[1]
		}
		if m := servingLine.FindStringSubmatch(lines.Text()); m != nil {
			w.url = m[1]
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return
		}
	}
	_ = w.cmd.Wait()
	w.t.Fatalf("the server doesn't serve: %s", log.String())
}

func (w *world) kill() {
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
}

func (w *world) stop() {
	w.t.Helper()
	if err := w.cmd.Process.Signal(os.Interrupt); err != nil {
		w.t.Fatal(err)
	}
	if err := w.cmd.Wait(); err != nil {
		w.t.Errorf("the server ends with %v", err)
	}
}

func (w *world) verify() {
	w.t.Helper()
	out, err := exec.CommandContext(w.t.Context(), w.binary, "verify", "--store", filepath.Join(w.dir, "p.db")).CombinedOutput()
	if err != nil {
		w.t.Errorf("verify: %v\n%s", err, out)
	}
}

// post sends a request as the person. A status beyond 299 is an error that
// holds the answer.
func (w *world) post(person, path, idempotencyKey string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+w.key)
	req.Header.Set("Content-Type", "application/json")
	if person != "" {
		req.Header.Set("Portico-Actor", "user:"+person)
	}
	if idempotencyKey != "" {
		req.Header.Set("Idempotency-Key", idempotencyKey)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return errCut
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		return errCut
	}
	if res.StatusCode > 299 {
		return fmt.Errorf("%s: %d %s", path, res.StatusCode, got)
	}
	return json.Unmarshal(got, answer)
}

// errCut: no answer came, so the request may have happened or not.
var errCut = errors.New("the connection was cut")

func (w *world) must(person, operation string, params map[string]any) {
	w.t.Helper()
	var answer any
	if err := w.post(person, "/v1/operations/"+operation, "", params, &answer); err != nil {
		w.t.Fatal(err)
	}
}

// found makes a firm with an advisor, and a folder for each writer.
func (w *world) found() {
	w.t.Helper()
	w.must("ana", "sign_up", map[string]any{"partner": "acme", "staff": "ana", "title": "Acme", "contact_name": "Ana", "email": "ana@acme.example"})
	w.must("ana", "invite_staff", map[string]any{"partner": "acme", "staff": "vic", "contact_name": "Vic", "email": "vic@acme.example", "role": "advisor"})
	w.must("vic", "accept_invitation", map[string]any{"token": w.invitation()})
	for i := range killWriters {
		f := &folder{name: fmt.Sprintf("c%d", i)}
		w.must("ana", "create_client", map[string]any{"partner": "acme", "client": f.name, "title": f.name})
		w.folders = append(w.folders, f)
	}
}

func (w *world) invitation() string {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "outbox", "*"))
	if err != nil || len(files) != 1 {
		w.t.Fatalf("outbox: %v %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		w.t.Fatal(err)
	}
	token := regexp.MustCompile(`invite_[A-Za-z0-9_-]+`).FindString(string(text))
	if token == "" {
		w.t.Fatalf("no token in %s", text)
	}
	return token
}

// folder is what one writer adds vic to and removes vic from, in turn.
type folder struct {
	name         string
	on           bool // as last acknowledged
	writes       int
	pending      string // the idempotency key of a write without an answer
	acknowledged int
}

// write goes on until the server is gone.
func (f *folder) write(w *world, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		f.writes++
		f.pending = fmt.Sprintf("%s-%d", f.name, f.writes)
		err := f.flip(w)
		switch {
		case errors.Is(err, errCut):
			return
		case err != nil:
			w.t.Errorf("write %s: %v", f.pending, err)
			return
		}
		f.on, f.pending = !f.on, ""
		f.acknowledged++
	}
}

// flip asks for the opposite of what was acknowledged last.
func (f *folder) flip(w *world) error {
	operation := "add_client_staff"
	if f.on {
		operation = "remove_client_staff"
	}
	var answer struct {
		Epoch int64 `json:"epoch"`
	}
	err := w.post("ana", "/v1/operations/"+operation, f.pending, map[string]any{"partner": "acme", "client": f.name, "staff": "vic"}, &answer)
	if err == nil && answer.Epoch == 0 {
		return fmt.Errorf("%s was answered without an epoch", f.pending)
	}
	return err
}

// settle checks what the restarted server says, and finishes what was cut.
func (f *folder) settle(w *world) {
	w.t.Helper()
	if f.pending == "" {
		if got := f.reach(w); got != f.on {
			w.t.Errorf("%s: acknowledged %v and lost", f.name, f.on)
		}
		return
	}
	if err := f.flip(w); err != nil {
		w.t.Fatalf("repeat %s: %v", f.pending, err)
	}
	f.on, f.pending = !f.on, ""
	if got := f.reach(w); got != f.on {
		w.t.Errorf("%s: repeated until acknowledged, and still not %v", f.name, f.on)
	}
}

func (f *folder) reach(w *world) bool {
	w.t.Helper()
	var answer struct {
		Decision string `json:"decision"`
	}
	question := map[string]any{"resource": "client:acme/" + f.name, "permission": "access", "subject": "user:vic"}
	if err := w.post("", "/v1/check", "", question, &answer); err != nil {
		w.t.Fatal(err)
	}
	return strings.EqualFold(answer.Decision, "allow")
}
