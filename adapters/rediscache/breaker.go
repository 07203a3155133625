package rediscache

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"
)

// State is what the breaker does with calls. Its numbers are those of the
// metric.
type State int

// The states of the breaker.
const (
	Closed   State = 0 // calls go to Redis
	HalfOpen State = 1 // one does, to see whether Redis is back; the others fail at once
	Open     State = 2 // all fail at once, and no connection is touched
)

// The breaker's rule. A failed call costs its caller the Timeout, 30 ms, where a
// hit saves the graph's few milliseconds. So Redis is worth asking while about
// nine calls in ten succeed. It opens
//
//   - after five failures in a row: Redis is gone. Four may be chance, such as a
//     pause of the machine that hits all calls under way;
//   - when a fifth of at least twenty calls of the last ten seconds failed: Redis
//     is overloaded, or one of a Cluster's nodes is gone.
//
// Then one call a second tries: it loses its timeout, and Redis is used again
// within a second of its return.
const (
	failuresInRow = 5
	callsToJudge  = 20
	failedShare   = 5 // one in
	window        = 10 * time.Second
	bucket        = time.Second
	openFor       = time.Second
)

// errAbandoned is a call whose caller went away: it says nothing of Redis.
var errAbandoned = errors.New("the caller went away")

func newBreaker(log *slog.Logger) *gobreaker.CircuitBreaker[[]redis.Cmder] {
	var cause error // the last failure; guarded by the breaker's lock, as all calls below
	return gobreaker.NewCircuitBreaker[[]redis.Cmder](gobreaker.Settings{
		MaxRequests:  1,
		Interval:     window,
		BucketPeriod: bucket,
		Timeout:      openFor,
		ReadyToTrip:  tooMany,
		IsExcluded:   func(err error) bool { return errors.Is(err, errAbandoned) },
		IsSuccessful: func(err error) bool {
			cause = err
			return err == nil || refusesWrites(err)
		},
		OnStateChange: func(_ string, from, to gobreaker.State) { logChange(log, from, to, cause) },
	})
}

// logChange says when Redis is given up and when it is back; the attempts each
// second between the two are for debugging.
func logChange(log *slog.Logger, from, to gobreaker.State, cause error) {
	change := []slog.Attr{slog.String("from", from.String()), slog.String("to", to.String())}
	level := slog.LevelDebug
	switch {
	case to == gobreaker.StateClosed:
		level = slog.LevelInfo
	case from == gobreaker.StateClosed:
		level = slog.LevelWarn
	}
	if to == gobreaker.StateOpen {
		change = append(change, slog.String("cause", withoutArguments(cause).Error()))
	}
	log.LogAttrs(context.Background(), level, "the cache's breaker changed its state", change...)
}

func tooMany(counts gobreaker.Counts) bool {
	judged := counts.TotalSuccesses + counts.TotalFailures
	return counts.ConsecutiveFailures >= failuresInRow ||
		judged >= callsToJudge && counts.TotalFailures*failedShare >= judged
}

// State returns the breaker's state. An open one whose time is over becomes half
// open here, or by the next call.
func (c *Cache) State() State { return State(c.breaker.State()) }

// blame returns err, or errAbandoned if there is one and the caller's own context ended: by
// cancellation, or by a deadline that came before ours.
func blame(ctx context.Context, err error) error {
	deadline, has := ctx.Deadline()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errors.Join(errAbandoned, ctx.Err())
	case has && !time.Now().Before(deadline): // the socket's timer was first
		return errors.Join(errAbandoned, context.DeadlineExceeded)
	default:
		return err
	}
}
