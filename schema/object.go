package schema

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Types that every portal shares. Partners share nothing but users, and users
// have no relations.
const (
	TypeUser     = "user"     // a person, as the identity provider names them
	TypeStaff    = "staff"    // one person's seat at one partner
	TypePartner  = "partner"  // the tenant
	TypePlatform = "platform" // who runs the portal
)

// MaxUserID is the longest user id in bytes, before encoding.
const MaxUserID = 256

var (
	typeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{1,62}[a-z0-9]$`)
	nameForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

// Object is a typed thing that relationships are about, such as
// account:acme/ledger. A zero Object means "none".
type Object struct {
	Type string
	// ID is partner/name for what belongs to a partner, a bare name for a
	// partner or the platform, and any string for a user.
	ID string
}

// Obj returns the object of type typ that partner calls name.
func Obj(typ string, partner Domain, name string) Object {
	return Object{Type: typ, ID: string(partner) + "/" + name}
}

// User returns the person whom the identity provider calls id.
func User(id string) Object { return Object{Type: TypeUser, ID: id} }

// Partner returns the tenant called id.
func Partner(id Domain) Object { return Object{Type: TypePartner, ID: string(id)} }

// Platform is the one object of type platform.
func Platform() Object { return Object{Type: TypePlatform, ID: "main"} }

// ParseObject reads type:id. The id's form depends on the type; see [Object].
func ParseObject(s string) (Object, error) {
	typ, id, ok := strings.Cut(s, ":")
	if !ok {
		return Object{}, fmt.Errorf("object %q: want type:id, such as account:acme/ledger", s)
	}
	o := Object{Type: typ, ID: id}
	if err := o.Validate(); err != nil {
		return Object{}, err
	}
	return o, nil
}

// Validate reports what is wrong with o's form; existence is not its business.
func (o Object) Validate() error {
	if !typeForm.MatchString(o.Type) {
		return fmt.Errorf("object type %q: want 3 to 64 of a-z, 0-9 and _, starting with a letter", o.Type)
	}
	switch o.Type {
	case TypeUser:
		return ValidateUserID(o.ID)
	case TypePartner, TypePlatform:
		return ValidateName(o.ID)
	}
	partner, name, ok := strings.Cut(o.ID, "/")
	if !ok {
		return fmt.Errorf("%s id %q: want partner/name", o.Type, o.ID)
	}
	if err := ValidateName(partner); err != nil {
		return err
	}
	return ValidateName(name)
}

// ValidateName reports whether s can name a partner, or an object within one.
func ValidateName(s string) error {
	if !nameForm.MatchString(s) {
		return fmt.Errorf("name %q: want 1 to 64 of A-Z, a-z, 0-9, _ and -", s)
	}
	return nil
}

// ValidateUserID reports whether s can identify a person. Any text will do,
// but for control characters and the lone asterisk, which SpiceDB reads as
// everybody. Bytes that are no UTF-8 are refused: JSON would write two such ids
// alike.
func ValidateUserID(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("user id is empty")
	case len(s) > MaxUserID:
		return fmt.Errorf("user id is longer than %d bytes", MaxUserID)
	case s == "*":
		return fmt.Errorf("user id \"*\": everybody can't be named")
	case !utf8.ValidString(s):
		return fmt.Errorf("user id is not UTF-8")
	}
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			return fmt.Errorf("user id holds a control character")
		}
	}
	return nil
}

// String returns type:id.
func (o Object) String() string {
	if o.IsZero() {
		return ""
	}
	return o.Type + ":" + o.ID
}

// IsZero reports whether o names nothing.
func (o Object) IsZero() bool { return o == Object{} }

// Name returns the last part of the id: ledger of account:acme/ledger.
func (o Object) Name() string {
	if o.Type == TypeUser {
		return o.ID
	}
	return o.ID[strings.LastIndexByte(o.ID, '/')+1:]
}

// MarshalText writes type:id.
func (o Object) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads type:id; empty text is the zero Object.
func (o *Object) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*o = Object{}
		return nil
	}
	parsed, err := ParseObject(string(text))
	*o = parsed
	return err
}
