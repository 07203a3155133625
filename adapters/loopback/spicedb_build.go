package loopback

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

const spicedbModule = "github.com/authzed/spicedb"

// buildSpiceDB returns the path of the spicedb program, of the version that
// go.mod names. It is built inside SpiceDB's own module, so with SpiceDB's own
// choice of dependencies, and kept in the user's cache. Processes may build it
// at the same time: the last one's stays.
func buildSpiceDB(ctx context.Context) (string, error) {
	listed, err := run(ctx, "go", "list", "-m", "-f", "{{.Version}} {{.Dir}}", spicedbModule)
	if err != nil {
		return "", err
	}
	version, source, _ := strings.Cut(strings.TrimSpace(listed), " ")
	if source == "" { // known, but not downloaded
		if _, err := run(ctx, "go", "mod", "download", spicedbModule); err != nil {
			return "", err
		}
		return buildSpiceDB(ctx)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	program := filepath.Join(cache, "portico-test", "spicedb-"+version+"-"+runtime.GOOS+"-"+runtime.GOARCH)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return "", err
	}
	unfinished, err := os.MkdirTemp(filepath.Dir(program), "build-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(unfinished) }()
	built := filepath.Join(unfinished, "spicedb")
	if _, err := run(ctx, "go", "build", "-C", source, "-o", built, "./cmd/spicedb"); err != nil {
		return "", err
	}
	return program, os.Rename(built, program)
}

func run(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, complaints.String())
	}
	return string(out), nil
}
