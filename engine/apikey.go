package engine

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/portico-authz/portico/schema"
)

// keyPrefix starts every API key, so that secret scanners know one. A key is
// portico_<id>_<secret><checksum>: 256 random bits in base64url, and the CRC-32
// of all before it in 8 hex digits, so that a mistyped key is told from a wrong
// one without asking the store. The form is GitHub's.
const keyPrefix = "portico_"

const secretLen = 43 // of 32 bytes in unpadded base64url

// NewKey says what a new API key may do.
type NewKey struct {
	Name      string
	Scopes    []Scope
	Partner   schema.Domain // empty: all
	ExpiresAt time.Time     // zero: never
}

// CreateKey makes an API key and returns it with the text that its user shows.
// The text is kept nowhere and can't be shown again.
func (e *Engine) CreateKey(ctx context.Context, n NewKey) (Key, string, error) {
	now := e.now()
	if err := n.validate(now); err != nil {
		return Key{}, "", err
	}
	key, text := n.mint(now)
	err := e.updateKeys(ctx, func(tx Tx) error { return tx.PutKey(ctx, key) })
	return key, text, err
}

// CreateFirstKey makes an API key if there is none at all, revoked ones
// included; its text is "" if there is one. Of replicas that start together one
// makes it.
func (e *Engine) CreateFirstKey(ctx context.Context, n NewKey) (Key, string, error) {
	now := e.now()
	if err := n.validate(now); err != nil {
		return Key{}, "", err
	}
	key, text := n.mint(now)
	err := e.updateKeys(ctx, func(tx Tx) error {
		present, err := tx.Keys(ctx)
		if err != nil {
			return err
		}
		if len(present) > 0 {
			key, text = Key{}, ""
			return nil
		}
		return tx.PutKey(ctx, key)
	})
	return key, text, err
}

func (n NewKey) validate(now time.Time) error {
	if len(n.Scopes) == 0 {
		return Errorf(Invalid, "a key needs at least one scope: check, act or operate")
	}
	for _, s := range n.Scopes {
		if !slices.Contains([]Scope{ScopeCheck, ScopeAct, ScopeOperate}, s) {
			return Errorf(Invalid, "the scope %q is unknown; use check, act or operate", s)
		}
	}
	switch {
	case len(n.Name) > maxTitle || !printable(n.Name):
		return Errorf(Invalid, "the key's name is longer than %d bytes, or holds control characters", maxTitle)
	case n.Partner != "" && n.Partner.Validate() != nil:
		return Errorf(Invalid, "the partner %q is not an id", n.Partner)
	case !n.ExpiresAt.IsZero() && !n.ExpiresAt.After(now):
		return Errorf(Invalid, "the key would have expired already")
	}
	return nil
}

// mint makes the key and the text that its user shows.
func (n NewKey) mint(now time.Time) (Key, string) {
	var b [32]byte
	_, _ = rand.Read(b[:])
	secret := base64.RawURLEncoding.EncodeToString(b[:])
	key := Key{
		ID: minter{}.name(), Name: n.Name, Hash: hashSecret(secret), Scopes: n.Scopes, Partner: n.Partner,
		CreatedAt: now, ExpiresAt: n.ExpiresAt.UTC().Truncate(time.Microsecond),
	}
	body := keyPrefix + key.ID + "_" + secret
	return key, body + checksum(body)
}

func checksum(s string) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(s))) }

// updateKeys changes API keys under the platform's lock.
func (e *Engine) updateKeys(ctx context.Context, fn func(Tx) error) error {
	return e.store.Update(ctx, schema.PlatformDomain, fn)
}

// Authenticate returns the API key that text is. Whatever is wrong with it,
// the answer is the same Unauthenticated.
func (e *Engine) Authenticate(ctx context.Context, text string) (Key, error) {
	bad := Errorf(Unauthenticated, "the API key is unknown, revoked or expired")
	id, secret, ok := splitKey(text)
	if !ok {
		return Key{}, bad
	}
	var key Key
	err := e.store.View(ctx, func(tx Tx) (err error) {
		key, err = tx.Key(ctx, id)
		return err
	})
	switch {
	case CodeOf(err) == NotFound:
		return Key{}, bad
	case err != nil:
		return Key{}, err
	case subtle.ConstantTimeCompare(key.Hash, hashSecret(secret)) != 1, !key.RevokedAt.IsZero(),
		!key.ExpiresAt.IsZero() && !e.now().Before(key.ExpiresAt):
		return Key{}, bad
	}
	return key, nil
}

func splitKey(text string) (id, secret string, ok bool) {
	rest, ok := strings.CutPrefix(text, keyPrefix)
	id, tail, ok2 := strings.Cut(rest, "_")
	if !ok || !ok2 || len(tail) != secretLen+8 || schema.ValidateName(id) != nil {
		return "", "", false
	}
	body := text[:len(text)-8]
	return id, tail[:secretLen], checksum(body) == text[len(text)-8:]
}

// RotateKey makes a key with the scopes, partner and expiry of another, which
// stops working after the grace. For a later expiry, create a key.
func (e *Engine) RotateKey(ctx context.Context, id string, grace time.Duration) (Key, string, error) {
	var (
		next Key
		text string
	)
	err := e.updateKeys(ctx, func(tx Tx) error {
		old, err := knownKey(ctx, tx, id)
		if err != nil {
			return err
		}
		now := e.now()
		if !old.RevokedAt.IsZero() || !old.ExpiresAt.IsZero() && !now.Before(old.ExpiresAt) {
			return Errorf(Conflict, "the key is revoked or expired: make a new one")
		}
		next, text = NewKey{Name: old.Name, Scopes: old.Scopes, Partner: old.Partner, ExpiresAt: old.ExpiresAt}.mint(now)
		if ends := now.Add(max(grace, 0)); old.ExpiresAt.IsZero() || ends.Before(old.ExpiresAt) {
			old.ExpiresAt = ends
		}
		if err := tx.PutKey(ctx, old); err != nil {
			return err
		}
		return tx.PutKey(ctx, next)
	})
	return next, text, err
}

func knownKey(ctx context.Context, tx Tx, id string) (Key, error) {
	key, err := tx.Key(ctx, id)
	if CodeOf(err) == NotFound {
		return Key{}, Errorf(NotFound, "no API key %q", id)
	}
	return key, err
}

// RevokeKey ends a key at once. Revoking it again changes nothing.
func (e *Engine) RevokeKey(ctx context.Context, id string) error {
	return e.updateKeys(ctx, func(tx Tx) error {
		key, err := knownKey(ctx, tx, id)
		if err != nil || !key.RevokedAt.IsZero() {
			return err
		}
		key.RevokedAt = e.now()
		return tx.PutKey(ctx, key)
	})
}

// Keys returns all API keys, without their secrets, by id.
func (e *Engine) Keys(ctx context.Context) ([]Key, error) {
	var keys []Key
	err := e.store.View(ctx, func(tx Tx) (err error) {
		keys, err = tx.Keys(ctx)
		return err
	})
	return keys, err
}
