package rediscache_test

import (
	"errors"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/rediscache"
)

// Nobody answers a SYN: the other end's queue is full. The connection takes its
// time, the calls don't.
func TestNoHandshake(t *testing.T) {
	c := open(t, []string{full(t)}, rediscache.Options{Timeout: timeout})
	for range 10 {
		failsSoon(t, c)
	}
	wantState(t, c, rediscache.Open)
}

// full returns an address where connections are neither accepted nor refused.
func full(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	loopback := [4]byte{127, 0, 0, 1}
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: loopback}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(name.(*syscall.SockaddrInet4).Port))
	dialer := net.Dialer{Timeout: 200 * time.Millisecond}
	for range 10 {
		conn, err := dialer.DialContext(t.Context(), "tcp", address)
		if err != nil {
			return address
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Skip("this kernel's queue has no end")
	return ""
}
