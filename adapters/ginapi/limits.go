package ginapi

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/adapters/ginapi/internal/limiter"
	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// Limits bound what callers may take of one process; replicas don't share them.
// A zero field is no limit of that kind. Probes, /metrics, /openapi.json and
// /docs are not limited.
//
// Who asks is found out first, so that strangers can't use up what is another's:
// they are kept off by Concurrent alone. Nor can who has nothing to do with a
// partner use up what is that partner's: a request takes a turn once its body is
// there, and what is refused before it is known that the caller may ask (400, 403,
// 404, 413, 415), or given up by them (499), does not count for the rate. A stream
// of a whole journal is one request for as long as it takes.
type Limits struct {
	// Concurrent is how many requests are worked on at the same time in all. More
	// are answered 503 before anything is asked of anybody.
	Concurrent int
	// Key is for each API key, or for the person of each token. More is answered
	// 429.
	Key Limit
	// Partner is for each partner that a request is about, whoever asks. A bulk
	// check is about all partners of its resources, once each. More is answered
	// 429. If it is more than Key has, no one caller can use up a partner's.
	Partner Limit
}

// Limit is what one key or partner may have. A zero field is no limit of that
// kind.
type Limit struct {
	Rate       float64 // requests per second, in the long run
	Burst      int     // requests at once after a pause; zero: one second's worth, and 1 at least
	Concurrent int     // requests at the same time
}

// maxNamed is how many keys, and how many partners, are told apart; it takes
// about 20 MB each if all of them are busy. Idle ones are forgotten.
const maxNamed = 1 << 16

// The limits in metrics. Whose limit it was is told nowhere.
const (
	keyRate            = "key_rate"
	keyConcurrency     = "key_concurrency"
	partnerRate        = "partner_rate"
	partnerConcurrency = "partner_concurrency"
	serverConcurrency  = "server_concurrency"
)

// shed refuses what is more than the process can do at a time.
func (s *server) shed(c *gin.Context) {
	defer s.active.Add(-1)
	if n := s.active.Add(1); s.Limits.Concurrent > 0 && n > int64(s.Limits.Concurrent) {
		s.metrics.limited(serverConcurrency)
		s.abort(c, busy(http.StatusServiceUnavailable, "the server has too much to do", 0))
		return
	}
	c.Next()
}

// admission is what a request has taken of its caller's and its partners' limits.
// It is for one goroutine.
type admission struct {
	key      *limiter.Grant
	partners []*limiter.Grant
	about    map[schema.Domain]bool // the partners that have been counted
}

// admit lets an authenticated request in if its caller's limit allows it, and
// that of the partner in its address, if it reads. What is written is charged by
// [server.chargeFor], once its body is there: whoever sends theirs slowly holds no
// turn of a partner's meanwhile.
func (s *server) admit(c *gin.Context) {
	ctx := c.Request.Context()
	held := callerOf(ctx).admission
	key, refusal := s.keys.Acquire(nameOf(callerOf(ctx).actor))
	if refusal != nil {
		s.abort(c, s.tooMany(refusal, keyRate, keyConcurrency, "from you"))
		return
	}
	held.key = key
	defer held.release()
	if method := c.Request.Method; method == http.MethodGet || method == http.MethodHead {
		if err := s.charge(ctx, schema.Domain(c.Param("partner"))); err != nil {
			s.abort(c, err)
			return
		}
	}
	c.Next()
	if uncounted(c.Writer.Status()) {
		held.refund()
	}
}

// uncounted reports whether a status may be the answer to who has nothing to do
// with the partner.
func uncounted(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, statusAbandoned:
		return true
	}
	return false
}

// nameOf tells callers apart: an application is its key, whomever it names.
func nameOf(a engine.Actor) string {
	if a.Key != "" {
		return "key:" + a.Key
	}
	return a.Subject().String()
}

// charge counts the request for the partners that it is about, if their limits
// allow it; for each once, however often it is told. What is refused for a partner
// doesn't count for the caller: an application asks about many. Domains that are
// no partner's, or out of the caller's reach, are refused elsewhere.
func (s *server) charge(ctx context.Context, domains ...schema.Domain) error {
	who := callerOf(ctx)
	var names []string
	for _, d := range domains {
		reached := who.actor.Partner == "" || who.actor.Partner == d
		if d == schema.PlatformDomain || !reached || who.admission.about[d] || d.Validate() != nil {
			continue
		}
		if who.admission.about == nil {
			who.admission.about = map[schema.Domain]bool{}
		}
		who.admission.about[d] = true
		names = append(names, string(d))
	}
	grant, refusal := s.partners.Acquire(names...)
	if refusal != nil {
		who.admission.key.Refund()
		return s.tooMany(refusal, partnerRate, partnerConcurrency, "about this partner")
	}
	who.admission.partners = append(who.admission.partners, grant)
	return nil
}

// chargeFor counts the request for the partner that the operation is about. What
// anybody may do counts for nobody's.
func (s *server) chargeFor(ctx context.Context, op engine.Operation) error {
	about := op.About()
	if len(about) == 0 || s.portal.Operations[op.Name()].Anyone {
		return nil
	}
	return s.charge(ctx, about[0].Domain())
}

// release ends the request's turns.
func (a *admission) release() {
	for _, grant := range a.partners {
		grant.Release()
	}
	if a.key != nil {
		a.key.Release()
	}
}

// refund gives the partners back what the request has taken of their rates.
func (a *admission) refund() {
	for _, grant := range a.partners {
		grant.Refund()
	}
}

// tooMany counts a refusal, and returns its problem.
func (s *server) tooMany(r *limiter.Refusal, rate, concurrency, whose string) error {
	if r.Reason == limiter.Concurrency {
		s.metrics.limited(concurrency)
		return busy(http.StatusTooManyRequests, "too many requests "+whose+" at the same time", 0)
	}
	s.metrics.limited(rate)
	return busy(http.StatusTooManyRequests, "too many requests "+whose, r.Wait)
}

// busy returns the problem of a request that would be answered at another time:
// after the wait, or in a second.
func busy(status int, detail string, wait time.Duration) *Problem {
	p := problemFor(engine.Unavailable, detail)
	p.Status = status
	p.retryAfter = int(math.Ceil(wait.Seconds()))
	return p
}
