package proof

import (
	"fmt"
	"slices"
	"strings"

	"github.com/authzed/spicedb/pkg/spiceerrors"
	"go.yaml.in/yaml/v3"

	"github.com/portico-authz/portico/schema"
)

// SpiceDB ignores the keys that it doesn't know, so a misspelt one would leave
// its assertions unproved.
var (
	fileKeys      = []string{"schemaFile", "relationships", "assertions", "validation"}
	assertionKeys = []string{"assertTrue", "assertFalse", "assertCaveated"}
)

// checkForm reports keys that SpiceDB would ignore, a proof of another schema,
// and one that proves nothing.
func checkForm(text string) []schema.Problem {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return []schema.Problem{decodeProblem(text, err)}
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return []schema.Problem{{File: schema.ProofFile, Message: "want a mapping of keys to values"}}
	}
	root := doc.Content[0]
	failures := unknownKeys(root, fileKeys)
	if file := value(root, "schemaFile"); file == nil || file.Value != schema.SchemaFile {
		failures = append(failures, schema.Problem{
			File: schema.ProofFile, Line: 1,
			Message: "schemaFile: want " + schema.SchemaFile + ", so that every tool proves the same schema",
		})
	}
	assertions := value(root, "assertions")
	if assertions == nil || assertions.Kind != yaml.MappingNode {
		return append(failures, schema.Problem{File: schema.ProofFile, Message: "assertions: nothing is proved"})
	}
	return append(failures, unknownKeys(assertions, assertionKeys)...)
}

func unknownKeys(mapping *yaml.Node, known []string) []schema.Problem {
	var failures []schema.Problem
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key := mapping.Content[i]
		if !slices.Contains(known, key.Value) {
			failures = append(failures, schema.Problem{
				File: schema.ProofFile, Line: key.Line,
				Message: fmt.Sprintf("no key is called %q here; there is %s", key.Value, strings.Join(known, ", ")),
			})
		}
	}
	return failures
}

func value(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// decodeProblem says where SpiceDB stopped reading. Within the block of
// relationships it miscounts, so the line with the text that it quotes goes first.
func decodeProblem(text string, err error) schema.Problem {
	p := schema.Problem{File: schema.ProofFile, Message: err.Error()}
	at, ok := spiceerrors.AsWithSourceError(err)
	if !ok {
		return p
	}
	p.Line = int(at.LineNumber)
	for i, line := range strings.Split(text, "\n") {
		if at.SourceCodeString != "" && strings.TrimSpace(line) == at.SourceCodeString {
			p.Line = i + 1
		}
	}
	return p
}
