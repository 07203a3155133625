package ginapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// readJSON refuses what encoding/json would mend: bytes that are no UTF-8, and
// names that an object has twice, of which only the last would be checked or
// kept.
func readJSON(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("the body is not UTF-8")
	}
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	return distinctNames(data)
}

// distinctNames fails if an object in data, which is JSON, has a name twice.
func distinctNames(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var open []*jsonScope // the innermost last
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			open = open[:len(open)-1]
			continue
		}
		if len(open) > 0 {
			if err := open[len(open)-1].next(token); err != nil {
				return err
			}
		}
		switch token {
		case json.Delim('{'):
			open = append(open, &jsonScope{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, &jsonScope{})
		}
	}
}

// jsonScope is an object or a list that is being read.
type jsonScope struct {
	names map[string]bool // seen so far; nil in a list
	named bool            // in an object: a name was read, and its value comes next
}

// next takes the scope's next token, or the first of its next value.
func (s *jsonScope) next(token json.Token) error {
	if s.names == nil {
		return nil
	}
	s.named = !s.named
	if name, ok := token.(string); ok && s.named {
		if s.names[name] {
			return fmt.Errorf("the name %.64q is there twice in one object", name)
		}
		s.names[name] = true
	}
	return nil
}
