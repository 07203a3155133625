package replicas_test

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
	"time"
)

// patience is how long what must come may take, on a busy machine.
const patience = time.Minute

// await waits until it is so. The last of what it says is told if it isn't.
func await(t *testing.T, what string, so func() error) {
	t.Helper()
	var last error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if last = so(); last == nil {
			return
		}
	}
	t.Fatalf("%s: not within %s: %v", what, patience, last)
}

// steadyAddress returns an address on which nobody listened a moment ago, with
// a port out of the range of those that the kernel gives to connections: nobody
// takes it while its server is down.
func steadyAddress(t *testing.T) string {
	t.Helper()
	var last error
	for range 100 {
		address := "127.0.0.1:" + strconv.Itoa(10000+rand.IntN(20000))
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
		if err == nil {
			_ = l.Close()
			return address
		}
		last = err
	}
	t.Fatalf("no free port: %v", last)
	return ""
}
