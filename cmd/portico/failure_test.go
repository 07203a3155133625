package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/portico-authz/portico/engine"
)

func TestExplainError(t *testing.T) {
	for want, err := range map[string]error{
		"":                      errReported,
		"interrupted":           fmt.Errorf("%w: %w", errInterrupted, context.Canceled),
		"not found":             engine.WrapError(engine.NotFound, "read", sql.ErrNoRows),
		"read: disk full":       engine.WrapError(engine.Internal, "read", errors.New("disk full")),
		"dial: refused":         engine.WrapError(engine.Unavailable, "dial", errors.New("refused")),
		"fill: step: not found": fmt.Errorf("fill: %w", fmt.Errorf("step: %w", engine.WrapError(engine.NotFound, "read", sql.ErrNoRows))),
		"no partner":            engine.Errorf(engine.NotFound, "no partner"),
	} {
		if got := explainError(err); got != want {
			t.Errorf("%v is told as %q, not %q", err, got, want)
		}
	}
	if code := exitCode(engine.Errorf(engine.Invalid, "no")); code != exitUsage {
		t.Errorf("invalid ends with %d", code)
	}
}
