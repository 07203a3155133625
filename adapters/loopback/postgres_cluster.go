package loopback

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is what initdb makes: the files of one server.
type cluster struct {
	bin, dir string
	account  *syscall.Credential // nil for our own
}

func newCluster(t testing.TB) *cluster {
	t.Helper()
	c := &cluster{bin: postgresBin(t), account: serverAccount(t)}
	// t.TempDir lies in a folder that only we may enter.
	dir, err := os.MkdirTemp("", "portico-postgres-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	c.dir = dir
	if c.account != nil {
		if err := os.Chown(dir, int(c.account.Uid), int(c.account.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := c.command(t.Context(), "initdb", "-D", c.data(), "--no-sync", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--username=portico").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	return c
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }
func (c *cluster) log() string  { return filepath.Join(c.dir, "log") }

func (c *cluster) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, program), args...)
	cmd.Dir = c.dir // ours may be closed to the account
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.account}
	return cmd
}

// start starts the server and returns its URL as soon as it answers.
func (c *cluster) start(t testing.TB, settings []string) string {
	t.Helper()
	port := freePort(t)
	args := []string{
		"-D", c.data(), "-p", strconv.Itoa(int(port)),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "shared_buffers=16MB", "-c", "max_connections=100",
	}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	log, err := os.Create(c.log())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the server has its own
	// t.Context ends before the clean-ups, and with a kill that leaves children.
	cmd := c.command(context.WithoutCancel(t.Context()), "postgres", args...)
	cmd.Stdout, cmd.Stderr = log, log
	exited, err := startWithUs(cmd)
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGQUIT) // at once; nothing is kept
		<-exited
	})
	dsn := databaseURL(port, "postgres")
	if err := answers(t.Context(), dsn, exited); err != nil {
		said, _ := os.ReadFile(c.log())
		t.Fatalf("start PostgreSQL: %v\n%s", err, said)
	}
	return dsn
}

// startWithUs starts a process that doesn't outlive ours, and says when it has
// ended. The kernel ties it to the thread that started it, not to the process,
// so a goroutine keeps that thread as long.
func startWithUs(cmd *exec.Cmd) (exited <-chan struct{}, err error) {
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(ended)
		dieWithParent(cmd.SysProcAttr)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	return ended, <-started
}

// answers waits until the server takes a connection.
func answers(ctx context.Context, dsn string, exited <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, dsn)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-exited:
			return errors.New("the server has ended")
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// serverAccount returns the account that the server runs as: PostgreSQL
// refuses root. nil means our own.
func serverAccount(t testing.TB) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(account.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(account.Gid, 10, 32)
		if err := errors.Join(errUID, errGID); err != nil {
			t.Fatalf("account %s: %v", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	t.Fatal("PostgreSQL refuses to run as root, and there is no account postgres or nobody")
	return nil
}

// freePort returns a port on which nobody listened a moment ago.
func freePort(t testing.TB) uint16 {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}
