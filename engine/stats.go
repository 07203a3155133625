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
	}
}
