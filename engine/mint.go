package engine

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// lowerBase32 has no letters that look alike, after Douglas Crockford's base 32.
var lowerBase32 = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// minter makes names. With a seed (from an idempotency key) it makes the same
// ones again, so that a repeated request is about the same objects.
type minter struct{ seed []byte }

// name returns a fresh name of 16 letters and digits: 80 bits.
func (m minter) name() string {
	if m.seed != nil {
		sum := sha256.Sum256(m.seed)
		return lowerBase32.EncodeToString(sum[:10])
	}
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails, since Go 1.24
	return lowerBase32.EncodeToString(b[:])
}

// recordID returns a fresh id that sorts by time: 48 bits of milliseconds and
// 96 random bits, after ULID.
func recordID(now time.Time) string {
	var b [18]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	_, _ = rand.Read(b[6:])
	return lowerBase32.EncodeToString(b[:])
}

// invitationToken returns a new secret of 256 bits.
func invitationToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return "invite_" + base64.RawURLEncoding.EncodeToString(b[:])
}

// hashSecret is how a secret of 256 random bits is kept: nothing slower is
// needed, since nobody can guess it.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

const maxTitle = 200

// cleanTitle trims a title that people read, and refuses what they couldn't.
func cleanTitle(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", Errorf(Invalid, "a title is missing")
	case utf8.RuneCountInString(s) > maxTitle:
		return "", Errorf(Invalid, "a title is longer than %d letters", maxTitle)
	case !printable(s):
		return "", Errorf(Invalid, "a title holds control characters")
	}
	return s, nil
}

// printable reports whether s is text that can be kept and shown on one line.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// cleanEmail returns the address in lower case; it looks at the form only as
// far as delivery needs.
func cleanEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > 254 || !printable(s) ||
		strings.ContainsFunc(s, unicode.IsSpace) ||
		strings.ContainsAny(s, "<>,;\"") {
		return "", Errorf(Invalid, "the e-mail address is not one")
	}
	return s, nil
}

// joinWords lists things as people say them.
func joinWords(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}
