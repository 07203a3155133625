package spicedb

import (
	"fmt"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func encodeObject(o schema.Object) *v1.ObjectReference {
	return &v1.ObjectReference{ObjectType: o.Type, ObjectId: schema.EncodeID(o.ID)}
}

func encodeSubject(s schema.Subject) *v1.SubjectReference {
	return &v1.SubjectReference{Object: encodeObject(s.Object), OptionalRelation: s.Relation}
}

func encodeRelationship(r schema.Relationship) *v1.Relationship {
	encoded := &v1.Relationship{
		Resource: encodeObject(r.Resource),
		Relation: r.Relation,
		Subject:  encodeSubject(r.Subject),
	}
	if !r.ExpiresAt.IsZero() {
		encoded.OptionalExpiresAt = timestamppb.New(r.ExpiresAt)
	}
	return encoded
}

func decodeRelationship(r *v1.Relationship) (schema.Relationship, error) {
	resource, err := decodeObject(r.GetResource())
	if err != nil {
		return schema.Relationship{}, err
	}
	subject, err := decodeObject(r.GetSubject().GetObject())
	if err != nil {
		return schema.Relationship{}, err
	}
	decoded := schema.Relationship{
		Resource: resource,
		Relation: r.GetRelation(),
		Subject:  schema.Subject{Object: subject, Relation: r.GetSubject().GetOptionalRelation()},
	}
	if at := r.GetOptionalExpiresAt(); at != nil {
		decoded.ExpiresAt = at.AsTime()
	}
	return decoded, nil
}

func decodeObject(o *v1.ObjectReference) (schema.Object, error) {
	id, err := decodeID(o.GetObjectId())
	return schema.Object{Type: o.GetObjectType(), ID: id}, err
}

// decodeID refuses what this adapter never wrote, the wildcard above all:
// somebody else writes to this SpiceDB.
func decodeID(code string) (string, error) {
	id, err := schema.DecodeID(code)
	if err != nil {
		return "", engine.WrapError(engine.Internal, "decode id", fmt.Errorf("not written by this adapter: %w", err))
	}
	return id, nil
}
