package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/portico-authz/portico/schema"
)

// settingSchema says which schema the graph has: a [deployment].
const settingSchema = "schema"

// deployment is a schema in the graph. Every write to the graph requires it, so
// that a snapshot never carries another schema than its domain's state says.
//
// Replicas of two versions run side by side while a new one is rolled out. The
// first new one changes the schema; from then on each domain gets to it when
// its snapshot is renewed: by who asks next, or by maintenance. Old replicas
// answer at the snapshots that they find, and renew to the new schema as well.
type deployment struct {
	Digest string    `json:"digest"`
	Since  time.Time `json:"since"`
	// Former are the digests of the schemas before, the last first.
	Former []string `json:"former,omitempty"`
}

// maxFormer is how many former schemas are remembered.
const maxFormer = 100

// deploy makes the portal's schema the graph's. Where others use the store too,
// a schema that was replaced doesn't come back by itself: a crashed replica of
// the former version would undo what the new one did.
func (e *Engine) deploy(ctx context.Context) error {
	return e.store.Update(ctx, schema.PlatformDomain, func(tx Tx) error {
		d, err := deployed(ctx, tx)
		if err != nil {
			return err
		}
		if _, own := e.graph.(Loader); e.guest && !own && d.Digest != "" && d.Digest != e.digest {
			return Errorf(Conflict, "the graph has another schema than that of the portal %q; use the portal that is served, or serve this one to change the schema", e.portal.Name)
		}
		if e.store.Shared() && !e.rollBack && d.Digest != e.digest && slices.Contains(d.Former, e.digest) {
			return Errorf(Conflict, "the schema of the portal %q was replaced by another on %s; start with that one, or go back on purpose with --roll-back",
				e.portal.Name, d.Since.UTC().Format(time.RFC3339))
		}
		if err := e.graph.WriteSchema(ctx, e.portal.Source); err != nil {
			return err
		}
		if d.Digest == e.digest {
			return nil
		}
		next := deployment{Digest: e.digest, Since: e.now(), Former: d.Former}
		if d.Digest != "" {
			next.Former = slices.Insert(next.Former, 0, d.Digest)
		}
		next.Former = slices.DeleteFunc(next.Former, func(f string) bool { return f == e.digest })
		next.Former = next.Former[:min(len(next.Former), maxFormer)]
		return keepSetting(ctx, tx, settingSchema, next)
	})
}

// deployed returns what the graph has, the zero deployment if nobody knows.
func deployed(ctx context.Context, tx Tx) (deployment, error) {
	var d deployment
	err := readSetting(ctx, tx, settingSchema, &d)
	return d, err
}

// learnSchema notes which schema the graph has now. A store that doesn't say
// teaches nothing.
func (e *Engine) learnSchema(ctx context.Context, tx Tx) (deployment, error) {
	d, err := deployed(ctx, tx)
	if err == nil && d.Digest != "" {
		e.schema.Store(&d.Digest)
	}
	return d, err
}

// present returns the digest of the schema that the graph has, as far as this
// replica knows.
func (e *Engine) present() string { return *e.schema.Load() }

// ensureSchema writes the schema again where the graph lost it, if it is ours.
// The platform's lock keeps it from undoing a deployment.
func (e *Engine) ensureSchema(ctx context.Context) error {
	return e.store.Update(ctx, schema.PlatformDomain, func(tx Tx) error {
		if d, err := e.learnSchema(ctx, tx); err != nil || d.Digest != e.digest {
			return err
		}
		return e.graph.WriteSchema(ctx, e.portal.Source)
	})
}

// snapshot is what a write to the graph made.
type snapshot struct {
	token  Token
	at     time.Time
	schema string // the digest
}

// keep makes the snapshot the domain's.
func (s *DomainState) keep(made snapshot) {
	s.Token, s.TokenAt, s.SchemaDigest = made.token, made.at, made.schema
}

// write writes to the graph under the schema that it has. tx, the caller's
// transaction, is for finding out which, if it isn't the one that we knew: one
// within another could wait for its own connection. It is nil for who is in none.
func (e *Engine) write(ctx context.Context, tx Tx, w Write) (snapshot, error) {
	for range 2 {
		made := snapshot{at: e.now(), schema: e.present()}
		w.Schema = made.schema
		var err error
		made.token, err = e.graph.Write(ctx, w)
		if !errors.Is(err, ErrSchema) {
			return made, err
		}
		learn := func(tx Tx) error {
			_, err := e.learnSchema(ctx, tx)
			return err
		}
		if tx != nil {
			err = learn(tx)
		} else {
			err = e.store.View(ctx, learn)
		}
		if err != nil {
			return snapshot{}, err
		}
	}
	return snapshot{}, Errorf(Unavailable, "the graph hasn't the schema that it should have; it is being changed, or maintenance brings it back")
}
