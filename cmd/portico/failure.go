package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/portico-authz/portico/engine"
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
	case errors.As(err, &m):
		return exitUsage
	}
	return exitFailed
}

// explainError is the one line that is printed for an error; "" if all has been
// said.
func explainError(err error) string {
	switch {
	case err == nil, errors.Is(err, errDenied), errors.Is(err, errReported):
		return ""
	case errors.Is(err, errInterrupted):
		return errInterrupted.Error()
	}
	text := err.Error()
	var e *engine.Error
	if errors.As(err, &e) && e.Code == engine.Forbidden {
		text += "; name somebody who has it with --as"
	}
	return strings.Join(strings.Fields(text), " ")
}
