package memory

import (
	"context"
	"errors"

	v1 "github.com/authzed/authzed-go/proto/authzed/api/v1"
	"github.com/authzed/spicedb/pkg/spiceerrors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// ErrConflict is what a transaction fails with that can't be put in one order
// with those that ran beside it. It left no trace; running it again may help.
var ErrConflict = errors.New("the transaction conflicts with another")

// await returns when a transaction has ended, or ctx. A nil commit has.
func (d *Datastore) await(ctx context.Context, c *commit) error {
	if c == nil {
		return ctx.Err()
	}
	d.mu.RLock()
	ended := c.ended
	d.mu.RUnlock()
	if ended == nil {
		return ctx.Err()
	}
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// conflictError tells clients of SpiceDB that they may try again.
type conflictError struct{ error }

func (e conflictError) Unwrap() error { return e.error }

// GRPCStatus returns what SpiceDB answers.
func (e conflictError) GRPCStatus() *status.Status {
	return spiceerrors.WithCodeAndDetails(e, codes.Aborted, spiceerrors.ForReason(
		v1.ErrorReason_ERROR_REASON_UNSPECIFIED,
		map[string]string{"details": "too many transactions change the same relationships; try again"},
	))
}
