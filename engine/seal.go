package engine

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync/atomic"
	"time"

	"github.com/portico-authz/portico/engine/failpoint"
	"github.com/portico-authz/portico/schema"
)

// A sealed decision is what a cache keeps: version, key, decision, not-after
// (seconds since 1970), the request's digest, and a MAC over all of it. Whoever
// can write to the cache can't make a decision up, nor pass one request's off
// as another's.
const (
	sealVersion  = 1
	digestLength = 16
	macLength    = 16
	sealedLength = 1 + 4 + 1 + 8 + digestLength + macLength
)

// sealKey is one that decisions are sealed with.
type sealKey struct {
	ID     uint32    `json:"id"`
	Secret []byte    `json:"secret"`
	Since  time.Time `json:"since"`
}

// sealKeys are the keys that this replica knows, the newest first. They are in
// the store, never in the cache.
type sealKeys struct{ known atomic.Pointer[[]sealKey] }

// The decisions' wire form.
var sealedDecisions = map[Decision]byte{Allow: 1, Deny: 2}

// seal returns the decision as it is kept; nil if there is no key, or the
// decision is none to keep.
func (k *sealKeys) seal(d Decision, request requestDigest, notAfter time.Time) []byte {
	keys, code := k.known.Load(), sealedDecisions[d]
	if keys == nil || len(*keys) == 0 || code == 0 {
		return nil
	}
	key := (*keys)[0]
	value := make([]byte, 0, sealedLength)
	value = append(value, sealVersion)
	value = binary.BigEndian.AppendUint32(value, key.ID)
	value = append(value, code)
	value = binary.BigEndian.AppendUint64(value, uint64(notAfter.Unix()))
	value = append(value, request.repeated()...)
	return append(value, key.mac(value, request)...)
}

// open returns the sealed decision, "" if the value is none: it is too old, or
// sealed with a key that this replica doesn't know, as those that another one has
// just made. Nobody of us has written one that is forged.
func (k *sealKeys) open(value []byte, request requestDigest, now time.Time) (d Decision, forged bool) {
	if len(value) != sealedLength || value[0] != sealVersion {
		return "", true
	}
	body, mac := value[:sealedLength-macLength], value[sealedLength-macLength:]
	if !failpoint.Has(failpoint.MACIgnored) {
		key, ok := k.named(binary.BigEndian.Uint32(body[1:]))
		if !ok {
			return "", false
		}
		if !hmac.Equal(mac, key.mac(body, request)) {
			return "", true
		}
	}
	if !bytes.Equal(body[len(body)-digestLength:], request.repeated()) {
		return "", true
	}
	if notAfter := int64(binary.BigEndian.Uint64(body[6:])); now.Unix() >= notAfter {
		return "", false
	}
	for d, code := range sealedDecisions {
		if body[5] == code {
			return d, false
		}
	}
	return "", true
}

func (k *sealKeys) named(id uint32) (sealKey, bool) {
	if keys := k.known.Load(); keys != nil {
		for _, key := range *keys {
			if key.ID == id {
				return key, true
			}
		}
	}
	return sealKey{}, false
}

// mac covers the whole digest, also the half that is the cache's key.
func (k sealKey) mac(body []byte, request requestDigest) []byte {
	h := hmac.New(sha256.New, k.Secret)
	_, _ = h.Write(body) // never fails
	_, _ = h.Write(request[:])
	return h.Sum(nil)[:macLength]
}

// settingSealKeys has the keys, the newest first.
const settingSealKeys = "seal_keys"

// sealKeyLife is how long decisions are sealed with a key. It opens them for as
// long again.
const sealKeyLife = 24 * time.Hour

// refresh learns the keys that the store has. With rotate it makes a new one
// where there is none, or the newest is old, and drops those that are too old.
func (k *sealKeys) refresh(ctx context.Context, store Store, now time.Time, rotate rotation) error {
	var keys []sealKey
	read := func(tx Tx) error {
		keys = nil
		return readSetting(ctx, tx, settingSealKeys, &keys)
	}
	var err error
	if rotate == keepKeys {
		err = store.View(ctx, read)
	} else {
		err = store.Update(ctx, schema.PlatformDomain, func(tx Tx) error {
			if err := read(tx); err != nil || len(keys) > 0 && now.Sub(keys[0].Since) < sealKeyLife {
				return err
			}
			keys = slices.DeleteFunc(keys, func(old sealKey) bool { return now.Sub(old.Since) >= 2*sealKeyLife })
			keys = slices.Insert(keys, 0, newSealKey(now))
			return keepSetting(ctx, tx, settingSealKeys, keys)
		})
	}
	if err == nil {
		k.known.Store(&keys)
	}
	return err
}

// refreshSealKeys is [sealKeys.refresh], where there is a cache.
func (e *Engine) refreshSealKeys(ctx context.Context, rotate rotation) error {
	if e.cache.cache == nil {
		return nil
	}
	return e.cache.keys.refresh(ctx, e.store, e.now(), rotate)
}

// rotation says whether refreshing may make keys.
type rotation bool

const (
	keepKeys   rotation = false
	rotateKeys rotation = true
)

func newSealKey(now time.Time) sealKey {
	var id [4]byte
	key := sealKey{Secret: make([]byte, 32), Since: now}
	_, _ = rand.Read(id[:]) // never fails
	_, _ = rand.Read(key.Secret)
	key.ID = binary.BigEndian.Uint32(id[:])
	return key
}
