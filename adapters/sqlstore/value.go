package sqlstore

import (
	"database/sql"
	"encoding/json"
	"time"
)

// micros returns t as it is stored: microseconds since 1970, 0 for no time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// seconds returns an expiry as it is stored, 0 for never.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromSeconds(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// orNull returns s, or NULL if it is empty: indexes of rare values leave NULL out.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// blob returns b, or NULL if it is empty: reading it back gives nil.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// asJSON returns value as JSON text, or NULL if empty says that there is none.
func asJSON(value any, size int) (any, error) {
	if size == 0 {
		return nil, nil
	}
	text, err := json.Marshal(value)
	return string(text), err
}

// fromJSON reads what asJSON returned; NULL leaves dest as it is.
func fromJSON(text sql.Null[string], dest any) error {
	if !text.Valid {
		return nil
	}
	return json.Unmarshal([]byte(text.V), dest)
}
