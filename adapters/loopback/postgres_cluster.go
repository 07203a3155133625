package loopback

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
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

func (c *cluster) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, program), args...)
	cmd.Dir = c.dir // ours may be closed to the account
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.account}
	return cmd
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
