package oidc

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/portico-authz/portico/engine"
)

const (
	// refreshAfter is how long keys are used without asking for new ones: a
	// withdrawn key is trusted no longer than that while the issuer answers.
	refreshAfter = 15 * time.Minute
	// retryAfter keeps tokens with invented key ids from becoming as many
	// requests to the issuer.
	retryAfter   = 10 * time.Second
	fetchTimeout = 5 * time.Second
	maxDocument  = 1 << 20
)

// keySet holds the issuer's public keys, and asks for them again when they are
// old or when a token names another. go-oidc's own asks on every bad token, and
// doesn't tell an issuer out of reach from a bad signature.
type keySet struct {
	issuer string
	url    string // empty: as discovered
	client *http.Client
	clock  engine.Clock

	known atomic.Pointer[knownKeys]
	turn  chan struct{} // holds one token while nobody fetches
	tried atomic.Int64  // when the last fetch began, in Unix nanoseconds
}

type knownKeys struct {
	keys []jose.JSONWebKey
	at   time.Time
}

func newKeySet(issuer string, o Options) *keySet {
	k := &keySet{issuer: issuer, url: o.JWKSURL, client: keepingEncryption(o.Client), clock: o.Clock, turn: make(chan struct{}, 1)}
	k.turn <- struct{}{}
	return k
}

// matching returns the keys that may have made a signature with this header:
// none, if the issuer has no such key.
func (k *keySet) matching(ctx context.Context, header jose.Header) ([]crypto.PublicKey, error) {
	known := k.known.Load()
	found := known.match(header)
	if len(found) > 0 && k.clock.Now().Sub(known.at) < refreshAfter {
		return found, nil
	}
	err := k.refresh(ctx, known)
	if now := k.known.Load(); now != nil {
		return now.match(header), nil // an issuer out of reach leaves what was known
	}
	return nil, engine.WrapError(engine.Unavailable, "ask "+k.issuer+" for its keys", err)
}

func (s *knownKeys) match(header jose.Header) []crypto.PublicKey {
	if s == nil {
		return nil
	}
	var found []crypto.PublicKey
	for _, key := range s.keys {
		if usable(key) &&
			(key.Algorithm == "" || key.Algorithm == header.Algorithm) &&
			(header.KeyID == "" || key.KeyID == header.KeyID) {
			found = append(found, key.Key)
		}
	}
	return found
}

// refresh fetches the keys unless somebody else just did, or does: whoever
// knows some doesn't wait for that.
func (k *keySet) refresh(ctx context.Context, known *knownKeys) error {
	if known == nil {
		select {
		case <-k.turn:
		case <-ctx.Done():
			return ctx.Err()
		}
	} else {
		select {
		case <-k.turn:
		default:
			return nil
		}
	}
	defer func() { k.turn <- struct{}{} }()
	now := k.clock.Now()
	if last := k.tried.Load(); k.known.Load() != known || last != 0 && now.Sub(time.Unix(0, last)) < retryAfter {
		return fmt.Errorf("asked less than %s ago", retryAfter)
	}
	k.tried.Store(now.UnixNano())
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	defer cancel()
	keys, err := k.fetch(ctx)
	if err == nil {
		k.known.Store(&knownKeys{keys: keys, at: now})
	}
	return err
}

func (k *keySet) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	location := k.url
	if location == "" {
		provider, err := oidc.NewProvider(oidc.ClientContext(ctx, k.client), k.issuer)
		if err != nil {
			return nil, fmt.Errorf("discover: %w", err)
		}
		var document struct {
			JWKSURL string `json:"jwks_uri"`
		}
		if err := provider.Claims(&document); err != nil {
			return nil, fmt.Errorf("discover: %w", err)
		}
		if err := checkURL(document.JWKSURL); err != nil {
			return nil, fmt.Errorf("discover: the address of the keys %q %w", document.JWKSURL, err)
		}
		location = document.JWKSURL
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, location, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := k.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the keys' address answers %s", response.Status)
	}
	var set jose.JSONWebKeySet
	if err := json.NewDecoder(io.LimitReader(response.Body, maxDocument)).Decode(&set); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(set.Keys, usable) {
		return nil, errors.New("the keys' address has no public key to verify with") // what was known is better than none
	}
	return set.Keys, nil
}

// usable reports whether a key is there to verify signatures.
func usable(key jose.JSONWebKey) bool {
	return key.IsPublic() && key.Valid() && (key.Use == "" || key.Use == "sig")
}
