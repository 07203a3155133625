package schema_test

import (
	"io/fs"
	"slices"
	"testing"

	"github.com/portico-authz/portico/schema"
)

func TestBuiltin(t *testing.T) {
	if !slices.Contains(schema.Portals(), "agency") {
		t.Fatalf("Portals() = %v, want agency among them", schema.Portals())
	}
	for _, name := range schema.Portals() {
		fsys, err := schema.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{schema.SchemaFile, schema.PortalFile, schema.ProofFile} {
			if text, err := fs.ReadFile(fsys, file); err != nil || len(text) == 0 {
				t.Errorf("%s/%s: %d bytes, %v", name, file, len(text), err)
			}
		}
	}
}

func TestBuiltinRefuses(t *testing.T) {
	for _, name := range []string{"agancy", "", ".", "..", "agency/schema.zed"} {
		if _, err := schema.Builtin(name); err == nil {
			t.Errorf("Builtin(%q) gave a portal", name)
		}
	}
	_, err := schema.Builtin("agancy")
	if want := `no portal is called "agancy"; there is agency, program, studio, workspace`; err == nil || err.Error() != want {
		t.Errorf("Builtin(agancy): %v, want %q", err, want)
	}
}
