package schema

import (
	"fmt"
	"strings"
)

const upperHex = "0123456789ABCDEF"

// EncodeID turns any id into one that SpiceDB takes. Letters, digits, and
// / _ | + - stand for themselves; every other byte becomes = and two upper-case
// hex digits, after quoted-printable (RFC 2045, section 6.7). Distinct ids
// have distinct codes, and [DecodeID] gives the id back.
func EncodeID(id string) string {
	var b strings.Builder
	for i := 0; i < len(id); i++ {
		c := id[i]
		if plainByte(c) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('=')
		b.WriteByte(upperHex[c>>4])
		b.WriteByte(upperHex[c&15])
	}
	return b.String()
}

// DecodeID reverses [EncodeID]. It refuses every text that EncodeID doesn't write.
func DecodeID(code string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		c := code[i]
		if plainByte(c) {
			b.WriteByte(c)
			continue
		}
		if c != '=' || i+2 >= len(code) {
			return "", fmt.Errorf("id code %q: byte %d is not an escape", code, i)
		}
		hi := strings.IndexByte(upperHex, code[i+1])
		lo := strings.IndexByte(upperHex, code[i+2])
		if hi < 0 || lo < 0 || plainByte(byte(hi<<4|lo)) {
			return "", fmt.Errorf("id code %q: bad escape at byte %d", code, i)
		}
		b.WriteByte(byte(hi<<4 | lo))
		i += 2
	}
	return b.String(), nil
}

func plainByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("/_|+-", c) >= 0
}
