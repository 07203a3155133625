package replicas_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// binaries is the folder that the programs are built into.
var binaries string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "portico-replicas-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binaries = dir
	return m.Run()
}

// The program as it is, and as tests order it about.
var (
	plain   = sync.OnceValues(func() (string, error) { return build("portico") })
	ordered = sync.OnceValues(func() (string, error) { return build("portico-failpoints", "-tags", "failpoints") })
)

func build(name string, flags ...string) (string, error) {
	program := filepath.Join(binaries, name)
	args := append([]string{"build", "-o", program}, flags...)
	cmd := exec.Command("go", append(args, "./cmd/portico")...) //nolint:noctx // it is for all tests, not for one
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return program, nil
}

// program returns the path of what build made.
func program(t *testing.T, build func() (string, error)) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
