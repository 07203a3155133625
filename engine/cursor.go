package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// cursor is the place in a list at which the next page starts. It goes on in
// the snapshot in which the list began, so that pages fit together.
type cursor struct {
	List  []byte `json:"l"` // digest of the question, so that it fits no other
	Epoch int64  `json:"e"`
	Token Token  `json:"t"`
	After string `json:"a"` // the last item of the page before
}

const macSize = sha256.Size

// sealCursor writes a cursor so that nobody can change it: base64url of the
// text and its HMAC-SHA256.
func (e *Engine) sealCursor(c cursor) string {
	text, err := json.Marshal(c)
	if err != nil {
		panic("a cursor can't be marshalled: " + err.Error()) // it has plain fields only
	}
	return base64.RawURLEncoding.EncodeToString(append(e.cursorMAC(text), text...))
}

// openCursor reads what sealCursor wrote for the same list.
func (e *Engine) openCursor(s string, list []byte) (cursor, error) {
	bad := Errorf(Invalid, "the cursor is not one of this list")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) < macSize || !hmac.Equal(raw[:macSize], e.cursorMAC(raw[macSize:])) {
		return cursor{}, bad
	}
	var c cursor
	if err := json.Unmarshal(raw[macSize:], &c); err != nil || !hmac.Equal(c.List, list) {
		return cursor{}, bad
	}
	return c, nil
}

func (e *Engine) cursorMAC(text []byte) []byte {
	mac := hmac.New(sha256.New, e.secret)
	writePart(mac, "cursor")
	writePart(mac, string(text))
	return mac.Sum(nil)
}

// listDigest tells one list from every other, and from itself under another schema.
func (e *Engine) listDigest(parts ...string) []byte {
	h := sha256.New()
	writePart(h, e.digest)
	for _, p := range parts {
		writePart(h, p)
	}
	return h.Sum(nil)
}
