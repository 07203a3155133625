package engine

import (
	"cmp"
	"context"

	"github.com/portico-authz/portico/schema"
)

// personName is how a request names somebody: by a contact name, or by first
// and last name.
type personName struct{ contact, first, last string }

// Attributes of staff whose first and last name are known.
const (
	attrFirstName = "first_name"
	attrLastName  = "last_name"
)

// newMember returns the row of a new staff member.
func (v *View) newMember(ctx context.Context, chosen string, name personName) (Entry, error) {
	if v.Portal.Staff.Names == schema.NamesFirstAndLast && (name.first == "" || name.last == "") {
		return Entry{}, Errorf(Invalid, "first_name and last_name are needed")
	}
	title, parts, err := name.clean(nil)
	if err != nil {
		return Entry{}, err
	}
	member, err := v.newEntry(ctx, schema.TypeStaff, chosen, title, v.Domain.Root())
	return member.withAttributes(parts), err
}

// renamed returns the member under another name.
func (v *View) renamed(member Entry, name personName) (Entry, error) {
	if name.contact != "" && v.Portal.Staff.Names == schema.NamesFirstAndLast {
		return Entry{}, Errorf(Invalid, "give first_name and last_name in place of contact_name")
	}
	title, parts, err := name.clean(member.Attributes)
	member.Title = title
	return member.withAttributes(parts), err
}

// clean returns the name as one title, and its parts, which are empty if it has
// none; known are those that were known before.
func (n personName) clean(known map[string]string) (string, map[string]string, error) {
	if n.contact != "" && (n.first != "" || n.last != "") {
		return "", nil, Errorf(Invalid, "give a contact name, or first and last name: not both")
	}
	if n.contact != "" {
		title, err := cleanTitle(n.contact)
		return title, map[string]string{attrFirstName: "", attrLastName: ""}, err
	}
	if n.first == "" && n.last == "" {
		return "", nil, Errorf(Invalid, "a name is missing: give contact_name, or first_name and last_name")
	}
	parts := map[string]string{attrFirstName: n.first, attrLastName: n.last}
	for _, part := range []string{attrFirstName, attrLastName} {
		var err error
		if parts[part], err = cleanTitle(cmp.Or(parts[part], known[part])); err != nil {
			return "", nil, Errorf(Invalid, "%s is missing, too long, or holds control characters", part)
		}
	}
	title, err := cleanTitle(parts[attrFirstName] + " " + parts[attrLastName])
	return title, parts, err
}
