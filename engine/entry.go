package engine

import (
	"fmt"
	"maps"
	"time"

	"github.com/portico-authz/portico/schema"
)

// Attributes of what takes place at a time, in RFC 3339, UTC.
const (
	attrStarts = "starts_at"
	attrEnds   = "ends_at"
)

// words is how people say the state.
func (s State) words() string {
	if s == Trashed {
		return "in the trash"
	}
	return string(s)
}

// time returns the entry's attribute as a time; zero if it has none.
func (e Entry) time(attribute string) time.Time {
	t, _ := time.Parse(time.RFC3339, e.Attributes[attribute]) // we wrote it, or it is missing
	return t
}

// StartsAt and EndsAt are when an event takes place; zero for what is no event.
func (e Entry) StartsAt() time.Time { return e.time(attrStarts) }

// EndsAt is when an event is over; see [Entry.StartsAt].
func (e Entry) EndsAt() time.Time { return e.time(attrEnds) }

// over reports whether the entry lies in the past. What has no end is never over.
func (e Entry) over(now time.Time) bool {
	ends := e.EndsAt()
	return !ends.IsZero() && !ends.After(now)
}

// noun is what people call the entry's like: a course, a company, an account.
func (e Entry) noun() string {
	if e.Kind == "" || e.Kind == kindInternal || e.Object.Type == schema.TypeStaff {
		return e.Object.Type
	}
	return e.Kind
}

// closing is what people call it when the entry's like is archived.
func (e Entry) closing() string {
	switch e.Object.Type {
	case typeRecord:
		return "deleted"
	case typeEvent:
		return "called off"
	}
	return "archived"
}

// describe names the entry, with its beginning if it has one.
func (e Entry) describe() string {
	if starts := e.StartsAt(); !starts.IsZero() {
		return fmt.Sprintf("%q on %s", e.Title, starts.Format("2 January 2006 15:04 UTC"))
	}
	return quote(e.Title)
}

// withTimes returns the entry at other times; a zero one stays as it is.
func (e Entry) withTimes(starts, ends time.Time) (Entry, error) {
	if starts.IsZero() {
		starts = e.StartsAt()
	}
	if ends.IsZero() {
		ends = e.EndsAt()
	}
	starts, ends = starts.UTC().Truncate(time.Second), ends.UTC().Truncate(time.Second)
	switch {
	case starts.IsZero() || !ends.After(starts):
		return Entry{}, Errorf(Invalid, "an event ends after it starts")
	case starts.Year() < 1 || ends.Year() > 9999:
		return Entry{}, Errorf(Invalid, "an event takes place in the years 1 to 9999")
	}
	return e.withAttributes(map[string]string{attrStarts: starts.Format(time.RFC3339), attrEnds: ends.Format(time.RFC3339)}), nil
}

// withAttributes returns the entry with these attributes set; empty ones are
// taken away.
func (e Entry) withAttributes(set map[string]string) Entry {
	merged := maps.Clone(e.Attributes)
	if merged == nil {
		merged = map[string]string{}
	}
	maps.Copy(merged, set)
	maps.DeleteFunc(merged, func(_, value string) bool { return value == "" })
	e.Attributes = nil
	if len(merged) > 0 {
		e.Attributes = merged
	}
	return e
}
