package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// The portals that ship inside the binary: a folder each, named here.
//
//go:embed agency program studio workspace
var builtin embed.FS

// Portals returns the names of the portals that ship with Portico, sorted.
func Portals() []string {
	entries, err := builtin.ReadDir(".")
	if err != nil {
		panic("schema: the embedded portals can't be listed: " + err.Error())
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Builtin returns the files of a portal that ships with Portico, for [Load].
func Builtin(name string) (fs.FS, error) {
	if !slices.Contains(Portals(), name) {
		return nil, fmt.Errorf("no portal is called %q; there is %s", name, strings.Join(Portals(), ", "))
	}
	return fs.Sub(builtin, name)
}
