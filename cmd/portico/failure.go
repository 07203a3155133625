package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitDenied = 3 // check only
)

// errDenied ends check after it has printed a deny.
var errDenied = errors.New("denied")

// errReported ends a command that has said itself what is wrong.
var errReported = errors.New("reported")

// errInterrupted is what a signal makes of whatever failed because of it.
var errInterrupted = errors.New("interrupted")

// misuse is a call or a configuration that makes no sense.
type misuse struct{ message string }

func (m *misuse) Error() string { return m.message }

func usageError(format string, args ...any) error { return &misuse{fmt.Sprintf(format, args...)} }

func exitCode(err error) int {
	var m *misuse
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errDenied):
		return exitDenied
	case errors.As(err, &m), engine.CodeOf(err) == engine.Invalid:
		return exitUsage
	}
	return exitFailed
}

// explainError is what is printed for an error, in one line, or one for each
// problem of a portal; "" if all has been said.
func explainError(err error) string {
	var wrong *schema.PortalError
	var cut *cutOffError
	switch {
	case err == nil, errors.Is(err, errDenied), errors.Is(err, errReported):
		return ""
	case errors.As(err, &cut): // the signal asked for less
		return cut.Error()
	case errors.Is(err, errInterrupted):
		return errInterrupted.Error()
	case errors.As(err, &wrong):
		return "the portal can't be used:\n" + wrong.Error()
	}
	text := err.Error()
	var e *engine.Error
	if errors.As(err, &e) {
		text = strings.Replace(text, e.Error(), messageOf(e), 1) // what was wrapped around it stays
	}
	return strings.Join(strings.Fields(text), " ")
}

// messageOf is what the engine has to say to callers; where that is no more than
// the kind of failure, it is the cause: there is no other log of a command.
func messageOf(e *engine.Error) string {
	if e.Err == nil {
		return e.Message
	}
	switch e.Code {
	case engine.NotFound, engine.Conflict, engine.Stale:
		return e.Message
	default:
		return e.Op + ": " + e.Err.Error()
	}
}

// askWho mends the advice of a refusal to the operator: a person must act.
func askWho(err error, actor engine.Actor, what string) error {
	if actor.Kind != engine.Operator || engine.CodeOf(err) != engine.Forbidden {
		return err
	}
	return engine.Errorf(engine.Forbidden, "%s needs a person: name the one who acts with --as, such as user:ana@acme.example", what)
}
