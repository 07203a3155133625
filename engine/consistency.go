package engine

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/portico-authz/portico/schema"
)

// Mode says how fresh an answer must be.
type Mode string

// The modes. Every mode answers at one epoch of the partner, never a mixture.
// They are for a list's first page; the others are of the same epoch. A grant
// that expires ends when the clock of whoever looks first says so, the replica's
// or SpiceDB's: within their difference answers may differ.
const (
	// Strict, the default: the answer knows every operation that was
	// acknowledged, anywhere, before the request arrived.
	Strict Mode = "strict"
	// Bounded: the answer may be older by Consistency.MaxAge, and may be as
	// fresh as Strict.
	Bounded Mode = "bounded"
	// AtLeast: the answer is of the epoch in Consistency.Token, or a later one. About
	// other partners than the token's it is Strict.
	AtLeast Mode = "token"
	// Full: as Strict, evaluated by the graph itself, past every cache.
	Full Mode = "full"
)

// Consistency is how fresh an answer must be. The zero value is Strict.
type Consistency struct {
	Mode   Mode
	MaxAge time.Duration // Bounded only
	Token  string        // AtLeast only: from an operation's [Result]
}

// check refuses a mode that makes no sense, and an epoch that hasn't come.
func (c Consistency) check(state DomainState) error {
	switch c.Mode {
	case "", Strict, Full:
		return nil
	case Bounded:
		if c.MaxAge < 0 {
			return Errorf(Invalid, "the bound is negative")
		}
		return nil
	case AtLeast:
		t, err := parseReadToken(c.Token)
		if err != nil {
			return err
		}
		if t.Domain == state.Domain && t.Epoch > state.Epoch {
			return Errorf(Unavailable, "the token's epoch %d is not known here yet; %q is in epoch %d", t.Epoch, state.Domain, state.Epoch)
		}
		return nil
	default:
		return Errorf(Invalid, "the consistency %q is unknown; use strict, bounded, token or full", c.Mode)
	}
}

// readToken is what an operation returns for reads that must know it.
type readToken struct {
	Domain schema.Domain
	Epoch  int64
}

// String returns the token's wire form.
func (t readToken) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(string(t.Domain) + "@" + strconv.FormatInt(t.Epoch, 10)))
}

func parseReadToken(s string) (readToken, error) {
	bad := Errorf(Invalid, "the token is not one that an operation returned")
	text, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return readToken{}, bad
	}
	domain, number, _ := strings.Cut(string(text), "@")
	epoch, err := strconv.ParseInt(number, 10, 64)
	if err != nil || epoch < 1 || schema.Domain(domain).Validate() != nil {
		return readToken{}, bad
	}
	return readToken{schema.Domain(domain), epoch}, nil
}
