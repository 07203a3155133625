package engine

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an [Error] is. A deny is a decision, not an
// error.
type Code string

// The codes. Their order is that of adapters' tables.
const (
	Invalid         Code = "invalid"         // the request makes no sense, now or ever
	Unauthenticated Code = "unauthenticated" // who asks is not known
	Forbidden       Code = "forbidden"       // the actor lacks a permission
	NotFound        Code = "not_found"       // not there, or not the caller's to see
	Conflict        Code = "conflict"        // an invariant or the present state forbids it
	Stale           Code = "stale"           // the expected epoch, or a cursor's, has passed
	Unavailable     Code = "unavailable"     // a dependency failed; try again
	Internal        Code = "internal"        // a defect of ours
)

// ErrRejected says that the graph refused, for good, what the engine had planned. The
// portal's schema and its operations don't go together.
var ErrRejected = errors.New("rejected by the graph")

// Error is the one error type that leaves the engine.
type Error struct {
	Code    Code
	Op      string // the operation or port call, for the log
	Message string // for the caller; names no secret and no other partner
	Err     error  // the cause, for the log
}

// Error returns operation, message and cause, for the log.
func (e *Error) Error() string {
	s := e.Message
	if e.Op != "" {
		s = e.Op + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an error with a code and a message for the caller.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// WrapError returns an error whose cause is for the log only.
func WrapError(code Code, op string, err error) *Error {
	return &Error{Code: code, Op: op, Message: publicMessage(code), Err: err}
}

// CodeOf returns the code of err: Internal for an error that has none, and ""
// for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// MessageOf returns what the caller may read of err.
func MessageOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Message
	}
	return publicMessage(Internal)
}

func publicMessage(code Code) string {
	switch code {
	case Unavailable:
		return "a part that this answer needs can't be reached; try again"
	case NotFound:
		return "not found"
	case Stale:
		return "the state has moved on; read again and retry"
	case Conflict:
		return "the present state forbids this"
	case Invalid, Unauthenticated, Forbidden:
		return string(code)
	default:
		return "an internal error; the log has its cause"
	}
}
