package engine

import (
	"context"

	"github.com/portico-authz/portico/schema"
)

// AddSupport adds a person to the platform's support team.
type AddSupport struct {
	User string `json:"user" doc:"The person, as the identity provider names them." example:"sam@portal.example"`
}

// Name implements [Operation].
func (*AddSupport) Name() string { return "add_support" }

// About implements [Operation].
func (*AddSupport) About() []schema.Object { return []schema.Object{schema.Platform()} }

// Plan implements [Operation].
func (o *AddSupport) Plan(_ context.Context, v *View) (*Plan, error) {
	member, err := supportMember(o.User)
	if err != nil {
		return nil, err
	}
	p := &Plan{Object: v.Domain.Root(), Summary: "added a member to the support team"}
	p.touch(v.Domain.Root(), relSupport, member, noExpiry)
	return p, nil
}

func supportMember(user string) (schema.Subject, error) {
	if err := schema.ValidateUserID(user); err != nil {
		return schema.Subject{}, Errorf(Invalid, "%s", err)
	}
	return schema.Subject{Object: schema.User(user)}, nil
}

// RemoveSupport takes a person out of the platform's support team.
type RemoveSupport struct {
	User string `json:"user" doc:"The person, as the identity provider names them." example:"sam@portal.example"`
}

// Name implements [Operation].
func (*RemoveSupport) Name() string { return "remove_support" }

// About implements [Operation].
func (*RemoveSupport) About() []schema.Object { return []schema.Object{schema.Platform()} }

// Plan implements [Operation].
func (o *RemoveSupport) Plan(ctx context.Context, v *View) (*Plan, error) {
	member, err := supportMember(o.User)
	if err != nil {
		return nil, err
	}
	there, err := v.Has(ctx, v.Domain.Root(), relSupport, member)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, Errorf(NotFound, "the support team has no such member")
	}
	p := &Plan{Object: v.Domain.Root(), Summary: "removed a member of the support team"}
	p.drop(v.Domain.Root(), relSupport, member)
	return p, nil
}
