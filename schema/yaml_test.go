package schema_test

import (
	"errors"
	"testing"

	"github.com/portico-authz/portico/schema"
)

// TestPortalForm: portal.yaml is read strictly.
func TestPortalForm(t *testing.T) {
	tests := map[string]struct {
		edit []string // old, new
		want string
	}{
		"an unknown key": {
			[]string{"title: Small", "titel: Small"}, `
portal.yaml: title: what people call the portal is missing
portal.yaml:2: portal.yaml: no key is called "titel"; did you mean title?`,
		},
		"an unknown key of a role": {
			[]string{"exactly: 1", "maximum: 1"},
			`portal.yaml:6: role: no key is called "maximum"; there is at_least, exactly, given_by, holder, name, relation, switched, title`,
		},
		"an unknown key of words": {
			[]string{"act: added", "verb: added"},
			`portal.yaml:32: words.client#staff: no key is called "verb"; there is act, has, lacks`,
		},
		"a list for a mapping": {
			[]string{"views:\n  clients: client#access", "views: [client#access]"},
			`portal.yaml:22: views: want a mapping of keys to values`,
		},
		"a mapping for a list": {
			[]string{"[client#staff]", "{client: staff}"},
			`portal.yaml:17: staff.hand_over: want a list`,
		},
		"a list for a text": {
			[]string{"removal: trash", "removal: [trash]"},
			`portal.yaml:15: staff.removal: want a text`,
		},
		"nothing for a text": {
			[]string{"portal: small", "portal:"},
			`portal.yaml:1: portal: want a text`,
		},
		"an alias": {
			[]string{"title: Owner", "title: &boss Owner", "lacks: aren't on the folder {resource}", "lacks: *boss"},
			`portal.yaml:31: words.client#staff.lacks: aliases are not read; write it out`,
		},
		"a merge": {
			[]string{"portal: small", "portal: small\n<<: {title: Other}"},
			`portal.yaml:2: portal.yaml: no key is called "<<"`,
		},
		"a tab": {
			[]string{"  removal: trash", "\tremoval: trash"},
			`portal.yaml:15: not YAML: found character that cannot start any token`,
		},
		"a second document": {
			[]string{"portal: small", "---\nportal: small\n---\nportal: big"},
			`portal.yaml:3: a second document: a file holds one`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := loadSmall(t, edited(t, smallPortal, tt.edit...))
			wantProblems(t, err, tt.want)
		})
	}
}

// FuzzLoad: no portal.yaml makes the parser panic, and what is wrong always
// comes as problems of that file.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{
		smallPortal, "", "portal", "[]", "a: &a [*a]", "roles: [{name: x}, 1, null]", "? {a: b} : c", "operations: {sign_up: !!binary x}",
		"staff: {removal: *x}", "words: {a#b: {has: '{'}}", "--- a\n--- b", "<<: *a", "roles:\n- name: !!int owner\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		portal, err := loadSmall(t, text)
		if err == nil {
			if portal.Name == "" || len(portal.Roles) == 0 {
				t.Fatalf("took a portal without a name or roles: %q", text)
			}
			return
		}
		var list *schema.PortalError
		if !errors.As(err, &list) || len(list.Problems) == 0 {
			t.Fatalf("%T %v, want a PortalError", err, err)
		}
		for _, p := range list.Problems {
			if p.File != schema.PortalFile || p.Message == "" {
				t.Fatalf("problem %+v", p)
			}
		}
	})
}
