package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Compiler compiles the text of a schema.zed; name is the file's, for messages.
// An error that holds a [*PortalError] has its problems reported one by one.
type Compiler func(name, source string) (*Model, error)

// Load reads a portal from a folder of three files: schema.zed, portal.yaml
// and proof.yaml. Nothing is taken on trust: unknown keys fail, and all that
// portal.yaml names must be in the schema.
//
// It reports every problem that it finds at once, as a [*PortalError]. Whether
// the proof holds is not its business; SpiceDB's own tools run it.
func Load(fsys fs.FS, compile Compiler) (*Portal, error) {
	texts, problems := readFiles(fsys)
	portal := &Portal{Source: texts[SchemaFile], Proof: texts[ProofFile]}

	if source, ok := texts[SchemaFile]; ok {
		model, err := compile(SchemaFile, source)
		problems = append(problems, problemsOf(SchemaFile, err)...)
		if err == nil {
			portal.Model = model
			problems = append(problems, checkModel(model)...)
		}
	}
	if text, ok := texts[PortalFile]; ok {
		found, readable := parsePortal(text, portal)
		problems = append(problems, found...)
		if readable {
			problems = append(problems, checkPortal(portal)...)
		}
	}
	if err := NewPortalError(problems); err != nil {
		return nil, err
	}
	return portal, nil
}

// Digest returns the SHA-256 of schema.zed in hex. Answers under one digest
// are not answers under another.
func (p *Portal) Digest() string {
	sum := sha256.Sum256([]byte(p.Source))
	return hex.EncodeToString(sum[:])
}

// Fingerprint tells portals apart that don't take the same data: it is the
// SHA-256, in hex, of the schema and the roles' names.
func (p *Portal) Fingerprint() string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%q", p.Source)
	for _, r := range p.Roles {
		_, _ = fmt.Fprintf(h, "%q", r.Name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func readFiles(fsys fs.FS) (texts map[string]string, problems []Problem) {
	texts = make(map[string]string)
	for _, name := range []string{SchemaFile, PortalFile, ProofFile} {
		text, err := fs.ReadFile(fsys, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			problems = append(problems, Problem{File: name, Message: fmt.Sprintf(
				"there is no such file; a portal is %s, %s and %s", SchemaFile, PortalFile, ProofFile)})
		case err != nil:
			problems = append(problems, Problem{File: name, Message: err.Error()})
		case strings.TrimSpace(string(text)) == "":
			problems = append(problems, Problem{File: name, Message: "the file is empty"})
		default:
			texts[name] = string(text)
		}
	}
	return texts, problems
}

func problemsOf(file string, err error) []Problem {
	if err == nil {
		return nil
	}
	var list *PortalError
	if errors.As(err, &list) {
		return list.Problems
	}
	return []Problem{{File: file, Message: err.Error()}}
}
