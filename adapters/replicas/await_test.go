package replicas_test

import (
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
