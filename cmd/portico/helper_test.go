package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// shell runs commands in a folder of its own, as a person would.
type shell struct {
	t   *testing.T
	dir string
}

// newShell goes to a temporary folder, where no configuration is.
func newShell(t *testing.T) *shell {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "PORTICO_") && !strings.HasPrefix(name, "PORTICO_TEST_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := &shell{t: t, dir: t.TempDir()}
	t.Chdir(s.dir)
	return s
}

// result is what a command said, and how it ended.
type result struct {
	out, notes string
	err        error
}

// run runs one command line; arguments are parted by spaces.
func (s *shell) run(line string) result {
	s.t.Helper()
	return s.runContext(s.t.Context(), line)
}

func (s *shell) runContext(ctx context.Context, line string) result {
	s.t.Helper()
	var out, notes bytes.Buffer
	err := run(ctx, strings.Fields(line), &out, &notes)
	return result{out.String(), notes.String(), err}
}

// ok runs a command that must succeed, and returns what it printed.
func (s *shell) ok(line string) string {
	s.t.Helper()
	r := s.run(line)
	if r.err != nil {
		s.t.Fatalf("portico %s: %v\n%s%s", line, r.err, r.out, r.notes)
	}
	return r.out
}

// fails runs a command that must end with the code, and say all of words.
func (s *shell) fails(line string, code int, words ...string) {
	s.t.Helper()
	r := s.run(line)
	said := explainError(r.err) + r.out + r.notes
	if exitCode(r.err) != code {
		s.t.Fatalf("portico %s ended with %d, not %d: %s", line, exitCode(r.err), code, said)
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			s.t.Errorf("portico %s doesn't say %q:\n%s", line, w, said)
		}
	}
}

func (s *shell) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shell) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// served is a server that runs in this process.
type served struct {
	url, key string
	said     func() string // to standard output
	noted    func() string // to standard error
	stop     func() error
}

var (
	urlSaid = regexp.MustCompile(`Serving (http://\S+)`)
	keySaid = regexp.MustCompile(`\n {2}(portico_\S+)\n`)
)

// serve starts a server and waits until it serves.
func (s *shell) serve(flags string) *served {
	s.t.Helper()
	var out, notes safeBuffer
	ctx, cancel := context.WithCancel(s.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, strings.Fields("serve --listen 127.0.0.1:0 "+flags), &out, &notes) }()
	v := &served{said: out.String, noted: notes.String}
	v.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	s.t.Cleanup(func() { _ = v.stop() })
	deadline := time.After(time.Minute)
	for {
		if m := urlSaid.FindStringSubmatch(out.String()); m != nil {
			v.url = m[1]
			break
		}
		select {
		case err := <-ended:
			s.t.Fatalf("serve ended: %v\n%s%s", err, out.String(), notes.String())
		case <-deadline:
			s.t.Fatalf("serve doesn't serve:\n%s%s", out.String(), notes.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	if m := keySaid.FindStringSubmatch(out.String()); m != nil {
		v.key = m[1]
	}
	return v
}

// safeBuffer is a buffer that is written and read at once.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
