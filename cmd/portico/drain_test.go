package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// dial opens a connection to the server that asks nothing yet.
func (v *served) dial(t *testing.T) net.Conn {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(v.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// hang sends a request whose body never comes, and returns when the server waits
// for that.
func (v *served) hang(t *testing.T) {
	t.Helper()
	conn := v.dial(t)
	if _, err := fmt.Fprintf(conn, "POST /v1/check HTTP/1.1\r\nHost: portico\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", v.key); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
		t.Fatalf("the server doesn't wait for the body: %q %v", line, err)
	}
}

// TestDrainCutsOff: a server that ends with requests under way fails, and says
// how many and which key was too short.
func TestDrainCutsOff(t *testing.T) {
	s := newShell(t)
	v := s.serve("--shutdown_timeout 1s")
	v.hang(t)
	v.hang(t)
	err := v.stop()
	if text := explainError(err); exitCode(err) != exitFailed || !strings.Contains(text, "shutdown_timeout: 2 connections") {
		t.Errorf("it ends with %d: %q", exitCode(err), text)
	}
}

// TestDrainOfTheSilent: a connection that has asked nothing isn't cut off.
func TestDrainOfTheSilent(t *testing.T) {
	s := newShell(t)
	v := s.serve("--shutdown_timeout 1s")
	v.dial(t)
	asking := v.dial(t)
	if _, err := io.WriteString(asking, "GET /livez HTTP/1.1\r\nHost: portico\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(asking); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") {
		t.Fatalf("%q %v", answer, err)
	} // so the server has the silent one, which came before
	if err := v.stop(); err != nil {
		t.Error(err)
	}
}

// TestShutdownTimeout: by default it is enough for the longest request and its
// answer; of a shorter one the server warns at its start.
func TestShutdownTimeout(t *testing.T) {
	if c := defaultConfig(); c.ShutdownTimeout < c.Limits.Request+grace {
		t.Errorf("by default %s, and a request may take %s", c.ShutdownTimeout, c.Limits.Request)
	}
	s := newShell(t)
	for flags, warned := range map[string]bool{
		"": false, "--limits.request 2m": true, "--shutdown_timeout 59s": true, "--shutdown_timeout 5s --limits.request 5s": false,
	} {
		v := s.serve(flags)
		if err := v.stop(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(v.noted(), "shutdown_timeout is shorter than limits.request"); got != warned {
			t.Errorf("%s: warned is %v: %s", flags, got, v.noted())
		}
	}
}
