package engine

import (
	"context"
	"sync"

	"github.com/portico-authz/portico/schema"
)

// domainLocks lets one operation or renewal at a time work on a domain in this
// process. The store's own lock keeps replicas apart; this one keeps the process
// from queueing on it, with a connection for each who waits.
type domainLocks struct {
	mu   sync.Mutex // guards held
	held map[schema.Domain]*domainLock
}

type domainLock struct {
	slot  chan struct{} // holds one token while the lock is free
	users int           // how many hold or wait
}

func newDomainLocks() *domainLocks { return &domainLocks{held: map[schema.Domain]*domainLock{}} }

// lock waits for the domain's turn. The caller calls the function that it gets
// when done.
func (l *domainLocks) lock(ctx context.Context, d schema.Domain) (func(), error) {
	l.mu.Lock()
	lock := l.held[d]
	if lock == nil {
		lock = &domainLock{slot: make(chan struct{}, 1)}
		lock.slot <- struct{}{}
		l.held[d] = lock
	}
	lock.users++
	l.mu.Unlock()

	select {
	case <-lock.slot:
		return func() {
			lock.slot <- struct{}{}
			l.leave(d, lock)
		}, nil
	case <-ctx.Done():
		l.leave(d, lock)
		return nil, WrapError(Unavailable, "wait for "+string(d), ctx.Err())
	}
}

func (l *domainLocks) leave(d schema.Domain, lock *domainLock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if lock.users--; lock.users == 0 {
		delete(l.held, d)
	}
}
