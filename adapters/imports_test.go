// Package adapters_test keeps the rules of who imports whom. They make the
// engine a library without a server in it, and each technology replaceable.
package adapters_test

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/portico-authz/portico/"

// testOnly are our packages that only tests may import.
var testOnly = []string{"engine/enginetest", "adapters/loopback"}

// TestImports: each package of ours imports what its folder may.
func TestImports(t *testing.T) {
	packages := goList(t, "{{.ImportPath}} {{join .Imports \" \"}}", "./...")
	if len(packages) < 5 {
		t.Fatalf("only %d packages were listed", len(packages))
	}
	for _, line := range packages {
		fields := strings.Fields(line)
		importer, ours := strings.CutPrefix(fields[0], module)
		if !ours {
			t.Errorf("%s is in no folder", fields[0])
			continue
		}
		for _, imported := range fields[1:] {
			if reason := refuse(importer, imported); reason != "" {
				t.Errorf("%s imports %s: %s", importer, strings.TrimPrefix(imported, module), reason)
			}
		}
	}
}

// refuse returns why a package of ours may not import another package, or "".
func refuse(importer, imported string) string {
	own, ours := strings.CutPrefix(imported, module)
	if ours && slices.Contains(testOnly, top(own, 2)) && !slices.Contains(testOnly, top(importer, 2)) {
		return "only tests may"
	}
	switch top(importer, 1) {
	case "schema":
		if !standard(imported) && imported != "go.yaml.in/yaml/v3" && !within(own, ours, "schema") {
			return "schema needs the standard library and a YAML reader only"
		}
	case "engine":
		return refuseEngine(importer, imported, own, ours)
	case "adapters":
		if ours && !within(own, ours, "schema", "engine", top(importer, 2)) {
			return "an adapter knows schema, engine, its own driver and no other adapter"
		}
	case "cmd", "examples":
		return "" // where everything comes together
	default:
		if within(own, ours, "adapters") {
			return "only cmd and examples see adapters"
		}
	}
	return ""
}

func refuseEngine(importer, imported, own string, ours bool) string {
	suite := top(importer, 2) == "engine/enginetest"
	switch {
	case ours && !within(own, ours, "schema", "engine"):
		return "the engine declares ports, and knows no adapter"
	case !suite && !ours && !standard(imported):
		return "the engine needs the standard library and schema only"
	case !suite && top(imported, 1) == "testing":
		return "only a suite may"
	}
	return ""
}

// TestRefuse: the rules say no where they should.
func TestRefuse(t *testing.T) {
	tests := map[string]struct {
		importer, imported string
		allowed            bool
	}{
		"schema reads YAML":            {"schema", "go.yaml.in/yaml/v3", true},
		"schema and the engine":        {"schema", module + "engine", false},
		"schema and a driver":          {"schema", "github.com/authzed/spicedb/pkg/tuple", false},
		"engine and schema":            {"engine", module + "schema", true},
		"engine's index":               {"engine", module + "engine/index", true},
		"engine and an adapter":        {"engine", module + "adapters/sqlstore", false},
		"engine and a driver":          {"engine/index", "github.com/google/uuid", false},
		"engine and testing":           {"engine", "testing", false},
		"the suite and testing":        {"engine/enginetest", "testing", true},
		"the suite and go-cmp":         {"engine/enginetest", "github.com/google/go-cmp/cmp", true},
		"the suite and an adapter":     {"engine/enginetest", module + "adapters/sqlstore", false},
		"an adapter and the engine":    {"adapters/sqlstore", module + "engine", true},
		"an adapter and its driver":    {"adapters/sqlstore", "modernc.org/sqlite", true},
		"an adapter's own folder":      {"adapters/spicedb/embedded", module + "adapters/spicedb", true},
		"an adapter and another":       {"adapters/ginapi", module + "adapters/sqlstore", false},
		"an adapter and one like it":   {"adapters/spicedb2", module + "adapters/spicedb", false},
		"an adapter and the suite":     {"adapters/sqlstore", module + "engine/enginetest", false},
		"an adapter and the loopback":  {"adapters/sqlstore", module + "adapters/loopback", false},
		"an adapter and the command":   {"adapters/sqlstore", module + "cmd/portico", false},
		"the command sees two":         {"cmd/portico", module + "adapters/sqlstore", true},
		"the command and the loopback": {"cmd/portico", module + "adapters/loopback", false},
		"an example":                   {"examples/embed", module + "adapters/spicedb", true},
		"another folder":               {"deploy/test", module + "adapters/spicedb", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if reason := refuse(tt.importer, tt.imported); (reason == "") != tt.allowed {
				t.Errorf("refuse(%s, %s) = %q", tt.importer, tt.imported, reason)
			}
		})
	}
}

// TestDependencies: what an application compiles that embeds the engine.
func TestDependencies(t *testing.T) {
	const spicedb = "github.com/authzed/spicedb"
	tests := map[string]struct{ pkg, free string }{
		"the engine needs no SpiceDB":       {"./engine", spicedb},
		"nor does schema":                   {"./schema", spicedb},
		"a remote SpiceDB needs no server":  {"./adapters/spicedb", spicedb + "/pkg/cmd/server"},
		"nor its datastores":                {"./adapters/spicedb", spicedb + "/internal/datastore"},
		"compiling a schema needs neither":  {"./adapters/spicedb/zed", spicedb + "/pkg/cmd"},
		"compiling needs no datastores too": {"./adapters/spicedb/zed", spicedb + "/internal/datastore"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			deps := goList(t, "{{.ImportPath}}", "-deps", tt.pkg)
			if len(deps) < 20 {
				t.Fatalf("only %d packages were listed", len(deps))
			}
			for _, dep := range deps {
				if dep == tt.free || strings.HasPrefix(dep, tt.free+"/") {
					t.Errorf("%s needs %s", tt.pkg, dep)
				}
			}
		})
	}
}

// goList returns the lines of go list, run at the module's root.
func goList(t *testing.T, format string, args ...string) []string {
	t.Helper()
	// -e lists a package that doesn't build too; the build says so itself.
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-e", "-f", format}, args...)...)
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// top returns the first n parts of a path.
func top(path string, n int) string {
	parts := strings.Split(path, "/")
	return strings.Join(parts[:min(n, len(parts))], "/")
}

// standard reports whether a package is of the standard library: the first part
// of every other path has a dot.
func standard(path string) bool { return !strings.Contains(top(path, 1), ".") }

// within reports whether a package of ours is in one of the folders.
func within(own string, ours bool, folders ...string) bool {
	return ours && slices.ContainsFunc(folders, func(folder string) bool {
		return own == folder || strings.HasPrefix(own, folder+"/")
	})
}
