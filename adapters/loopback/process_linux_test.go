package loopback_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/portico-authz/portico/adapters/loopback"
)

// servers are the ways to start one. They return the URL of where it listens.
var servers = map[string]func(t *testing.T) string{
	"postgres": func(t *testing.T) string {
		t.Helper()
		return loopback.Postgres(t)
	},
	"redis": func(t *testing.T) string {
		t.Helper()
		return "redis://" + loopback.Redis(t).Address
	},
	"redis-paused": func(t *testing.T) string {
		t.Helper()
		s := loopback.Redis(t)
		s.Pause(t)
		return "redis://" + s.Address
	},
	"spicedb": func(t *testing.T) string {
		t.Helper()
		endpoint, _ := loopback.SpiceDB(t)
		return "grpc://" + endpoint
	},
}

// TestServersDieWithTheTest runs itself again, kills that process and looks for
// the server, and for PostgreSQL's shared memory.
func TestServersDieWithTheTest(t *testing.T) {
	const child = "PORTICO_TEST_CHILD"
	if name := os.Getenv(child); name != "" {
		_, _ = os.Stdout.WriteString("url " + servers[name](t) + "\n")
		time.Sleep(time.Minute) // until killed
	}
	for name := range servers {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestServersDieWithTheTest$")
			cmd.Env = append(os.Environ(), child+"="+name, "TMPDIR="+openTempDir(t))
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			server := readURL(t, out)
			var shared []string
			if name == "postgres" {
				shared = sharedMemory(t, server)
			}
			if refuses(t, addressOf(t, server)) {
				t.Error("it doesn't listen")
			}
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			for deadline := time.Now().Add(20 * time.Second); !refuses(t, addressOf(t, server)) || len(remaining(t, shared)) > 0; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("the server outlives the test that started it, or leaves %q", remaining(t, shared))
				}
			}
		})
	}
}

// openTempDir returns a temporary folder that the server's account may enter.
func openTempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := errors.Join(os.Chmod(dir, 0o711), os.Chmod(filepath.Dir(dir), 0o711)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func readURL(t *testing.T, out interface{ Read([]byte) (int, error) }) string {
	t.Helper()
	var said strings.Builder
	buffer := make([]byte, 256)
	for {
		n, err := out.Read(buffer)
		said.Write(buffer[:n])
		_, rest, found := strings.Cut(said.String(), "url ")
		if server, _, whole := strings.Cut(rest, "\n"); found && whole {
			return server
		}
		if err != nil {
			t.Fatalf("the child said %q: %v", said.String(), err)
		}
	}
}

// Servers outlive the thread that asked for them, which the kernel takes for
// their parent if it started them.
func TestServersOutliveTheThread(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) (ask func()){
		"postgres": func(t *testing.T) func() {
			t.Helper()
			dsn := loopback.Postgres(t)
			return func() { connect(t, dsn) }
		},
		"redis": func(t *testing.T) func() {
			t.Helper()
			s := loopback.Redis(t)
			return func() { s.Do(t, "PING") }
		},
		"spicedb": func(t *testing.T) func() {
			t.Helper()
			s := loopback.StartSpiceDB(t)
			return func() { askSchema(t, s, "WriteSchema", wrapperspb.String("definition person {}"), &emptypb.Empty{}) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			ask := func() { t.Error("it hasn't started") }
			awaitEnd(t, onThread(func() { ask = start(t) }))
			ask()
		})
	}
}

// onThread does it on a thread that ends with it, and returns that.
func onThread(do func()) (tid int) {
	ended := make(chan int)
	go func() {
		runtime.LockOSThread() // and never unlocks: the thread goes with the goroutine
		if tid := syscall.Gettid(); tid != os.Getpid() {
			defer func() { ended <- tid }()
			do()
			return
		}
		tid := onThread(do) // the first thread stays for ever
		runtime.UnlockOSThread()
		ended <- tid
	}()
	return <-ended
}

func awaitEnd(t *testing.T, tid int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", tid)); errors.Is(err, fs.ErrNotExist) {
			return
		}
	}
	t.Fatalf("the thread %d doesn't end", tid)
}
