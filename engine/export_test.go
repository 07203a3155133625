package engine

// What tests outside need of the inside: sealed cursors and tokens, and when the
// cache has learned.

// Cursor is a list's place.
type Cursor = cursor

// SealCursor returns the cursor's wire form.
func (e *Engine) SealCursor(c Cursor) string { return e.sealCursor(c) }

// OpenCursor reads it back.
func (e *Engine) OpenCursor(s string, list []byte) (Cursor, error) { return e.openCursor(s, list) }

// ReadToken is what an operation returns.
type ReadToken = readToken

// ParseReadToken reads it back.
func ParseReadToken(s string) (ReadToken, error) { return parseReadToken(s) }

// SavesUnderWay is how many saves the cache hasn't answered yet.
func (e *Engine) SavesUnderWay() int { return len(e.cache.saves) }
