package replicas_test

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/loopback"
)

// process is a program that tests kill and start again.
type process struct {
	what   string
	path   string
	args   []string
	env    []string
	dir    string
	log    string    // a file
	cmd    *exec.Cmd // nil while it doesn't run
	exited <-chan struct{}
}

// endWith sees to it that the process ends with the test, and that what it said
// is told if the test fails.
func (p *process) endWith(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		p.kill()
		if said := p.tail(); t.Failed() && said != "" {
			t.Logf("%s said at last:\n%s", p.what, said)
		}
	})
}

// start starts it.
func (p *process) start(t *testing.T) {
	t.Helper()
	cmd := exec.Command(p.path, p.args...) //nolint:noctx // it ends in the clean-up
	cmd.Env, cmd.Dir = p.env, p.dir
	exited, err := loopback.StartWithUs(cmd, p.log, syscall.SIGKILL)
	if err != nil {
		t.Fatalf("start %s: %v", p.what, err)
	}
	p.cmd, p.exited = cmd, exited
}

// kill ends it at once (SIGKILL), if it runs.
func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
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

// awaitEnd waits until it has ended by itself.
func (p *process) awaitEnd(t *testing.T) {
	t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		t.Fatalf("%s doesn't end", p.what)
	}
}

// tail returns the last lines of what it said.
func (p *process) tail() string { return loopback.Tail(p.log, 15) }
