package ginapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/portico-authz/portico/engine"
)

// do fills the operation of the route that the body chooses, from the body and
// the path, does it, and answers.
func (s *server) do(c *gin.Context, route []*writer) {
	ctx := c.Request.Context()
	actor, err := actorOf(ctx)
	if err != nil {
		s.abort(c, err)
		return
	}
	opts, err := doOptions(c.Request)
	if err != nil {
		s.abort(c, err)
		return
	}
	sent, err := readBody(c)
	if err != nil {
		s.abort(c, err)
		return
	}
	w := choose(route, sent)
	op := w.New()
	if err := s.decode(sent, w.body, op); err != nil {
		s.abort(c, err)
		return
	}
	fillFromPath(op, w.names, c.Param)
	if err := s.chargeFor(ctx, op); err != nil {
		s.abort(c, err)
		return
	}
	began := time.Now()
	result, err := s.engine.Do(ctx, actor, op, opts)
	if !opts.DryRun && !abandoned(ctx, err) {
		s.metrics.operation(op.Name(), err, time.Since(began))
	}
	if err != nil {
		s.abort(c, err)
		return
	}
	success := w.success
	if opts.DryRun {
		success = http.StatusOK
	}
	c.Header(epochHeader, strconv.FormatInt(result.Epoch, 10))
	c.JSON(success, resultOf(result))
}

// decode checks the body against its schema, then reads it into the operation.
func (s *server) decode(b *body, schema *huma.Schema, op engine.Operation) error {
	found := &huma.ValidateResult{}
	path := huma.NewPathBuffer([]byte("body"), len("body"))
	huma.Validate(s.api.OpenAPI().Components.Schemas, schema, path, huma.ModeWriteToServer, b.parsed, found)
	if len(found.Errors) > 0 {
		return faulty(found.Errors...)
	}
	if err := json.Unmarshal(b.data, op); err != nil {
		return faulty(&huma.ErrorDetail{Location: "body", Message: err.Error()})
	}
	return nil
}

// faulty returns the problem of a body that isn't what the schema says.
func faulty(errs ...error) error {
	p := problemFor(engine.Invalid, "validation failed")
	p.Errors = faultsOf(errs)
	return p
}

func fillFromPath(op engine.Operation, names []string, value func(string) string) {
	v := reflect.ValueOf(op).Elem()
	for i := range v.NumField() {
		if name := jsonName(v.Type().Field(i)); slices.Contains(names, name) {
			v.Field(i).SetString(value(name))
		}
	}
}

// doOptions reads how the operation is to be done. What isn't understood is
// refused: a misspelt dry_run must not write.
func doOptions(r *http.Request) (*engine.DoOptions, error) {
	opts := &engine.DoOptions{}
	for name, values := range r.URL.Query() { // refuseQueries has seen to it that nothing is lost
		if name != dryRunQuery || values[0] != "true" && values[0] != "false" {
			return nil, engine.Errorf(engine.Invalid, "the query may have dry_run=true or dry_run=false, once, and nothing else")
		}
		opts.DryRun = values[0] == "true"
	}
	var err error
	if opts.IdempotencyKey, err = idempotencyKey(r); err != nil {
		return nil, err
	}
	if opts.ExpectedEpoch, err = expectedEpoch(r); err != nil {
		return nil, err
	}
	opts.Reason, err = reason(r)
	return opts, err
}

func idempotencyKey(r *http.Request) (string, error) {
	key, err := oneHeader(r, idempotencyHeader)
	if strings.ContainsFunc(key, func(c rune) bool { return c < '!' || c > '~' }) {
		return "", engine.Errorf(engine.Invalid, "%s: want letters, digits and signs of ASCII", idempotencyHeader)
	}
	return key, err
}

func expectedEpoch(r *http.Request) (*int64, error) {
	text, err := oneHeader(r, matchHeader)
	if text == "" || err != nil {
		return nil, err
	}
	digits := text
	if unquoted, ok := strings.CutPrefix(text, `"`); ok {
		digits, ok = strings.CutSuffix(unquoted, `"`)
		if !ok {
			digits = ""
		}
	}
	epoch, err := strconv.ParseUint(digits, 10, 63)
	if err != nil {
		return nil, engine.Errorf(engine.Invalid, `%s: want one epoch, such as "12"`, matchHeader)
	}
	n := int64(epoch)
	return &n, nil
}

func reason(r *http.Request) (string, error) {
	text, err := oneHeader(r, reasonHeader)
	if err != nil {
		return "", err
	}
	text, err = url.PathUnescape(text)
	if err != nil || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", engine.Errorf(engine.Invalid, "%s: want UTF-8 without control characters, percent-encoded", reasonHeader)
	}
	return text, nil
}
