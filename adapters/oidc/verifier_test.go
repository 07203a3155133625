package oidc_test

import (
	stdcmp "cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/oidc"
	"github.com/portico-authz/portico/engine"
)

var start = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

const audience = "portico"

// clock is a time that tests move.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// issuer is an OpenID Connect provider with one key.
type issuer struct {
	*httptest.Server
	key   jose.JSONWebKey
	asked atomic.Int64
	down  atomic.Bool

	jwksURL string // as discovered; default: its own
}

func newIssuer(t *testing.T, key crypto.Signer, algorithm string) *issuer {
	t.Helper()
	i := &issuer{key: jose.JSONWebKey{Key: key, KeyID: "first", Algorithm: algorithm, Use: "sig"}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		if i.down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		writeJSON(w, map[string]any{
			"issuer": i.URL, "jwks_uri": stdcmp.Or(i.jwksURL, i.URL+"/keys"), "authorization_endpoint": i.URL, "token_endpoint": i.URL,
			"id_token_signing_alg_values_supported": []string{algorithm},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		i.asked.Add(1)
		writeJSON(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.key.Public()}})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

func rsaKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// claims returns those of a good token, with changes; nil drops a claim.
func (i *issuer) claims(changes map[string]any) map[string]any {
	c := map[string]any{
		"iss": i.URL, "aud": audience, "sub": "ana", "exp": start.Add(time.Hour).Unix(), "iat": start.Unix(),
	}
	for name, value := range changes {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

func sign(t *testing.T, algorithm string, key any, kid string, claims map[string]any) string {
	t.Helper()
	opts := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", kid)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(algorithm), Key: key}, opts)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func newVerifier(t *testing.T, issuer string, opts *oidc.Options) *oidc.Verifier {
	t.Helper()
	v, err := oidc.New(issuer, audience, opts)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVerify(t *testing.T) {
	key := rsaKey(t)
	i := newIssuer(t, key, "RS256")
	good := sign(t, "RS256", key, "first", i.claims(nil))
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	with := func(changes map[string]any) string { return sign(t, "RS256", key, "first", i.claims(changes)) }
	tests := []struct {
		name  string
		token string
		want  engine.Actor
		code  engine.Code
	}{
		{name: "good", token: good, want: engine.PersonActor("ana")},
		{name: "one audience of several", token: with(map[string]any{"aud": []string{"other", audience}}), want: engine.PersonActor("ana")},
		{
			name: "verified address", token: with(map[string]any{"email": "ana@acme.example", "email_verified": true}),
			want: engine.Actor{Kind: engine.Person, User: "ana", Email: "ana@acme.example"},
		},
		{name: "unverified address", token: with(map[string]any{"email": "ana@acme.example"}), want: engine.PersonActor("ana")},
		{name: "expired within the skew", token: with(map[string]any{"exp": start.Add(-30 * time.Second).Unix()}), want: engine.PersonActor("ana")},
		{name: "expired", token: with(map[string]any{"exp": start.Add(-61 * time.Second).Unix()}), code: engine.Unauthenticated},
		{name: "never expires", token: with(map[string]any{"exp": nil}), code: engine.Unauthenticated},
		{name: "not yet, within the skew", token: with(map[string]any{"nbf": start.Add(30 * time.Second).Unix()}), want: engine.PersonActor("ana")},
		{name: "not yet", token: with(map[string]any{"nbf": start.Add(2 * time.Minute).Unix()}), code: engine.Unauthenticated},
		{name: "another's audience", token: with(map[string]any{"aud": "other"}), code: engine.Unauthenticated},
		{name: "no audience", token: with(map[string]any{"aud": nil}), code: engine.Unauthenticated},
		{name: "another issuer", token: with(map[string]any{"iss": "https://other.example"}), code: engine.Unauthenticated},
		{name: "nobody", token: with(map[string]any{"sub": nil}), code: engine.Unauthenticated},
		{name: "everybody", token: with(map[string]any{"sub": "*"}), code: engine.Unauthenticated},
		{name: "a number for a name", token: with(map[string]any{"sub": 7}), code: engine.Unauthenticated},
		{name: "another's key", token: sign(t, "RS256", rsaKey(t), "first", i.claims(nil)), code: engine.Unauthenticated},
		{name: "unknown key id", token: sign(t, "RS256", key, "second", i.claims(nil)), code: engine.Unauthenticated},
		{name: "algorithm not allowed", token: sign(t, "RS512", key, "first", i.claims(nil)), code: engine.Unauthenticated},
		{name: "the public key as a secret", token: sign(t, "HS256", public, "first", i.claims(nil)), code: engine.Unauthenticated},
		{name: "no signature", token: part(`{"alg":"none","kid":"first"}`) + "." + strings.Split(good, ".")[1] + ".", code: engine.Unauthenticated},
		{name: "changed claims", token: strings.Replace(good, ".", ".A", 1), code: engine.Unauthenticated},
		{name: "no token", token: "", code: engine.Unauthenticated},
		{name: "not a token", token: "a.b.c", code: engine.Unauthenticated},
	}
	v := newVerifier(t, i.URL, &oidc.Options{Clock: &clock{start}})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := v.Verify(t.Context(), test.token)
			if engine.CodeOf(err) != test.code {
				t.Fatalf("got the error %v, want the code %q", err, test.code)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if n := i.asked.Load(); n != 1 {
		t.Errorf("the keys were fetched %d times, want once", n)
	}
}

func TestVerifyOtherAlgorithms(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for algorithm, key := range map[string]crypto.Signer{"ES256": ec, "EdDSA": ed} {
		i := newIssuer(t, key, algorithm)
		v := newVerifier(t, i.URL, &oidc.Options{Clock: &clock{start}, JWKSURL: i.URL + "/keys", UserClaim: "email"})
		token := sign(t, algorithm, key, "first", i.claims(map[string]any{"email": "ana@acme.example", "email_verified": "true"}))
		got, err := v.Verify(t.Context(), token)
		if err != nil || got.User != "ana@acme.example" {
			t.Errorf("%s: got %+v, %v", algorithm, got, err)
		}
		_, err = v.Verify(t.Context(), sign(t, algorithm, key, "first", i.claims(map[string]any{"email": "ana@acme.example"})))
		if engine.CodeOf(err) != engine.Unauthenticated {
			t.Errorf("%s: an unverified address as the user's id: got %v", algorithm, err)
		}
	}
}

func TestKeysRotateAndFail(t *testing.T) {
	first, second := rsaKey(t), rsaKey(t)
	i := newIssuer(t, first, "RS256")
	now := &clock{start}
	v := newVerifier(t, i.URL, &oidc.Options{Clock: now})
	token := sign(t, "RS256", first, "first", i.claims(nil))

	i.down.Store(true)
	_, err := v.Verify(t.Context(), token)
	if engine.CodeOf(err) != engine.Unavailable {
		t.Fatalf("with the issuer down: got %v, want unavailable", err)
	}
	i.down.Store(false)
	now.now = now.now.Add(11 * time.Second)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatalf("with the issuer back: %v", err)
	}

	i.key = jose.JSONWebKey{Key: second, KeyID: "second"}
	renewed := sign(t, "RS256", second, "second", i.claims(nil))
	if _, err := v.Verify(t.Context(), renewed); engine.CodeOf(err) != engine.Unauthenticated {
		t.Fatalf("a new key within the pause between fetches: got %v", err)
	}
	now.now = now.now.Add(11 * time.Second)
	if _, err := v.Verify(t.Context(), renewed); err != nil {
		t.Fatalf("a new key: %v", err)
	}
	if _, err := v.Verify(t.Context(), token); engine.CodeOf(err) != engine.Unauthenticated {
		t.Fatalf("a withdrawn key: got %v", err)
	}

	i.down.Store(true)
	now.now = now.now.Add(20 * time.Minute)
	if _, err := v.Verify(t.Context(), renewed); err != nil {
		t.Fatalf("a known key with the issuer down: %v", err)
	}
}

// TestKeysAreNotReplacedByNone proves that an answer without keys is no answer.
func TestKeysAreNotReplacedByNone(t *testing.T) {
	key := rsaKey(t)
	i := newIssuer(t, key, "RS256")
	now := &clock{start}
	v := newVerifier(t, i.URL, &oidc.Options{Clock: now})
	token := sign(t, "RS256", key, "first", i.claims(nil))
	i.key = jose.JSONWebKey{Key: key, KeyID: "first", Use: "enc"}
	if _, err := v.Verify(t.Context(), token); engine.CodeOf(err) != engine.Unavailable {
		t.Fatalf("with no key to verify with: got %v", err)
	}
	i.key.Use = "sig"
	now.now = now.now.Add(11 * time.Second)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	i.key.Use = "enc"
	now.now = now.now.Add(20 * time.Minute)
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Fatalf("a known key: %v", err)
	}
}

// TestKeysComeEncrypted proves that neither discovery nor a redirect leads out
// of https.
func TestKeysComeEncrypted(t *testing.T) {
	key := rsaKey(t)
	i := newIssuer(t, key, "RS256")
	token := sign(t, "RS256", key, "first", i.claims(nil))
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, i.URL+"/keys", http.StatusFound)
	}))
	t.Cleanup(secure.Close)
	v := newVerifier(t, i.URL, &oidc.Options{Clock: &clock{start}, JWKSURL: secure.URL, Client: secure.Client()})
	if _, err := v.Verify(t.Context(), token); engine.CodeOf(err) != engine.Unavailable || !strings.Contains(err.Error(), "leaves https") {
		t.Errorf("a redirect: got %v", err)
	}
	i.jwksURL = "http://id.example/keys"
	v = newVerifier(t, i.URL, &oidc.Options{Clock: &clock{start}})
	if _, err := v.Verify(t.Context(), token); engine.CodeOf(err) != engine.Unavailable || !strings.Contains(err.Error(), "must be https") {
		t.Errorf("discovered keys in the clear: got %v", err)
	}
	if n := i.asked.Load(); n != 0 {
		t.Errorf("the keys were fetched %d times", n)
	}
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name, issuer, audience string
		opts                   *oidc.Options
	}{
		{"no issuer", "", audience, nil},
		{"not a URL", "acme", audience, nil},
		{"no audience", "https://id.example", "", nil},
		{"none", "https://id.example", audience, &oidc.Options{Algorithms: []string{"none"}}},
		{"a shared secret", "https://id.example", audience, &oidc.Options{Algorithms: []string{"HS256"}}},
		{"in the clear", "http://id.example", audience, nil},
		{"no host", "https://:443", audience, nil},
		{"keys in the clear", "https://id.example", audience, &oidc.Options{JWKSURL: "http://id.example/keys"}},
		{"keys nowhere", "https://id.example", audience, &oidc.Options{JWKSURL: "/keys"}},
		{"negative skew", "https://id.example", audience, &oidc.Options{Skew: -1}},
	}
	for _, test := range tests {
		_, err := oidc.New(test.issuer, test.audience, test.opts)
		var e *engine.Error
		if !errors.As(err, &e) || e.Code != engine.Invalid {
			t.Errorf("%s: got %v, want invalid", test.name, err)
		}
	}
}
