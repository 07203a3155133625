package ginapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/engine"
)

const requestIDHeader = "X-Request-Id"

var saneID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// The values that a request's context carries.
type (
	requestIDKey struct{}
	callerKey    struct{}
)

// identify gives the request an id: the caller's, if it is harmless.
func (s *server) identify(c *gin.Context) {
	id := c.GetHeader(requestIDHeader)
	if !saneID.MatchString(id) {
		id = rand.Text()
	}
	c.Header(requestIDHeader, id)
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), requestIDKey{}, id))
	c.Next()
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// observe counts and logs the request. Neither has what the address, the
// headers or the body said: only the route. Who asked, and for what, is the
// journal's to keep.
func (s *server) observe(c *gin.Context) {
	start, whole := time.Now(), false
	outside := c.Request // as who serves us sees it, and may want to know the route
	defer func() {
		route, method := c.FullPath(), c.Request.Method
		outside.Pattern = route
		if route == "" {
			route, method = "unmatched", "" // a caller could make up any number of methods
		}
		status, took := c.Writer.Status(), time.Since(start)
		if !whole {
			status = cutOff(outside.Context())
		}
		s.metrics.request(route, method, status, took)
		level := slog.LevelDebug
		if status >= http.StatusInternalServerError {
			level = slog.LevelInfo
		}
		ctx := c.Request.Context()
		s.Log.LogAttrs(ctx, level, "request",
			slog.String("request", requestID(ctx)), slog.String("method", method), slog.String("route", route),
			slog.Int("status", status), slog.Duration("duration", took))
	}()
	c.Next()
	whole = true
}

// cutOff is the status of an answer that a panic ended: what the caller has, if
// they are there, begins with 200, and is no answer.
func cutOff(ctx context.Context) int {
	if errors.Is(ctx.Err(), context.Canceled) {
		return statusAbandoned
	}
	return http.StatusInternalServerError
}

// catch answers a panic with a problem. The panic's value stays out of the
// log unless the runtime made it: it may be anything.
func (s *server) catch(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		what := fmt.Sprintf("%T", v)
		if err, ok := v.(interface {
			error
			RuntimeError()
		}); ok {
			what = err.Error()
		}
		s.Log.ErrorContext(c.Request.Context(), "panic", "request", requestID(c.Request.Context()),
			"route", c.FullPath(), "panic", what, "stack", string(debug.Stack()))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler) // the caller must not take a part for the whole
		}
		s.abort(c, engine.Errorf(engine.Internal, "an internal error; the log has its cause"))
	}()
	c.Next()
}

// harden keeps answers out of caches, and browsers from guessing at them.
func harden(c *gin.Context) {
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Cache-Control", "no-store")
	c.Next()
}

// unescapePath unescapes the names in the address.
func unescapePath(c *gin.Context) {
	for i, p := range c.Params {
		if value, err := url.PathUnescape(p.Value); err == nil {
			c.Params[i].Value = value
		}
	}
	c.Next()
}

// refuseQueries refuses addresses whose query can't be read as a whole, of which
// net/http would drop a part, and those that have a parameter twice, of which
// one would win: no parameter of ours is a list of several.
func (s *server) refuseQueries(c *gin.Context) {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		s.abort(c, engine.Errorf(engine.Invalid, "the query can't be read"))
		return
	}
	for _, values := range query {
		if len(values) > 1 {
			s.abort(c, engine.Errorf(engine.Invalid, "the query has a parameter more than once"))
			return
		}
	}
	c.Next()
}

// oneHeader returns the value of a header that may be there once.
func oneHeader(r *http.Request, name string) (string, error) {
	values := r.Header.Values(name)
	if len(values) > 1 {
		return "", engine.Errorf(engine.Invalid, "the header %s is there %d times", name, len(values))
	}
	if len(values) == 0 {
		return "", nil
	}
	return values[0], nil
}

// hurry gives the request its deadline.
func (s *server) hurry(c *gin.Context) {
	if strings.HasSuffix(c.FullPath(), journalPath) {
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), s.RequestTimeout)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}
