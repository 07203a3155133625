package memory_test

import (
	"testing"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/authzed/spicedb/pkg/datastore/test"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// All of SpiceDB's own suite, without an exception.
func TestSuite(t *testing.T) {
	factory := test.NewTesterFactory(memory.ErrConflict)
	test.All(t, factory.NewTester(test.DatastoreTesterFunc(
		func(tb testing.TB, quantization, interval, window time.Duration, buffer uint16) (datastore.Datastore, error) {
			tb.Helper()
			return memory.New(&memory.Options{
				Window: window, Interval: interval, Quantization: quantization, WatchBuffer: buffer,
			})
		})))
}
