//go:build unix

package story_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Told to end, a story removes what it made, even while it builds
// its server.
func TestTerminated(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "agency")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../agency").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	folder := t.TempDir()
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Env = append(os.Environ(), "TMPDIR="+folder)
	notes, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(notes)
	lines.Scan() // it has begun
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // until it ends
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("it ends with %v", err)
	}
	left, err := filepath.Glob(filepath.Join(folder, "portico-story-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}
