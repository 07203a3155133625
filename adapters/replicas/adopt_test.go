package replicas_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// adopt finds the running process that was started with these arguments, one
// behind the other, so that the test can kill it and start it again. Package
// loopback started it and has no word for that.
func adopt(t *testing.T, what string, arguments ...string) *adopted {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells of what a process was made")
	}
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		args := strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
		if at := slices.Index(args, arguments[0]); at < 0 || !slices.Equal(args[at:min(len(args), at+len(arguments))], arguments) {
			continue
		}
		a, err := describe(what, filepath.Dir(file), args)
		if err != nil {
			t.Fatal(err)
		}
		a.log = filepath.Join(t.TempDir(), what+".log")
		a.endWith(t)
		return a
	}
	t.Fatalf("no process %s runs with %q", what, arguments)
	return nil
}

// adopted is a process of another's making.
type adopted struct {
	process
	pid int // of the one that was found; 0 once it was stopped
}

func describe(what, proc string, args []string) (*adopted, error) {
	pid, errPid := strconv.Atoi(filepath.Base(proc))
	path, errPath := os.Readlink(filepath.Join(proc, "exe"))
	dir, errDir := os.Readlink(filepath.Join(proc, "cwd"))
	env, errEnv := os.ReadFile(filepath.Join(proc, "environ"))
	info, errInfo := os.Stat(proc)
	if err := errors.Join(errPid, errPath, errDir, errEnv, errInfo); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	p := process{
		what: what, path: path, args: args[1:], dir: dir,
		env: strings.Split(strings.TrimSuffix(string(env), "\x00"), "\x00"),
	}
	if owner := info.Sys().(*syscall.Stat_t); int(owner.Uid) != os.Getuid() {
		p.owner = &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}
	}
	return &adopted{p, pid}, nil
}

// stop ends the process with a signal that ends it at once.
func (a *adopted) stop(t *testing.T, signal syscall.Signal) {
	t.Helper()
	pid := a.pid
	if a.cmd != nil {
		pid = a.cmd.Process.Pid
	}
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatalf("stop %s: %v", a.what, err)
	}
	if a.cmd != nil {
		<-a.exited
		a.cmd, a.pid = nil, 0
		return
	}
	await(t, a.what+" ends", func() error {
		if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && !zombie(string(state)) {
			return errors.New("it runs")
		}
		return nil
	})
	a.pid = 0
}

// zombie reports whether a process has ended, and only its parent hasn't asked.
func zombie(stat string) bool {
	_, rest, _ := strings.Cut(stat, ") ")
	return strings.HasPrefix(rest, "Z")
}
