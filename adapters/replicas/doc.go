// Package replicas has nothing but tests: of whole processes, several replicas
// of `portico serve` on one PostgreSQL, one SpiceDB and one Redis, and of what
// becomes of strict answers when these fail.
//
// What clients of all replicas were told is recorded and judged by package
// history. TestHistory does that without faults and under each fault. Where the
// order matters, TestSchedules brings it about by package failpoint: replicas die
// at each point of the protocol, and defects of that package are brought into
// one. Each shows by the violation that it must cause, so that the judges are
// known to see, or by what a guard of the replica says that gives no answer
// instead.
//
//	go test ./adapters/replicas
//	go test ./adapters/replicas -history.decisions 50000
//	go test ./adapters/replicas -history.long -timeout 3h    a million decisions, a hundred failovers
package replicas
