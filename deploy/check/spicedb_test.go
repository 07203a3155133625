package check_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const spicedbModule = "github.com/authzed/spicedb"

// spicedb returns SpiceDB's program of the version that Portico is built with,
// and that version. Portico's own tests share it: see adapters/loopback.
func spicedb(t *testing.T) (path, version string) {
	t.Helper()
	listed := goTool(t, "list", "-m", "-f", "{{.Version}} {{.Dir}}", spicedbModule)
	version, source, _ := strings.Cut(strings.TrimSpace(listed), " ")
	if source == "" {
		goTool(t, "mod", "download", spicedbModule)
		source = strings.TrimSpace(goTool(t, "list", "-m", "-f", "{{.Dir}}", spicedbModule))
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(cache, "portico-test", "spicedb-"+version+"-"+runtime.GOOS+"-"+runtime.GOARCH)
	if _, err := os.Stat(path); err == nil {
		return path, version
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	unfinished := filepath.Join(t.TempDir(), "spicedb")
	goTool(t, "build", "-C", source, "-o", unfinished, "./cmd/spicedb")
	program, err := os.ReadFile(unfinished)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".new", program, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	return path, version
}

func goTool(t *testing.T, args ...string) string {
	t.Helper()
	out, err := run(t, repository, nil, "go", args...)
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// checkSpiceDB checks that SpiceDB takes the arguments, and that none of them
// lets it answer with the past.
func checkSpiceDB(t *testing.T, args ...string) {
	t.Helper()
	program, _ := spicedb(t)
	if out, err := run(t, t.TempDir(), nil, program, append(args, "--help")...); err != nil {
		first, _, _ := strings.Cut(out, "\n")
		t.Errorf("spicedb %s: %s", strings.Join(args, " "), first)
	}
	for _, arg := range args {
		for _, relaxed := range []string{
			"read-replica", "relaxed-isolation", "overlap-strategy=insecure", "overlap-strategy=request", "overlap-strategy=prefix", "revision-fuzzing",
		} {
			if strings.Contains(arg, relaxed) {
				t.Errorf("%s: strict answers need SpiceDB without it", arg)
			}
		}
	}
}

// flagOf turns SpiceDB's variable or the operator's key into the flag:
// SPICEDB_LOG_LEVEL and logLevel are --log-level.
func flagOf(name string) string {
	if rest, ok := strings.CutPrefix(name, "SPICEDB_"); ok {
		return "--" + strings.ToLower(strings.ReplaceAll(rest, "_", "-"))
	}
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return "--" + strings.ToLower(b.String())
}
