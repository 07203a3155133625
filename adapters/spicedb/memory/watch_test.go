package memory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/authzed/spicedb/pkg/datastore"
	"github.com/google/go-cmp/cmp"

	"github.com/portico-authz/portico/adapters/spicedb/memory"
)

// numbered creates a client of account a.
func numbered(t *testing.T, ds *memory.Datastore, n int) datastore.Revision {
	t.Helper()
	return write(t, ds, create(fmt.Sprintf("account:a#client@client:c%d", n)))
}

// ended reads a Watch to its end: what it still brought, and its error.
func ended(t *testing.T, changes <-chan datastore.RevisionChanges, errs <-chan error) ([]event, error) {
	t.Helper()
	var rest []event
	late := time.After(patience)
	for {
		select {
		case c, ok := <-changes:
			if !ok {
				return rest, <-errs
			}
			rest = append(rest, eventOf(c))
		case <-late:
			t.Fatalf("the watch doesn't end; it brought %v", rest)
		}
	}
}

// A reader that doesn't read is disconnected after the write timeout, and what
// it got before has no gap.
func TestWatchDisconnectsWhoDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ds := open(t, nil)
		changes, errs := ds.Watch(t.Context(), head(t, ds), datastore.WatchOptions{
			Content: relationships, WatchBufferLength: 4, WatchBufferWriteTimeout: time.Second,
		})
		var want []string
		for i := range 20 {
			want = append(want, numbered(t, ds, i).String())
		}
		time.Sleep(time.Minute)
		got, err := ended(t, changes, errs)
		if !errors.As(err, &datastore.WatchDisconnectedError{}) {
			t.Errorf("want WatchDisconnectedError, got %v", err)
		}
		if len(got) < 4 || len(got) >= len(want) {
			t.Fatalf("a buffer of 4 held %d events of %d", len(got), len(want))
		}
		if diff := cmp.Diff(want[:len(got)], revisions(got)); diff != "" {
			t.Errorf("before the end (-want +got):\n%s", diff)
		}
	})
}

func revisions(events []event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.Revision)
	}
	return all
}

// A reader that is slow but within the timeout gets everything.
func TestWatchWaitsForWhoIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ds := open(t, nil)
		changes, errs := ds.Watch(t.Context(), head(t, ds), datastore.WatchOptions{
			Content: relationships, WatchBufferLength: 1, WatchBufferWriteTimeout: time.Second,
		})
		var want, got []string
		for i := range 20 {
			want = append(want, numbered(t, ds, i).String())
		}
		for range want {
			time.Sleep(900 * time.Millisecond)
			c, ok := <-changes
			if !ok {
				t.Fatalf("ended after %d events: %v", len(got), <-errs)
			}
			got = append(got, c.Revision.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// A cancelled Watch ends at once, idle or with a reader that doesn't read.
func TestWatchCancelled(t *testing.T) {
	for name, writes := range map[string]int{"idle": 0, "blocked": 10} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ds := open(t, nil)
				ctx, cancel := context.WithCancel(t.Context())
				changes, errs := ds.Watch(ctx, head(t, ds), datastore.WatchOptions{
					Content: relationships, WatchBufferLength: 1, WatchBufferWriteTimeout: time.Hour,
				})
				for i := range writes {
					numbered(t, ds, i)
				}
				synctest.Wait()
				cancel()
				synctest.Wait()
				select {
				case err := <-errs: // before anything is read, which would set it free
					if !errors.As(err, &datastore.WatchCanceledError{}) {
						t.Errorf("want WatchCanceledError, got %v", err)
					}
				default:
					t.Error("the watch goes on")
				}
				if got, _ := ended(t, changes, errs); len(got) > writes {
					t.Errorf("want at most %d events, got %v", writes, got)
				}
			})
		})
	}
}

// A closed datastore ends its Watches and starts none.
func TestWatchEndsWithTheDatastore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ds := open(t, nil)
		start := head(t, ds)
		changes, errs := ds.Watch(t.Context(), start, datastore.WatchOptions{Content: relationships})
		numbered(t, ds, 1)
		synctest.Wait()
		if err := ds.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := ended(t, changes, errs)
		if len(got) != 1 || !errors.Is(err, memory.ErrClosed) {
			t.Errorf("want one event and ErrClosed, got %v and %v", got, err)
		}
		changes, errs = ds.Watch(t.Context(), start, datastore.WatchOptions{Content: relationships})
		got, err = ended(t, changes, errs)
		if len(got) != 0 || !errors.Is(err, memory.ErrClosed) {
			t.Errorf("a new one: want ErrClosed, got %v and %v", got, err)
		}
	})
}

// A Watch can't start where something that followed may be missing, nor where
// nothing has been yet: it says so and brings nothing.
func TestWatchRefusesCursors(t *testing.T) {
	const window = time.Hour
	for name, tt := range map[string]struct {
		after int64 // commits after the first revision
		stale bool
	}{
		"before the first": {-1, true},
		"the first":        {0, true},
		"a later one":      {5, true},
		"newer than head":  {1000, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ds := open(t, &memory.Options{Window: window})
				first := head(t, ds)
				for i := range 10 {
					numbered(t, ds, i)
				}
				time.Sleep(2 * window)
				numbered(t, ds, 10)
				ds.Collect()
				cursor, err := shifted(ds, first, tt.after)
				if err != nil {
					t.Fatal(err)
				}
				changes, errs := ds.Watch(t.Context(), cursor, datastore.WatchOptions{Content: relationships})
				got, err := ended(t, changes, errs)
				if len(got) != 0 || err == nil || isStale(err) != tt.stale {
					t.Errorf("cursor %s of %s: want an error, stale: %v; got %v and %v", cursor, head(t, ds), tt.stale, got, err)
				}
			})
		})
	}
}

// Nor can it start at what is no revision of the datastore.
func TestWatchRefusesNoRevision(t *testing.T) {
	ds := open(t, nil)
	changes, errs := ds.Watch(t.Context(), datastore.NoRevision, datastore.WatchOptions{Content: relationships})
	if got, err := ended(t, changes, errs); len(got) != 0 || err == nil {
		t.Errorf("want an error, got %v and %v", got, err)
	}
}

// isStale tells whether the error says that a revision is too old.
func isStale(err error) bool {
	var invalid datastore.InvalidRevisionError
	return errors.As(err, &invalid) && invalid.Reason() == datastore.RevisionStale
}

// What one revision changed may be larger than the reader wants to hold.
func TestWatchHonoursItsMaximumSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ds := open(t, nil)
		start, small := head(t, ds), numbered(t, ds, 0)
		var large []string
		all := updates()
		for i := range 100 {
			large = append(large, fmt.Sprintf("account:b#client@client:c%d", i))
			all = append(all, touch(large[i]))
		}
		write(t, ds, all...)
		changes, errs := ds.Watch(t.Context(), start, datastore.WatchOptions{
			Content: relationships, MaximumBufferedChangesByteSize: 2_000,
		})
		got, err := ended(t, changes, errs)
		if !errors.As(err, &datastore.MaximumChangesSizeExceededError{}) {
			t.Errorf("want MaximumChangesSizeExceededError, got %v", err)
		}
		if diff := cmp.Diff([]string{small.String()}, revisions(got)); diff != "" {
			t.Errorf("before it (-want +got):\n%s", diff)
		}
	})
}
