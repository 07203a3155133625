package loopback

import (
	"context"
	"net"
	"os/exec"
	"syscall"
	"testing"
)

// Kill ends the process at once (SIGKILL), be it paused: connections break, new
// ones are refused.
func (s *RedisServer) Kill(t testing.TB) {
	t.Helper()
	s.end(t)
	_ = s.client.Close()
}

// Restart starts the process again at the same address, with the same options,
// after a [RedisServer.Kill], or after one that it makes, and returns when it
// answers. It has forgotten all, unless a flag says otherwise.
func (s *RedisServer) Restart(t testing.TB) {
	t.Helper()
	if s.cmd != nil {
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
	if s.cmd == nil {
		t.Fatalf("%s doesn't run", s.name)
	}
	if err := s.cmd.Process.Signal(signal); err != nil {
		t.Fatalf("%v to %s: %v", signal, s.name, err)
	}
}

// run starts the process for the first time and ends what runs when the test
// does.
func (s *RedisServer) run(t testing.TB) {
	t.Helper()
	s.endWith(t, s.Kill)
	s.start(t)
}

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
	s.connect()
	s.process.start(t, cmd)
	s.await(t, "listening", func() (bool, error) {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil, err
	})
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
	args := []string{"--bind", "127.0.0.1", "--port", plain, "--tls-port", secure, "--dir", s.dir, "--daemonize", "no"}
	if s.config != "" {
		return append([]string{s.config, "--sentinel"}, args...)
	}
	return append(append(args, "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"), s.flags...)
}
