package engine

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/portico-authz/portico/schema"
)

// Settings that the engine keeps in the store.
const (
	// settingPortal is the name and digest of the portal that the data is known
	// to fit.
	settingPortal = "portal"
	settingSecret = "cursor_secret"
)

// adopt completes a new store, and checks that what is in another fits the
// portal.
func (e *Engine) adopt(ctx context.Context) error {
	return e.store.Update(ctx, schema.PlatformDomain, func(tx Tx) error {
		if err := e.adoptPortal(ctx, tx); err != nil {
			return err
		}
		var err error
		e.secret, err = setting(ctx, tx, settingSecret, func() []byte {
			secret := make([]byte, 32)
			_, _ = rand.Read(secret)
			return secret
		})
		if err != nil {
			return err
		}
		if _, err = tx.Domain(ctx, schema.PlatformDomain); CodeOf(err) == NotFound {
			return tx.PutDomain(ctx, DomainState{Domain: schema.PlatformDomain, CreatedAt: e.now()})
		}
		return err
	})
}

// adoptPortal refuses data that doesn't fit the portal. It looks at all of it, but
// only if the portal isn't the one that was started last.
func (e *Engine) adoptPortal(ctx context.Context, tx Tx) error {
	present := e.portal.Name + " " + e.portal.Fingerprint()
	last, err := tx.Setting(ctx, settingPortal)
	if err == nil && string(last) == present {
		return nil
	}
	if err != nil && CodeOf(err) != NotFound {
		return err
	}
	misfits, err := e.misfits(ctx, tx)
	if err != nil {
		return err
	}
	if len(misfits) > 0 {
		was, _, _ := strings.Cut(string(last), " ")
		return Errorf(Conflict, "the store holds data of the portal %q, and %q has no place for some of it: %s; start with the portal that it fits, or give this one a store of its own",
			was, e.portal.Name, strings.Join(misfits, ", "))
	}
	return tx.PutSetting(ctx, settingPortal, []byte(present))
}

// misfits counts what the portal has no place for: relationships that its schema
// doesn't allow, and staff whose role it hasn't.
func (e *Engine) misfits(ctx context.Context, tx Tx) ([]string, error) {
	counts := map[string]int{}
	if err := e.countRelationships(ctx, tx, counts); err != nil {
		return nil, err
	}
	if err := e.countRoles(ctx, tx, counts); err != nil {
		return nil, err
	}
	var list []string
	for misfit, count := range counts {
		list = append(list, fmt.Sprintf("%d × %s", count, misfit))
	}
	slices.Sort(list)
	return list, nil
}

func (e *Engine) countRelationships(ctx context.Context, tx Tx, counts map[string]int) error {
	for f := (RelationshipFilter{Limit: loadPage}); ; {
		rows, err := tx.Relationships(ctx, f)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if form := r.Form(); !e.portal.Model.Takes(form) {
				counts[form.String()]++
			}
		}
		f.After = rows[len(rows)-1].Relationship
	}
}

func (e *Engine) countRoles(ctx context.Context, tx Tx, counts map[string]int) error {
	return eachDomain(ctx, tx, func(s DomainState) error {
		members, err := tx.Entries(ctx, EntryFilter{Domain: s.Domain, Type: schema.TypeStaff, States: seatedStates})
		for _, m := range members {
			if _, ok := e.portal.Role(m.Role); !ok {
				counts[fmt.Sprintf("staff in the role %q", m.Role)]++
			}
		}
		return err
	})
}
