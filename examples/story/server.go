package story

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

const program = "github.com/portico-authz/portico/cmd/portico"

// patience is how long the server may take to stop before it is killed.
const patience = 30 * time.Second

// server is a server process of the story's own. Nothing of it is kept.
type server struct {
	place
	dir string
	cmd *exec.Cmd
}

// startServer builds and starts a server of the portal, and returns when it
// serves. It stops at the latest when ctx ends.
func startServer(ctx context.Context, portal string, stderr io.Writer) (_ *server, err error) {
	dir, err := os.MkdirTemp("", "portico-story-")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, place: place{outbox: filepath.Join(dir, "outbox")}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	binary := filepath.Join(dir, "portico")
	if _, err := fmt.Fprintln(stderr, "Building portico; the first time takes some minutes …"); err != nil {
		return nil, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, program) //nolint:gosec // into a folder of our own
	build.Stdout, build.Stderr = stderr, stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build %s: %w", program, err)
	}
	s.cmd = exec.CommandContext(ctx, binary, "serve", "--portal", portal, "--listen", "127.0.0.1:0", //nolint:gosec // built just now
		"--store", filepath.Join(dir, "portico.db"), "--mail.outbox", s.outbox, "--log.level", "warn")
	s.cmd.Dir, s.cmd.Stderr = dir, stderr
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(os.Interrupt) }
	s.cmd.WaitDelay = patience
	return s, s.start()
}

var (
	keyLine     = regexp.MustCompile(`^\s*(portico_\S+)\s*$`)
	servingLine = regexp.MustCompile(`^Serving (http://\S+)`)
)

// start starts the process and reads its URL and first key from what it prints.
func (s *server) start() error {
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := keyLine.FindStringSubmatch(lines.Text()); m != nil {
			s.key = m[1]
		}
		if m := servingLine.FindStringSubmatch(lines.Text()); m != nil {
			s.url = m[1]
			go func() { _, _ = io.Copy(io.Discard, out) }() // or it would block
			return nil
		}
	}
	return errors.New("the server ended before it served")
}

// stop stops the server, if it runs, and removes what it left.
func (s *server) stop() error {
	var err error
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(os.Interrupt) // it may be gone already, as Wait tells
		late := time.AfterFunc(patience, func() { _ = s.cmd.Process.Kill() })
		err = s.cmd.Wait()
		late.Stop()
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}
