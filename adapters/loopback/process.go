package loopback

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is the program of one server, in all its runs.
type process struct {
	name   string         // of the server, with its address
	log    string         // a file, with what all runs said
	last   syscall.Signal // ends a run at once
	cmd    *exec.Cmd      // nil while it doesn't run
	exited <-chan struct{}
}

// StartWithUs starts a process that doesn't outlive ours: it gets the last
// signal when ours is killed (on Linux). What it says is added to the file log.
// exited is closed when it has ended.
//
// The kernel ties it to the thread that started it, not to the process, so a
// goroutine keeps that thread as long.
func StartWithUs(cmd *exec.Cmd, log string, last syscall.Signal) (exited <-chan struct{}, err error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // the process has its own
	cmd.Stdout, cmd.Stderr = file, file
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(ended)
		dieWithParent(cmd.SysProcAttr, last)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // killed, as it will say
		}
	}()
	return ended, <-started
}

// endWith has kill end what runs when the test ends. What the server said at
// last is told if the test fails.
func (p *process) endWith(t testing.TB, kill func(testing.TB)) {
	t.Helper()
	t.Cleanup(func() {
		if p.cmd != nil {
			kill(t)
		}
		if t.Failed() {
			t.Logf("%s said at last:\n%s", p.name, Tail(p.log, 200))
		}
	})
}

// start starts a run.
func (p *process) start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	exited, err := StartWithUs(cmd, p.log, p.last)
	if err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
	p.cmd, p.exited = cmd, exited
}

// end ends the run at once, if it hasn't ended by itself, and waits until it is
// gone.
func (p *process) end(t testing.TB) {
	t.Helper()
	if p.cmd == nil {
		t.Fatalf("%s doesn't run", p.name)
	}
	_ = p.cmd.Process.Signal(p.last)
	<-p.exited
	p.cmd = nil
}

func (p *process) hasExited() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// await waits until what the server says of itself is as wanted.
func (p *process) await(t testing.TB, what string, as func() (bool, error)) {
	t.Helper()
	var last error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		ok, err := as()
		if ok {
			return
		}
		last = err
		if p.cmd == nil || p.hasExited() {
			t.Fatalf("%s has ended before it was %s: %v", p.name, what, err)
		}
	}
	t.Fatalf("%s isn't %s: %v", p.name, what, last)
}

// Tail returns the last lines of a log, "" if nothing has begun it.
func Tail(log string, lines int) string {
	text, err := os.ReadFile(log)
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
