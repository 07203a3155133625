package spicedb

import (
	"fmt"
	"strings"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/portico-authz/portico/engine"
)

// translate turns the failure of a call into the engine's error.
func translate(op string, err error) error {
	st := statusOf(err)
	if reasonOf(st) == v1.ErrorReason_ERROR_REASON_WRITE_OR_DELETE_PRECONDITION_FAILURE {
		return engine.WrapError(engine.Conflict, op, fmt.Errorf("%w: %w", engine.ErrFence, err))
	}
	return engine.WrapError(codeOf(st), op, err)
}

// translateWrite is translate for a write, which may meet another schema.
func translateWrite(op string, err error) error {
	if foreign(statusOf(err)) {
		return engine.WrapError(engine.Unavailable, op, fmt.Errorf("%w: %w", engine.ErrSchema, err))
	}
	return translate(op, err)
}

// foreign reports whether st says that the schema isn't the one that was meant:
// there is none at all, or it has no fence, or that of another.
func foreign(st *status.Status) bool {
	return st.Code() == codes.NotFound || infoOf(st).GetMetadata()["definition_name"] == typeDomain
}

// lost says that the snapshot isn't the one that was written.
func (b bound) lost() error {
	return engine.WrapError(engine.Unavailable, "snapshot of "+string(b.domain),
		fmt.Errorf("%w: it isn't at %s in the snapshot of its own token", engine.ErrFence, b.operation))
}

// translateAt is translate for a call that names a snapshot.
func translateAt(op string, err error) error {
	if st := statusOf(err); !expired(st) && !foreign(st) {
		return translate(op, err)
	}
	return stale(op, err)
}

func stale(op string, err error) error {
	return engine.WrapError(engine.Stale, op, fmt.Errorf("%w: %w", engine.ErrExpired, err))
}

func statusOf(err error) *status.Status {
	if st, ok := status.FromError(err); ok {
		return st
	}
	return status.FromContextError(err)
}

// codeOf maps a gRPC code. A key that SpiceDB doesn't know is the operator's
// mistake, not the request's: the same call succeeds once it is mended.
func codeOf(st *status.Status) engine.Code {
	if reasonOf(st) == v1.ErrorReason_ERROR_REASON_MAXIMUM_DEPTH_EXCEEDED {
		return engine.Invalid // it says ResourceExhausted, but no retry helps
	}
	switch st.Code() {
	case codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange, codes.NotFound, codes.AlreadyExists:
		return engine.Invalid
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.ResourceExhausted, codes.Aborted,
		codes.Unauthenticated, codes.PermissionDenied,
		codes.Internal, codes.Unknown: // what SpiceDB says when it loses its own database
		return engine.Unavailable
	default:
		return engine.Internal
	}
}

// reasonOf returns SpiceDB's machine-readable reason, if it gave one.
func reasonOf(st *status.Status) v1.ErrorReason {
	return v1.ErrorReason(v1.ErrorReason_value[infoOf(st).GetReason()])
}

// infoOf returns what SpiceDB said about the error for machines, nil if nothing.
func infoOf(st *status.Status) *errdetails.ErrorInfo {
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

// What SpiceDB v1.56.0 says of a token that it can't read, and of one from
// another datastore (pkg/middleware/consistency). Both come without a reason,
// under codes that mean other things as well, so that only the text tells.
const (
	textUnreadable = "invalid revision requested"
	textForeign    = "references a different datastore instance"
)

// expired reports whether st refuses a token: it is older than the garbage
// collection window, of another datastore, or no token at all.
func expired(st *status.Status) bool {
	switch st.Code() {
	case codes.OutOfRange:
		return true
	case codes.InvalidArgument:
		return st.Message() == textUnreadable
	case codes.Unknown:
		return strings.Contains(st.Message(), textForeign)
	default:
		return false
	}
}
