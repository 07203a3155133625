package loopback

import (
	"context"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// redisProcess is one run of a server.
type redisProcess struct {
	cmd    *exec.Cmd
	exited <-chan struct{}
}

func (p *redisProcess) hasExited() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// end kills the process, be it paused, and waits until it is gone.
func (p *redisProcess) end() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// Kill ends the process at once (SIGKILL): connections break, new ones are
// refused.
func (s *RedisServer) Kill(t testing.TB) {
	t.Helper()
	if s.process == nil {
		t.Fatalf("Redis at %s doesn't run", s.Address)
	}
	s.process.end()
	s.process = nil
	_ = s.client.Close()
}

// Restart starts the process again at the same address, with the same options,
// after a [RedisServer.Kill], or after one that it makes. It has forgotten all,
// unless a flag says otherwise.
func (s *RedisServer) Restart(t testing.TB) {
	t.Helper()
	if s.process != nil {
		s.Kill(t)
	}
	s.start(t)
}

// Pause stops the process (SIGSTOP): connections stay and are even accepted, but
// nothing answers.
func (s *RedisServer) Pause(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGSTOP)
}

// Resume lets it go on (SIGCONT). It answers all that was asked meanwhile.
func (s *RedisServer) Resume(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGCONT)
}

func (s *RedisServer) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if s.process == nil {
		t.Fatalf("Redis at %s doesn't run", s.Address)
	}
	if err := s.process.cmd.Process.Signal(signal); err != nil {
		t.Fatalf("%v to Redis at %s: %v", signal, s.Address, err)
	}
}

// run starts the process for the first time and ends what runs when the test
// does.
func (s *RedisServer) run(t testing.TB) {
	t.Helper()
	t.Cleanup(func() {
		if s.process != nil {
			s.Kill(t)
		}
		if !t.Failed() {
			return
		}
		if said, err := os.ReadFile(s.log()); err == nil {
			t.Logf("Redis at %s said:\n%s", s.Address, said)
		}
	})
	s.start(t)
}

func (s *RedisServer) log() string { return filepath.Join(s.dir, "log") }

// start starts the process and waits until it answers.
func (s *RedisServer) start(t testing.TB) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("Redis is not installed; run deploy/test, which installs it")
	}
	// t.Context ends before the clean-ups, and with a kill that leaves children.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, s.arguments()...)
	cmd.Dir = s.dir
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	exited, err := startWithUs(cmd)
	if err != nil {
		t.Fatalf("start Redis: %v", err)
	}
	s.process = &redisProcess{cmd, exited}
	s.await(t, "listening", func() (bool, error) {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil, err
	})
	s.connect()
	s.await(t, "answering", func() (bool, error) {
		err := s.client.Ping(t.Context()).Err()
		return err == nil, err
	})
}

func (s *RedisServer) arguments() []string {
	_, port, _ := net.SplitHostPort(s.Address)
	plain, secure := port, "0"
	if s.tls {
		plain, secure = "0", port
	}
	args := []string{
		"--bind", "127.0.0.1", "--port", plain, "--tls-port", secure,
		"--dir", s.dir, "--logfile", s.log(), "--daemonize", "no",
	}
	if s.config != "" {
		return append([]string{s.config, "--sentinel"}, args...)
	}
	return append(append(args, "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"), s.flags...)
}

// steadyPort returns a port on which nobody listened a moment ago, out of the
// range of those that the kernel gives to connections: nobody takes it between
// a Kill and the Restart.
func steadyPort(t testing.TB) int {
	t.Helper()
	var last error
	for range 100 {
		port := 10000 + rand.IntN(20000)
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			_ = l.Close()
			return port
		}
		last = err
	}
	t.Fatalf("no free port: %v", last)
	return 0
}
