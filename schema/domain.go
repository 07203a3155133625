package schema

import "strings"

// Domain is what a decision may depend on: one partner, or the platform. Every
// object but a user belongs to exactly one domain, and no relationship joins
// two. A partner's domain is its id.
type Domain string

// PlatformDomain is the platform's own. No partner's id has a slash, so none
// can be mistaken for it.
const PlatformDomain Domain = "platform/main"

// Domain returns the domain that o belongs to, or "" for a user, who belongs
// to none.
func (o Object) Domain() Domain {
	switch o.Type {
	case TypeUser:
		return ""
	case TypePlatform:
		return PlatformDomain
	}
	partner, _, _ := strings.Cut(o.ID, "/")
	return Domain(partner)
}

// Validate reports whether d can name a domain.
func (d Domain) Validate() error {
	if d == PlatformDomain {
		return nil
	}
	return ValidateName(string(d))
}

// Root returns the object that stands for the whole domain: the partner, or
// the platform.
func (d Domain) Root() Object {
	if d == PlatformDomain {
		return Platform()
	}
	return Partner(d)
}
