package schema_test

import (
	"regexp"
	"testing"

	"github.com/portico-authz/portico/schema"
)

// spiceID is the form that SpiceDB demands of ids, without its wildcard.
var spiceID = regexp.MustCompile(`^[a-zA-Z0-9/_|\-=+]*$`)

func TestEncodeID(t *testing.T) {
	tests := map[string]struct{ id, code string }{
		"a name":         {"ledger", "ledger"},
		"partner/name":   {"acme/ledger_2-b", "acme/ledger_2-b"},
		"an address":     {"ana@example.com", "ana=40example=2Ecom"},
		"the asterisk":   {"*", "=2A"},
		"the escape":     {"=2A", "=3D2A"},
		"beyond ASCII":   {"zoë", "zo=C3=AB"},
		"plain signs":    {"a|b+c/d", "a|b+c/d"},
		"a claim":        {"auth0|5f#x y", "auth0|5f=23x=20y"},
		"nothing at all": {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := schema.EncodeID(tt.id); got != tt.code {
				t.Errorf("EncodeID(%q) = %q, want %q", tt.id, got, tt.code)
			}
			if got, err := schema.DecodeID(tt.code); err != nil || got != tt.id {
				t.Errorf("DecodeID(%q) = %q, %v, want %q", tt.code, got, err, tt.id)
			}
		})
	}
}

func TestDecodeIDRefuses(t *testing.T) {
	tests := map[string]struct{ code, message string }{
		"half an escape":       {"a=4", `id code "a=4": byte 1 is not an escape`},
		"a lone sign":          {"a=", `id code "a=": byte 1 is not an escape`},
		"lower-case digits":    {"=c3", `id code "=c3": bad escape at byte 0`},
		"no digits":            {"=GG", `id code "=GG": bad escape at byte 0`},
		"an escaped plain one": {"=61", `id code "=61": bad escape at byte 0`},
		"a byte to escape":     {"a@b", `id code "a@b": byte 1 is not an escape`},
		"the wildcard":         {"*", `id code "*": byte 0 is not an escape`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := schema.DecodeID(tt.code)
			if err == nil {
				t.Fatalf("DecodeID(%q) = %q, want an error", tt.code, got)
			}
			if err.Error() != tt.message {
				t.Errorf("DecodeID(%q): %q, want %q", tt.code, err, tt.message)
			}
		})
	}
}

// FuzzEncodeID: every id has a code that SpiceDB takes and that gives it back;
// since decoding is a function, no two ids share a code.
func FuzzEncodeID(f *testing.F) {
	for _, id := range []string{"", "ana", "ana@example.com", "*", "=2A", "\xff\x00", "zoë#…"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		code := schema.EncodeID(id)
		if !spiceID.MatchString(code) {
			t.Fatalf("EncodeID(%q) = %q, which SpiceDB refuses", id, code)
		}
		if got, err := schema.DecodeID(code); err != nil || got != id {
			t.Fatalf("DecodeID(EncodeID(%q)) = %q, %v", id, got, err)
		}
	})
}

// FuzzDecodeID: a code that is taken is the one that EncodeID writes.
func FuzzDecodeID(f *testing.F) {
	for _, code := range []string{"", "ana", "ana=40example=2Ecom", "=61", "=2a", "=", "a=4", "*"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		id, err := schema.DecodeID(code)
		if err != nil {
			return
		}
		if again := schema.EncodeID(id); again != code {
			t.Fatalf("DecodeID took %q, but EncodeID writes %q", code, again)
		}
	})
}

func BenchmarkEncodeID(b *testing.B) {
	for b.Loop() {
		schema.EncodeID("someone@example.com")
	}
}
