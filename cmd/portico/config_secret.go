package main

import (
	"net/url"
	"regexp"
	"strings"
)

// masked is what is printed in place of a secret.
const masked = "***"

// Secret is text that is never printed.
type Secret string

// String masks the secret; an empty one is shown as such.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return masked
}

// GoString masks the secret in %#v too.
func (s Secret) GoString() string { return s.String() }

// MarshalText masks the secret wherever it is encoded.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil } //nolint:unparam // the interface asks for it

// DSN names a store: an SQLite file, or a URL that may hold a password.
type DSN string

// Postgres reports whether the store is a server.
func (d DSN) Postgres() bool {
	return strings.HasPrefix(string(d), "postgres://") || strings.HasPrefix(string(d), "postgresql://")
}

// unreadable reports whether the store is named in a way that isn't taken:
// libpq's host=… password=…, or another kind of URL. It may hold a password.
func (d DSN) unreadable() bool {
	return !d.Postgres() && (strings.Contains(string(d), "://") || keyword.MatchString(string(d)))
}

var keyword = regexp.MustCompile(`(?i)(^|\s)(host|hostaddr|port|dbname|user|password|passfile|service|sslmode|sslpassword)\s*=`)

// String masks the password.
func (d DSN) String() string {
	if d.unreadable() {
		return masked
	}
	if !d.Postgres() {
		return string(d)
	}
	u, err := url.Parse(string(d))
	if err != nil {
		return "postgres://" + masked
	}
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), masked)
	}
	q := u.Query()
	for _, name := range []string{"password", "sslpassword"} {
		if q.Has(name) {
			q.Set(name, masked)
			u.RawQuery = q.Encode()
		}
	}
	return strings.ReplaceAll(u.String(), "%2A%2A%2A", masked)
}

// GoString masks the password in %#v too.
func (d DSN) GoString() string { return d.String() }

// MarshalText masks the password wherever the DSN is encoded.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil } //nolint:unparam // the interface asks for it
