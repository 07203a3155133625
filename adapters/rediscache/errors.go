package rediscache

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/portico-authz/portico/engine"
)

// translate turns any failure into the engine's error. The port knows one code:
// whatever Redis has, the engine asks the graph.
func translate(op string, err error) error {
	return engine.WrapError(engine.Unavailable, op+" from Redis", withoutArguments(err))
}

// withoutArguments returns err without the keys: what Redis says of a command
// that it doesn't know repeats them.
func withoutArguments(err error) error {
	var reply redis.Error
	if !errors.As(err, &reply) {
		return err
	}
	text, _, _ := strings.Cut(reply.Error(), ", with args")
	return errors.New(text)
}

// firstFailure returns the first failure among the replies, nil if there is none.
// That Redis knows no value (redis.Nil) is an answer. err is that of the
// pipeline, which may be such a Nil.
func firstFailure(replies []redis.Cmder, err error) error {
	for _, reply := range replies {
		if failed := reply.Err(); failed != nil && !errors.Is(failed, redis.Nil) {
			return failed
		}
	}
	if errors.Is(err, redis.Nil) {
		return nil
	}
	return err
}

// refusesWrites reports whether Redis answered, and only won't write: it is full
// and evicts nothing (OOM), a replica (READONLY), can't keep what it must
// (MISCONF) or has too few replicas (NOREPLICAS). Such a refusal is quick, and
// what was saved before can be loaded yet: it is no failure to the breaker.
//
// All other refusals are (LOADING, CLUSTERDOWN, NOAUTH, WRONGPASS, NOPERM, a
// second MOVED, too many clients): they come for every call, loads too, some of
// them after a new connection each time.
func refusesWrites(err error) bool {
	var reply redis.Error
	if !errors.As(err, &reply) {
		return false
	}
	code, _, _ := strings.Cut(reply.Error(), " ")
	switch code {
	case "OOM", "READONLY", "MISCONF", "NOREPLICAS":
		return true
	default:
		return false
	}
}

// isTimeout reports whether Redis, or a connection to it, took too long.
func isTimeout(err error) bool {
	var timeout net.Error
	return !errors.Is(err, errAbandoned) &&
		(errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout())
}
