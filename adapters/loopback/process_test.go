package loopback_test

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"syscall"
	"testing"
)

func addressOf(t *testing.T, server string) string {
	t.Helper()
	at, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	return at.Host
}

// refuses reports whether nobody listens at the address.
func refuses(t *testing.T, address string) bool {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err == nil {
		_ = conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// wantSteady: the kernel gives the port to no connection while the server is
// down.
func wantSteady(t *testing.T, address string) {
	t.Helper()
	_, text, _ := net.SplitHostPort(address)
	if port, err := strconv.Atoi(text); err != nil || port >= 30000 { // theirs start at 32768, or higher
		t.Errorf("it listens on a port that anybody's connection may get: %s", address)
	}
}
