package check_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The folders, seen from this one, in which tests run.
const (
	repository = "../.."
	deploy     = ".."
)

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{deploy}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// decode reads YAML into v and refuses what v has no field for.
func decode(t *testing.T, text string, v any) {
	t.Helper()
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(v); err != nil {
		t.Fatal(err)
	}
}

// flatten returns the leaves of a YAML document by their dotted paths.
func flatten(t *testing.T, text string) map[string]string {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil {
		t.Fatal(err)
	}
	leaves := map[string]string{}
	for _, document := range root.Content {
		collect("", document, leaves)
	}
	return leaves
}

func collect(path string, node *yaml.Node, leaves map[string]string) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i < len(node.Content); i += 2 {
			name := node.Content[i].Value
			if path != "" {
				name = path + "." + name
			}
			collect(name, node.Content[i+1], leaves)
		}
	case yaml.SequenceNode:
		var list []string
		for _, item := range node.Content {
			list = append(list, item.Value)
		}
		leaves[path] = strings.Join(list, ",")
	default:
		leaves[path] = node.Value
	}
}

// run runs a program in the folder, with env added to a bare environment, and
// returns what it says on both outputs.
func run(t *testing.T, folder string, env []string, program string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = folder
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "PORTICO_") && !strings.HasPrefix(pair, "SPICEDB_") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}
