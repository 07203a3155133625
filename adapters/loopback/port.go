package loopback

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

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

// SteadyAddress returns an address on which nobody listened a moment ago, and that
// the kernel gives to no connection: it stays free while its server is down.
func SteadyAddress(t testing.TB) string {
	t.Helper()
	return "127.0.0.1:" + strconv.Itoa(steadyPort(t))
}
