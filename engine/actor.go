package engine

import "github.com/portico-authz/portico/schema"

// ActorKind says in which capacity somebody acts.
type ActorKind string

// The kinds of actors.
const (
	// Person is somebody whom the identity provider, or a trusted
	// application, names. What they may do the schema says.
	Person ActorKind = "person"
	// Operator is whoever runs the deployment, at its own machine or with an
	// operator's key. They may do only what portal.yaml opens to the operator:
	// naming the first of the support team, say.
	Operator ActorKind = "operator"
	// System is the engine itself, finishing what somebody began.
	System ActorKind = "system"
)

// Actor is who does an operation.
type Actor struct {
	Kind ActorKind `json:"kind"`
	User string    `json:"user,omitempty"` // the person's id; empty for others
	Key  string    `json:"key,omitempty"`  // the API key's id that was used, if any
	// Email is the person's address in lower case, if the identity provider
	// vouches for it. Invitations to another one aren't theirs to accept.
	Email string `json:"-"`
	// Partner is the only one that the actor may reach; empty for any.
	Partner schema.Domain `json:"-"`
}

// PersonActor returns the person called user, unrestricted.
func PersonActor(user string) Actor { return Actor{Kind: Person, User: user} }

// Subject is how the graph knows the actor; zero for others than a person.
func (a Actor) Subject() schema.Subject {
	if a.Kind != Person {
		return schema.Subject{}
	}
	return schema.Subject{Object: schema.User(a.User)}
}

// exempt reports whether the requirement asks no permission of the actor.
func (a Actor) exempt(r schema.Requirement) bool {
	return a.Kind == System || r.Anyone || a.Kind == Operator && r.Operator
}

func (a Actor) validate() error {
	switch a.Kind {
	case Person:
		if err := schema.ValidateUserID(a.User); err != nil {
			return Errorf(Invalid, "the actor: %s", err)
		}
		return nil
	case Operator, System:
		return nil
	default:
		return Errorf(Unauthenticated, "nobody acts")
	}
}
