// Package oidc tells who a person is by the JSON Web Token that an OpenID
// Connect provider gave them. It only verifies: signing in, sessions and
// refreshing are the application's. Start at [New].
package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Options tune a [Verifier]. The zero value works.
type Options struct {
	// Algorithms are the signatures that are taken. Default: RS256, ES256 and
	// EdDSA. Neither "none" nor a shared secret (HS256 …) can be named.
	Algorithms []string
	// JWKSURL is where the keys are: https, but on loopback. Default: as the
	// issuer's discovery document says.
	JWKSURL string
	// UserClaim is the claim that is the user's id. Default: sub. With email,
	// the address must be one that the issuer has verified.
	UserClaim string
	// Skew is by how much the issuer's clock may differ. Default: a minute.
	Skew time.Duration
	// Client asks the issuer; a redirect to what isn't encrypted is refused for
	// it. Default: one with a timeout of 5 s.
	Client *http.Client
	Clock  engine.Clock // default: the system's
}

// Verifier verifies tokens of one issuer for one audience. It is safe for
// concurrent use, and asks the issuer for nothing before the first token.
type Verifier struct {
	issuer     string
	audience   string
	algorithms []jose.SignatureAlgorithm
	userClaim  string
	skew       time.Duration
	clock      engine.Clock
	keys       *keySet
}

const defaultSkew = time.Minute

// New returns a verifier of the tokens that the issuer makes for the audience;
// both are mandatory. The issuer's URL is https, but on loopback. It fails with
// Invalid.
func New(issuer, audience string, opts *Options) (*Verifier, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	o.fill()
	if err := checkURL(issuer); err != nil {
		return nil, engine.Errorf(engine.Invalid, "the issuer %q %s", issuer, err)
	}
	if o.JWKSURL != "" {
		if err := checkURL(o.JWKSURL); err != nil {
			return nil, engine.Errorf(engine.Invalid, "the address of the keys %q %s", o.JWKSURL, err)
		}
	}
	if audience == "" {
		return nil, engine.Errorf(engine.Invalid, "the audience is missing: without it, tokens made for others would do")
	}
	algorithms, err := allowed(o.Algorithms)
	if err != nil {
		return nil, err
	}
	if o.Skew < 0 {
		return nil, engine.Errorf(engine.Invalid, "the clock skew %s is negative", o.Skew)
	}
	return &Verifier{
		issuer: issuer, audience: audience, algorithms: algorithms, userClaim: o.UserClaim, skew: o.Skew,
		clock: o.Clock, keys: newKeySet(issuer, o),
	}, nil
}

func (o *Options) fill() {
	if len(o.Algorithms) == 0 {
		o.Algorithms = []string{oidc.RS256, oidc.ES256, oidc.EdDSA}
	}
	if o.UserClaim == "" {
		o.UserClaim = "sub"
	}
	if o.Skew == 0 {
		o.Skew = defaultSkew
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 5 * time.Second}
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// allowed checks that every algorithm is one of a public key.
func allowed(names []string) ([]jose.SignatureAlgorithm, error) {
	public := []string{
		oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA,
	}
	algorithms := make([]jose.SignatureAlgorithm, len(names))
	for i, name := range names {
		if !slices.Contains(public, name) {
			return nil, engine.Errorf(engine.Invalid, "the algorithm %q is not one of %v", name, public)
		}
		algorithms[i] = jose.SignatureAlgorithm(name)
	}
	return algorithms, nil
}

// Verify returns the person that the token names. Whatever is wrong with the
// token is Unauthenticated; that the issuer's keys can't be had is Unavailable.
func (v *Verifier) Verify(ctx context.Context, token string) (engine.Actor, error) {
	parsed, err := jose.ParseSigned(token, v.algorithms)
	if err != nil || len(parsed.Signatures) != 1 {
		return engine.Actor{}, refuse("the token is not one that is accepted here", err)
	}
	keys, err := v.keys.matching(ctx, parsed.Signatures[0].Header)
	if err != nil {
		return engine.Actor{}, err
	}
	// Times are checked below: go-oidc's own leeway is fixed.
	config := &oidc.Config{ClientID: v.audience, SkipExpiryCheck: true}
	for _, a := range v.algorithms {
		config.SupportedSigningAlgs = append(config.SupportedSigningAlgs, string(a))
	}
	id, err := oidc.NewVerifier(v.issuer, &oidc.StaticKeySet{PublicKeys: keys}, config).Verify(ctx, token)
	if err != nil {
		return engine.Actor{}, refuse("the token is not one that is accepted here", err)
	}
	var c claims
	if err := errors.Join(id.Claims(&c), id.Claims(&c.all)); err != nil {
		return engine.Actor{}, refuse("the token's claims can't be read", err)
	}
	if err := c.checkTimes(v.clock.Now(), v.skew); err != nil {
		return engine.Actor{}, err
	}
	return c.actor(v.userClaim)
}

// claims are those of a token that count here.
type claims struct {
	Expiry        float64 `json:"exp"` // seconds since 1970
	NotBefore     float64 `json:"nbf"`
	Email         string  `json:"email"`
	EmailVerified any     `json:"email_verified"` // some issuers write "true"

	all map[string]any
}

func (c claims) checkTimes(now time.Time, skew time.Duration) error {
	at := func(seconds float64) time.Time { return time.Unix(int64(seconds), 0) }
	switch {
	case c.Expiry <= 0:
		return refuse("the token doesn't say when it expires", nil)
	case !now.Add(-skew).Before(at(c.Expiry)):
		return refuse("the token has expired", nil)
	case c.NotBefore > 0 && now.Add(skew).Before(at(c.NotBefore)):
		return refuse("the token is not valid yet", nil)
	}
	return nil
}

func (c claims) actor(userClaim string) (engine.Actor, error) {
	verified, isBool := c.EmailVerified.(bool)
	verified = isBool && verified || c.EmailVerified == "true"
	user, _ := c.all[userClaim].(string)
	if userClaim == "email" && !verified {
		return engine.Actor{}, refuse("the issuer has not verified the e-mail address", nil)
	}
	if err := schema.ValidateUserID(user); err != nil {
		return engine.Actor{}, refuse("the token names nobody", fmt.Errorf("claim %s: %w", userClaim, err))
	}
	actor := engine.PersonActor(user)
	if verified {
		actor.Email = strings.ToLower(c.Email)
	}
	return actor, nil
}

// refuse returns an Unauthenticated whose cause is for the log.
func refuse(message string, cause error) error {
	return &engine.Error{Code: engine.Unauthenticated, Op: "verify token", Message: message, Err: cause}
}
