package ginapi

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Verifier tells whom a JSON Web Token names.
type Verifier interface {
	// Verify returns the person. Whatever is wrong with the token is
	// Unauthenticated; Unavailable means that it can't be told now.
	Verify(ctx context.Context, token string) (engine.Actor, error)
}

const keyStart = "portico_"

// caller is who makes a request.
type caller struct {
	// actor is who acts; its Kind is empty for an application that names nobody
	// and only asks.
	actor engine.Actor
	// scopes are those of the API key, nil for a token.
	scopes []engine.Scope
	// admission is what the request has taken of the limits.
	admission *admission
}

func (w caller) has(scope engine.Scope) bool { return slices.Contains(w.scopes, scope) }

// authenticate finds out who makes the request.
func (s *server) authenticate(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), s.RequestTimeout) // streams have no other
	defer cancel()
	who, err := s.caller(ctx, c.Request)
	if err != nil {
		s.abort(c, err)
		return
	}
	who.admission = &admission{}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), callerKey{}, who))
	c.Next()
}

func (s *server) caller(ctx context.Context, r *http.Request) (caller, error) {
	text, err := bearer(r)
	if err != nil {
		return caller{}, err
	}
	named, err := namedActor(r)
	if err != nil {
		return caller{}, err
	}
	if strings.HasPrefix(text, keyStart) {
		return s.keyCaller(ctx, text, named)
	}
	switch {
	case s.Verifier == nil:
		return caller{}, engine.Errorf(engine.Unauthenticated, "tokens are not accepted here; use an API key")
	case named != "":
		return caller{}, engine.Errorf(engine.Forbidden, "a token names its person itself: leave %s out", actorHeader)
	}
	actor, err := s.Verifier.Verify(ctx, text)
	return caller{actor: actor}, err
}

// bearer returns the one credential of the request.
func bearer(r *http.Request) (string, error) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return "", engine.Errorf(engine.Unauthenticated, "say who asks, once: Authorization: Bearer and an API key or a token")
	}
	scheme, text, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || text == "" || strings.ContainsAny(text, " ,\t") {
		return "", engine.Errorf(engine.Unauthenticated, "the header Authorization is not Bearer and an API key or a token")
	}
	return text, nil
}

// namedActor returns whom the application names, empty if it names nobody. A
// header that is there and blank is a mistake of the application: it must not
// make the operator of whoever has no name.
func namedActor(r *http.Request) (string, error) {
	named, err := oneHeader(r, actorHeader)
	if err == nil && strings.TrimSpace(named) == "" && len(r.Header.Values(actorHeader)) > 0 {
		return "", engine.Errorf(engine.Invalid, "the header %s names nobody", actorHeader)
	}
	return named, err
}

// keyCaller is an application: the person whom it names, the operator, or
// itself.
func (s *server) keyCaller(ctx context.Context, text, named string) (caller, error) {
	key, err := s.engine.Authenticate(ctx, text)
	if err != nil {
		return caller{}, err
	}
	who := caller{scopes: key.Scopes, actor: engine.Actor{Key: key.ID, Partner: key.Partner}}
	switch {
	case named != "" && !who.has(engine.ScopeAct):
		return caller{}, missing(engine.ScopeAct)
	case named != "":
		who.actor.Kind, who.actor.User = engine.Person, userID(named)
		if err := schema.ValidateUserID(who.actor.User); err != nil {
			return caller{}, engine.Errorf(engine.Invalid, "%s: %s", actorHeader, err)
		}
	case who.has(engine.ScopeOperate):
		who.actor.Kind = engine.Operator
	}
	return who, nil
}

// userID reads a person's id, with or without its type.
func userID(s string) string { return strings.TrimPrefix(s, schema.TypeUser+":") }

func missing(scope engine.Scope) error {
	return engine.Errorf(engine.Forbidden, "the API key lacks the scope %s", scope)
}

func callerOf(ctx context.Context) caller {
	who, _ := ctx.Value(callerKey{}).(caller)
	return who
}

// actorOf returns who acts; an application must name somebody, or be the
// operator's.
func actorOf(ctx context.Context) (engine.Actor, error) {
	who := callerOf(ctx)
	switch {
	case who.actor.Kind != "":
		return who.actor, nil
	case who.has(engine.ScopeAct):
		return engine.Actor{}, engine.Errorf(engine.Invalid, "name the person who acts in the header %s", actorHeader)
	}
	return engine.Actor{}, missing(engine.ScopeAct)
}

// mayAsk lets a caller have decisions about a subject at a domain: an
// application's key with the scope check about anybody within its reach, and a
// person as [engine.Engine.MayAsk] says.
func (s *server) mayAsk(ctx context.Context, d schema.Domain, subject schema.Subject) error {
	who := callerOf(ctx)
	switch {
	case who.actor.Partner != "" && who.actor.Partner != d:
		// Word for word what the engine says of a partner that isn't there.
		return engine.Errorf(engine.NotFound, "no %s %q", d.Root().Type, d.Root().Name())
	case who.has(engine.ScopeCheck):
		return nil
	case who.actor.Kind == engine.Person:
		return s.engine.MayAsk(ctx, who.actor, d, subject)
	}
	return missing(engine.ScopeCheck)
}

// hidden tells of whom a caller may not know at a domain. Nobody is hidden from
// an application that may ask about anybody.
func (s *server) hidden(ctx context.Context, d schema.Domain) (engine.Hidden, error) {
	who := callerOf(ctx)
	if who.has(engine.ScopeCheck) {
		return engine.Hidden{}, nil
	}
	return s.engine.Hidden(ctx, who.actor, d)
}

// mayKnow refuses what is about somebody of whom the caller may not know.
func (s *server) mayKnow(ctx context.Context, d schema.Domain, about ...schema.Object) error {
	hidden, err := s.hidden(ctx, d)
	if err != nil {
		return err
	}
	return known(hidden, about...)
}

func known(hidden engine.Hidden, about ...schema.Object) error {
	for _, o := range about {
		if hidden.Hides(o) {
			return engine.Errorf(engine.NotFound, "no %s %q of whom you may know", o.Type, o.Name())
		}
	}
	return nil
}
