package check_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// built is the folder of what tests build, until all have run.
var built string

func TestMain(m *testing.M) {
	var err error
	if built, err = os.MkdirTemp("", "portico-check-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(built)
	os.Exit(code)
}

// portico returns the binary, which the first caller builds. Tests that need it
// don't run in parallel.
func portico(t *testing.T) string {
	t.Helper()
	path := filepath.Join(built, "portico")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	goTool(t, "build", "-buildvcs=false", "-o", path, "./cmd/portico")
	return path
}

// printConfig is what the binary makes of a configuration, and an error if it
// refuses it.
func printConfig(t *testing.T, file string, env ...string) (string, error) {
	t.Helper()
	if file != "" {
		path := filepath.Join(t.TempDir(), "portico.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		env = append(env, "PORTICO_CONFIG="+path)
	}
	// Elsewhere, lest a portico.yaml that lies about is read.
	return run(t, t.TempDir(), env, portico(t), "serve", "--print-config")
}

// defaults are the binary's keys, with what they are if nobody sets them.
func defaults(t *testing.T) map[string]string {
	t.Helper()
	out, err := printConfig(t, "")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return flatten(t, out)
}

func variable(key string) string {
	return "PORTICO_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// checkConfig checks that the binary knows every key of the file and every
// variable, and takes them together.
func checkConfig(t *testing.T, file string, env map[string]string) {
	t.Helper()
	known := defaults(t)
	variables := []string{"PORTICO_CONFIG"}
	for key := range known {
		variables = append(variables, variable(key))
	}
	for key := range flatten(t, file) {
		if _, ok := known[key]; !ok {
			t.Errorf("the binary has no key %s", key)
		}
	}
	var pairs []string
	for name, value := range env {
		switch {
		case !strings.HasPrefix(name, "PORTICO_"), name == "PORTICO_CONFIG":
		case !slices.Contains(variables, name):
			t.Errorf("the binary has no variable %s", name)
		default:
			pairs = append(pairs, name+"="+value)
		}
	}
	if t.Failed() {
		return
	}
	if out, err := printConfig(t, file, pairs...); err != nil {
		t.Errorf("the binary refuses it: %s", out)
	}
}

func TestAnnotatedConfiguration(t *testing.T) {
	file, known := read(t, "portico.yaml"), defaults(t)
	shown := flatten(t, file)
	for _, key := range slices.Sorted(maps.Keys(known)) {
		if _, ok := shown[key]; !ok {
			t.Errorf("portico.yaml lacks the key %s", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(shown)) {
		if _, ok := known[key]; !ok {
			t.Errorf("the binary has no key %s", key)
		}
	}
	if t.Failed() {
		return
	}
	out, err := printConfig(t, file)
	if err != nil {
		t.Fatalf("the binary refuses it: %s", out)
	}
	for key, value := range flatten(t, out) {
		if value != known[key] {
			t.Errorf("portico.yaml has %s: %s, and the default is %q", key, value, known[key])
		}
	}
}
