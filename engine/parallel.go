package engine

import (
	"context"
	"errors"
	"sync"
)

// inParallel calls fn for each of the list, at most n at a time, until ctx ends.
func inParallel[T any](ctx context.Context, n int, list []T, fn func(T) error) error {
	if len(list) == 1 {
		return fn(list[0])
	}
	var (
		group sync.WaitGroup
		turns = make(chan struct{}, n)
		errs  = make([]error, len(list))
	)
	for i, item := range list {
		if ctx.Err() != nil {
			errs[i] = WrapError(Unavailable, "go on", ctx.Err())
			break
		}
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			errs[i] = fn(item)
		})
	}
	group.Wait()
	return errors.Join(errs...)
}
