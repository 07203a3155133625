package schema

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlReader walks the nodes of one YAML document, collects what is wrong with
// it, and remembers where each thing stood. It reads on after a problem, so
// that all are reported together.
type yamlReader struct {
	file     string
	problems []Problem
	lines    map[string]int // by path: "roles.admin", "operations.invite_staff"
}

// field reads the value of one known key.
type field func(value *yaml.Node)

// document returns the root of the only document in text, or nil.
func (r *yamlReader) document(text string) *yaml.Node {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var doc, more yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		r.syntax(err)
		return nil
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		r.fail(&more, "a second document: a file holds one")
		return nil
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		r.fail(&doc, "want a mapping of keys to values")
		return nil
	}
	return doc.Content[0]
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// syntax reports an error of the YAML parser, which has its line in the text only.
func (r *yamlReader) syntax(err error) {
	message, line := strings.TrimPrefix(err.Error(), "yaml: "), 0
	if at := yamlLine.FindStringSubmatchIndex(message); at != nil {
		line, _ = strconv.Atoi(message[at[2]:at[3]]) // digits; absurdly many give 0
		message = message[:at[0]] + message[at[1]:]
	}
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Message: "not YAML: " + message})
}

func (r *yamlReader) fail(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.file, Line: n.Line, Message: fmt.Sprintf(format, args...)})
}

// fields reads a mapping that has no keys but the given ones.
func (r *yamlReader) fields(n *yaml.Node, what string, known map[string]field) {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	r.entries(n, what, func(key string, k, v *yaml.Node) {
		if read := known[key]; read != nil {
			read(v)
			return
		}
		r.fail(k, "%s: no key is called %q%s", what, key, hint(key, names))
	})
}

// entries calls do for each key of a mapping, in order.
func (r *yamlReader) entries(n *yaml.Node, what string, do func(key string, k, v *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s: want a mapping of keys to values", what)
		return
	}
	seen := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		key, ok := r.text(k, what)
		if !ok {
			continue
		}
		if first, again := seen[key]; again {
			r.fail(k, "%s: %s is there already, on line %d", what, key, first)
			continue
		}
		seen[key] = k.Line
		do(key, k, v)
	}
}

// items calls do for each item of a list, in order.
func (r *yamlReader) items(n *yaml.Node, what string, do func(item *yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "%s: want a list", what)
		return
	}
	for _, item := range n.Content {
		do(item)
	}
}

// text reads a string that isn't empty. Aliases are refused throughout, so that
// a file is as large as it looks.
func (r *yamlReader) text(n *yaml.Node, what string) (string, bool) {
	switch {
	case n.Kind == yaml.AliasNode:
		r.fail(n, "%s: aliases are not read; write it out", what)
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "":
		r.fail(n, "%s: want a text", what)
	default:
		return n.Value, true
	}
	return "", false
}

// texts reads a list of strings.
func (r *yamlReader) texts(n *yaml.Node, what string) []string {
	var list []string
	r.items(n, what, func(item *yaml.Node) {
		if s, ok := r.text(item, what); ok {
			list = append(list, s)
		}
	})
	return list
}

// textInto returns a field that reads a string into target, and notes its line
// under path.
func (r *yamlReader) textInto(target *string, path string) field {
	return func(n *yaml.Node) {
		r.lines[path] = n.Line
		*target, _ = r.text(n, path)
	}
}
