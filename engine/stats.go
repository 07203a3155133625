package engine

// Stats count what the engine did since it was made, as [database/sql.DBStats]
// do. They never go down.
type Stats struct {
	EpochReads    int64 // queries for epochs sent to a shared store
	EpochFailures int64 // of these, those that failed
	EpochWaiters  int64 // reads that these queries answered

	RenewalsAged    int64 // tokens renewed before the graph forgot their snapshot
	RenewalsExpired int64 // tokens renewed because it had
	RenewalsSchema  int64 // tokens renewed to get to another schema
	Diverged        int64 // times the graph turned out not to follow the store

	CacheHits     int64 // decisions that the cache knew
	CacheMisses   int64 // decisions that it didn't know
	CacheRefused  int64 // values of it that nobody of us has written for the request
	CacheFailures int64 // calls that failed
	CacheDropped  int64 // saves left out, since too many were under way
}

// Stats returns what was counted so far.
func (e *Engine) Stats() Stats {
	return Stats{
		EpochReads:      e.epochs.reads.Load(),
		EpochFailures:   e.epochs.failures.Load(),
		EpochWaiters:    e.epochs.waiters.Load(),
		RenewalsAged:    e.renewals[renewAged].Load(),
		RenewalsExpired: e.renewals[renewExpired].Load(),
		RenewalsSchema:  e.renewals[renewSchema].Load(),
		Diverged:        e.diverged.Load(),
		CacheHits:       e.cache.hits.Load(),
		CacheMisses:     e.cache.misses.Load(),
		CacheRefused:    e.cache.refused.Load(),
		CacheFailures:   e.cache.failures.Load(),
		CacheDropped:    e.cache.dropped.Load(),
	}
}
